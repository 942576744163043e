"""The look of one photo on another without a network: optimal transport of its colours, then regraining."""

import torch
from torch import Tensor

from edgestyle.teachers.pairs import check_pair, keep_contrast
from edgestyle.teachers.regrain import regrain
from edgestyle.teachers.transport import linear_transport, sliced_transport


@torch.no_grad()
def monge_kantorovich(content: Tensor, reference: Tensor) -> Tensor:
    """Give `content` the mean and covariance of the colours of `reference`: `linear_transport`, kept in range.

    Args:
        content: `[N,3,H,W]`, sRGB in [0,1].
        reference: `[N or 1,3,h,w]`, sRGB in [0,1], any size.

    Returns:
        `[N,3,H,W]` in [0,1].

    Raises:
        ContractError: these are no such tensors.
    """
    check_pair(content, reference)
    return keep_contrast(content, linear_transport(content, reference)).clamp(0, 1)


@torch.no_grad()
def optimal_transport(content: Tensor, reference: Tensor, seed: int = 0) -> Tensor:
    """Give `content` the distribution of the colours of `reference`: `sliced_transport`, then `regrain`.

    Args:
        content: `[N,3,H,W]`, sRGB in [0,1].
        reference: `[N or 1,3,h,w]`, sRGB in [0,1], any size.
        seed: of the directions colours are compared along; the same gives the same picture.

    Returns:
        `[N,3,H,W]` in [0,1].

    Raises:
        ContractError: these are no such tensors.
    """
    check_pair(content, reference)
    moved = sliced_transport(content, reference, seed).clamp(0, 1)
    return keep_contrast(content, regrain(content, moved)).clamp(0, 1)
