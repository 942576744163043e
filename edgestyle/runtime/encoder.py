"""Run exported encoders: one protocol in front of the runtimes that `runner` has for renderers."""

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np

from edgestyle.arrays import Floats
from edgestyle.errors import ArtifactError, MissingExtraError
from edgestyle.runtime.accelerators import find_accelerator


class EncoderRunner(Protocol):
    """An opened exported encoder.

    Attributes:
        runtime: name and version of what executes it, such as "onnxruntime 1.32.0".
        pixel_input: references are rounded to 8 bits on the way in.
    """

    runtime: str
    pixel_input: bool

    def bind(self, reference: Floats) -> Callable[[], object]:
        """Put a reference `[1,3,256,256]` in [0,1] into the runtime's own layout; the call does only inference."""
        ...

    def encode(self, reference: Floats) -> Floats:
        """The style vector `[1,D]` of a reference `[1,3,256,256]` in [0,1]; finite or not.

        Raises:
            ArtifactError: the runtime fails, or what comes out is no vector.
        """
        ...

    def placement(self, reference: Floats) -> dict[str, int] | None:
        """See `Runner.placement`."""
        ...


# accelerators' module -> what opens an encoder there
_OPENERS = {
    "edgestyle.runtime.onnx": "OnnxEncoder",
    "edgestyle.runtime.tflite": "TFLiteEncoder",
    "edgestyle.runtime.coreml": "CoreMLEncoder",
}


def open_encoder(path: Path, threads: int | None = None, accelerator: str | None = None) -> EncoderRunner:
    """Open an exported encoder with the runtime of its format; arguments and errors as for `open_runner`.

    Raises:
        ArtifactError: likewise, or encoders are not run on this accelerator.
    """
    if not path.exists():
        raise ArtifactError(f"no such exported file: {path}")
    wanted = find_accelerator(path.suffix, accelerator)
    opener = import_encoder_runtime(path, accelerator)
    try:
        return opener(path, threads, wanted.option)
    except ImportError as error:  # Core ML's tools are imported only when a file is opened
        raise MissingExtraError(wanted.package, wanted.extra) from error


def import_encoder_runtime(
    path: Path, accelerator: str | None = None
) -> Callable[[Path, int | None, str], EncoderRunner]:
    """Import the runtime for an encoder's file and return its opener; errors as for `open_encoder`."""
    wanted = find_accelerator(path.suffix, accelerator)
    if wanted.module not in _OPENERS:
        raise ArtifactError(f"encoders run in the runtime of their format, not on '{accelerator}'")
    try:
        opener: Callable[[Path, int | None, str], EncoderRunner] = getattr(
            importlib.import_module(wanted.module), _OPENERS[wanted.module]
        )
    except ImportError as error:
        raise MissingExtraError(wanted.package, wanted.extra) from error
    return opener


def check_vector(value: object, runtime: str) -> Floats:
    """`value` if it is one vector `float32 [1,D]`; raise ArtifactError otherwise."""
    vector = np.asarray(value if value is not None else 0, np.float32)
    if vector.ndim != 2 or vector.shape[0] != 1:
        raise ArtifactError(f"the encoder gives {list(vector.shape)} in {runtime}, no style vector [1,D]")
    return vector
