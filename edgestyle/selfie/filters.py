"""Filters on arrays `float32 [H,W,C]`: box mean, Gaussian, guided filter, resizing. NumPy and Pillow alone."""

import numpy as np
from PIL import Image

from edgestyle.arrays import Floats
from edgestyle.selfie.frames import pillow_filter
from edgestyle.selfie.recipe import BRIGHTNESS, GAUSSIAN_BOXES, RESAMPLING

_PAIRS = ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2))  # of colours, as the covariance has them


def brightness(values: Floats) -> Floats:
    """The brightness `[H,W,1]` of `[H,W,3]`."""
    return np.asarray((values * np.array(BRIGHTNESS, np.float32)).sum(2, keepdims=True), np.float32)


def box_mean(values: Floats, radius: int) -> Floats:
    """The mean of `[H,W,C]` over squares of side `2 * radius + 1`, as far as they lie in the picture."""
    return _running_mean(_running_mean(values, radius, 0), radius, 1)


def gaussian(values: Floats, sigma: float) -> Floats:
    """A Gaussian over `[H,W,C]`, as box means that together have its variance (Wells 1986)."""
    radius = round((np.sqrt(12 / GAUSSIAN_BOXES * sigma**2 + 1) - 1) / 2)
    for _ in range(GAUSSIAN_BOXES):
        values = box_mean(values, radius)
    return values


def resize_floats(values: Floats, width: int, height: int) -> Floats:
    """Bilinear to `[height,width,C]`; what becomes smaller is averaged."""
    if values.shape[:2] == (height, width):
        return values
    size, kind = (width, height), pillow_filter(RESAMPLING.masks)
    planes = [np.asarray(Image.fromarray(plane).resize(size, kind)) for plane in np.moveaxis(values, 2, 0)]
    return np.stack(planes, 2)


def guided_filter(guide: Floats, values: Floats, radius: int, epsilon: float, fit_side: int) -> Floats:
    """Fit `values` in every window by a linear function of the guide's colours, and average the fits.

    He, Sun and Tang, "Guided Image Filtering", ECCV 2010, section 3.4; fitted on pictures made smaller, and only then
    laid over the guide in full: He and Sun, "Fast Guided Filter", arXiv 1505.00996.

    Args:
        guide: `[H,W,3]` in [0,1].
        values: `[h,w,1]`, of any size.
        radius: of the window, pixels of the pictures that are fitted.
        epsilon: variance of the guide below which a window counts as flat.
        fit_side: long side of the pictures that are fitted, pixels.

    Returns:
        `[H,W,1]`.
    """
    height, width = guide.shape[:2]
    scale = min(1.0, fit_side / max(height, width))
    small = (max(1, round(width * scale)), max(1, round(height * scale)))
    fits = _fit(resize_floats(guide, *small), resize_floats(values, *small), radius, epsilon)
    fits = resize_floats(box_mean(fits, radius), width, height)
    return np.asarray((fits[..., :3] * guide).sum(2, keepdims=True) + fits[..., 3:], np.float32)


def _fit(guide: Floats, values: Floats, radius: int, epsilon: float) -> Floats:
    """The fits `[h,w,4]`: three slopes and an intercept."""
    products = np.stack([guide[..., i] * guide[..., j] for i, j in _PAIRS], 2)
    means = box_mean(np.concatenate([guide, values, products, guide * values], 2), radius)
    mean, mean_values, means = means[..., :3], means[..., 3:4], means[..., 4:]
    a, b, c, d, e, f = (means[..., n] - mean[..., i] * mean[..., j] for n, (i, j) in enumerate(_PAIRS))
    a, d, f = a + epsilon, d + epsilon, f + epsilon
    shared = means[..., 6:] - mean * mean_values
    inverse = (d * f - e * e, c * e - b * f, b * e - c * d, a * f - c * c, b * c - a * e, a * d - b * b)  # cofactors
    determinant = a * inverse[0] + b * inverse[1] + c * inverse[2]
    rows = ((0, 1, 2), (1, 3, 4), (2, 4, 5))
    slopes = np.stack([sum(inverse[n] * shared[..., k] for k, n in enumerate(row)) / determinant for row in rows], 2)
    intercept = mean_values - (slopes * mean).sum(2, keepdims=True)
    return np.concatenate([slopes, intercept], 2).astype(np.float32)


def _running_mean(values: Floats, radius: int, axis: int) -> Floats:
    length = values.shape[axis]
    sums = np.cumsum(values, axis=axis, dtype=np.float64)
    sums = np.concatenate([np.zeros_like(np.take(sums, [0], axis)), sums], axis)
    places = np.arange(length)
    ends, starts = np.minimum(places + radius + 1, length), np.maximum(places - radius, 0)
    counts = (ends - starts).reshape([-1 if dimension == axis else 1 for dimension in range(values.ndim)])
    return np.asarray((np.take(sums, ends, axis) - np.take(sums, starts, axis)) / counts, np.float32)
