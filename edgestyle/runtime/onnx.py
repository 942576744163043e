"""Run `.onnx` files with ONNX Runtime."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime

from edgestyle.errors import ArtifactError
from edgestyle.images import Floats


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
        options.log_severity_level = 3
        if threads is not None:
            options.intra_op_num_threads = threads
            options.inter_op_num_threads = 1
        try:
            self._session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime raises its own classes, straight from Exception
            raise ArtifactError(f"ONNX Runtime cannot load {path}: {str(error).splitlines()[0]}") from error

    def bind(self, image: Floats, style: Floats, strength: float) -> Callable[[], object]:
        """See `Runner.bind`."""
        feeds = {"image": image, "style": style, "strength": np.array([strength], np.float32)}
        return lambda: self._session.run(["stylized"], feeds)

    def run(self, image: Floats, style: Floats, strength: float) -> Floats:
        """See `Runner.run`."""
        outputs = self.bind(image, style, strength)()
        assert isinstance(outputs, list)
        return np.asarray(outputs[0], dtype=np.float32)
