"""Stylize pictures of any size: the network works small, the photo's own detail makes up the rest."""

import math
from collections.abc import Callable

import numpy as np

from edgestyle.contract import REFERENCE_SIDE, SIZE_MULTIPLE, SMALLEST_SIDE
from edgestyle.errors import ContractError
from edgestyle.images import (
    Floats,
    Picture,
    Pixels,
    average_to,
    fit,
    over_white,
    pad_to,
    resize,
    to_floats,
    to_pixels,
)

DEFAULT_WORKING_SIZE = 1024
MOST_PIXELS = 9_000_000  # that a pack which draws at full size draws at: 4096x2160, in about 1.5 GB
_STRIP_ROWS = 256


def stylize_pixels(
    render: Callable[[Floats], Floats], pixels: Pixels, working_size: int | None, kept_detail: float
) -> Pixels:
    """Stylize `uint8 [H,W,3]`.

    Strokes and lines have a size in pixels, so the network runs at a working size and a large photo looks like its
    preview. The result is enlarged and gets the photo's detail layer, `photo - enlarge(shrink(photo))`, times
    `kept_detail`. With an unchanged working picture and `kept_detail` 1 every pixel comes back exactly.

    Args:
        render: the network, `float32 [1,3,h,w]` in [0,1] to the same; sides are multiples of `SIZE_MULTIPLE`.
        pixels: the photo.
        working_size: long side the network works at; None for the photo's own.
        kept_detail: in [0,1].

    Returns:
        `uint8 [H,W,3]`.
    """
    if working_size is not None and working_size < SMALLEST_SIDE:
        raise ContractError(f"working size must be at least {SMALLEST_SIDE} pixels, not {working_size}")
    height, width = pixels.shape[:2]
    small = pixels if working_size is None else fit(pixels, working_size)
    stylized = _render_any_size(render, small)
    if small is pixels:
        return stylized
    enlarged = resize(stylized, width, height)
    if kept_detail == 0:
        return enlarged
    return _add_detail(enlarged, pixels, resize(small, width, height), kept_detail)


def largest_size(pixels: Pixels) -> int | None:
    """The long side at which `uint8 [H,W,3]` has no more than `MOST_PIXELS`; None where it has no more anyway."""
    height, width = pixels.shape[:2]
    if height * width <= MOST_PIXELS:
        return None
    return max(SMALLEST_SIDE, int(max(height, width) * math.sqrt(MOST_PIXELS / (height * width))))


def reference_input(picture: Picture) -> Floats:
    """A reference picture as encoders take it: all of it, over white, averaged to `float32 [1,3,256,256]` in [0,1]."""
    return to_floats(average_to(over_white(picture), REFERENCE_SIDE, REFERENCE_SIDE))


def _render_any_size(render: Callable[[Floats], Floats], pixels: Pixels) -> Pixels:
    height, width = pixels.shape[:2]
    padded = (max(SMALLEST_SIDE, side + -side % SIZE_MULTIPLE) for side in (height, width))
    stylized = render(pad_to(to_floats(pixels), *padded))
    return to_pixels(stylized[:, :, :height, :width])


def _add_detail(enlarged: Pixels, photo: Pixels, base: Pixels, amount: float) -> Pixels:
    """`enlarged + amount * (photo - base)`, a strip of rows at a time to keep memory low."""
    result = np.empty_like(enlarged)
    for top in range(0, len(photo), _STRIP_ROWS):
        rows = slice(top, top + _STRIP_ROWS)
        detail = photo[rows].astype(np.float32) - base[rows]
        result[rows] = np.clip(np.rint(enlarged[rows] + np.float32(amount) * detail), 0, 255).astype(np.uint8)
    return result
