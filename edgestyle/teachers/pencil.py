"""The pencil teacher: soft graphite on warm paper."""

from torch import Tensor

from edgestyle.teachers.colour import luma, tint
from edgestyle.teachers.kuwahara import gaussian_blur, generalised_kuwahara

_GRAPHITE, _PAPER = (0.17, 0.17, 0.20), (0.985, 0.97, 0.935)


def pencil(image: Tensor, strength: float = 1.0) -> Tensor:
    """Draw `image` in pencil.

    Brightness divided by its blurred self ("dodging") leaves lines where brightness falls off, and the shading of the
    photo is laid over them thinly. At half strength the drawing is already there and colour still shows through.

    Args:
        image: `[N,3,H,W]`, sRGB in [0,1]. Line widths suit pictures of 500 to 1000 pixels.
        strength: in [0,1]; 0 returns `image` itself.

    Returns:
        `[N,3,H,W]` in [0,1].
    """
    if strength <= 0:
        return image
    flat = generalised_kuwahara(image, 1.5 * strength, sharpness=4)
    tone = luma(flat)
    around = gaussian_blur(tone, 5.0)
    lines = ((tone + 0.06) / (around + 0.06)).clamp(0, 1) ** 2.2
    shading = 0.45 + 0.55 * (around.clamp(0, 1) * 1.25).clamp(0, 1) ** 0.8
    drawing = tint(lines * shading, _GRAPHITE, _PAPER)
    share = strength * (1.5 - 0.5 * strength)
    return image + share * (drawing - image)
