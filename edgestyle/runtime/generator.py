"""Run exported generators and what belongs to them: mappings, which make styles, and inverters, which find them."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np

from edgestyle.arrays import Floats
from edgestyle.errors import ArtifactError
from edgestyle.runtime.component import ComponentFile, open_component
from edgestyle.runtime.encoder import EncoderRunner, FileEncoder, check_vector

InverterRunner = EncoderRunner  # its references are pictures `[1,3,S,S]` as the generator draws them


class GeneratorRunner(Protocol):
    """An opened exported generator.

    Attributes:
        runtime: name and version of what executes it, such as "onnxruntime 1.32.0".
        pixel_output: pictures are rounded to 8 bits on the way out.
    """

    runtime: str
    pixel_output: bool

    def bind(self, style: Floats, strength: float) -> Callable[[], object]:
        """Put inputs into the runtime's own layout and return a call that does nothing but inference.

        Args:
            style: `[1,D]`.
            strength: in [0,1].
        """
        ...

    def draw(self, style: Floats, strength: float) -> Floats:
        """The picture `float32 [1,3,S,S]`, sRGB in [0,1], finite or not; arguments as for `bind`.

        Raises:
            ArtifactError: the runtime fails, or what comes out is no square picture.
        """
        ...

    def placement(self, style: Floats, strength: float) -> dict[str, int] | None:
        """See `Runner.placement`."""
        ...


class MappingRunner(Protocol):
    """An opened exported mapping.

    Attributes:
        runtime: name and version of what executes it, such as "onnxruntime 1.32.0".
    """

    runtime: str

    def bind(self, latent: Floats) -> Callable[[], object]:
        """Put random numbers `[1,L]` into the runtime's own layout; the call does only inference."""
        ...

    def map(self, latent: Floats) -> Floats:
        """The style vector `[1,D]` of standard normal numbers `[1,L]`; finite or not.

        Raises:
            ArtifactError: the runtime fails, or what comes out is no vector.
        """
        ...

    def placement(self, latent: Floats) -> dict[str, int] | None:
        """See `Runner.placement`."""
        ...


class FileGenerator:
    """A `GeneratorRunner` over an opened file."""

    def __init__(self, file: ComponentFile) -> None:
        self.runtime, self.pixel_output, self._file = file.runtime, file.pixel_output, file

    def bind(self, style: Floats, strength: float) -> Callable[[], object]:
        """See `GeneratorRunner.bind`."""
        return self._file.bind(_inputs(style, strength))

    def draw(self, style: Floats, strength: float) -> Floats:
        """See `GeneratorRunner.draw`."""
        picture = self._file.run(_inputs(style, strength))
        if picture.ndim != 4 or picture.shape[:2] != (1, 3) or picture.shape[2] != picture.shape[3]:
            raise ArtifactError(f"{list(picture.shape)} comes out in {self.runtime}, no square picture [1,3,S,S]")
        return picture

    def placement(self, style: Floats, strength: float) -> dict[str, int] | None:
        """See `GeneratorRunner.placement`."""
        return self._file.placement(_inputs(style, strength))


class FileMapping:
    """A `MappingRunner` over an opened file."""

    def __init__(self, file: ComponentFile) -> None:
        self.runtime, self._file = file.runtime, file

    def bind(self, latent: Floats) -> Callable[[], object]:
        """See `MappingRunner.bind`."""
        return self._file.bind({"latent": latent})

    def map(self, latent: Floats) -> Floats:
        """See `MappingRunner.map`."""
        return check_vector(self._file.run({"latent": latent}), self.runtime)

    def placement(self, latent: Floats) -> dict[str, int] | None:
        """See `MappingRunner.placement`."""
        return self._file.placement({"latent": latent})


def open_generator(path: Path, threads: int | None = None, accelerator: str | None = None) -> GeneratorRunner:
    """Open an exported generator with the runtime of its format; arguments and errors as for `open_component`."""
    return FileGenerator(open_component(path, "generator", threads, accelerator))


def open_mapping(path: Path, threads: int | None = None, accelerator: str | None = None) -> MappingRunner:
    """Open an exported mapping, likewise."""
    return FileMapping(open_component(path, "mapping", threads, accelerator))


def open_inverter(path: Path, threads: int | None = None, accelerator: str | None = None) -> InverterRunner:
    """Open an exported inverter, likewise."""
    return FileEncoder(open_component(path, "inverter", threads, accelerator), "picture")


def _inputs(style: Floats, strength: float) -> dict[str, Floats]:
    return {"style": style, "strength": np.array([strength], np.float32)}
