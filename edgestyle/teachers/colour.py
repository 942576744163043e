"""Colour operations the filter teachers share. Pictures are `[N,3,H,W]`, sRGB in [0,1]."""

import torch
from torch import Tensor

LUMA_WEIGHTS = (0.2126, 0.7152, 0.0722)  # ITU-R BT.709


def luma(image: Tensor) -> Tensor:
    """Brightness `[N,1,H,W]` in [0,1] of `image` `[N,3,H,W]`."""
    weights = torch.tensor(LUMA_WEIGHTS, dtype=image.dtype, device=image.device)
    return (image * weights.reshape(1, 3, 1, 1)).sum(1, keepdim=True)


def with_luma(image: Tensor, target: Tensor) -> Tensor:
    """Move every pixel's brightness to `target` `[N,1,H,W]` and keep its colour difference."""
    return (image + target - luma(image)).clamp(0, 1)


def lift_saturation(image: Tensor, factor: float) -> Tensor:
    """Scale the distance from grey by `factor` (1 leaves the picture alone)."""
    if factor == 1:
        return image
    grey = luma(image)
    return (grey + (image - grey) * factor).clamp(0, 1)


def lift_contrast(image: Tensor, amount: float) -> Tensor:
    """Bend brightness into an S-curve; `amount` 0 is a straight line, 1 a smoothstep."""
    if amount == 0:
        return image
    value = luma(image)
    curve = value * value * (3 - 2 * value)
    return with_luma(image, value + amount * (curve - value))


def soft_steps(image: Tensor, width: float, softness: float) -> Tensor:
    """Quantise brightness into steps of `width`, joined by smooth ramps.

    Winnemoeller, Olsen and Gooch, "Real-Time Video Abstraction", SIGGRAPH 2006, section 3.3.

    Args:
        image: `[N,3,H,W]` in [0,1].
        width: of a step in brightness; 0 leaves the picture alone.
        softness: 0 gives hard steps, 1 hardly any.

    Returns:
        `[N,3,H,W]` in [0,1].
    """
    if width <= 0:
        return image
    value = luma(image)
    nearest = (torch.floor(value / width) + 0.5) * width
    offset = (value - nearest) / width  # in [-0.5, 0.5): 0 in the middle of a step
    steep = 1 / max(softness, 1e-3)
    ramp = torch.sinh(offset * steep) / (2 * torch.sinh(torch.tensor(0.5 * steep)))
    return with_luma(image, nearest + ramp * width)


def soft_threshold(value: Tensor, at: float, width: float) -> Tensor:
    """0 well below `at`, 1 well above, and a smooth ramp about `width` wide between; keeps the shape of `value`."""
    return torch.sigmoid((value - at) * (4 / width))


def tint(value: Tensor, dark: tuple[float, float, float], light: tuple[float, float, float]) -> Tensor:
    """Map brightness `[N,1,H,W]` in [0,1] onto the line between two sRGB colours: `[N,3,H,W]`."""
    low, high = (value.new_tensor(colour).reshape(1, 3, 1, 1) for colour in (dark, light))
    return low + value * (high - low)
