"""How a stylized picture keeps what the photo shows and takes on how a painting is painted.

All pictures are `[N,3,384,384]`, sRGB in [0,1], paintings have a short side of 384 pixels (`edgestyle.quality.pictures`
brings them there); results are `[N]`.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from edgestyle.errors import ContractError
from edgestyle.models.lite_features import LiteFeatures
from edgestyle.quality.features import Features
from edgestyle.quality.pictures import SIDE
from edgestyle.teachers import perceptual

_LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601


@torch.no_grad()
def gram_style_distance(picture: Tensor, painting: Tensor, features: Features) -> Tensor:
    """How far a picture is from being painted like `painting` `[1,3,h,w]`: 0 if it is the painting itself.

    Gatys et al., CVPR 2016, equation 5, each layer relative to the painting's Gram matrix, summed over layers.
    """
    if painting.ndim != 4 or min(painting.shape[2:]) != SIDE:
        raise ContractError(f"a painting is [1,3,h,w] with a short side of {SIDE}, not {list(painting.shape)}")
    reference = perceptual.grams(features.maps(painting))
    pictures = _checked(picture).split(1)
    return torch.cat([perceptual.style_distance(features.maps(one), reference) for one in pictures])


@torch.no_grad()
def content_distance(picture: Tensor, photo: Tensor, features: Features) -> Tensor:
    """How far a picture is from showing what `photo` `[N,3,384,384]` shows: 0 if it is the photo itself.

    Gatys et al., CVPR 2016, equation 1, each layer relative to the photo's features, summed over layers.
    """
    pairs = zip(_checked(picture).split(1), _checked(photo).split(1), strict=True)
    return torch.cat([perceptual.content_distance(features.maps(a), features.maps(b)) for a, b in pairs])


def style_content_product(style: Tensor, content: Tensor) -> Tensor:
    """`(1 + content) * (1 + style)`: 1 is best, and neither distance makes up for the other.

    After Wright and Ommer, "ArtFID: Quantitative Evaluation of Neural Style Transfer", GCPR 2022, equation 6, with the
    distances of this module in the places of FID and LPIPS, which need sets of many pictures and VGG16.
    """
    return (1 + content) * (1 + style)


def luminance_contrast_kept(picture: Tensor, photo: Tensor) -> Tensor:
    """Standard deviation of luma by the photo's: 1 keeps the contrast, 0 is one flat tone. Any size `[N,3,H,W]`.

    Raises:
        ContractError: a photo is of one tone and has no contrast to keep.
    """
    spread = [_luma(image).flatten(1).std(1) for image in (picture, photo)]
    if (spread[1] < 1e-4).any():
        raise ContractError("a photo of one single tone has no contrast to keep")
    return spread[0] / spread[1]


@torch.no_grad()
def recognisability(picture: Tensor, photo: Tensor, network: LiteFeatures) -> Tensor:
    """Whether a network that knows things still sees the same ones: 1 for the photo itself, lower for other things.

    Cosine of the globally averaged features of EfficientNet-Lite0's first blocks.
    """
    return F.cosine_similarity(network.pooled(_checked(picture)), network.pooled(_checked(photo)))


def _luma(image: Tensor) -> Tensor:
    return torch.einsum("nchw,c->nhw", image, image.new_tensor(_LUMA))


def _checked(image: Tensor) -> Tensor:
    if image.ndim != 4 or image.shape[1:] != (3, SIDE, SIDE):
        raise ContractError(f"distances are measured on [N,3,{SIDE},{SIDE}], not {list(image.shape)}")
    return image
