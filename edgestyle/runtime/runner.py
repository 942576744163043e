"""One protocol in front of every runtime."""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from edgestyle.errors import ArtifactError, MissingExtraError
from edgestyle.images import Floats


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


# suffix of the file -> (module, class, package it needs, extra that brings the package)
RUNNERS: dict[str, tuple[str, str, str, str]] = {
    ".onnx": ("edgestyle.runtime.onnx", "OnnxRunner", "onnxruntime", "all"),
    ".tflite": ("edgestyle.runtime.tflite", "TFLiteRunner", "ai_edge_litert", "bench"),
    ".mlpackage": ("edgestyle.runtime.coreml", "CoreMLRunner", "coremltools", "export"),
}


def open_runner(path: Path, threads: int | None = None) -> Runner:
    """Open an exported file with the runtime of its format.

    Args:
        path: the file (a folder for `.mlpackage`).
        threads: CPU threads; None leaves it to the runtime.

    Raises:
        ArtifactError: the file is missing, of no known format, or the runtime refuses it.
        MissingExtraError: the runtime is not installed.
    """
    if not path.exists():
        raise ArtifactError(f"no such exported file: {path}")
    opener = import_runtime(path)
    try:
        return opener(path, threads)
    except ImportError as error:  # Core ML's tools are imported only when a file is opened
        *_, package, extra = RUNNERS[path.suffix]
        raise MissingExtraError(package, extra) from error


def import_runtime(path: Path) -> Callable[[Path, int | None], Runner]:
    """Import the runtime for a file and return its opener; errors as for `open_runner`."""
    if path.suffix not in RUNNERS:
        raise ArtifactError(f"{path} is no exported file: known are {', '.join(RUNNERS)}")
    module, name, package, extra = RUNNERS[path.suffix]
    try:
        opener: Callable[[Path, int | None], Runner] = getattr(importlib.import_module(module), name)
    except ImportError as error:
        raise MissingExtraError(package, extra) from error
    return opener


def can_time(path: Path) -> bool:
    """Whether this machine runs the file natively, so that its latency means something."""
    return path.suffix != ".mlpackage" or sys.platform == "darwin"
