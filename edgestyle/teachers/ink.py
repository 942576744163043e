"""The ink teacher: pen and brush on white paper."""

from torch import Tensor

from edgestyle.teachers.colour import lift_contrast, lift_saturation, luma, soft_threshold
from edgestyle.teachers.kuwahara import gaussian_blur, generalised_kuwahara
from edgestyle.teachers.lines import ink_lines


def ink(image: Tensor, strength: float = 1.0) -> Tensor:
    """Draw `image` in black ink.

    XDoG lines over a flattened picture; shadows are filled with the brush, middle tones with a thin grey wash. At half
    strength it is a line-and-wash drawing: the same pen, and pale colour where full strength leaves bare paper.

    Args:
        image: `[N,3,H,W]`, sRGB in [0,1]. Line widths suit pictures of 500 to 1000 pixels.
        strength: in [0,1]; 0 returns `image` itself.

    Returns:
        `[N,3,H,W]` in [0,1].
    """
    if strength <= 0:
        return image
    flat = generalised_kuwahara(image, 3.0 * strength, sharpness=5)
    pen = ink_lines(flat, sigma=0.5 + 0.7 * strength, contrast=4.5 * strength, threshold=0.02, sharpness=20)
    tone = luma(gaussian_blur(flat, 1.2 * strength))
    wash = 0.86 + 0.14 * soft_threshold(tone, at=0.45, width=0.10)
    brush = soft_threshold(tone, at=0.16, width=0.07)
    paper = (wash * brush).expand(-1, 3, -1, -1)
    bareness = strength * (1.5 - 0.5 * strength)
    colour = lift_saturation(lift_contrast(flat, 0.3 * strength), 1 - 0.3 * strength)
    return (colour + bareness * (paper - colour)) * pen
