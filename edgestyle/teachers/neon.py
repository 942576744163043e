"""The neon teacher: glowing outlines in the dark."""

from torch import Tensor

from edgestyle.teachers.colour import lift_saturation, luma
from edgestyle.teachers.kuwahara import gaussian_blur, generalised_kuwahara


def neon(image: Tensor, strength: float = 1.0) -> Tensor:
    """Redraw `image` as neon tubes at night.

    The difference of two blurs finds outlines; they glow in the colours of the photo, over the photo gone dark and
    blue. At half strength dusk falls and the tubes light up.

    Args:
        image: `[N,3,H,W]`, sRGB in [0,1]. Line widths suit pictures of 500 to 1000 pixels.
        strength: in [0,1]; 0 returns `image` itself.

    Returns:
        `[N,3,H,W]` in [0,1].
    """
    if strength <= 0:
        return image
    flat = generalised_kuwahara(image, 4.0 * strength, sharpness=5)
    value = luma(flat)
    edge = (gaussian_blur(value, 1.2) - gaussian_blur(value, 2.6)).abs()
    tube = (edge / (edge + 0.045)).clamp(0, 1)
    glow = gaussian_blur(tube, 4.0)
    colour = lift_saturation(0.35 + 0.65 * gaussian_blur(flat, 2.0), 3.2)
    ease = strength * (1.5 - 0.5 * strength)
    night = flat * flat.new_tensor([0.16, 0.12, 0.36]).reshape(1, 3, 1, 1)
    ground = flat + ease * (night - flat)
    return (ground + ease * colour * (1.1 * tube**1.4 + 0.5 * glow)).clamp(0, 1)
