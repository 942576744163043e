"""Which square of the photo is drawn: level with the eyes, with room above the head, inside the photo if it fits."""

from dataclasses import replace

import numpy as np

from edgestyle.arrays import Floats
from edgestyle.errors import FaceError
from edgestyle.selfie.frames import Frame
from edgestyle.selfie.landmarks import Face
from edgestyle.selfie.recipe import RECIPE, Framing

_INSTEAD = "--no-face stylizes the whole picture"


def frame_face(face: Face, width: int, height: int, recipe: Framing = RECIPE.framing) -> Frame:
    """The square round a face.

    Args:
        face: found in a photo of `width` x `height`.
        width, height: pixels.
        recipe: the numbers.

    Raises:
        FaceError: the face is too small, or cut by the photo's border.
    """
    check_face(face, width, height, recipe)
    middle, (_, tall) = face.level_oval()
    level = Frame(float(middle[0]), float(middle[1]), recipe.side * float(tall), face.angle)
    side = max(min(level.side, min(width, height) / level.spread), recipe.smallest_side * float(tall))
    # where the photo ends too soon for the whole square, room above the head goes with the rest
    above = level.to_photo(np.array([[0.5, 0.5 - recipe.head_room * side / level.side**2 * tall]], np.float32))[0]
    inside = Frame(float(above[0]), float(above[1]), side, face.angle).moved_inside(width, height)
    return _holding(inside, face.oval, recipe.margin)


def _holding(frame: Frame, points: Floats, margin: float) -> Frame:
    """Moved so that points of the photo lie inside, at least `margin` of the side from its edges.

    The upright box round a tilted square is what fits into a photo, and can leave a face at the side of it out.
    """
    places = frame.from_photo(points)
    least, most = places.min(0) - margin, places.max(0) + margin
    moved = 0.5 + np.minimum(least, 0) + np.maximum(most - 1, 0)
    x, y = frame.to_photo(moved[None])[0]
    return replace(frame, x=float(x), y=float(y))


def check_face(face: Face, width: int, height: int, recipe: Framing = RECIPE.framing) -> None:
    """Raise FaceError where a face of a photo of that size cannot be drawn."""
    _, (wide, tall) = face.level_oval()
    if wide < recipe.smallest_face_px:
        least = f"{recipe.smallest_face_px} are the least"
        raise FaceError(f"the face is {wide:.0f} pixels wide, and {least}: take a larger photo; {_INSTEAD}")
    beyond = max(float(-face.oval.min()), float((face.oval - (width, height)).max()))
    if beyond > recipe.outside * tall:
        raise FaceError(f"the face is cut by the photo's border: take one with all of it; {_INSTEAD}")


def no_face() -> FaceError:
    """The error for a photo without a face."""
    return FaceError(f"no face in it; {_INSTEAD}")
