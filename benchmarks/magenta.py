"""Magenta's arbitrary stylization, as a yardstick for painting styles."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from torch import Tensor

from edgestyle.images import Floats

STYLE_SIDE = 256


class Magenta:
    """Ghiasi et al., "Exploring the Structure of a Real-Time, Arbitrary Neural Artistic Stylization Network", BMVC
    2017.

    Args:
        folder: holds `arbitrary_predict.onnx` (style picture 256x256 to a vector of 100) and
            `arbitrary_transform.onnx` (picture of a fixed size and vector to picture), NHWC in [0,1].
    """

    def __init__(self, folder: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._predict, self._transform = (
            onnxruntime.InferenceSession(folder / f"arbitrary_{part}.onnx", options, ["CPUExecutionProvider"])
            for part in ("predict", "transform")
        )
        self.side: int = self._transform.get_inputs()[0].shape[1]

    def vector(self, painting: Tensor) -> Floats:
        """What a painting `[1,3,256,256]` in [0,1] is to the network: `float32 [1,1,1,100]`."""
        vector: Floats = self._predict.run(None, {self._predict.get_inputs()[0].name: _channels_last(painting)})[0]
        return vector

    def stylize(self, image: Tensor, vector: Floats) -> Tensor:
        """Paint `[1,3,side,side]` in [0,1] with a vector: the same shape and range."""
        stylized = self._transform.run(None, self._feeds(image, vector))[0]
        return torch.from_numpy(np.ascontiguousarray(stylized.transpose(0, 3, 1, 2)))

    def bind(self, image: Tensor, vector: Floats) -> Callable[[], object]:
        """A call that does nothing but the painting network's inference, arguments as for `stylize`."""
        feeds = self._feeds(image, vector)
        return lambda: self._transform.run(None, feeds)

    def _feeds(self, image: Tensor, vector: Floats) -> dict[str, Floats]:
        picture, style = (item.name for item in self._transform.get_inputs())
        return {picture: _channels_last(image), style: vector}


def _channels_last(image: Tensor) -> Floats:
    return np.ascontiguousarray(image.numpy().transpose(0, 2, 3, 1))
