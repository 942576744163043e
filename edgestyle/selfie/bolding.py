"""Bold strokes: a picture is flattened and given contrast before it is drawn, and drawn small."""

import numpy as np

from edgestyle.arrays import Floats, Pixels
from edgestyle.images import fit
from edgestyle.selfie.filters import box_mean, brightness, guided_filter, resize_floats
from edgestyle.selfie.recipe import RECIPE, Bolding


def boldness(picture: Pixels, recipe: Bolding = RECIPE.bolding) -> Floats:
    """What is added to a picture, times the strength, before it is drawn: `float32 [H,W,3]`, in levels of 8 bits.

    Args:
        picture: `uint8 [H,W,3]`.
        recipe: how flat, and how much contrast.
    """
    small: Floats = fit(picture, recipe.working_side).astype(np.float32) / np.float32(255)
    flat = flatten(small, recipe)
    flat += np.float32(recipe.texture) * (small - flat)
    bold = np.clip(flat + recipe.contrast * (brightness(flat) - _base(flat, recipe)), 0, 1)
    return resize_floats((bold - small) * np.float32(255), picture.shape[1], picture.shape[0])


def add_boldness(picture: Pixels, added: Floats, strength: float) -> Pixels:
    """`uint8 [H,W,3]` with what `boldness` gives, times the strength; with strength 0 the picture itself."""
    return np.clip(np.rint(picture + np.float32(strength) * added), 0, 255).astype(np.uint8)


def flatten(picture: Floats, recipe: Bolding = RECIPE.bolding) -> Floats:
    """Flat patches with crisp edges of `[H,W,3]` in [0,1]: of four squares at each pixel, the even ones count.

    Kuwahara et al. 1976, weighted as in Papari, Petkov and Campisi, "Artistic Edge and Corner Enhancing Smoothing",
    IEEE Transactions on Image Processing 16(10), 2007.
    """
    height, width = picture.shape[:2]
    radius, rim = recipe.radius, (2 * recipe.radius, 2 * recipe.radius)
    squares = np.concatenate([picture, brightness(picture) ** 2], 2)
    means = box_mean(np.pad(squares, (rim, rim, (0, 0)), mode="edge"), radius)
    total, weights = np.zeros_like(picture), np.zeros_like(picture[..., :1])
    for top in (radius, 3 * radius):
        for left in (radius, 3 * radius):
            square = means[top : top + height, left : left + width]
            variance = np.maximum(square[..., 3:] - brightness(square[..., :3]) ** 2, 0)
            weight = (variance + np.float32(recipe.floor)) ** np.float32(-recipe.sharpness)
            total += weight * square[..., :3]
            weights += weight
    return np.asarray(total / weights, np.float32)


def _base(picture: Floats, recipe: Bolding) -> Floats:
    """The brightness `[H,W,1]` without what is smaller than the filter's radius, but with its edges."""
    values, radius = brightness(picture), max(1, round(recipe.base_radius * recipe.base_side))
    return guided_filter(values.repeat(3, 2), values, radius, recipe.base_epsilon, recipe.base_side)
