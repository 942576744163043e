"""Whitening and colouring: give one set of vectors the mean and covariance of another.

Li et al., "Universal Style Transfer via Feature Transforms", NeurIPS 2017, section 3.2.
"""

import math

import torch
from torch import Tensor

SMALLEST_EIGENVALUE = 1e-5


def move_statistics(features: Tensor, reference: Tensor) -> Tensor:
    """Give `features` the mean and, nearly, the covariance of `reference`.

    The identity is added to the covariance of `features` before it is inverted, as the published weights were
    trained: channels that hardly vary are not blown up.

    Args:
        features: `[N,C,H,W]`.
        reference: `[N or 1,C,h,w]`.

    Returns:
        `[N,C,H,W]`.
    """
    n, c, h, w = features.shape
    mean, covariance = statistics(features)
    target_mean, target_covariance = statistics(reference)
    whiten = matrix_power(covariance + torch.eye(c, dtype=covariance.dtype, device=covariance.device), -0.5)
    matrix = matrix_power(target_covariance, 0.5) @ whiten
    offset = target_mean - matrix @ mean
    flat = matrix.to(features.dtype) @ features.reshape(n, c, h * w) + offset.to(features.dtype)
    return flat.reshape(n, c, h, w)


def statistics(features: Tensor) -> tuple[Tensor, Tensor]:
    """The mean `[N,C,1]` and the covariance `[N,C,C]` of the pixels of `[N,C,H,W]`, both float64."""
    flat = features.flatten(2).double()
    mean = flat.mean(2, keepdim=True)
    centred = flat - mean
    return mean, centred @ centred.transpose(1, 2) / max(1, flat.shape[2] - 1)


def matrix_power(
    matrix: Tensor, power: float, smallest: float = SMALLEST_EIGENVALUE, largest: float = math.inf
) -> Tensor:
    """A power of symmetric matrices `[N,C,C]`, eigenvalues first brought between `smallest` and `largest`."""
    values, vectors = torch.linalg.eigh(matrix)
    raised = values.clamp(smallest, largest) ** power
    result: Tensor = (vectors * raised.unsqueeze(1)) @ vectors.transpose(1, 2)
    return result
