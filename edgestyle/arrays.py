"""Pictures as arrays, floats and pixels. It needs numpy alone, so that a small board can do without Pillow."""

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]


def to_floats(pixels: Pixels) -> Floats:
    """`uint8 [H,W,3]` to `float32 [1,3,H,W]` in [0,1]."""
    image = pixels.transpose(2, 0, 1)[None].astype(np.float32, order="C")
    image /= np.float32(255)  # in place, as below: large pictures take 100 MB a copy
    return image


def to_pixels(image: Floats) -> Pixels:
    """`float32 [1,3,H,W]` in [0,1] to `uint8 [H,W,3]`, rounded to the nearest level."""
    scaled = np.clip(image[0], 0, 1)
    scaled *= np.float32(255)
    scaled += np.float32(0.5)
    return np.ascontiguousarray(scaled.astype(np.uint8).transpose(1, 2, 0))
