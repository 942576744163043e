"""Adaptive augmentation: the adversary sees pictures moved and recoloured, so that it cannot learn them by heart.

After Karras et al., "Training Generative Adversarial Networks with Limited Data", NeurIPS 2020: each change happens
with probability p, below 1, so that what is drawn need not look changed; p follows a measure of overfitting. All
changes let gradients through. Pictures are `[N,3,S,S]` in [0,1].
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

_LARGEST_SHIFT = 0.125  # of a side
_SPREAD_OF_SIZE = 0.2  # as a power of 2
_SPREAD_OF_ANGLE = 0.15  # of pi
_LUMA = (0.299, 0.587, 0.114)


def augment(image: Tensor, probability: float) -> Tensor:
    """Change pictures at random, each in each way with `probability`; at 0 they come back as they are."""
    if probability <= 0:
        return image
    return _cut_out(_recolour(_move(image, probability), probability), probability)


def _chosen(count: int, probability: float) -> Tensor:
    return (torch.rand(count) < probability).float()


def _move(image: Tensor, probability: float) -> Tensor:
    """Mirror, shift, enlarge, turn: one resampling for all, the edges repeated outwards."""
    count = len(image)
    mirror = 1 - 2 * _chosen(count, probability / 2)
    size = 2 ** (_SPREAD_OF_SIZE * torch.randn(count) * _chosen(count, probability))
    angle = math.pi * _SPREAD_OF_ANGLE * torch.randn(count) * _chosen(count, probability)
    shift = (4 * torch.rand(count, 2) - 2) * _LARGEST_SHIFT * _chosen(count, probability)[:, None]
    cosine, sine = size * angle.cos(), size * angle.sin()
    rows = [torch.stack([mirror * cosine, -sine, shift[:, 0]], 1), torch.stack([mirror * sine, cosine, shift[:, 1]], 1)]
    grid = F.affine_grid(torch.stack(rows, 1).to(image.device), list(image.shape), align_corners=False)
    return F.grid_sample(image, grid, padding_mode="border", align_corners=False)


def _recolour(image: Tensor, probability: float) -> Tensor:
    """Brightness, contrast, saturation."""
    brightness, contrast, saturation = (
        (torch.randn(len(image)) * _chosen(len(image), probability)).reshape(-1, 1, 1, 1).to(image.device)
        for _ in range(3)
    )
    image = image + 0.2 * brightness
    image = 0.5 + (image - 0.5) * 2 ** (0.5 * contrast)
    grey = (image * image.new_tensor(_LUMA).reshape(1, 3, 1, 1)).sum(1, keepdim=True)
    return grey + (image - grey) * 2**saturation


def _cut_out(image: Tensor, probability: float) -> Tensor:
    """Grey out a square of half the side somewhere."""
    count, side = len(image), image.shape[-1]
    place = (torch.arange(side) + 0.5) / side
    rows, columns = (((place - torch.rand(count, 1)).abs() < 0.25).float() for _ in range(2))
    hole = rows[:, :, None] * columns[:, None, :] * (0.5 * _chosen(count, probability)).ceil()[:, None, None]
    hole = hole[:, None].to(image.device)
    return image * (1 - hole) + 0.5 * hole


def adapt(probability: float, overfitting: float, target: float, seen: int, pace: int = 500_000) -> float:
    """The next probability.

    Args:
        probability: now.
        overfitting: mean sign of the adversary's scores for the data's pictures (r_t in the paper): 0 if it cannot
            tell them, 1 if it knows each by heart.
        target: what that should be; 0.6 in the paper.
        seen: pictures since the last adaption.
        pace: pictures in which the probability may go from 0 to 1.
    """
    step = math.copysign(seen / pace, overfitting - target)
    return min(max(probability + step, 0.0), 0.8)
