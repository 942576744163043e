"""From a photo to a selfie: all steps, one after the other."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from edgestyle.arrays import Floats, Pixels
from edgestyle.contract import check_strength
from edgestyle.errors import FaceError
from edgestyle.images import Picture, as_picture, like_original, over_white, resize
from edgestyle.packs.choosing import choose_pack
from edgestyle.packs.pack import Pack, Style
from edgestyle.runtime.foreign import ForeignNetwork
from edgestyle.selfie.bolding import add_boldness, boldness
from edgestyle.selfie.composing import Background, Shape, check_size, compose, parse_background, parse_shape
from edgestyle.selfie.faces import NETWORKS, FaceFinder
from edgestyle.selfie.frames import Frame
from edgestyle.selfie.framing import frame_face, no_face
from edgestyle.selfie.landmarks import Face
from edgestyle.selfie.likeness import likeness_mask, make_milder
from edgestyle.selfie.matte import Matter
from edgestyle.selfie.recipe import RECIPE, Recipe

if TYPE_CHECKING:
    from PIL import Image


@dataclass(frozen=True)
class Look:
    """How a selfie is drawn.

    Attributes:
        style: of the pack; None for its first.
        strength: in [0,1].
        background: what is behind the person.
        shape: a circle, the whole square, or the person alone, trimmed.
        size: long side, pixels.
    """

    style: str | Style | None = None
    strength: float = RECIPE.composing.default_strength
    background: Background = field(default_factory=lambda: parse_background(RECIPE.composing.default_background))
    shape: Shape = RECIPE.composing.default_shape
    size: int = RECIPE.composing.default_size


class SelfieMaker:
    """All networks, opened once.

    Args:
        pack: whose renderer draws; None for the default one.
        threads: CPU threads of the networks that look at the photo; None is LiteRT's default.
        recipe: the numbers.
    """

    def __init__(self, pack: Pack | None = None, threads: int | None = 1, recipe: Recipe = RECIPE) -> None:
        self.pack, self.recipe = pack or choose_pack(None, None), recipe
        self._finder = FaceFinder(threads, recipe)
        self.matter = Matter(ForeignNetwork(NETWORKS / recipe.matting.network, threads), recipe.matting)

    def find_faces(self, photo: Pixels, thorough: bool = False) -> list[Face]:
        """Faces of `uint8 [H,W,3]`, largest first; see `FaceFinder.find`."""
        return self._finder.find(photo, thorough)

    def draw(self, photo: Pixels, face: Face, look: Look) -> Picture:
        """The selfie of one face of `uint8 [H,W,3]`: pixels, and alpha where something is transparent.

        Raises:
            FaceError: the face is too small, or cut by the photo's border, or nobody stands out from the background.
            PackError, ContractError: as for `Pack.stylize`.
        """
        height, width = photo.shape[:2]
        frame = frame_face(face, width, height, self.recipe.framing)
        side = max(look.size, self.recipe.framing.cut_side)
        cut, landmarks = frame.cut(photo, side), frame.from_photo(face.landmarks)
        stylized = self.stylize(cut, landmarks, look)
        if look.background.kind == "keep":
            whole = np.ones((side, side), np.float32)
            return compose(stylized, whole, look.background, look.shape, look.size, self.recipe)
        matte = self._check_person(self.matter.cut_out(photo, frame, cut, face.landmarks.mean(0)))
        return compose(stylized, matte, look.background, look.shape, look.size, self.recipe)

    def draw_whole(self, photo: Pixels, look: Look) -> Picture:
        """The same without a face: the middle square of `uint8 [H,W,3]`, or all of it for shape "none".

        Raises:
            FaceError: the background is to be taken away, and there is no person.
            PackError, ContractError: as for `Pack.stylize`.
        """
        height, width = photo.shape[:2]
        whole = look.shape == "none"
        side = max(look.size, self.recipe.framing.cut_side)
        cut = _fit(photo, side) if whole else Frame(width / 2, height / 2, min(width, height)).cut(photo, side)
        stylized = self._draw(cut, self._boldness(cut), look.style, look.strength)
        matte = np.ones(cut.shape[:2], np.float32)
        if look.background.kind != "keep":
            matte = self._check_person(self.matter.cut_out_whole(cut))
        return compose(stylized, matte, look.background, look.shape, look.size, self.recipe)

    def stylize(self, cut: Pixels, landmarks: Floats, look: Look) -> Pixels:
        """A square stylized, milder in eyes and mouth.

        Args:
            cut: `uint8 [S,S,3]`.
            landmarks: `[468,2]` as fractions of the square.
            look: style and strength.
        """
        added = self._boldness(cut)
        full = self._draw(cut, added, look.style, look.strength)
        mild = self._draw(cut, added, look.style, look.strength * self.recipe.likeness.mild)
        return make_milder(full, mild, likeness_mask(landmarks, len(cut), self.recipe.likeness))

    def _check_person(self, matte: Floats) -> Floats:
        if matte.mean() < self.recipe.matting.least_person:
            raise FaceError("no person in it to take from the background: give --background keep")
        return matte

    @property
    def flattens(self) -> bool:
        """Whether pictures are flattened before they are drawn: for strokes, unless they are a painter's."""
        return self.pack.working_size is not None and bool(self.pack.filters)

    @property
    def long_side(self) -> int | None:
        """At which long side the pack draws, pixels; None for the picture's own, where it has no strokes."""
        if self.pack.working_size is None:
            return None
        return self.recipe.bolding.working_side if self.flattens else self.recipe.bolding.painted_side

    def _boldness(self, cut: Pixels) -> Floats:
        """What is added before drawing."""
        return boldness(cut, self.recipe.bolding) if self.flattens else np.zeros((1, 1, 1), np.float32)

    def _draw(self, cut: Pixels, added: Floats, style: str | Style | None, strength: float) -> Pixels:
        """Packs with strokes draw at a size of their own and beyond the rim, others the picture as it is."""
        if self.long_side is None:
            return self.pack.stylize(cut, style, strength)
        bold, margin = add_boldness(cut, added, check_strength(strength)), self.recipe.bolding.margin
        rim = round(margin * max(cut.shape) / self.long_side)
        wide = np.pad(bold, ((rim, rim), (rim, rim), (0, 0)), mode="symmetric")
        stylized = self.pack.stylize(wide, style, strength, self.long_side + 2 * margin)
        return np.ascontiguousarray(stylized[rim : rim + cut.shape[0], rim : rim + cut.shape[1]])


def make_selfie(
    image: "Image.Image | Pixels",
    style: str | None = None,
    strength: float = RECIPE.composing.default_strength,
    background: str = RECIPE.composing.default_background,
    shape: str = RECIPE.composing.default_shape,
    size: int = RECIPE.composing.default_size,
    face: int = 1,
) -> "Image.Image":
    """Turn a photo of a person into a stylized selfie; runs without torch.

    Args:
        image: a Pillow image, or an array `uint8 [H,W,3]` of sRGB pixels; any size.
        style: a style of a shipped pack, or a mix; `atelier`'s first by default.
        strength: 0 leaves the person untouched, 1 is the full style.
        background: "transparent", "blur", "keep", or a colour such as "#ffd166".
        shape: "circle", "square", or "none" for the person alone, trimmed.
        size: long side of the result, pixels.
        face: which one, 1 is the largest.

    Returns:
        A Pillow image, RGBA where something is transparent, else RGB.

    Raises:
        FaceError: no face, one too small, one cut by the border, or fewer faces than `face`.
        PackError: no such style.
        ContractError: a number or word that is none of these, or the array is no picture.
    """
    from PIL import Image

    look = Look(style, check_strength(strength), parse_background(background), parse_shape(shape), check_size(size))
    photo = over_white(as_picture(image))
    maker = SelfieMaker(choose_pack(None, style))
    chosen = choose_face(maker.find_faces(photo, thorough=face > 1), face)
    return like_original(maker.draw(photo, chosen, look), Image.new("RGB", (1, 1)))


def choose_face(faces: list[Face], number: int) -> Face:
    """The face of that number, 1 for the largest. Raises FaceError where there is none."""
    if not faces:
        raise no_face()
    if not 1 <= number <= len(faces):
        counted = "1 face" if len(faces) == 1 else f"{len(faces)} faces"
        raise FaceError(f"there is no face {number}: {counted} in it, counted from 1, the largest")
    return faces[number - 1]


def _fit(photo: Pixels, long_side: int) -> Pixels:
    height, width = photo.shape[:2]
    scale = long_side / max(height, width)
    return resize(photo, max(1, round(width * scale)), max(1, round(height * scale)))
