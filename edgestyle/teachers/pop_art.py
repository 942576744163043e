"""The pop-art teacher: four flat poster inks."""

import torch
from torch import Tensor

from edgestyle.teachers.colour import luma, soft_threshold
from edgestyle.teachers.kuwahara import gaussian_blur, generalised_kuwahara
from edgestyle.teachers.lines import ink_lines

_INKS = ((0.07, 0.11, 0.36), (0.88, 0.16, 0.30), (0.98, 0.66, 0.20), (1.0, 0.95, 0.76))  # dark to light
_BETWEEN = (0.24, 0.46, 0.68)  # brightness where one ink gives way to the next


def pop_art(image: Tensor, strength: float = 1.0) -> Tensor:
    """Print `image` as a poster in four inks, from deep blue over red and amber to cream.

    A wide Kuwahara filter makes the shapes, brightness chooses the ink. At half strength the shapes are smaller and
    the photo's colours still mix with the inks.

    Args:
        image: `[N,3,H,W]`, sRGB in [0,1]. The shapes suit pictures of 500 to 1000 pixels.
        strength: in [0,1]; 0 returns `image` itself.

    Returns:
        `[N,3,H,W]` in [0,1].
    """
    if strength <= 0:
        return image
    flat = generalised_kuwahara(generalised_kuwahara(image, 4.5 * strength, sharpness=6), 3 * strength, sharpness=6)
    tone = luma(gaussian_blur(flat, 1.0 * strength))
    inks = [torch.tensor(ink, dtype=image.dtype, device=image.device).reshape(1, 3, 1, 1) for ink in _INKS]
    poster = inks[0].expand_as(image)
    for threshold, below, above in zip(_BETWEEN, inks, inks[1:], strict=False):
        poster = poster + soft_threshold(tone, threshold, 0.06) * (above - below)
    pen = ink_lines(flat, sigma=1.0 + 0.4 * strength, contrast=3.0 * strength, threshold=0.04, sharpness=15)
    share = strength * (1.5 - 0.5 * strength)
    return (flat + share * (poster - flat)) * (1 - 0.7 * (1 - pen))
