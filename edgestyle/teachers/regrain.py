"""Regraining: the new colours of a picture with the gradients of the old one."""

import torch
import torch.nn.functional as F
from torch import Tensor

from edgestyle.teachers.kuwahara import pad_edges

_SMALLEST_SIDE = 20  # of the coarsest level, pixels
_SWEEPS = (4, 16, 32, 64)  # of relaxation, from the finest level to the coarser ones; the last for all below
_STRENGTH = 30.0  # of keeping gradients against keeping colours, where the content is flat
_FLAT = 5 / 255  # gradients below this count less and less as a reason to keep the new colour
_TEXTURED = 10 * 255  # by this much times its gradient a pixel holds less to the old gradients


def regrain(content: Tensor, moved: Tensor) -> Tensor:
    """Keep the colours of `moved` and the gradients of `content`: no grain, no bands, no blotches.

    Pitie, Kokaram and Dahyot, "Automated Colour Grading Using Colour Distribution Transfer", CVIU 2007, section 5: the
    result minimises `phi |grad J - grad I|^2 + psi |J - t(I)|^2`, found by relaxation from coarse to fine.

    Args:
        content: `[N,3,H,W]` in [0,1].
        moved: `[N,3,H,W]`, the same with other colours, about in [0,1].

    Returns:
        `[N,3,H,W]`.
    """
    return content + _solve(content, moved - content, 0)


def _solve(content: Tensor, change: Tensor, level: int) -> Tensor:
    """The smooth change: started from the answer at half the size, then relaxed."""
    height, width = content.shape[2:]
    smooth = change
    if min(height, width) >= 2 * _SMALLEST_SIDE:
        size = ((height + 1) // 2, (width + 1) // 2)
        small = [F.interpolate(image, size, mode="area") for image in (content, change)]
        smooth = F.interpolate(_solve(small[0], small[1], level + 1), (height, width), mode="bilinear")
    keep, links = _weights(content)
    for _ in range(_SWEEPS[min(level, len(_SWEEPS) - 1)]):
        smooth = _relax(smooth, change, keep, links)
    return smooth


def _weights(content: Tensor) -> tuple[Tensor, Tensor]:
    """How much each pixel keeps its colour `[N,1,H,W]`, and is tied to those above, below, left, right `[N,4,H,W]`."""
    padded = pad_edges(content, 1)
    across = (padded[:, :, 1:-1, 2:] - padded[:, :, 1:-1, :-2]) / 2
    down = (padded[:, :, 2:, 1:-1] - padded[:, :, :-2, 1:-1]) / 2
    gradient = (across.square() + down.square()).sum(1, keepdim=True).sqrt()
    keep = (gradient / _FLAT).clamp(0, 1)
    tie = pad_edges(_STRENGTH / (1 + _TEXTURED * gradient), 1)
    return keep.clamp_min(1e-2), (tie[:, :, 1:-1, 1:-1] + neighbours(tie)) / 2


def _relax(smooth: Tensor, change: Tensor, keep: Tensor, links: Tensor) -> Tensor:
    """One sweep of Jacobi's method: every pixel becomes the weighted mean of what pulls at it, damped."""
    around = neighbours(pad_edges(smooth, 1).flatten(0, 1).unsqueeze(1)).unflatten(0, smooth.shape[:2])
    pulled = keep * change + (links.unsqueeze(1) * around).sum(2)
    return smooth.lerp(pulled / (keep + links.sum(1, keepdim=True)), 0.8)


def neighbours(padded: Tensor) -> Tensor:
    """The pixels above, below, left and right of all those of `[N,1,H+2,W+2]` that are not border: `[N,4,H,W]`."""
    above, below = padded[:, :, :-2, 1:-1], padded[:, :, 2:, 1:-1]
    return torch.cat([above, below, padded[:, :, 1:-1, :-2], padded[:, :, 1:-1, 2:]], 1)
