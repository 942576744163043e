"""Squares in a photo, turned as they like, and the pictures inside them."""

import math
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from edgestyle.arrays import Floats, Pixels
from edgestyle.selfie.recipe import RESAMPLING, Outside


@dataclass(frozen=True)
class Frame:
    """A square in a photo.

    Attributes:
        x, y: its middle in pixels of the photo; (0, 0) is the corner of the first pixel, not its middle.
        side: pixels.
        angle: of its upper edge against the photo's, degrees, clockwise.
    """

    x: float
    y: float
    side: float
    angle: float = 0.0

    def to_photo(self, points: Floats) -> Floats:
        """Points `[N,2]` of the square, whose corners are (0,0) and (1,1), in pixels of the photo."""
        offset = (points - 0.5) * self.side
        return np.asarray(offset @ self._axes() + (self.x, self.y), np.float32)

    def from_photo(self, points: Floats) -> Floats:
        """The other way round."""
        return np.asarray((points - (self.x, self.y)) @ self._axes().T / self.side + 0.5, np.float32)

    def _axes(self) -> Floats:
        """The square's right and down as the photo's x and y, a row each."""
        cos, sin = math.cos(math.radians(self.angle)), math.sin(math.radians(self.angle))
        return np.array([[cos, sin], [-sin, cos]], np.float32)

    def cut(self, photo: Pixels, pixels: int, outside: Outside = RESAMPLING.outside) -> Pixels:
        """The square as `uint8 [pixels,pixels,3]`.

        What is made smaller is averaged first, by a whole number; then bicubic.

        Args:
            photo: `uint8 [H,W,3]`.
            pixels: of a side.
            outside: what is beyond the photo's edges.
        """
        corners = self.to_photo(np.array([[0, 0], [1, 0], [0, 1], [1, 1]], np.float32))
        left, top = (math.floor(value) - 4 for value in corners.min(0))
        right, bottom = (math.ceil(value) + 4 for value in corners.max(0))
        image = Image.fromarray(_cut_out(photo, left, top, right, bottom, outside))
        factor = max(1, int(self.side / pixels))
        if factor > 1:
            image = image.reduce(factor)
        inner = replace(self, x=(self.x - left) / factor, y=(self.y - top) / factor, side=self.side / factor)
        size, coefficients = (pixels, pixels), inner._coefficients(pixels)
        return np.asarray(image.transform(size, Image.Transform.AFFINE, coefficients, pillow_filter(RESAMPLING.cut)))

    @property
    def spread(self) -> float:
        """How many times its side the upright box round it is wide and high."""
        (cos, sin), _ = self._axes().tolist()
        return float(abs(cos) + abs(sin))

    def moved_inside(self, width: int, height: int) -> "Frame":
        """Moved, not turned, to lie in a photo of that size; to its middle where it is too large."""
        half = self.side * self.spread / 2
        return replace(self, x=_inside(self.x, half, width), y=_inside(self.y, half, height))

    def _coefficients(self, pixels: int) -> tuple[float, ...]:
        """Pillow's affine map from pixels of the cut to those of the photo."""
        scale = self.side / pixels
        (cos, sin), _ = self._axes().tolist()
        start_x, start_y = self.to_photo(np.zeros((1, 2), np.float32))[0].tolist()
        return (cos * scale, -sin * scale, start_x, sin * scale, cos * scale, start_y)


def pillow_filter(name: str) -> Image.Resampling:
    """Pillow's filter of a name in the recipe."""
    return Image.Resampling[name.upper()]


def _cut_out(photo: Pixels, left: int, top: int, right: int, bottom: int, outside: Outside) -> Pixels:
    """A rectangle that may reach beyond the photo."""
    height, width = photo.shape[:2]
    x0, y0 = min(max(left, 0), width - 1), min(max(top, 0), height - 1)
    x1, y1 = min(max(right, 1), width), min(max(bottom, 1), height)
    inside = photo[y0:y1, x0:x1]
    padding = ((y0 - top, bottom - y1), (x0 - left, right - x1))
    if not any(map(any, padding)):
        return np.ascontiguousarray(inside)
    return np.pad(inside, (*(tuple(max(0, n) for n in pair) for pair in padding), (0, 0)), mode=outside)


def _inside(middle: float, half: float, length: float) -> float:
    return length / 2 if 2 * half >= length else min(max(middle, half), length - half)
