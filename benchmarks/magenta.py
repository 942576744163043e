"""Magenta's arbitrary stylization, the teacher of painting styles, as a yardstick for them."""

from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from edgestyle.images import to_floats, to_pixels
from edgestyle.teachers.magenta import ArbitraryStylizer, Vector

STYLE_SIDE = 256


class Magenta:
    """`ArbitraryStylizer` on tensors, at full strength.

    Args:
        folder: of its two ONNX files.
    """

    def __init__(self, folder: Path) -> None:
        self._stylizer = ArbitraryStylizer(folder)

    def vector(self, painting: Tensor) -> Vector:
        """What a painting `[1,3,256,256]` in [0,1] is to the network: `float32 [1,1,1,100]`."""
        return self._stylizer.vector(to_pixels(painting.numpy()))

    def stylize(self, image: Tensor, vector: Vector) -> Tensor:
        """Paint `[1,3,384,384]` in [0,1] with a vector: the same shape and range, in steps of 1/255."""
        return torch.from_numpy(to_floats(self._stylizer.stylize(to_pixels(image.numpy()), vector)))

    def bind(self, image: Tensor, vector: Vector) -> Callable[[], object]:
        """A call that does nothing but the painting network's inference, arguments as for `stylize`."""
        return self._stylizer.bind(to_pixels(image.numpy()), vector)
