"""Exported files of fixed shapes: one protocol in front of the runtimes, for all components but renderers."""

import importlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from edgestyle.arrays import Floats
from edgestyle.contract import ComponentSpec, encoder_spec, generator_spec, inverter_spec, mapping_spec
from edgestyle.errors import ArtifactError, MissingExtraError
from edgestyle.runtime.accelerators import find_accelerator

Inputs = Mapping[str, Floats]  # by name; pictures are `[1,3,H,W]` in [0,1] whatever the file takes


class ComponentFile(Protocol):
    """An opened exported file of any component.

    Attributes:
        runtime: name and version of what executes it, such as "onnxruntime 1.32.0".
        pixel_input: pictures are rounded to 8 bits on the way in.
        pixel_output: pictures are rounded to 8 bits on the way out.
    """

    runtime: str
    pixel_input: bool
    pixel_output: bool

    def bind(self, inputs: Inputs) -> Callable[[], object]:
        """Put inputs into the runtime's own layout and return a call that does nothing but inference."""
        ...

    def run(self, inputs: Inputs) -> Floats:
        """What comes out: vectors as they are, pictures `[1,3,H,W]` in [0,1].

        Raises:
            ArtifactError: the runtime fails, or the output is missing.
        """
        ...

    def placement(self, inputs: Inputs) -> dict[str, int] | None:
        """Run once more and count the operators by what really ran them; None where the runtime does not tell."""
        ...


Opener = Callable[[Path, str, int | None, str], ComponentFile]  # of a path, a component, threads and an option

# accelerators' module -> what opens a component there
_OPENERS = {
    "edgestyle.runtime.onnx": "OnnxFile",
    "edgestyle.runtime.tflite": "TFLiteFile",
    "edgestyle.runtime.coreml": "CoreMLFile",
}

SPECS: dict[str, ComponentSpec] = {  # names and numbers of axes are all that is read from them
    spec.component: spec
    for spec in (encoder_spec("NCHW"), generator_spec("NCHW"), mapping_spec(), inverter_spec("NCHW"))
}


def open_component(
    path: Path, component: str, threads: int | None = None, accelerator: str | None = None
) -> ComponentFile:
    """Open an exported file with the runtime of its format.

    Args:
        path, threads, accelerator: as for `open_runner`.
        component: a name in `SPECS`.

    Raises:
        ArtifactError, AcceleratorError, MissingExtraError: as for `open_runner`, or the component is not run on this
            accelerator.
    """
    if not path.exists():
        raise ArtifactError(f"no such exported file: {path}")
    wanted = find_accelerator(path.suffix, accelerator)
    opener = import_component_runtime(path, component, accelerator)
    try:
        return opener(path, component, threads, wanted.option)
    except ImportError as error:  # Core ML's tools are imported only when a file is opened
        raise MissingExtraError(wanted.package, wanted.extra) from error


def import_component_runtime(path: Path, component: str, accelerator: str | None = None) -> Opener:
    """Import the runtime for a file and return its opener; errors as for `open_component`."""
    wanted = find_accelerator(path.suffix, accelerator)
    if wanted.module not in _OPENERS:
        raise ArtifactError(f"{component}s run in the runtime of their format, not on '{accelerator}'")
    try:
        opener: Opener = getattr(importlib.import_module(wanted.module), _OPENERS[wanted.module])
    except ImportError as error:
        raise MissingExtraError(wanted.package, wanted.extra) from error
    return opener
