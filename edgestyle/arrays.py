"""Pictures as arrays, floats and pixels. It needs numpy alone, so that a small board can do without Pillow."""

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]


def to_floats(pixels: Pixels) -> Floats:
    """`uint8 [H,W,3]` to `float32 [1,3,H,W]` in [0,1]."""
    return np.ascontiguousarray(pixels.transpose(2, 0, 1)[None], dtype=np.float32) / np.float32(255)


def to_pixels(image: Floats) -> Pixels:
    """`float32 [1,3,H,W]` in [0,1] to `uint8 [H,W,3]`, rounded to the nearest level."""
    scaled = np.clip(image[0], 0, 1) * np.float32(255) + np.float32(0.5)
    return np.ascontiguousarray(scaled.astype(np.uint8).transpose(1, 2, 0))
