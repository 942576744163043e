"""How close two pictures' palettes are, and how well a picture keeps a photo's edges while its colours change.

All pictures are `[N,3,H,W]`, sRGB in [0,1].
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from edgestyle.errors import ContractError
from edgestyle.quality.fidelity import ssim
from edgestyle.teachers.colour import luma

_SOBEL = ((1.0, 0.0, -1.0), (2.0, 0.0, -2.0), (1.0, 0.0, -1.0))


def sliced_wasserstein(
    first: Tensor, second: Tensor, seed: int = 0, directions: int = 32, pixels: int | None = None
) -> Tensor:
    """How far the colours of one picture have to be moved to become another's, wherever they are: 0 for the same ones.

    The mean over random directions of the one-dimensional Wasserstein distance between the colours along them: Rabin
    et al., "Wasserstein Barycenter and Its Application to Texture Mixing", SSVM 2011, section 2.3, with absolute
    differences in place of squares. Differentiable, so it serves as a loss too.

    Args:
        first, second: pictures `[N,3,H,W]`, or with other sides `[N,3,h,w]` of as many pixels.
        seed: of the directions, and of the pixels.
        directions: how many of them.
        pixels: how many places are looked at, the same ones in both pictures; None for all.

    Returns:
        `[N]`, in units of [0,1].

    Raises:
        ContractError: the pictures differ in number or in pixels.
    """
    one, other = (image.flatten(2) for image in (first, second))
    if one.shape != other.shape or one.shape[1] != 3:
        raise ContractError(
            f"palettes are compared of as many pixels, [N,3,H,W], not {list(first.shape)} and {list(second.shape)}"
        )
    generator = torch.Generator().manual_seed(seed)
    along = F.normalize(torch.randn(directions, 3, generator=generator), dim=1).to(one)
    if pixels is not None:
        places = torch.randint(one.shape[2], (pixels,), generator=generator).to(one.device)
        one, other = one[:, :, places], other[:, :, places]
    sorted_one, sorted_other = ((along @ colours).sort(2).values for colours in (one, other))  # [N,directions,P]
    return (sorted_one - sorted_other).abs().mean((1, 2))


def edge_structure(picture: Tensor, photo: Tensor) -> float:
    """Whether a recoloured picture shows the photo's edges and no others: SSIM of both pictures' edges, 1 for the same.

    The measure of photographic style transfer: Yoo et al., "Photorealistic Style Transfer via Wavelet Transforms",
    ICCV 2019, section 5.2, take SSIM between edge maps; here they are `edges`. Needs torchmetrics, of `evaluate`.

    Args:
        picture, photo: `[N,3,H,W]`.

    Returns:
        the mean over pictures.
    """
    return ssim(edges(picture), edges(photo))


def edges(image: Tensor) -> Tensor:
    """How steeply brightness changes, by Sobel's filters: `[N,1,H-2,W-2]`, 1 for a step from black to white."""
    across = image.new_tensor(_SOBEL).reshape(1, 1, 3, 3) / 4
    brightness = luma(image)
    slopes = [F.conv2d(brightness, kernel) for kernel in (across, across.transpose(2, 3))]
    return (slopes[0].square() + slopes[1].square() + 1e-8).sqrt()  # the root has no slope at 0
