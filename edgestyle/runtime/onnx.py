"""Run `.onnx` files with ONNX Runtime."""

import json
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from edgestyle.arrays import Floats
from edgestyle.contract import renderer_spec
from edgestyle.errors import AcceleratorError, ArtifactError

CPU = "CPUExecutionProvider"
_SPEC = renderer_spec("NCHW")
_RANKS = {tensor.name: len(tensor.shape) for tensor in (*_SPEC.inputs, *_SPEC.outputs)}


class OnnxRunner:
    """An ONNX Runtime session.

    Args:
        path: the `.onnx` file.
        threads: intra-operator threads; None leaves it to the runtime.
        provider: ONNX Runtime's name of the execution provider; the CPU's takes what that leaves.

    Raises:
        AcceleratorError: this build of ONNX Runtime has no such provider.
    """

    pixel_input = False
    pixel_output = False

    def __init__(self, path: Path, threads: int | None = None, provider: str = CPU) -> None:
        self.runtime = f"onnxruntime {onnxruntime.__version__}"
        if provider not in onnxruntime.get_available_providers():  # it would fall back to the CPU without a word
            built_in = ", ".join(onnxruntime.get_available_providers())
            raise AcceleratorError(f"this build of ONNX Runtime has no {provider}, only {built_in}")
        self._path, self._threads = path, threads
        self._providers = list(dict.fromkeys((provider, CPU)))
        try:
            self._session = onnxruntime.InferenceSession(path, make_options(threads), providers=self._providers)
        except Exception as error:  # ONNX Runtime raises its own classes, straight from Exception
            raise ArtifactError(f"ONNX Runtime cannot load {path}: {_first_line(error)}") from error
        ranks = {
            tensor.name: len(tensor.shape) for tensor in (*self._session.get_inputs(), *self._session.get_outputs())
        }
        if ranks != _RANKS:
            raise ArtifactError(f"{path} does not keep the contract: it has {ranks}, not {_RANKS}")

    def bind(self, image: Floats, style: Floats, strength: float) -> Callable[[], object]:
        """See `Runner.bind`."""
        feeds = _feeds(image, style, strength)
        return lambda: self._session.run(["stylized"], feeds)

    def placement(self, image: Floats, style: Floats, strength: float) -> dict[str, int]:
        """See `Runner.placement`: operators by execution provider."""
        options = make_options(self._threads)
        return profile_placement(self._path, options, self._providers, _feeds(image, style, strength))

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


def make_options(threads: int | None) -> Any:
    """ONNX Runtime's options of a session with so many threads; None leaves them to it."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # errors come back as exceptions
    if threads is not None:
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
    return options


def profile_placement(path: Path, options: Any, providers: list[str], feeds: dict[str, Floats]) -> dict[str, int]:
    """Operators by execution provider in a session's own profile of one run; `options` are used up."""
    with tempfile.TemporaryDirectory() as folder:
        options.enable_profiling = True
        options.profile_file_prefix = str(Path(folder) / "profile")
        session = onnxruntime.InferenceSession(path, options, providers=providers)
        session.run(None, feeds)
        events = json.loads(Path(session.end_profiling()).read_text(encoding="utf-8"))
    ran = [one["args"] for one in events if one.get("cat") == "Node" and one["name"].endswith("_kernel_time")]
    return dict(Counter(one["provider"] for one in ran).most_common())


def _feeds(image: Floats, style: Floats, strength: float) -> dict[str, Floats]:
    return {"image": image, "style": style, "strength": np.array([strength], np.float32)}


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
