"""Backgrounds and shapes: from a stylized square and a matte to pixels with alpha."""

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
from PIL import Image, ImageColor

from edgestyle.arrays import Floats, Pixels
from edgestyle.errors import ContractError
from edgestyle.images import Picture
from edgestyle.selfie.filters import box_mean, gaussian
from edgestyle.selfie.frames import pillow_filter
from edgestyle.selfie.matte import split_colours
from edgestyle.selfie.recipe import RECIPE, RESAMPLING, Recipe
from edgestyle.selfie.recipe import Shape as Shape

SHAPES: dict[str, Shape] = {"circle": "circle", "square": "square", "none": "none"}
Kind = Literal["transparent", "blur", "keep", "colour"]


@dataclass(frozen=True)
class Background:
    """What is behind the person.

    Attributes:
        kind: nothing, the stylized background blurred, the stylized background, or one colour.
        colour: sRGB, 0 to 255, of kind "colour".
    """

    kind: Kind = "transparent"
    colour: tuple[int, int, int] = (0, 0, 0)


_PLAIN = {"transparent": Background("transparent"), "blur": Background("blur"), "keep": Background("keep")}


def parse_background(text: str) -> Background:
    """ "transparent", "blur", "keep", "#ffd166" or a colour's name. Raises ContractError for anything else."""
    if text in _PLAIN:
        return _PLAIN[text]
    try:
        if not re.fullmatch(r"#[0-9a-fA-F]{3}|#[0-9a-fA-F]{6}|[a-zA-Z]+", text):
            raise ValueError
        return Background("colour", ImageColor.getrgb(text)[:3])
    except ValueError:
        known = "transparent, blur, keep, or a colour such as #ffd166 or gold"
        raise ContractError(f"'{text}' is no background: give {known}") from None


def parse_shape(text: str) -> Shape:
    """A known shape. Raises ContractError for anything else."""
    if text not in SHAPES:
        raise ContractError(f"'{text}' is no shape: give {', '.join(SHAPES)}")
    return SHAPES[text]


def check_size(size: int, recipe: Recipe = RECIPE) -> int:
    """Return a size that can be drawn; raise ContractError for any other."""
    low, high = recipe.composing.smallest_size, recipe.composing.largest_size
    if not low <= size <= high:
        raise ContractError(f"size must be {low} to {high} pixels, not {size}")
    return size


def compose(
    stylized: Pixels, matte: Floats, background: Background, shape: Shape, size: int, recipe: Recipe = RECIPE
) -> Picture:
    """Put a selfie together.

    Args:
        stylized: `uint8 [H,W,3]`.
        matte: `float32 [H,W]`, 1 for the person; not looked at where the background is kept.
        background: what is behind the person.
        shape: a circle, the whole square, or the person alone, trimmed.
        size: long side of the result, pixels.
        recipe: the numbers.

    Returns:
        Pixels, and alpha where something is transparent.
    """
    colours, alpha = _lay(stylized, matte, background, recipe)
    if shape == "circle":
        alpha = alpha * circle(*stylized.shape[:2])
    pixels = np.concatenate([np.clip(colours, 0, 1), alpha[..., None]], 2)
    image = Image.fromarray((pixels * 255 + 0.5).astype(np.uint8))
    if shape == "none" and background.kind == "transparent":
        image = image.crop(_visible(image, recipe.composing.trim_alpha))
    scale = size / max(image.size)
    target = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    result = np.asarray(image.resize(target, pillow_filter(RESAMPLING.result)))  # Pillow multiplies by alpha first
    opaque = background.kind != "transparent" and shape != "circle"
    return Picture(np.ascontiguousarray(result[..., :3]), None if opaque else np.ascontiguousarray(result[..., 3]))


def circle(height: int, width: int) -> Floats:
    """The largest circle in the middle: `float32 [height,width]`, 1 inside, with an edge one pixel soft."""
    y, x = (np.arange(length, dtype=np.float32) + 0.5 - length / 2 for length in (height, width))
    distance = np.sqrt(y[:, None] ** 2 + x[None] ** 2)
    return np.clip(min(height, width) / 2 - distance + 0.5, 0, 1)


def _lay(stylized: Pixels, matte: Floats, background: Background, recipe: Recipe) -> tuple[Floats, Floats]:
    """Colours `[H,W,3]` in [0,1] and alpha `[H,W]` before any shape."""
    picture: Floats = stylized.astype(np.float32) / np.float32(255)
    solid: Floats = np.ones(matte.shape[:2], np.float32)
    if background.kind == "keep":
        return picture, solid
    person, rest = split_colours(picture, matte, recipe.matting)
    if background.kind == "transparent":
        return person, matte
    if background.kind == "colour":
        behind = np.broadcast_to(np.array(background.colour, np.float32) / np.float32(255), person.shape)
    else:
        behind = _blurred(rest, matte, recipe)
    return np.asarray(person * matte[..., None] + behind * (1 - matte[..., None]), np.float32), solid


def _blurred(rest: Floats, matte: Floats, recipe: Recipe) -> Floats:
    """The background blurred without the person and what is close to them, which would shine round the edge."""
    side = max(matte.shape)
    near = box_mean(matte[..., None], max(1, round(recipe.composing.blur_away * side)))
    weights = np.clip(1 - recipe.composing.blur_steep * near, 0, 1)
    sigma = recipe.composing.blur * side
    return gaussian(rest * weights, sigma) / (gaussian(weights, sigma) + recipe.matting.least_weight)


def _visible(image: Image.Image, least: int) -> tuple[int, int, int, int]:
    """The box of what is not transparent; all of it where nothing is visible."""
    return image.getchannel("A").point(lambda value: 255 * (value >= least)).getbbox() or (0, 0, *image.size)
