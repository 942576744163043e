"""The guided filter: smooth one picture, but let it jump where another one does."""

import torch
import torch.nn.functional as F
from torch import Tensor


def guided_filter(guide: Tensor, image: Tensor, radius: int, epsilon: float, shrink: int = 1) -> Tensor:
    """Fit `image` in every window by a linear function of the colours of `guide`, and average the fits.

    He, Sun and Tang, "Guided Image Filtering", ECCV 2010, section 3.4 (colour guide). The fits may be made on pictures
    made smaller, and only then laid over the guide in full: He and Sun, "Fast Guided Filter", arXiv 1505.00996.
    Means are taken off before anything is multiplied, which changes nothing but the rounding.

    Args:
        guide: `[N,3,H,W]` in [0,1].
        image: `[N,C,H,W]`, any range.
        radius: of the square window in pixels, >= 0; windows are cut off at the border of the picture.
        epsilon: variance of the guide below which a window counts as flat and is averaged; > 0.
        shrink: how many times smaller the pictures are that are fitted, >= 1.

    Returns:
        `[N,C,H,W]`.
    """
    height, width = guide.shape[2:]
    middle, offset = guide.mean((2, 3), keepdim=True), image.mean((2, 3), keepdim=True)
    size = (max(1, round(height / shrink)), max(1, round(width / shrink)))
    small_guide = F.interpolate(guide - middle, size, mode="area")
    small_image = F.interpolate(image - offset, size, mode="area")
    fits = _fit(small_guide, small_image, max(1, round(radius / shrink)) if radius else 0, epsilon)
    large = F.interpolate(fits.flatten(1, 2), (height, width), mode="bilinear")
    fits = large.reshape(-1, 4, image.shape[1], height, width)
    slopes, intercept = fits[:, :3], fits[:, 3]
    return (slopes * (guide - middle).unsqueeze(2)).sum(1) + intercept + offset


def box_mean(image: Tensor, radius: int) -> Tensor:
    """The mean of `[N,C,H,W]` over squares of side `2 * radius + 1`, as far as they lie in the picture."""
    if radius <= 0:
        return image
    side = 2 * radius + 1
    rows = F.avg_pool2d(image, (1, side), 1, (0, radius), count_include_pad=False)
    return F.avg_pool2d(rows, (side, 1), 1, (radius, 0), count_include_pad=False)


def _fit(guide: Tensor, image: Tensor, radius: int, epsilon: float) -> Tensor:
    """The averaged fits `[N,4,C,H,W]`: three slopes, one for each colour of the guide, and an intercept."""
    mean_guide, mean_image = box_mean(guide, radius), box_mean(image, radius)
    covariance = _covariance(guide, guide, mean_guide, mean_guide, radius)
    shared = _covariance(guide, image, mean_guide, mean_image, radius)
    damped = covariance + epsilon * torch.eye(3, dtype=guide.dtype, device=guide.device)
    slopes = torch.linalg.solve(damped, shared).permute(0, 3, 4, 1, 2)
    intercept = mean_image - (slopes * mean_guide.unsqueeze(2)).sum(1)
    fits = torch.cat([slopes, intercept.unsqueeze(1)], 1)
    return box_mean(fits.flatten(1, 2), radius).reshape(fits.shape)


def _covariance(a: Tensor, b: Tensor, mean_a: Tensor, mean_b: Tensor, radius: int) -> Tensor:
    """How the channels of `a` and of `b` go together in every window: `[N,H,W,A,B]`."""
    products = a.unsqueeze(2) * b.unsqueeze(1)
    mean = box_mean(products.flatten(1, 2), radius).reshape(products.shape)
    return (mean - mean_a.unsqueeze(2) * mean_b.unsqueeze(1)).permute(0, 3, 4, 1, 2)
