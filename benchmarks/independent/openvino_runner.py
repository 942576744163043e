"""Run `.onnx` and `.tflite` files with OpenVINO, which reads both with code of its own."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from edgestyle.images import Floats

# OpenVINO reports over the network that it was imported, through this package, and does without it where it is missing.
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
import openvino  # noqa: E402  only after the line above

_NAMES = ("image", "style", "strength")
_EXACT = {
    "INFERENCE_PRECISION_HINT": "f32",  # bfloat16 otherwise, where the processor has it
    "DYNAMIC_QUANTIZATION_GROUP_SIZE": 0,  # activations of layers with 8-bit weights become 8-bit otherwise
    "INFERENCE_NUM_THREADS": 1,
}


class OpenVinoRunner:
    """A model compiled for the CPU, in the arithmetic that the file asks for.

    Args:
        path: the file; of a TFLite file with several signatures OpenVINO reads the first.
    """

    pixel_input = False
    pixel_output = False

    def __init__(self, path: Path) -> None:
        self.runtime = f"openvino {openvino.__version__.split('-')[0]}"
        self._channels_last = path.suffix == ".tflite"
        self._model = openvino.Core().compile_model(path, "CPU", _EXACT)

    def bind(self, image: Floats, style: Floats, strength: float) -> Callable[[], object]:
        """See `Runner.bind`."""
        picture = np.ascontiguousarray(image.transpose(0, 2, 3, 1)) if self._channels_last else image
        given = dict(zip(_NAMES, (picture, style, np.array([strength], np.float32)), strict=True))
        feeds = {index: given[_contract_name(port.names)] for index, port in enumerate(self._model.inputs)}
        return lambda: self._model(feeds)[0]

    def run(self, image: Floats, style: Floats, strength: float) -> Floats:
        """See `Runner.run`."""
        stylized: Any = self.bind(image, style, strength)()
        return np.ascontiguousarray(stylized.transpose(0, 3, 1, 2) if self._channels_last else stylized)


def _contract_name(names: set[str]) -> str:
    """Which of the contract's tensors an input is: TFLite puts the signature before the name, as in `s256_image`."""
    return next(known for known in _NAMES for name in names if name == known or name.endswith(f"_{known}"))
