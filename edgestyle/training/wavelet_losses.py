"""Losses of details of a picture, by its wavelets: where they lie, and how strong they are."""

import torch
import torch.nn.functional as F
from torch import Tensor

from edgestyle.models.mobile_stylegan import haar


def wavelet_loss(bands: list[Tensor], target: Tensor) -> Tensor:
    """Mean L1 between coefficients of every scale, `[N,12,H,W]` from the coarsest to the finest, and the target's."""
    losses = []
    for found in bands:
        side = 2 * found.shape[-1]
        scaled = target if side == target.shape[-1] else F.adaptive_avg_pool2d(target, side)
        losses.append((found - haar(scaled)).abs().mean())
    return torch.stack(losses).mean()


def energy_loss(image: Tensor, target: Tensor) -> Tensor:
    """Mean L1 between how much detail two pictures `[N,3,S,S]` have around each place, at two scales.

    Detail is the size of wavelet coefficients in windows of 8 and of 16 pixels, wherever in them it lies: an edge that
    is drawn a little beside its place costs nothing here, and a soft one does. It keeps L1 of pixels from blurring.
    """
    losses = []
    for scale in (1, 2):
        found, wanted = (_energies(F.avg_pool2d(one, scale)) for one in (image, target))
        losses.append((found - wanted).abs().mean())
    return torch.stack(losses).sum()


def _energies(image: Tensor) -> Tensor:
    """`[N,3,S,S]` -> means of the sizes of three differences of each colour, in windows of 8 pixels that overlap."""
    differences = haar(image).unflatten(1, (3, -1))[:, :, 1:].flatten(1, 2).abs()
    return F.avg_pool2d(differences, min(4, differences.shape[-1]), 2)


def sharpened(image: Tensor, amount: float) -> Tensor:
    """Pictures `[N,3,S,S]` whose edges are stronger by `amount` of what a binomial blur of 3x3 takes away."""
    taps = torch.tensor([0.25, 0.5, 0.25], device=image.device)
    kernel = (taps[:, None] * taps).expand(3, 1, 3, 3)
    blurred = F.conv2d(F.pad(image, (1, 1, 1, 1), mode="replicate"), kernel, groups=3)
    return (image + amount * (image - blurred)).clamp(0, 1)
