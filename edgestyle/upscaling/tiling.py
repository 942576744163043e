"""Large pictures in tiles of one size, with as much of the picture around each as its network looks at."""

import math
from collections.abc import Callable, Iterator

import numpy as np

from edgestyle.arrays import Floats, Pixels, to_floats, to_pixels

LARGEST_TILE = 256  # pixels a side of the small picture; the network then takes about 200 MB

Place = tuple[int, int]  # top and left
OnTile = Callable[[int, int], None]  # tiles done, and of how many


def enlarge_in_tiles(
    enlarge: Callable[[Floats], Floats],
    pixels: Pixels,
    factor: int,
    margin: int,
    largest: int = LARGEST_TILE,
    on_tile: OnTile | None = None,
) -> Pixels:
    """Enlarge `uint8 [H,W,3]` with a network that takes a tile at a time.

    Beyond the picture's border its outermost pixels are repeated.

    Args:
        enlarge: the network, `float32 [1,3,h,w]` in [0,1] to `[1,3,factor*h,factor*w]`.
        pixels: the picture.
        factor: how many times longer a side gets.
        margin: how far around a place the network looks; then no seam is seen, as there is none.
        largest: longest side of a tile, without its margin.
        on_tile: called after each.

    Returns:
        `uint8 [factor*H,factor*W,3]`.
    """
    height, width = pixels.shape[:2]
    places, (tall, wide) = lay_tiles(height, width, largest)
    enlarged = np.empty((factor * height, factor * width, 3), np.uint8)
    cut = slice(factor * margin, -factor * margin) if margin else slice(None)
    for number, (top, left) in enumerate(places, 1):
        tile = enlarge(to_floats(_around(pixels, top, left, tall, wide, margin)))
        rows, columns = slice(factor * top, factor * (top + tall)), slice(factor * left, factor * (left + wide))
        enlarged[rows, columns] = to_pixels(tile[..., cut, cut])
        if on_tile:
            on_tile(number, len(places))
    return enlarged


def lay_tiles(height: int, width: int, largest: int) -> tuple[list[Place], tuple[int, int]]:
    """Places of tiles that cover a picture, and the height and width that all have, so that memory stays the same.

    The last of a row or column may overlap the one before by a few pixels.
    """
    rows, columns = (list(_starts(side, largest)) for side in (height, width))
    size = (_length(height, largest), _length(width, largest))
    return [(top, left) for top in rows for left in columns], size


def _length(side: int, largest: int) -> int:
    return math.ceil(side / math.ceil(side / largest))


def _starts(side: int, largest: int) -> Iterator[int]:
    length = _length(side, largest)
    for start in range(0, side, length):
        yield min(start, side - length)


def _around(pixels: Pixels, top: int, left: int, height: int, width: int, margin: int) -> Pixels:
    """A tile with its margin, `uint8 [height+2*margin,width+2*margin,3]`."""
    rows = np.arange(top - margin, top + height + margin).clip(0, pixels.shape[0] - 1)
    columns = np.arange(left - margin, left + width + margin).clip(0, pixels.shape[1] - 1)
    return np.ascontiguousarray(pixels[rows[:, None], columns])
