"""Run `.tflite` files with LiteRT."""

from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType

from edgestyle.arrays import Floats, to_floats, to_pixels
from edgestyle.errors import ArtifactError, ContractError
from edgestyle.quiet import quiet
from edgestyle.runtime.delegation import read_delegation
from edgestyle.runtime.encoder import check_vector
from edgestyle.runtime.upscaler import check_enlarged

_ENCODE = "encode"  # signature of an encoder
_ENLARGE = "enlarge"  # of an upscaler
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


class TFLiteEncoder:
    """The same for an encoder, an `EncoderRunner`; arguments as for `TFLiteRunner`."""

    def __init__(self, path: Path, threads: int | None = None, kernels: str = "xnnpack") -> None:
        self.runtime = f"litert {version('ai-edge-litert')}"
        try:
            self._open = partial(Interpreter, str(path), num_threads=threads, **_KERNELS[kernels])
            self._interpreter = self._open()
            if _ENCODE not in self._interpreter.get_signature_list():
                raise ArtifactError(f"{path} does not keep the contract: it has no signature '{_ENCODE}'")
            self.pixel_input = _takes_bytes(self._interpreter, "reference")
        except (ValueError, RuntimeError, OSError) as error:
            raise ArtifactError(f"LiteRT cannot load {path}: {_first_line(error)}") from error

    def bind(self, reference: Floats) -> Callable[[], object]:
        """See `EncoderRunner.bind`."""
        runner = self._interpreter.get_signature_runner(_ENCODE)
        floats = np.ascontiguousarray(reference.transpose(0, 2, 3, 1))
        picture = to_pixels(reference)[None] if self.pixel_input else floats
        return lambda: runner(reference=picture)

    def encode(self, reference: Floats) -> Floats:
        """See `EncoderRunner.encode`."""
        return check_vector(_call(self.bind(reference)).get("style"), self.runtime)

    def placement(self, reference: Floats) -> dict[str, int]:
        """See `TFLiteRunner.placement`."""
        return count_delegated(self._open())


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
