"""The blueprint teacher: white lines on blue paper."""

from torch import Tensor

from edgestyle.teachers.colour import luma, tint
from edgestyle.teachers.kuwahara import generalised_kuwahara
from edgestyle.teachers.lines import ink_lines

_BLUE, _CHALK = (0.05, 0.19, 0.47), (0.90, 0.95, 1.0)


def blueprint(image: Tensor, strength: float = 1.0) -> Tensor:
    """Copy `image` as a blueprint.

    XDoG lines in chalk white, and a hint of the photo's shading in the blue. At half strength the paper is still
    turning blue.

    Args:
        image: `[N,3,H,W]`, sRGB in [0,1]. Line widths suit pictures of 500 to 1000 pixels.
        strength: in [0,1]; 0 returns `image` itself.

    Returns:
        `[N,3,H,W]` in [0,1].
    """
    if strength <= 0:
        return image
    flat = generalised_kuwahara(image, 3.0 * strength, sharpness=5)
    pen = ink_lines(flat, sigma=0.5 + 0.7 * strength, contrast=4.5 * strength, threshold=0.02, sharpness=18)
    chalk = 0.3 * luma(flat) ** 1.5 + 0.85 * (1 - pen)
    drawing = tint(chalk.clamp(0, 1), _BLUE, _CHALK)
    share = strength * (1.5 - 0.5 * strength)
    return flat + share * (drawing - flat)
