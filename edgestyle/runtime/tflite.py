"""Run `.tflite` files with LiteRT."""

from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType

from edgestyle.arrays import Floats, to_floats, to_pixels
from edgestyle.contract import SIGNATURES
from edgestyle.errors import ArtifactError, ContractError
from edgestyle.quiet import quiet
from edgestyle.runtime.component import SPECS, Inputs
from edgestyle.runtime.delegation import read_delegation
from edgestyle.runtime.upscaler import check_enlarged

_ENLARGE = "enlarge"  # signature of an upscaler
_KERNELS = {
    "xnnpack": {"experimental_op_resolver_type": OpResolverType.BUILTIN},
    "plain": {"experimental_op_resolver_type": OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES},
}


class TFLiteRunner:
    """A LiteRT interpreter on the CPU, with one signature per picture size.

    Files for 8-bit pictures take and give those; here they are still floats outside.

    Args:
        path: the `.tflite` file.
        threads: CPU threads; None is LiteRT's default.
        kernels: "xnnpack" is LiteRT's own choice, its XNNPACK delegate; "plain" leaves the delegate out.
    """

    def __init__(self, path: Path, threads: int | None = None, kernels: str = "xnnpack") -> None:
        self.runtime = f"litert {version('ai-edge-litert')}"
        try:
            self._open = partial(Interpreter, str(path), num_threads=threads, **_KERNELS[kernels])
            self._interpreter = self._open()
            self._signatures = self._interpreter.get_signature_list()
            self.pixel_input = self.pixel_output = _takes_bytes(self._interpreter, "image")
        except (ValueError, RuntimeError, OSError) as error:
            raise ArtifactError(f"LiteRT cannot load {path}: {_first_line(error)}") from error

    def bind(self, image: Floats, style: Floats, strength: float) -> Callable[[], object]:
        """See `Runner.bind`."""
        height, width = image.shape[2:]
        name = f"s{height}"
        if height != width or name not in self._signatures:
            known = ", ".join(self._signatures)
            raise ContractError(f"the file has no signature for {height}x{width} pictures, only {known}")
        runner = self._interpreter.get_signature_runner(name)
        floats = np.ascontiguousarray(image.transpose(0, 2, 3, 1))
        feeds = {
            "image": to_pixels(image)[None] if self.pixel_input else floats,
            "style": style,
            "strength": np.array([strength], np.float32),
        }
        return lambda: runner(**feeds)

    def run(self, image: Floats, style: Floats, strength: float) -> Floats:
        """See `Runner.run`."""
        outputs = _call(self.bind(image, style, strength))
        stylized, (_, _, height, width) = outputs.get("stylized"), image.shape
        if stylized is None or stylized.shape != (1, height, width, 3):
            raise ArtifactError(f"the file does not keep the contract: no 'stylized' of {height}x{width} RGB comes out")
        if self.pixel_output:
            return to_floats(stylized[0])
        return np.ascontiguousarray(stylized.transpose(0, 3, 1, 2), dtype=np.float32)

    def placement(self, image: Floats, style: Floats, strength: float) -> dict[str, int]:
        """See `Runner.placement`: asked of a second interpreter's first graph; other sizes have the same operators.

        LiteRT shares a graph out when it is loaded, so nothing is run.
        """
        return count_delegated(self._open())


class TFLiteFile:
    """The same for any other component, a `ComponentFile`.

    Args:
        path, threads, kernels: as for `TFLiteRunner`.
        component: a name in `SPECS`; its signature is that of `SIGNATURES`.
    """

    def __init__(self, path: Path, component: str, threads: int | None = None, kernels: str = "xnnpack") -> None:
        self.runtime = f"litert {version('ai-edge-litert')}"
        self._signature, spec = SIGNATURES[component], SPECS[component]
        (self._output,) = (tensor.name for tensor in spec.outputs)
        try:
            self._open = partial(Interpreter, str(path), num_threads=threads, **_KERNELS[kernels])
            self._interpreter = self._open()
            if self._signature not in self._interpreter.get_signature_list():
                raise ArtifactError(f"{path} does not keep the contract: it has no signature '{self._signature}'")
            self.pixel_input = any(_takes_bytes(self._interpreter, tensor.name) for tensor in spec.inputs)
            self.pixel_output = _gives_bytes(self._interpreter, self._output)
        except (ValueError, RuntimeError, OSError) as error:
            raise ArtifactError(f"LiteRT cannot load {path}: {_first_line(error)}") from error

    def bind(self, inputs: Inputs) -> Callable[[], object]:
        """See `ComponentFile.bind`."""
        runner = self._interpreter.get_signature_runner(self._signature)
        feeds = {name: self._turned(value) for name, value in inputs.items()}
        return lambda: runner(**feeds)

    def run(self, inputs: Inputs) -> Floats:
        """See `ComponentFile.run`."""
        value = _call(self.bind(inputs)).get(self._output)
        if value is None:
            raise ArtifactError(f"the file does not keep the contract: no '{self._output}' comes out")
        if value.ndim != 4:
            return np.asarray(value, np.float32)
        if self.pixel_output:
            return to_floats(value[0])
        return np.ascontiguousarray(value.transpose(0, 3, 1, 2), dtype=np.float32)

    def placement(self, inputs: Inputs) -> dict[str, int]:
        """See `TFLiteRunner.placement`."""
        return count_delegated(self._open())

    def _turned(self, value: Floats) -> Any:
        """An input as the file takes it: pictures `[1,H,W,3]`, of bytes where it wants them."""
        if value.ndim != 4:
            return value
        return to_pixels(value)[None] if self.pixel_input else np.ascontiguousarray(value.transpose(0, 2, 3, 1))


class TFLiteUpscaler:
    """The same for a network that enlarges square tiles of one size, an `UpscalerRunner`."""

    pixel_input = False
    pixel_output = False

    def __init__(self, path: Path, factor: int, threads: int | None = None, kernels: str = "xnnpack") -> None:
        self.runtime, self.factor = f"litert {version('ai-edge-litert')}", factor
        try:
            self._interpreter = Interpreter(str(path), num_threads=threads, **_KERNELS[kernels])
            if _ENLARGE not in self._interpreter.get_signature_list():
                raise ArtifactError(f"{path} does not keep the contract: it has no signature '{_ENLARGE}'")
        except (ValueError, RuntimeError, OSError) as error:
            raise ArtifactError(f"LiteRT cannot load {path}: {_first_line(error)}") from error

    def enlarge(self, image: Floats) -> Floats:
        """See `UpscalerRunner.enlarge`."""
        runner = self._interpreter.get_signature_runner(_ENLARGE)
        tile = np.ascontiguousarray(image.transpose(0, 2, 3, 1))
        enlarged = _call(lambda: runner(image=tile)).get("enlarged")
        turned = enlarged.transpose(0, 3, 1, 2) if enlarged is not None and enlarged.ndim == 4 else 0
        return check_enlarged(turned, image, self.factor)


def _takes_bytes(interpreter: Interpreter, name: str) -> bool:
    """Whether pictures are uint8; a file without signatures is none of edgestyle's and is refused when it runs."""
    names = list(interpreter.get_signature_list())
    if not names:
        return False
    inputs = interpreter.get_signature_runner(names[0]).get_input_details()
    return name in inputs and inputs[name]["dtype"] is np.uint8


def _gives_bytes(interpreter: Interpreter, name: str) -> bool:
    """Whether the one signature's output called `name` is of uint8."""
    (signature,) = interpreter.get_signature_list()
    outputs = interpreter.get_signature_runner(signature).get_output_details()
    return name in outputs and outputs[name]["dtype"] is np.uint8


def _call(call: Callable[[], object]) -> dict[str, Any]:
    """The outputs of a bound call by name; raise ArtifactError where LiteRT fails."""
    try:
        with quiet():  # the CPU delegate announces itself at the first run
            outputs = call()
    except (ValueError, RuntimeError, KeyError, TypeError) as error:
        raise ArtifactError(f"LiteRT failed: {_first_line(error)}") from error
    assert isinstance(outputs, dict)
    return outputs


def count_delegated(interpreter: Interpreter) -> dict[str, int]:
    """Operators of an interpreter's first graph by what runs them; allocates its tensors."""
    with quiet():
        interpreter.allocate_tensors()
    found = read_delegation(interpreter)
    left = sum(found.left.values())
    return {name: n for name, n in (("XNNPACK", found.operators - left), ("LiteRT kernels", left)) if n}


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
