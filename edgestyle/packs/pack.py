"""Packs and styles: a network, the vectors it draws, and what may be done with them."""

import itertools
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from edgestyle.contract import check_strength
from edgestyle.errors import PackError
from edgestyle.images import Floats, Picture, PictureLike, Pixels, as_picture, like_original
from edgestyle.packs.mixing import mix_styles, parse_mix
from edgestyle.packs.stylizing import DEFAULT_WORKING_SIZE, largest_size, reference_input, stylize_pixels
from edgestyle.runtime.encoder import EncoderRunner, open_encoder
from edgestyle.runtime.runner import Runner

if TYPE_CHECKING:
    from PIL import Image

MAX_WEIGHTS_BYTES = 256 * 2**20


@dataclass(frozen=True)
class Style:
    """One style of a pack.

    Attributes:
        name: lower-case, as it is typed.
        vector: D floats.
        default_strength: what a demo should start with, in [0,1].
        title: for people.
        licence: SPDX identifier of the vector and what it was learned from.
        credit: whom or what it was learned from.
        preview: picture file in the pack, "" where there is none.
        detail: how much of a large photo's fine detail stays at full strength, in [0,1].
    """

    name: str
    vector: tuple[float, ...]
    default_strength: float = 1.0
    title: str = ""
    licence: str = "Apache-2.0"
    credit: str = ""
    preview: str = ""
    detail: float = 0.0

    def as_input(self) -> NDArray[np.float32]:
        """The vector as a network takes it, `float32 [1,D]`."""
        return np.asarray([self.vector], dtype=np.float32)


@dataclass(frozen=True)
class Component:
    """A network of a pack.

    Attributes:
        model, config: which architecture, how wide.
        weights, onnx: names of its files.
        recipe_weights: by recipe, names of files with weights trained for that recipe's arithmetic; mostly none.
    """

    model: str
    config: dict[str, Any]
    weights: str
    onnx: str
    recipe_weights: dict[str, str] = field(default_factory=dict)

    def weights_for(self, recipe: str | None) -> str:
        """Name of the file with the weights that an export in `recipe` takes; None for the float network itself."""
        return self.recipe_weights.get(recipe or "", self.weights)


class PackFiles(Protocol):
    """What packs of every kind have: a name, networks, vectors and files.

    Attributes:
        name: as it is typed.
        licence: for people.
        components: networks by name.
        styles: vectors by name.
    """

    @property
    def name(self) -> str: ...
    @property
    def licence(self) -> str: ...
    @property
    def components(self) -> dict[str, Component]: ...
    @property
    def styles(self) -> dict[str, Style]: ...
    def file(self, name: str) -> Path:
        """A file of the pack; errors as for `find_file`."""
        ...


def find_file(pack: str, folder: Path, name: str) -> Path:
    """A file of the pack called `pack`. Raises PackError where it is missing, too large or outside of `folder`."""
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise PackError(f"pack '{pack}' points out of its folder: {name}")
    if not path.is_file():
        raise PackError(f"pack '{pack}' lacks its file {name}")
    if path.stat().st_size > MAX_WEIGHTS_BYTES:
        raise PackError(f"pack '{pack}': {name} is larger than {MAX_WEIGHTS_BYTES // 2**20} MB")
    return path


@dataclass(frozen=True)
class Pack:
    """A loaded pack that redraws pictures; one that draws avatars is an `AvatarPack`.

    Attributes:
        name: as it is typed.
        folder: where its files are.
        title, description, licence: for people.
        components: by name; a picture pack has "renderer", and "encoder" if it takes reference pictures.
        styles: by name, the default first.
        working_size: long side at which its strokes look best, pixels; None where it draws at the photo's own size.
        training: how it was made: command, seed, threads, versions.
    """

    name: str
    folder: Path
    title: str
    description: str
    licence: str
    components: dict[str, Component]
    styles: dict[str, Style]
    working_size: int | None = DEFAULT_WORKING_SIZE
    training: dict[str, Any] = field(default_factory=dict)

    def style(self, name: str | None = None) -> Style:
        """The style called `name`, a mix such as `cartoon:0.6,oil:0.4`, or the pack's first style.

        Raises:
            PackError: the pack lacks a style; the message lists those it has, and names a shipped pack that has it.
            MixError: as for `parse_mix`.
        """
        if name is None:
            return next(iter(self.styles.values()))
        weights = parse_mix(name)
        if not weights.keys() <= self.styles.keys():
            from edgestyle.packs.choosing import unknown_style  # it loads packs, and so needs this file first

            raise unknown_style(self, weights)
        return mix_styles(self.styles, weights)

    @property
    def filters(self) -> frozenset[str]:
        """Styles that learned from edgestyle's filter of the same name, as the record of the training says."""
        words = str(self.training.get("command", "")).split()
        return frozenset(name for option, name in itertools.pairwise(words) if option == "--teacher")

    def file(self, name: str) -> Path:
        """A file of the pack; errors as for `find_file`."""
        return find_file(self.name, self.folder, name)

    @cached_property
    def renderer(self) -> Runner:
        """The pack's renderer on ONNX Runtime, opened once."""
        from edgestyle.runtime.onnx import OnnxRunner

        path = self.file(self.components["renderer"].onnx)
        return OnnxRunner(path, many_pixels=self.working_size is None)

    @property
    def encodes(self) -> bool:
        """Whether it has an encoder, and so takes the look of a reference picture."""
        return "encoder" in self.components

    @property
    def recolours(self) -> bool:
        """Whether it changes colours pixel by pixel, and draws no marks."""
        return self.components["renderer"].model == "colour"

    @cached_property
    def encoder(self) -> EncoderRunner:
        """The pack's encoder on ONNX Runtime, opened once. Raises PackError where it has none, naming packs that do."""
        if not self.encodes:
            from edgestyle.packs.choosing import no_encoder

            raise no_encoder(self)
        return open_encoder(self.file(self.components["encoder"].onnx))

    def encode(self, reference: "Image.Image | Pixels | Picture") -> Style:
        """The look of a reference picture as a style; runs without torch.

        >>> pack.stylize(photo, pack.encode(mood), 0.6)

        Args:
            reference: a Pillow image, an array `uint8 [H,W,3]` of sRGB pixels or a decoded picture, of any size and
                shape. All of it counts, what is transparent as white.

        Returns:
            A style called "reference", with the default strength and detail of the pack's first style.

        Raises:
            PackError: the pack has no encoder, or a damaged one.
            ContractError: the array is no picture.
        """
        picture = reference if isinstance(reference, Picture) else as_picture(reference)
        vector = self.encoder.encode(reference_input(picture))
        if vector.shape != (1, len(self.style().vector)) or not np.isfinite(vector).all():
            raise PackError(f"pack '{self.name}' has a damaged encoder: it gives no vector of finite numbers")
        known = self.style()
        return Style(
            "reference", tuple(map(float, vector[0])), known.default_strength, "Reference", "", detail=known.detail
        )

    def stylize(
        self,
        image: PictureLike,
        style: str | Style | None = None,
        strength: float | None = None,
        working_size: int | Literal["full"] | None = None,
    ) -> PictureLike:
        """Stylize a picture; runs without torch.

        Args:
            image: a Pillow image, or an array `uint8 [H,W,3]` of sRGB pixels; any size.
            style: a name in `styles`, a mix such as `cartoon:0.6,oil:0.4` or a style of this pack, such as `encode`
                gives; the first style by default.
            strength: 0 gives the picture back, 1 is the full style; the style's own default by default.
            working_size: long side at which the network runs; "full" for the picture's, whatever memory that takes;
                the pack's own by default, which for a pack that draws at full size ends at 9 megapixels.

        Returns:
            The same kind of picture, of the same size; a Pillow image comes back as RGB, or RGBA if it had alpha.

        Raises:
            PackError: no such style, one of another pack, a mix that is none, or a damaged network.
            ContractError: the strength is no number from 0 to 1, or the array is no picture.
        """
        chosen = style if isinstance(style, Style) else self.style(style)
        if len(chosen.vector) != len(self.style().vector):
            raise PackError(f"style '{chosen.name}' is none of pack '{self.name}'s: its vector has another length")
        strength = check_strength(chosen.default_strength if strength is None else strength)

        def render(small: Floats) -> Floats:
            stylized = self.renderer.run(small, chosen.as_input(), strength)
            if not np.isfinite(stylized).all():
                raise PackError(f"pack '{self.name}' draws numbers that are not finite: its network is damaged")
            return stylized

        picture = as_picture(image)
        kept_detail = 1 - strength * (1 - chosen.detail)
        pixels = stylize_pixels(render, picture.pixels, self._size_for(picture.pixels, working_size), kept_detail)
        return like_original(Picture(pixels, picture.alpha), image)

    def _size_for(self, pixels: Pixels, wanted: int | Literal["full"] | None) -> int | None:
        """The long side to draw a picture at; None for its own."""
        if wanted == "full":
            return None
        return wanted or self.working_size or largest_size(pixels)
