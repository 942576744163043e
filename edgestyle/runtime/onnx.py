"""Run `.onnx` files with ONNX Runtime."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime

from edgestyle.contract import renderer_spec
from edgestyle.errors import ArtifactError
from edgestyle.images import Floats

_SPEC = renderer_spec("NCHW")
_RANKS = {tensor.name: len(tensor.shape) for tensor in (*_SPEC.inputs, *_SPEC.outputs)}


class OnnxRunner:
    """An ONNX Runtime session on the CPU execution provider.

    Args:
        path: the `.onnx` file.
        threads: intra-operator threads; None leaves it to the runtime.
    """

    pixel_input = False
    pixel_output = False

    def __init__(self, path: Path, threads: int | None = None) -> None:
        self.runtime = f"onnxruntime {onnxruntime.__version__}"
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4  # errors come back as exceptions
        if threads is not None:
            options.intra_op_num_threads = threads
            options.inter_op_num_threads = 1
        try:
            self._session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime raises its own classes, straight from Exception
            raise ArtifactError(f"ONNX Runtime cannot load {path}: {_first_line(error)}") from error
        ranks = {
            tensor.name: len(tensor.shape) for tensor in (*self._session.get_inputs(), *self._session.get_outputs())
        }
        if ranks != _RANKS:
            raise ArtifactError(f"{path} does not keep the contract: it has {ranks}, not {_RANKS}")

    def bind(self, image: Floats, style: Floats, strength: float) -> Callable[[], object]:
        """See `Runner.bind`."""
        feeds = {"image": image, "style": style, "strength": np.array([strength], np.float32)}
        return lambda: self._session.run(["stylized"], feeds)

    def run(self, image: Floats, style: Floats, strength: float) -> Floats:
        """See `Runner.run`."""
        try:
            outputs = self.bind(image, style, strength)()
        except Exception as error:
            raise ArtifactError(f"ONNX Runtime failed: {_first_line(error)}") from error
        assert isinstance(outputs, list)
        if outputs[0].shape != image.shape:
            raise ArtifactError(f"the network gives {list(outputs[0].shape)} for a picture of {list(image.shape)}")
        return np.asarray(outputs[0], dtype=np.float32)


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
