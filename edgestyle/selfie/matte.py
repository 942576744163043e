"""The person's matte: which pixels are the person, and the colours of person and background near the edge."""

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from edgestyle.arrays import Floats, Pixels
from edgestyle.images import average_to
from edgestyle.runtime.foreign import ForeignNetwork
from edgestyle.selfie.filters import box_mean, gaussian, guided_filter, resize_floats
from edgestyle.selfie.frames import Frame, pillow_filter
from edgestyle.selfie.recipe import RECIPE, RESAMPLING, Matting


class Matter:
    """Selfie segmentation, opened.

    Args:
        network: the `.tflite` file.
        recipe: the numbers.
    """

    def __init__(self, network: ForeignNetwork, recipe: Matting = RECIPE.matting) -> None:
        self._network, self._recipe = network, recipe

    def cut_out(self, photo: Pixels, frame: Frame, picture: Pixels, seed: Floats) -> Floats:
        """The matte of a square of a photo: `float32 [S,S]`, 1 for the person.

        Args:
            photo: `uint8 [H,W,3]`.
            frame: the square.
            picture: what is in it, `uint8 [S,S,3]`.
            seed: a point of the person `[2]` in pixels of the photo; what does not hang together with it is left out.
        """
        height, width = photo.shape[:2]
        wide = [self._with_context(frame, context, width, height) for context in self._recipe.contexts]
        mask = np.mean([self._look_at(photo, frame, square) for square in wide], axis=0)
        point = frame.from_photo(seed[None])[0]
        matte = self._refine(picture, without_islands(mask, point, self._recipe))
        return without_islands(matte, point, self._recipe)  # filters may have left specks

    def cut_out_whole(self, picture: Pixels) -> Floats:
        """The matte of a whole picture `uint8 [H,W,3]`: `float32 [H,W]`, 1 for people."""
        side = self._recipe.input_side
        return self._refine(picture, self._look(average_to(picture, side, side)))

    def _with_context(self, frame: Frame, context: float, width: int, height: int) -> Frame:
        """A square that the network looks at: wider and lower, but no further than a photo of that size goes."""
        scale = min(max(1.0, min(width, height) / frame.spread / frame.side), context)
        down = self._recipe.context_down * (scale - 1)
        lower = frame.to_photo(np.array([[0.5, 0.5 + down]], np.float32))[0]
        wide = replace(frame, x=float(lower[0]), y=float(lower[1]), side=frame.side * scale)
        return wide.moved_inside(width, height)

    def _look_at(self, photo: Pixels, frame: Frame, wide: Frame) -> Floats:
        """What the network makes of the wide square, of which the frame's part is taken: `[S,S]` in [0,1]."""
        side = self._recipe.input_side
        corner, scale = wide.from_photo(frame.to_photo(np.zeros((1, 2), np.float32)))[0], frame.side / wide.side
        box = np.asarray((*corner, *(corner + scale)), np.float32) * side
        return crop_mask(self._look(wide.cut(photo, side)), box)

    def _look(self, small: Pixels) -> Floats:
        """The mean of what the network makes of a picture of its own size and of its mirror image: `[S,S]` in [0,1]."""
        masks = []
        for turned in (small, np.ascontiguousarray(small[:, ::-1])):
            (rough,) = self._network.run(turned, self._recipe.input_range).values()
            masks.append(rough[0, ..., 0])
        return np.asarray((masks[0] + masks[1][:, ::-1]) / 2, np.float32)

    def _refine(self, picture: Pixels, mask: Floats) -> Floats:
        """Draw the mask's edge where the picture has one, and smoothly."""
        recipe, guide = self._recipe, picture.astype(np.float32) / np.float32(255)
        height, width = picture.shape[:2]
        long_side = max(height, width)
        scale = min(1.0, recipe.fit_side / long_side)
        small = resize_floats(guide, max(1, round(width * scale)), max(1, round(height * scale)))
        matte = mask[..., None]
        for number, step in enumerate(recipe.passes, 1):
            onto = guide if number == len(recipe.passes) else small  # only the last is drawn in full
            radius = max(1, round(step.radius * recipe.fit_side))
            matte = guided_filter(onto, matte, radius, step.epsilon, recipe.fit_side)
            matte = smooth_step((matte - step.low) / (step.high - step.low))
        matte = gaussian(matte, recipe.softening * long_side)[..., 0]
        half = recipe.edge_half / max(1.0, long_side / recipe.edge_side)
        return smooth_step((matte - recipe.edge_middle + half) / (2 * half))


def crop_mask(mask: Floats, box: Floats) -> Floats:
    """A part of `[S,S]`, left, top, right and bottom in its pixels, at its size; outside, its edges go on."""
    side = len(mask)
    beyond = math.ceil(max(0.0, float(-box.min()), float(box.max() - side)))
    padded, inner = np.pad(mask, beyond, mode="edge"), tuple((box + beyond).tolist())
    return np.asarray(Image.fromarray(padded).resize((side, side), pillow_filter(RESAMPLING.masks), inner))


def smooth_step(values: Floats) -> Floats:
    """0 below 0, 1 above 1, and `3 v^2 - 2 v^3` between."""
    values = np.clip(values, 0, 1)
    return np.asarray(values * values * (3 - 2 * values), np.float32)


def without_islands(mask: Floats, point: Floats, recipe: Matting = RECIPE.matting) -> Floats:
    """A mask `[S,S]` without what does not hang together with a point `[2]`, x and y as fractions of it."""
    side = recipe.input_side
    small = resize_floats(mask[..., None], side, side)[..., 0]
    x, y = np.clip(point * side, 0, side - 1).astype(int).tolist()
    part = connected(small > recipe.least, x, y)
    near = box_mean(part[..., None].astype(np.float32), 1) > 0  # soft edges reach a little further
    return mask * resize_floats(near.astype(np.float32), len(mask), len(mask))[..., 0]


def connected(mask: NDArray[np.bool_], x: int, y: int) -> NDArray[np.bool_]:
    """The part of a mask `bool [H,W]` that hangs together with a pixel; all of it where that pixel is not in it."""
    if not mask[y, x]:
        return mask
    part = np.zeros_like(mask)
    part[y, x] = True
    while True:
        grown = part.copy()
        for _ in range(8):
            wide = grown.copy()
            wide[1:] |= grown[:-1]
            wide[:-1] |= grown[1:]
            wide[:, 1:] |= grown[:, :-1]
            wide[:, :-1] |= grown[:, 1:]
            grown = wide & mask
        if (grown == part).all():
            return part
        part = grown


def split_colours(picture: Floats, matte: Floats, recipe: Matting = RECIPE.matting) -> tuple[Floats, Floats]:
    """What the person's and the background's own colours are where both shine through a pixel.

    Forte, "Approximate Fast Foreground Colour Estimation", ICIP 2021 (arXiv 2006.14970): averages weighted with the
    matte, corrected by what is left of the picture; twice, from wide to narrow.

    Args:
        picture: `[H,W,3]` in [0,1].
        matte: `[H,W]` in [0,1].
        recipe: the radii.

    Returns:
        Both as `[H,W,3]` in [0,1].
    """
    height, width = picture.shape[:2]
    scale = min(1.0, recipe.colour_side / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    alpha, small_alpha = matte[..., None], resize_floats(matte[..., None], *size)
    small = resize_floats(picture, *size)
    person, rest = small, small
    for share in recipe.blur:
        radius = max(1, round(share * max(size)))
        person_mean = _weighted_mean(person, small_alpha, radius, recipe.least_weight)
        rest_mean = _weighted_mean(rest, 1 - small_alpha, radius, recipe.least_weight)
        left_over = small - small_alpha * person_mean - (1 - small_alpha) * rest_mean
        person = np.clip(person_mean + small_alpha * left_over, 0, 1)
        rest = np.clip(rest_mean + (1 - small_alpha) * left_over, 0, 1)
    person_mean, rest_mean = resize_floats(person_mean, width, height), resize_floats(rest_mean, width, height)
    left_over = picture - alpha * person_mean - (1 - alpha) * rest_mean
    return np.clip(person_mean + alpha * left_over, 0, 1), np.clip(rest_mean + (1 - alpha) * left_over, 0, 1)


def _weighted_mean(values: Floats, weights: Floats, radius: int, least: float) -> Floats:
    return box_mean(values * weights, radius) / (box_mean(weights, radius) + least)
