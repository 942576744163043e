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
from edgestyle.runtime.component import SPECS, Inputs
from edgestyle.runtime.compute_plan import read_placement
from edgestyle.runtime.mil import decompress_weights, evaluate, load_program
from edgestyle.runtime.upscaler import check_enlarged


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
        self.runtime, self._model, self._predict = _open(path, threads, units)

    def bind(self, image: Floats, style: Floats, strength: float) -> Callable[[], object]:
        """See `Runner.bind`; pictures are rounded to 8 bits on the way in."""
        inputs = {"image": _levels(image), "style": style, "strength": np.array([strength], np.float32)}
        return self._predict(inputs, "stylized")

    def run(self, image: Floats, style: Floats, strength: float) -> Floats:
        """See `Runner.run`."""
        levels = _call(self.bind(image, style, strength))
        if levels.shape != image.shape:
            raise ArtifactError(f"the Core ML program gives {list(levels.shape)} for a picture of {list(image.shape)}")
        return np.ascontiguousarray(levels, dtype=np.float32) / np.float32(255)

    def placement(self, image: Floats, style: Floats, strength: float) -> dict[str, int] | None:
        """See `Runner.placement`: Core ML's own plan; None where there is no Core ML, or before macOS 14.4."""
        return None if self._model is None else read_placement(self._model)


class CoreMLFile:
    """The same for any other component, a `ComponentFile`.

    Args:
        path, threads, units: as for `CoreMLRunner`.
        component: a name in `SPECS`.
    """

    def __init__(self, path: Path, component: str, threads: int | None = None, units: str = "ALL") -> None:
        self.runtime, self._model, self._predict = _open(path, threads, units)
        spec = SPECS[component]
        (self._output,) = (tensor.name for tensor in spec.outputs)
        self.pixel_input = any(len(tensor.shape) == 4 for tensor in spec.inputs)
        self.pixel_output = len(spec.outputs[0].shape) == 4 and sys.platform == "darwin"

    def bind(self, inputs: Inputs) -> Callable[[], object]:
        """See `ComponentFile.bind`; pictures are rounded to 8 bits."""
        levels = {name: _levels(value) if value.ndim == 4 else value for name, value in inputs.items()}
        return self._predict(levels, self._output)

    def run(self, inputs: Inputs) -> Floats:
        """See `ComponentFile.run`."""
        value = _call(self.bind(inputs))
        return np.asarray(value, np.float32) / np.float32(255) if value.ndim == 4 else np.asarray(value, np.float32)

    def placement(self, inputs: Inputs) -> dict[str, int] | None:
        """See `CoreMLRunner.placement`."""
        return None if self._model is None else read_placement(self._model)


class CoreMLUpscaler:
    """The same for a network that enlarges square tiles of one size, an `UpscalerRunner`; pixels as `CoreMLRunner`."""

    pixel_input = True
    pixel_output = sys.platform == "darwin"

    def __init__(self, path: Path, factor: int, threads: int | None = None, units: str = "ALL") -> None:
        self.factor = factor
        self.runtime, _, self._predict = _open(path, threads, units)

    def enlarge(self, image: Floats) -> Floats:
        """See `UpscalerRunner.enlarge`; the picture is rounded to 8 bits on the way in."""
        levels = _call(self._predict({"image": _levels(image)}, "enlarged"))
        return check_enlarged(levels / np.float32(255), image, self.factor)


Levels = dict[str, Floats]  # by name; pictures are `[1,3,H,W]` of the levels 0 to 255
Predict = Callable[[Levels, str], Callable[[], object]]  # inputs and the name of the output -> a call that gives it


def _open(path: Path, threads: int | None, units: str) -> tuple[str, Any, Predict]:
    """What runs a file here: its name, Core ML's model or None, and how to predict."""
    if sys.platform == "darwin":
        model = _open_model(path, units)
        return f"Core ML, macOS {platform.mac_ver()[0]}", model, _predictor(model)
    return f"MIL reference evaluator (coremltools {version('coremltools')})", None, _evaluator(path, threads)


def _levels(image: Floats) -> Floats:
    """`[1,3,H,W]` in [0,1] to the levels 0 to 255 that pixels have."""
    return np.ascontiguousarray(to_pixels(image).transpose(2, 0, 1)[None], dtype=np.float32)


def _call(call: Callable[[], object]) -> Floats:
    """The output of a bound call; raise ArtifactError where the program cannot be run."""
    try:
        output = call()
    except (ArtifactError, MemoryError):
        raise
    except Exception as error:  # a damaged program: a missing tensor, shapes that do not meet
        reason = (str(error).strip().splitlines() or [""])[0]
        raise ArtifactError(f"the Core ML program cannot be run: {type(error).__name__} {reason}") from error
    assert isinstance(output, np.ndarray)
    return output


def _evaluator(path: Path, threads: int | None) -> Predict:
    """Through the reference evaluator."""
    import torch

    function = load_program(path)
    weights = decompress_weights(function)

    def predict(inputs: Levels, output: str) -> Callable[[], object]:
        """Hold the inputs as tensors; the call evaluates."""
        tensors = weights | {name: torch.from_numpy(value) for name, value in inputs.items()}

        def call() -> object:
            if threads is not None:
                torch.set_num_threads(threads)
            with torch.no_grad():
                return evaluate(function, tensors)[output].numpy()

        return call

    return predict


def _open_model(path: Path, units: str) -> Any:
    import coremltools as ct

    return ct.models.MLModel(str(path), compute_units=ct.ComputeUnit[units])


def _predictor(model: Any) -> Predict:
    """Through Core ML; pictures come out as pixels."""
    from PIL import Image

    def predict(inputs: Levels, output: str) -> Callable[[], object]:
        """Hold the inputs as Core ML takes them; the call predicts."""
        pictures = {
            name: Image.fromarray(value[0].transpose(1, 2, 0).astype(np.uint8))
            for name, value in inputs.items()
            if value.ndim == 4
        }

        def call() -> object:
            result = model.predict({**inputs, **pictures})[output]
            if isinstance(result, Image.Image):
                return np.asarray(result.convert("RGB"), dtype=np.float32).transpose(2, 0, 1)[None]
            return np.asarray(result, dtype=np.float32)

        return call

    return predict
