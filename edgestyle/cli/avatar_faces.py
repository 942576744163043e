"""Which face `edgestyle avatar` starts from, and what is done to it."""

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from edgestyle.contract import check_strength
from edgestyle.errors import ContractError
from edgestyle.images import Floats, Picture, Pixels, read_picture
from edgestyle.packs.avatar_mixing import mix_into, parse_parts
from edgestyle.packs.avatar_pack import AvatarPack, Face
from edgestyle.packs.kept_faces import read_face
from edgestyle.packs.seeds import parse_seed

if TYPE_CHECKING:
    from edgestyle.upscaling.enlarging import Upscaler


@dataclass(frozen=True)
class Start:
    """A face to start from, as it was typed: one of four, or none of them for seed 0."""

    seed: str | None = None
    name: str | None = None
    picture: Path | None = None
    kept: Path | None = None

    def check(self) -> None:
        """Raise ContractError where there are several."""
        said = {"--seed": self.seed, "--name": self.name, "--invert": self.picture, "--style": self.kept}
        if len(given := [option for option, value in said.items() if value is not None]) > 1:
            raise ContractError(f"{' and '.join(given)} each say which face: give one of them")


@dataclass(frozen=True)
class Drawing:
    """A face, and how faces are drawn.

    Attributes:
        pack: draws.
        vector: the face's style `float32 [D]`, with all that is mixed in.
        strength: of every face that is drawn.
        label: what the face is called in names of files.
        seed: of the face; None where it has none.
        parts: what is mixed into a face.
        upscaler: enlarges every face that is drawn; None leaves it as the pack draws it.
    """

    pack: AvatarPack
    vector: Floats
    strength: float
    label: str
    seed: int | None
    parts: Sequence[tuple[Face, float]]
    upscaler: "Upscaler | None" = None

    @property
    def size(self) -> int:
        """Side S of what `draw` gives, pixels."""
        return self.pack.size * (self.upscaler.factor if self.upscaler else 1)

    def draw(self, vector: Floats) -> Pixels:
        """Draw a style; every face of the command comes from here. `uint8 [S,S,3]`."""
        drawn = self.pack.draw(vector, self.strength)
        return self.upscaler.enlarge(Picture(drawn)).pixels if self.upscaler else drawn

    def mixed(self, face: Face) -> Floats:
        """The style of another face with the same mixed in."""
        return mix_into(self.pack, face, self.parts)


def choose_drawing(
    pack: AvatarPack, start: Start, mix: Sequence[str], strength: float | None, upscaler: "Upscaler | None" = None
) -> Drawing:
    """The face that the options say, drawn at its size or enlarged.

    Raises:
        ContractError: a seed or a strength is none, or several options say which face.
        MixError: a mix is none.
        PackError: there is no avatar of such a name, or the pack draws no pictures again.
        PictureError: the picture cannot be read.
        ArtifactError: no face was kept in the file, or one of another pack.
    """
    start.check()
    parts: list[tuple[Face, float]] = list(parse_parts(mix))
    face, default, label = _find(pack, start)
    strength = check_strength(default if strength is None else strength)
    mixed = "".join(f"-{face}x{share:g}" for face, share in parts)
    seed = face if isinstance(face, int) else None
    return Drawing(pack, mix_into(pack, face, parts), strength, f"{label}{mixed}", seed, parts, upscaler)


def _find(pack: AvatarPack, start: Start) -> tuple[Face, float, str]:
    """The face, the strength it is drawn at by default, and what to call it."""
    if start.picture is not None:
        return _invert(pack, start.picture), 1.0, start.picture.stem
    if start.kept is not None:
        return *read_face(pack, start.kept), start.kept.stem
    if start.name is not None:
        if start.name.isdecimal():
            raise ContractError(f"'{start.name}' is a seed and no name: --seed {start.name}")
        return start.name, pack.strength_of(start.name), start.name
    seed = parse_seed("0" if start.seed is None else start.seed)
    return seed, pack.default_strength, str(seed)


def _invert(pack: AvatarPack, path: Path) -> Floats:
    """The style of a picture; says how close it is drawn again, because any picture at all becomes some face."""
    pack.check_inverts()
    picture: Picture = read_picture(path)
    vector = pack.invert(picture)
    error = np.square(pack.draw(vector, 1.0) - pack.framed(picture).astype(np.float64)).mean()
    decibels = 20 * math.log10(255) - 10 * math.log10(error) if error else math.inf
    print(f"note: {path} drawn again is {decibels:.1f} dB from it", file=sys.stderr)
    return vector
