"""Packs that draw avatars: faces from seeds, names, mixes of them, and pictures of faces drawn again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, SupportsIndex

import numpy as np

from edgestyle.contract import check_strength
from edgestyle.errors import ContractError, MixError, PackError
from edgestyle.images import (
    Floats,
    Picture,
    Pixels,
    as_picture,
    average_to,
    middle_square,
    over_white,
    resize,
    to_floats,
    to_pixels,
)
from edgestyle.packs.pack import Component, Style, find_file
from edgestyle.packs.seeds import draw_latent, parse_seed
from edgestyle.runtime.encoder import EncoderRunner
from edgestyle.runtime.generator import GeneratorRunner, MappingRunner, open_generator, open_inverter, open_mapping

if TYPE_CHECKING:
    from PIL import Image

Face = SupportsIndex | str | Floats | Sequence[float]  # a seed, a name, or a style vector itself


@dataclass(frozen=True)
class AvatarPack:
    """A loaded pack that draws avatars. Everything runs without torch.

    Attributes:
        name: as it is typed.
        folder: where its files are.
        title, description, licence: for people.
        components: "generator" and "mapping", and "inverter" if it draws pictures of faces again.
        styles: the avatars that have names.
        size: side S of the pictures, pixels.
        latents: how many random numbers L a seed becomes.
        dimensions: length D of style vectors.
        default_strength: of faces from seeds, in [0,1].
        training: how it was made: command, seed, threads, versions.
    """

    name: str
    folder: Path
    title: str
    description: str
    licence: str
    components: dict[str, Component]
    styles: dict[str, Style]
    size: int
    latents: int
    dimensions: int
    default_strength: float = 1.0
    training: dict[str, Any] = field(default_factory=dict)

    def file(self, name: str) -> Path:
        """A file of the pack; errors as for `find_file`."""
        return find_file(self.name, self.folder, name)

    @cached_property
    def generator(self) -> GeneratorRunner:
        """The network that draws, on ONNX Runtime, opened once."""
        return open_generator(self.file(self.components["generator"].onnx))

    @cached_property
    def mapping(self) -> MappingRunner:
        """The network from random numbers to styles, likewise."""
        return open_mapping(self.file(self.components["mapping"].onnx))

    @cached_property
    def inverter(self) -> EncoderRunner:
        """The network from pictures to styles, likewise. Raises PackError where the pack has none."""
        self.check_inverts()
        return open_inverter(self.file(self.components["inverter"].onnx))

    @property
    def inverts(self) -> bool:
        """Whether it finds the style of a picture of an avatar."""
        return "inverter" in self.components

    def check_inverts(self) -> None:
        """Raise PackError unless it finds the style of a picture."""
        if not self.inverts:
            raise PackError(f"pack '{self.name}' has no inverter, so it cannot find the style of a picture")

    def latent(self, seed: SupportsIndex) -> Floats:
        """The random numbers `float32 [L]` of a seed; see `edgestyle.packs.seeds`.

        Raises:
            ContractError: it is no whole number from 0 to 2^63 - 1.
        """
        return draw_latent(seed, self.latents)

    def style(self, face: Face) -> Floats:
        """The style vector of a face.

        Args:
            face: a seed, as a number or in digits; the name of an avatar; or a vector of D numbers, as `invert`, `mix`
                and this function give, which comes back.

        Returns:
            `float32 [D]`.

        Raises:
            ContractError: a seed or vector is none.
            PackError: there is no avatar of this name; the message lists those there are.
        """
        if isinstance(face, str) and face.isdecimal():
            face = parse_seed(face)
        if isinstance(face, str):
            if face not in self.styles:
                known = ", ".join(self.styles) or "no avatar by name"
                raise PackError(f"'{face}' is neither a seed nor an avatar of pack '{self.name}'; it has {known}")
            return self._checked(self.styles[face].vector)
        if isinstance(face, np.ndarray | Sequence):
            return self._checked(face)
        return self._found(self.mapping.map(self.latent(face)[None]), "mapping")

    def mix(self, parts: Iterable[tuple[Face, float]]) -> Floats:
        """A face between others, by the weighted mean of their style vectors.

        >>> pack.draw(pack.mix([(7, 0.7), ("mira", 0.3)]))

        Args:
            parts: faces as for `style`, with weights from 0 up, which are brought to a sum of 1.

        Returns:
            `float32 [D]`.

        Raises:
            MixError: there is no part, a weight is no number from 0 up, or all are 0.
            ContractError, PackError: as for `style`.
        """
        try:
            faces, weights = zip(*parts, strict=True) if (parts := list(parts)) else ((), ())
            shares = np.asarray(weights, np.float64)
        except (TypeError, ValueError, OverflowError) as error:
            raise MixError(f"a mix is made of faces, each with a weight: {error}") from error
        if not len(shares) or not np.isfinite(shares).all() or shares.min() < 0 or not 0 < shares.sum() < np.inf:
            raise MixError(f"a mix needs weights from 0 up, and not all of them 0, not {list(weights)}")
        if len(faces) == 1:
            return self.style(faces[0])
        vectors = np.stack([self.style(face) for face in faces]).astype(np.float64)
        return self._checked(shares / shares.sum() @ vectors)

    def draw(self, face: Face, strength: float | None = None) -> Pixels:
        """Draw a face.

        The first call opens the network. The same face and strength give the same pixels every time.

        >>> Image.fromarray(pack.draw(7)).save("7.png")

        Args:
            face: one, as for `style`: a seed, a name, or a style vector `[D]`. Several at once are not drawn.
            strength: a number from 0, the mean face, which is the same for all, to 1, the face itself. Outside of that
                range it is refused here, where exported files clamp it. If not given, a named avatar's own default, and
                the pack's for seeds and vectors.

        Returns:
            `uint8 [S,S,3]`, sRGB, with S the pack's `size`; a new array, which is the caller's.

        Raises:
            ContractError: the strength is no finite number from 0 to 1; a seed is no whole number from 0 to 2^63 - 1;
                or a vector is not D finite numbers.
            PackError: there is no avatar of this name, or the pack's network is missing or damaged.
        """
        strength = check_strength(self.strength_of(face) if strength is None else strength)
        picture = self.generator.draw(self.style(face)[None], strength)
        if picture.shape != (1, 3, self.size, self.size) or not np.isfinite(picture).all():
            raise PackError(f"pack '{self.name}' draws no pictures of {self.size} pixels: its generator is damaged")
        return to_pixels(picture)

    def strength_of(self, face: Face) -> float:
        """The strength that a face is drawn at unless another is asked for."""
        known = self.styles.get(face) if isinstance(face, str) else None
        return known.default_strength if known else self.default_strength

    def invert(self, picture: "Image.Image | Pixels | Picture") -> Floats:
        """The style of a picture of an avatar, so that it can be drawn again, and changed.

        Args:
            picture: a Pillow image, an array `uint8 [H,W,3]` of sRGB pixels or a decoded picture, of any size; the
                square in its middle counts, what is transparent as white. It finds faces such as the pack draws, and
                of any other picture the nearest that it can think of.

        Returns:
            `float32 [D]`.

        Raises:
            PackError: the pack has no inverter, or a damaged one.
            ContractError: the array is no picture.
        """
        self.check_inverts()
        pixels = self.framed(picture)
        return self._found(self.inverter.encode(to_floats(pixels)), "inverter")

    def framed(self, picture: "Image.Image | Pixels | Picture") -> Pixels:
        """The square in the middle of a picture as `invert` sees it, averaged to `uint8 [S,S,3]`."""
        decoded = picture if isinstance(picture, Picture) else as_picture(picture)
        square = middle_square(over_white(decoded))
        shrink = average_to if len(square) > self.size else resize
        return shrink(square, self.size, self.size)

    def _checked(self, vector: object) -> Floats:
        """A vector as `float32 [D]`; raise ContractError where it is none."""
        try:
            values = np.asarray(vector, np.float32)
        except (TypeError, ValueError):
            values = np.empty(0, np.float32)
        if values.shape != (self.dimensions,) or not np.isfinite(values).all():
            raise ContractError(f"a style of pack '{self.name}' is a vector of {self.dimensions} finite numbers")
        return values

    def _found(self, vector: Floats, network: str) -> Floats:
        """The vector `[D]` that a network gives; raise PackError where it is none."""
        if vector.shape != (1, self.dimensions) or not np.isfinite(vector).all():
            raise PackError(f"pack '{self.name}' has a damaged {network}: it gives no vector of finite numbers")
        return np.asarray(vector[0], np.float32)
