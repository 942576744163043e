"""Grades: photographic looks drawn by formula, one pixel at a time. A student learns to see them and to draw them."""

import math
import random
from dataclasses import dataclass

import torch
from torch import Tensor

from edgestyle.teachers.colour import luma

Colour = tuple[float, float, float]
_NONE: Colour = (0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Grade:
    """What a colourist turns, in the order in which it is applied; the defaults leave a picture alone.

    Attributes:
        gains: by which red, green and blue are multiplied: exposure and white balance.
        gamma: power that values are raised to; below 1 is brighter.
        saturation: of the distance from grey.
        contrast: above 0 towards an S-curve (1: a smoothstep), below 0 towards middle grey (-1: flat).
        shadows, highlights: what is added to each channel where the picture is dark, or bright (split toning).
        black, white: what 0 and 1 become; a faded print has neither.
    """

    gains: Colour = (1.0, 1.0, 1.0)
    gamma: float = 1.0
    saturation: float = 1.0
    contrast: float = 0.0
    shadows: Colour = _NONE
    highlights: Colour = _NONE
    black: float = 0.0
    white: float = 1.0

    def apply(self, image: Tensor) -> Tensor:
        """Grade `[N,3,H,W]`, sRGB in [0,1]; the same shape and range comes back."""

        def channels(values: Colour) -> Tensor:
            return image.new_tensor(values).reshape(1, 3, 1, 1)

        graded = (image * channels(self.gains)).clamp(0, 1) ** self.gamma
        grey = luma(graded)
        graded = (grey + self.saturation * (graded - grey)).clamp(0, 1)
        curve = graded * graded * (3 - 2 * graded) if self.contrast > 0 else image.new_full((), 0.5)
        graded = graded.lerp(curve.expand_as(graded), abs(self.contrast))
        light = luma(graded)
        graded = graded + (1 - light) ** 2 * channels(self.shadows) + light**2 * channels(self.highlights)
        return (self.black + graded * (self.white - self.black)).clamp(0, 1)


GRADES = {
    "golden-hour": Grade((1.14, 0.98, 0.8), 0.92, 1.05, 0.05, (0.05, 0.0, 0.02), (0.08, 0.0, -0.07)),
    "blue-hour": Grade((0.72, 0.82, 1.04), 1.05, 0.85, 0.15, (-0.02, 0.0, 0.1), (0.06, 0.03, -0.02)),
    "noir": Grade((0.98, 0.98, 0.98), 1.1, 0.0, 0.9),
    "film": Grade((1.04, 1.0, 0.94), 0.95, 0.82, 0.3, (-0.01, 0.03, 0.05), (0.05, 0.02, -0.06), 0.07, 0.95),
    "teal-orange": Grade((1.02, 1.0, 1.0), 1.0, 1.0, 0.05, (-0.18, 0.06, 0.13), (0.16, 0.02, -0.16)),
    "pastel": Grade((1.08, 1.04, 1.06), 0.8, 0.7, -0.2, (0.06, 0.04, 0.1), (0.05, 0.0, 0.02), 0.14, 1.0),
    "high-key": Grade((1.12, 1.1, 1.1), 0.6, 0.75, 0.0, _NONE, (0.02, 0.01, 0.0), 0.06, 1.0),
    "sepia": Grade((1.0, 1.0, 1.0), 0.95, 0.0, 0.2, (0.16, 0.03, -0.11), (0.12, -0.01, -0.22), 0.05, 0.97),
    "moonlight": Grade((0.56, 0.65, 0.82), 1.15, 0.5, 0.1, (0.0, 0.01, 0.06), (0.0, 0.04, 0.1)),
    "bleach-bypass": Grade((1.0, 1.0, 1.0), 1.0, 0.35, 0.8, _NONE, (0.03, 0.02, 0.0)),
}


def draw_grade(rng: random.Random, amount: float = 1.0) -> Grade:
    """A random grade; one in eight is without colour before it is toned.

    Args:
        rng: what it is drawn from.
        amount: 0 always leaves a picture alone, 1 goes as far as `GRADES` do.
    """

    def around(centre: float, spread: float) -> float:
        return centre + amount * rng.uniform(-spread, spread)

    def colour(spread: float) -> Colour:
        return around(0, spread), around(0, spread / 2), around(0, spread)

    exposure, warmth, tint = around(1, 0.25), around(0, 0.22), around(0, 0.06)
    return Grade(
        gains=(exposure + warmth, exposure + tint, exposure - warmth),
        gamma=2.0 ** around(0, 0.6),
        saturation=0.0 if rng.random() < amount / 8 else around(0.95, 0.5),
        contrast=around(0.2, 0.6),
        shadows=colour(0.1),
        highlights=colour(0.12),
        black=max(0.0, around(0, 0.12)),
        white=min(1.0, around(1, 0.08)),
    )


def turn_hue(image: Tensor, degrees: float) -> Tensor:
    """Turn the colours of `[N,3,H,W]` round the axis of greys, clamped to [0,1]; 120 degrees make red green."""
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees)) / math.sqrt(3)
    even = (1 - cosine) / 3
    first = [cosine + even, even - sine, even + sine]
    rows = [first, [first[2], *first[:2]], [*first[1:], first[0]]]
    return torch.einsum("ij,njhw->nihw", image.new_tensor(rows), image).clamp(0, 1)
