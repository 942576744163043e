"""Run `.mlpackage` files: with Core ML itself on macOS, with the reference evaluator elsewhere."""

import platform
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from edgestyle.arrays import Floats, to_pixels
from edgestyle.errors import ArtifactError
from edgestyle.runtime.compute_plan import read_placement
from edgestyle.runtime.mil import decompress_weights, evaluate, load_program


class CoreMLRunner:
    """A Core ML model.

    Pictures cross as 8-bit pixels, as on a phone. The reference evaluator hands back what stands before the final
    conversion to pixels, so that small differences can be seen; Core ML itself gives pixels.

    Args:
        path: the `.mlpackage` folder.
        threads: ignored on macOS; torch threads elsewhere.
        units: coremltools' name of the compute units that Core ML may use; ignored where there is no Core ML.
    """

    pixel_input = True
    pixel_output = sys.platform == "darwin"

    def __init__(self, path: Path, threads: int | None = None, units: str = "ALL") -> None:
        self._model: Any = None
        if sys.platform == "darwin":
            self._model = _open_model(path, units)
            self.runtime, self._predict = f"Core ML, macOS {platform.mac_ver()[0]}", _predictor(self._model)
        else:
            self.runtime = f"MIL reference evaluator (coremltools {version('coremltools')})"
            self._predict = _evaluator(path, threads)

    def bind(self, image: Floats, style: Floats, strength: float) -> Callable[[], object]:
        """See `Runner.bind`; pictures are rounded to 8 bits on the way in."""
        return self._predict(to_pixels(image).astype(np.float32), style, np.array([strength], np.float32))

    def run(self, image: Floats, style: Floats, strength: float) -> Floats:
        """See `Runner.run`."""
        try:
            pixels = self.bind(image, style, strength)()
        except (ArtifactError, MemoryError):
            raise
        except Exception as error:  # a damaged program: a missing tensor, shapes that do not meet
            reason = (str(error).strip().splitlines() or [""])[0]
            raise ArtifactError(f"the Core ML program cannot be run: {type(error).__name__} {reason}") from error
        assert isinstance(pixels, np.ndarray)
        if pixels.shape != (*image.shape[2:], 3):
            raise ArtifactError(f"the Core ML program gives {list(pixels.shape)} for a picture of {list(image.shape)}")
        return np.ascontiguousarray(pixels.transpose(2, 0, 1)[None], dtype=np.float32) / np.float32(255)

    def placement(self, image: Floats, style: Floats, strength: float) -> dict[str, int] | None:
        """See `Runner.placement`: Core ML's own plan; None where there is no Core ML, or before macOS 14.4."""
        return None if self._model is None else read_placement(self._model)


Predict = Callable[[Floats, Floats, Floats], Callable[[], object]]


def _evaluator(path: Path, threads: int | None) -> Predict:
    """`float [H,W,3]` in 0..255 through the evaluator to the same."""
    import torch

    function = load_program(path)
    weights = decompress_weights(function)

    def predict(pixels: Floats, style: Floats, strength: Floats) -> Callable[[], object]:
        """Hold the inputs as tensors; the call evaluates and gives `float [H,W,3]`."""
        inputs = weights | {
            "image": torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1)[None])),
            "style": torch.from_numpy(style),
            "strength": torch.from_numpy(strength),
        }

        def call() -> object:
            if threads is not None:
                torch.set_num_threads(threads)
            with torch.no_grad():
                return evaluate(function, inputs)["stylized"][0].permute(1, 2, 0).numpy()

        return call

    return predict


def _open_model(path: Path, units: str) -> Any:
    import coremltools as ct

    return ct.models.MLModel(str(path), compute_units=ct.ComputeUnit[units])


def _predictor(model: Any) -> Predict:
    """`float [H,W,3]` in 0..255 through Core ML to pixels."""
    from PIL import Image

    def predict(pixels: Floats, style: Floats, strength: Floats) -> Callable[[], object]:
        """Hold the inputs as Core ML takes them; the call predicts and gives `float [H,W,3]`."""
        inputs = {"image": Image.fromarray(pixels.astype(np.uint8)), "style": style, "strength": strength}
        return lambda: np.asarray(model.predict(inputs)["stylized"].convert("RGB"), dtype=np.float32)

    return predict
