"""Where a face is drawn milder, so that one still knows who it is: a soft mask over eyes and mouth."""

import numpy as np
from PIL import Image, ImageDraw

from edgestyle.arrays import Floats, Pixels
from edgestyle.selfie.filters import brightness, gaussian
from edgestyle.selfie.recipe import LEFT_EYE, LIPS, RECIPE, RIGHT_EYE, Likeness


def likeness_mask(landmarks: Floats, side: int, recipe: Likeness = RECIPE.likeness) -> Floats:
    """How much milder each pixel is drawn: `float32 [side,side]`, 0 for not at all, 1 inside the eyes.

    Args:
        landmarks: `[468,2]`, x and y as fractions of the square.
        side: pixels.
        recipe: how mild, how wide and how soft.
    """
    right_eye, left_eye, lips = (landmarks[list(which)] for which in (RIGHT_EYE, LEFT_EYE, LIPS))
    eye_distance = float(np.linalg.norm(left_eye.mean(0) - right_eye.mean(0)))
    canvas = Image.new("L", (side * recipe.finer, side * recipe.finer))
    draw = ImageDraw.Draw(canvas)
    for outline, scale, amount in (
        (lips, recipe.mouth_scale, recipe.mouth),
        (right_eye, recipe.eye_scale, recipe.eyes),
        (left_eye, recipe.eye_scale, recipe.eyes),
    ):
        middle = (outline.min(0) + outline.max(0)) / 2
        corners = (middle + (outline - middle) * scale) * side * recipe.finer
        draw.polygon([tuple(corner) for corner in corners.tolist()], fill=round(255 * amount))
    mask = np.asarray(canvas.reduce(recipe.finer), np.float32)[..., None] / np.float32(255)
    return gaussian(mask, recipe.feather * eye_distance * side)[..., 0]


def make_milder(full: Pixels, mild: Pixels, mask: Floats) -> Pixels:
    """Give a picture the brightness of a milder one where the mask says so, and leave it its colours.

    Args:
        full, mild: `uint8 [S,S,3]`.
        mask: `[S,S]` in [0,1].
    """
    brighter = brightness(mild.astype(np.float32) - full) * mask[..., None]
    return np.clip(np.rint(full + brighter), 0, 255).astype(np.uint8)
