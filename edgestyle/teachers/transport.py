"""Colour transport: move the colours of one picture onto those of another, as little as possible.

Pictures are `[N,3,H,W]`, sRGB in [0,1]; references `[N or 1,3,h,w]`. Results may leave [0,1] a little.
"""

import torch
from torch import Tensor

from edgestyle.teachers.whitening import matrix_power, statistics

LARGEST_GAIN = 4.0
QUANTILES = 64
STEEPEST = 1.2  # more turns smooth skies blotchy
ROTATIONS = 5  # likewise
_SAMPLES = 16384


def linear_transport(content: Tensor, reference: Tensor) -> Tensor:
    """Move mean and covariance of the colours by the linear map that moves colours least.

    Pitie and Kokaram, "The Linear Monge-Kantorovitch Linear Colour Mapping for Example-Based Colour Transfer", CVMP
    2007, section 3: `T = A^(-1/2) (A^(1/2) B A^(1/2))^(1/2) A^(-1/2)`. No direction is stretched more than
    `LARGEST_GAIN` times, or the noise of a grey photo would turn into colours.

    Args:
        content: `[N,3,H,W]`.
        reference: `[N or 1,3,h,w]`.

    Returns:
        `[N,3,H,W]`.
    """
    n, c, h, w = content.shape
    mean, covariance = statistics(content)
    target_mean, target_covariance = statistics(reference)
    root, inverse = matrix_power(covariance, 0.5), matrix_power(covariance, -0.5)
    matrix = inverse @ matrix_power(root @ target_covariance @ root, 0.5, smallest=0.0) @ inverse
    matrix = matrix_power(matrix, 1.0, smallest=0.0, largest=LARGEST_GAIN)
    offset = target_mean - matrix @ mean
    moved = matrix.to(content.dtype) @ content.reshape(n, c, h * w) + offset.to(content.dtype)
    return moved.reshape(n, c, h, w)


def sliced_transport(
    content: Tensor, reference: Tensor, seed: int = 0, rotations: int = ROTATIONS, steepest: float = STEEPEST
) -> Tensor:
    """Move the distribution of colours: match it along random axes, over and over.

    Pitie, Kokaram and Dahyot, "Automated Colour Grading Using Colour Distribution Transfer", CVIU 2007, section 3; one
    step descends the sliced Wasserstein distance along three directions (Bonneel et al., "Sliced and Radon Wasserstein
    Barycenters of Measures", JMIV 2015). Starting from `linear_transport` leaves the shape of the distribution only,
    and curves of bounded steepness tear no smooth sky into bands. The same seed gives the same result.

    Args:
        content: `[N,3,H,W]`.
        reference: `[N or 1,3,h,w]`.
        seed: of the axes.
        rotations: how often three new axes are taken, >= 0; the more, the nearer the reference.
        steepest: as in `match_quantiles`.

    Returns:
        `[N,3,H,W]`.
    """
    generator = torch.Generator().manual_seed(seed)
    moved = linear_transport(content, reference).flatten(2)
    target = _thinned(reference.flatten(2)).expand(content.shape[0], -1, -1)
    for _ in range(rotations):
        axes, _ = torch.linalg.qr(torch.randn(3, 3, generator=generator))
        axes = axes.to(moved)
        moved = axes.T @ match_quantiles(axes @ moved, axes @ target, steepest)
    return moved.reshape(content.shape)


def match_quantiles(values: Tensor, reference: Tensor, steepest: float) -> Tensor:
    """Bend every row of `[N,C,P]` by a rising curve until it is spread nearly as the same row of `[N,C,Q]`.

    The curve runs straight between `QUANTILES` + 1 quantiles and meets the reference's in the mean.

    Args:
        values: `[N,C,P]`.
        reference: `[N,C,Q]`.
        steepest: how much the curve may stretch values apart or press them together, >= 1.

    Returns:
        `[N,C,P]`.
    """
    levels = (torch.arange(QUANTILES + 1, device=values.device) / QUANTILES).to(values.dtype)
    knots, wanted = _quantiles(_thinned(values), levels), _quantiles(reference, levels)
    steps = knots.diff(dim=2).clamp_min(1e-6)
    rises = torch.minimum(torch.maximum(wanted.diff(dim=2), steps / steepest), steps * steepest)
    heights = torch.cat([torch.zeros_like(wanted[:, :, :1]), rises.cumsum(2)], 2)
    heights = heights + (wanted - heights).mean(2, keepdim=True)
    index = torch.searchsorted(knots, values.contiguous(), right=True).clamp(1, QUANTILES) - 1
    slopes = rises / steps
    return heights.gather(2, index) + slopes.gather(2, index) * (values - knots.gather(2, index))


def _thinned(values: Tensor) -> Tensor:
    """About `_SAMPLES` columns of `[N,C,P]`, evenly spaced."""
    return values[:, :, :: max(1, values.shape[2] // _SAMPLES)]


def _quantiles(values: Tensor, levels: Tensor) -> Tensor:
    """Quantiles `[N,C,L]` of the rows of `[N,C,P]`, interpolated between neighbours."""
    ordered = values.sort(2).values
    position = levels * (values.shape[2] - 1)
    below = position.long().clamp_max(values.shape[2] - 1)
    above = (below + 1).clamp_max(values.shape[2] - 1)
    return ordered[:, :, below].lerp(ordered[:, :, above], position - below)
