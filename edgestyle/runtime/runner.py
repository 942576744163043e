"""One protocol in front of every runtime."""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from edgestyle.arrays import Floats
from edgestyle.errors import ArtifactError, MissingExtraError
from edgestyle.runtime.accelerators import ACCELERATORS, find_accelerator


class Runner(Protocol):
    """An opened exported renderer.

    Attributes:
        runtime: name and version of what executes it, such as "onnxruntime 1.32.0".
        pixel_input: pictures are rounded to 8 bits on the way in.
        pixel_output: pictures are rounded to 8 bits on the way out.
    """

    runtime: str
    pixel_input: bool
    pixel_output: bool

    def bind(self, image: Floats, style: Floats, strength: float) -> Callable[[], object]:
        """Put inputs into the runtime's own layout and return a call that does nothing but inference.

        Args:
            image: `[1,3,H,W]` in [0,1].
            style: `[1,D]`.
            strength: in [0,1].
        """
        ...

    def run(self, image: Floats, style: Floats, strength: float) -> Floats:
        """Stylize `[1,3,H,W]` in [0,1]; arguments as for `bind`."""
        ...

    def placement(self, image: Floats, style: Floats, strength: float) -> dict[str, int] | None:
        """Run once more and count the operators by what really ran them; None where the runtime does not tell."""
        ...


RUNNERS = tuple(ACCELERATORS)  # suffixes of exported files


def open_runner(path: Path, threads: int | None = None, accelerator: str | None = None) -> Runner:
    """Open an exported file with the runtime of its format.

    Args:
        path: the file (a folder for `.mlpackage`).
        threads: CPU threads; None leaves it to the runtime.
        accelerator: one of `ACCELERATORS` for the format; None takes the first.

    Raises:
        ArtifactError: the file is missing, of no known format, or the runtime refuses it.
        AcceleratorError: this build of the runtime does not have the accelerator.
        MissingExtraError: the runtime is not installed.
    """
    if not path.exists():
        raise ArtifactError(f"no such exported file: {path}")
    wanted = find_accelerator(path.suffix, accelerator)
    opener = import_runtime(path, accelerator)
    try:
        return opener(path, threads, wanted.option)
    except ImportError as error:  # Core ML's tools are imported only when a file is opened
        raise MissingExtraError(wanted.package, wanted.extra) from error


def import_runtime(path: Path, accelerator: str | None = None) -> Callable[[Path, int | None, str], Runner]:
    """Import the runtime for a file and return its opener; errors as for `open_runner`."""
    wanted = find_accelerator(path.suffix, accelerator)
    try:
        opener: Callable[[Path, int | None, str], Runner] = getattr(
            importlib.import_module(wanted.module), wanted.opener
        )
    except ImportError as error:
        raise MissingExtraError(wanted.package, wanted.extra) from error
    return opener


def can_time(path: Path) -> bool:
    """Whether this machine runs the file natively, so that its latency means something."""
    return path.suffix != ".mlpackage" or sys.platform == "darwin"
