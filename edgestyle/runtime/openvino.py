"""Run `.onnx` and `.tflite` files with OpenVINO, which reads both with code of its own."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from edgestyle.arrays import Floats
from edgestyle.errors import ArtifactError, ContractError

# OpenVINO reports over the network that it was imported, through this package, and does without it where it is missing.
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
import openvino  # noqa: E402  only after the line above

_NAMES = ("image", "style", "strength")
_EXACT = {
    "INFERENCE_PRECISION_HINT": "f32",  # bfloat16 otherwise, where the processor has it
    "DYNAMIC_QUANTIZATION_GROUP_SIZE": 0,  # activations of layers with 8-bit weights become 8-bit otherwise
}
_NO_OPERATORS = ("Parameter", "Result", "Constant")


class OpenVinoRunner:
    """A model compiled for a device, in the arithmetic that the file asks for.

    Args:
        path: the file; of a TFLite file with several signatures OpenVINO reads the first.
        threads: of the processor; None leaves it to OpenVINO.
        device: OpenVINO's name of it.
    """

    pixel_input = False
    pixel_output = False

    def __init__(self, path: Path, threads: int | None = None, device: str = "CPU") -> None:
        self.runtime = f"openvino {openvino.__version__.split('-')[0]}"
        self._channels_last = path.suffix == ".tflite"
        options = _EXACT if threads is None else {**_EXACT, "INFERENCE_NUM_THREADS": threads}
        try:
            self._model = openvino.Core().compile_model(path, device, options)
            self._names = [_contract_name(port.names) for port in self._model.inputs]
        except RuntimeError as error:
            raise ArtifactError(f"OpenVINO cannot load {path}: {_last_line(error)}") from error

    def bind(self, image: Floats, style: Floats, strength: float) -> Callable[[], object]:
        """See `Runner.bind`. Raises ContractError for a picture size that the file does not have."""
        picture = np.ascontiguousarray(image.transpose(0, 2, 3, 1)) if self._channels_last else image
        given = dict(zip(_NAMES, (picture, style, np.array([strength], np.float32)), strict=True))
        feeds = {index: given[name] for index, name in enumerate(self._names)}
        takes = self._model.inputs[self._names.index("image")]
        if takes.get_element_type() == openvino.Type.u8:
            raise ContractError("files for 8-bit pictures run in LiteRT, not in OpenVINO")
        if not takes.partial_shape.compatible(openvino.PartialShape(list(picture.shape))):
            raise ContractError(f"OpenVINO reads {takes.partial_shape} of this file, not {list(picture.shape)}")
        return lambda: self._model(feeds)[0]

    def run(self, image: Floats, style: Floats, strength: float) -> Floats:
        """See `Runner.run`."""
        stylized: Any = self.bind(image, style, strength)()
        return np.ascontiguousarray(stylized.transpose(0, 3, 1, 2) if self._channels_last else stylized)

    def placement(self, image: Floats, style: Floats, strength: float) -> dict[str, int]:
        """See `Runner.placement`: what is left of the compiled graph, by the devices that OpenVINO says it runs on."""
        nodes = self._model.get_runtime_model().get_ops()
        kinds = [node.get_rt_info()["layerType"] for node in nodes if node.get_type_name() not in _NO_OPERATORS]
        count = sum(str(getattr(kind, "value", kind)) not in ("Input", "Output", "Const") for kind in kinds)
        devices = "+".join(self._model.get_property("EXECUTION_DEVICES"))
        return {f"OpenVINO {devices}": count}


def _contract_name(names: set[str]) -> str:
    """Which of the contract's tensors an input is: TFLite puts the signature before the name, as in `s256_image`."""
    for known in _NAMES:
        if any(name == known or name.endswith(f"_{known}") for name in names):
            return known
    raise ArtifactError(f"the file does not keep the contract: it has an input called {', '.join(sorted(names))}")


def _last_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[-1].strip()
