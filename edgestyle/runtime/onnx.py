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
from edgestyle.contract import ComponentSpec, renderer_spec, upscaler_spec
from edgestyle.errors import AcceleratorError, ArtifactError
from edgestyle.runtime.component import SPECS, Inputs
from edgestyle.runtime.encoder import FileEncoder
from edgestyle.runtime.upscaler import check_enlarged

CPU = "CPUExecutionProvider"


class OnnxRunner:
    """An ONNX Runtime session.

    Args:
        path: the `.onnx` file.
        threads: intra-operator threads; None leaves it to the runtime.
        provider: ONNX Runtime's name of the execution provider; the CPU's takes what that leaves.
        many_pixels: for pictures of several megapixels: memory is not laid out ahead, which takes twice as much.

    Raises:
        AcceleratorError: this build of ONNX Runtime has no such provider.
    """

    pixel_input = False
    pixel_output = False

    def __init__(self, path: Path, threads: int | None = None, provider: str = CPU, many_pixels: bool = False) -> None:
        self.runtime = f"onnxruntime {onnxruntime.__version__}"
        self._path, self._threads, self._providers = path, threads, _providers(provider)
        options = make_options(threads)
        options.enable_mem_pattern = not many_pixels
        self._session = _open_session(path, options, self._providers, renderer_spec("NCHW"))

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
        stylized = _call(self.bind(image, style, strength))
        if stylized.shape != image.shape:
            raise ArtifactError(f"the network gives {list(stylized.shape)} for a picture of {list(image.shape)}")
        return np.asarray(stylized, dtype=np.float32)


class OnnxFile:
    """The same for any other component, a `ComponentFile`; errors as for `OnnxRunner`.

    Args:
        path, threads, provider: as for `OnnxRunner`.
        component: a name in `SPECS`.
    """

    pixel_input = False
    pixel_output = False

    def __init__(self, path: Path, component: str, threads: int | None = None, provider: str = CPU) -> None:
        self.runtime = f"onnxruntime {onnxruntime.__version__}"
        self._path, self._threads, self._providers = path, threads, _providers(provider)
        (self._output,) = (tensor.name for tensor in SPECS[component].outputs)
        self._session = _open_session(path, make_options(threads), self._providers, SPECS[component])

    def bind(self, inputs: Inputs) -> Callable[[], object]:
        """See `ComponentFile.bind`."""
        feeds = dict(inputs)
        return lambda: self._session.run([self._output], feeds)

    def run(self, inputs: Inputs) -> Floats:
        """See `ComponentFile.run`."""
        return np.asarray(_call(self.bind(inputs)), dtype=np.float32)

    def placement(self, inputs: Inputs) -> dict[str, int]:
        """See `ComponentFile.placement`: operators by execution provider."""
        return profile_placement(self._path, make_options(self._threads), self._providers, dict(inputs))


class OnnxEncoder(FileEncoder):
    """An encoder's file, an `EncoderRunner`; arguments and errors as for `OnnxRunner`."""

    def __init__(self, path: Path, threads: int | None = None, provider: str = CPU) -> None:
        super().__init__(OnnxFile(path, "encoder", threads, provider))


class OnnxUpscaler:
    """The same for a network that enlarges pictures, an `UpscalerRunner`; arguments and errors as for `OnnxRunner`."""

    pixel_input = False
    pixel_output = False

    def __init__(self, path: Path, factor: int, threads: int | None = None, provider: str = CPU) -> None:
        self.runtime, self.factor = f"onnxruntime {onnxruntime.__version__}", factor
        options = make_options(threads)
        options.enable_mem_pattern = False  # tiles differ in size
        self._session = _open_session(path, options, _providers(provider), upscaler_spec("NCHW", factor))

    def enlarge(self, image: Floats) -> Floats:
        """See `UpscalerRunner.enlarge`."""
        return check_enlarged(_call(lambda: self._session.run(["enlarged"], {"image": image})), image, self.factor)


def _providers(wanted: str) -> list[str]:
    """The wanted execution provider and the CPU's; raise AcceleratorError where this build lacks it."""
    if wanted not in onnxruntime.get_available_providers():  # it would fall back to the CPU without a word
        built_in = ", ".join(onnxruntime.get_available_providers())
        raise AcceleratorError(f"this build of ONNX Runtime has no {wanted}, only {built_in}")
    return list(dict.fromkeys((wanted, CPU)))


def _open_session(path: Path, options: Any, providers: list[str], spec: ComponentSpec) -> Any:
    """Load a file; raise ArtifactError where that fails or its inputs and outputs are not those of `spec`."""
    try:
        session = onnxruntime.InferenceSession(path, options, providers=providers)
    except Exception as error:  # ONNX Runtime raises its own classes, straight from Exception
        raise ArtifactError(f"ONNX Runtime cannot load {path}: {_first_line(error)}") from error
    found = {tensor.name: len(tensor.shape) for tensor in (*session.get_inputs(), *session.get_outputs())}
    ranks = {tensor.name: len(tensor.shape) for tensor in (*spec.inputs, *spec.outputs)}
    if found != ranks:
        raise ArtifactError(f"{path} does not keep the contract: it has {found}, not {ranks}")
    return session


def _call(call: Callable[[], object]) -> Any:
    """The one output of a bound call; raise ArtifactError where the runtime fails."""
    try:
        outputs = call()
    except Exception as error:
        raise ArtifactError(f"ONNX Runtime failed: {_first_line(error)}") from error
    assert isinstance(outputs, list)
    return outputs[0]


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
