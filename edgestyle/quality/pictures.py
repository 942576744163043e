"""Bring pictures to the size at which they are measured."""

from pathlib import Path

import torch
from torch import Tensor

from edgestyle.images import Pixels, middle_square, read_picture, resize, to_floats

SIDE = 384  # pixels; all feature distances are stated at this size


def centre_square(pixels: Pixels, side: int = SIDE) -> Tensor:
    """The largest square in the middle of `uint8 [H,W,3]`, resized: `float32 [1,3,side,side]` in [0,1]."""
    return torch.from_numpy(to_floats(resize(middle_square(pixels), side, side)))


def read_square(path: Path, side: int = SIDE) -> Tensor:
    """The middle of a picture file as `float32 [1,3,side,side]` in [0,1]. Raises PictureError if it is none."""
    return centre_square(read_picture(path).pixels, side)


def read_painting(path: Path) -> Tensor:
    """A whole painting with a short side of 384 pixels: `float32 [1,3,h,w]` in [0,1]. Raises PictureError."""
    pixels = read_picture(path).pixels
    height, width = pixels.shape[:2]
    scale = SIDE / min(height, width)
    return torch.from_numpy(to_floats(resize(pixels, round(width * scale), round(height * scale))))
