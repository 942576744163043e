"""The oil teacher: broad dabs of paint that follow the forms."""

from torch import Tensor

from edgestyle.teachers.colour import lift_contrast, lift_saturation, luma
from edgestyle.teachers.kuwahara import anisotropic_kuwahara, gaussian_blur, pad_edges


def oil(image: Tensor, strength: float = 1.0) -> Tensor:
    """Paint `image` in oil.

    A wide anisotropic Kuwahara filter (Kyprianidis et al. 2009), then richer colour. At half strength the brush is
    half as wide and the colour half as rich.

    Args:
        image: `[N,3,H,W]`, sRGB in [0,1]. The brush suits pictures of 500 to 1000 pixels.
        strength: in [0,1]; 0 returns `image` itself.

    Returns:
        `[N,3,H,W]` in [0,1].
    """
    if strength <= 0:
        return image
    dabs = anisotropic_kuwahara(image, radius=7.0 * strength**1.5, sharpness=8)
    dabs = anisotropic_kuwahara(dabs, radius=3.0 * strength, sharpness=8)
    richness = 0.7 * strength * (1.6 - 0.6 * strength)
    varnish = 1 + strength * image.new_tensor([0.06, -0.02, -0.24]).reshape(1, 3, 1, 1)
    paint = lift_saturation(lift_contrast(dabs, richness), 1 + 1.2 * richness) * varnish
    return (paint + 3.0 * strength * _relief(paint)).clamp(0, 1)


def _relief(paint: Tensor) -> Tensor:
    """How much more light thick paint catches from the upper left: `[N,1,H,W]`, about -0.1 to 0.1."""
    height = gaussian_blur(luma(paint), 1.2)
    padded = pad_edges(height, 1)
    slope = padded[..., 2:, 2:] - padded[..., :-2, :-2]
    return slope / (1 + 14 * slope.abs())
