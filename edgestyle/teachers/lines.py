"""Ink lines from differences of Gaussians."""

import torch
from torch import Tensor

from edgestyle.teachers.colour import luma
from edgestyle.teachers.kuwahara import gaussian_blur


def ink_lines(image: Tensor, sigma: float, contrast: float, threshold: float, sharpness: float = 60.0) -> Tensor:
    """Where a pen would draw: 1 leaves the paper, 0 is full ink.

    XDoG: Winnemoeller, Kyprianidis and Olsen, "XDoG: An eXtended difference-of-Gaussians compendium", Computers &
    Graphics 2012, equations 6 and 7, with the two Gaussians 1 : 1.6 apart.

    Args:
        image: `[N,3,H,W]`, sRGB in [0,1].
        sigma: half the width of a line, pixels, > 0.
        contrast: how much darker than its surroundings a pixel looks to the filter (the paper's p).
        threshold: darkness (in brightness units) from which ink flows; larger means fewer, thinner lines.
        sharpness: steepness of the change from paper to ink (the paper's phi).

    Returns:
        `[N,1,H,W]` in [0,1].
    """
    value = luma(image)
    narrow, wide = gaussian_blur(value, sigma), gaussian_blur(value, 1.6 * sigma)
    darkness = contrast * (wide - narrow) - threshold
    return 1 - torch.tanh(sharpness * darkness.clamp_min(0) / 4)
