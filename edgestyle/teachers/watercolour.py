"""The watercolour teacher: bright flat washes with darker rims on white paper."""

from torch import Tensor

from edgestyle.teachers.colour import lift_saturation, luma, soft_steps, soft_threshold, with_luma
from edgestyle.teachers.kuwahara import gaussian_blur, generalised_kuwahara


def watercolour(image: Tensor, strength: float = 1.0) -> Tensor:
    """Paint `image` in watercolour.

    Two wide Kuwahara passes make washes; thin paint lets the paper shine through highlights, and pigment gathers at the
    rims of each wash (edge darkening: Bousseau et al., "Interactive Watercolor Rendering with Temporal Coherence and
    Abstraction", NPAR 2006, section 3.1). At half strength the washes are smaller and less pale.

    Args:
        image: `[N,3,H,W]`, sRGB in [0,1]. The brush suits pictures of 500 to 1000 pixels.
        strength: in [0,1]; 0 returns `image` itself.

    Returns:
        `[N,3,H,W]` in [0,1].
    """
    if strength <= 0:
        return image
    radius = 4.5 * strength
    wash = generalised_kuwahara(generalised_kuwahara(image, radius, sharpness=6), 0.7 * radius, sharpness=6)
    ease = strength * (1.5 - 0.5 * strength)
    paint = lift_saturation(soft_steps(wash, width=0.16 * strength, softness=0.2), 1 + 1.2 * ease)
    value = luma(paint)
    pale = with_luma(paint, value + ease * (0.30 + 0.74 * value**0.8 - value).clamp_min(-0.1))
    paper = soft_threshold(value, at=0.80, width=0.16)
    washes = pale + ease * paper * (1 - pale)
    shade = gaussian_blur(value, 3.0) - value
    rim = shade.clamp(0, 0.15) + 0.6 * (-shade).clamp(0, 0.1)
    return (washes * (1 - 3.4 * ease * rim)).clamp(0, 1)
