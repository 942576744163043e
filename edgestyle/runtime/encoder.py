"""Run exported encoders: a reference picture becomes a style vector."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np

from edgestyle.arrays import Floats
from edgestyle.errors import ArtifactError
from edgestyle.runtime.component import ComponentFile, open_component


class EncoderRunner(Protocol):
    """An opened exported encoder, or an inverter, whose references are pictures of its own size.

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


class FileEncoder:
    """An `EncoderRunner` over an opened file.

    Args:
        file: of a component with one picture in and one vector out.
        name: of the picture's input.
    """

    def __init__(self, file: ComponentFile, name: str = "reference") -> None:
        self.runtime, self.pixel_input = file.runtime, file.pixel_input
        self._file, self._name = file, name

    def bind(self, reference: Floats) -> Callable[[], object]:
        """See `EncoderRunner.bind`."""
        return self._file.bind({self._name: reference})

    def encode(self, reference: Floats) -> Floats:
        """See `EncoderRunner.encode`."""
        return check_vector(self._file.run({self._name: reference}), self.runtime)

    def placement(self, reference: Floats) -> dict[str, int] | None:
        """See `EncoderRunner.placement`."""
        return self._file.placement({self._name: reference})


def open_encoder(path: Path, threads: int | None = None, accelerator: str | None = None) -> EncoderRunner:
    """Open an exported encoder with the runtime of its format; arguments and errors as for `open_component`."""
    return FileEncoder(open_component(path, "encoder", threads, accelerator))


def check_vector(value: object, runtime: str) -> Floats:
    """`value` if it is one vector `float32 [1,D]`; raise ArtifactError otherwise."""
    vector = np.asarray(value if value is not None else 0, np.float32)
    if vector.ndim != 2 or vector.shape[0] != 1:
        raise ArtifactError(f"{list(vector.shape)} comes out in {runtime}, no style vector [1,D]")
    return vector
