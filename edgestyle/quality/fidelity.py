"""How close two pictures are. All take `[N,3,H,W]` in [0,1] and give one number for the batch."""

from collections.abc import Callable, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor


def rms_difference(first: Tensor, second: Tensor) -> float:
    """Root of the mean squared difference, in units of [0,1]."""
    return float((first - second).square().mean().sqrt())


def psnr_db(first: Tensor, second: Tensor) -> float:
    """Peak signal-to-noise ratio in dB for pictures whose peak is 1; infinite for equal pictures."""
    error = (first.double() - second.double()).square().mean()
    return float(-10 * torch.log10(error)) if error > 0 else float("inf")


def ssim(first: Tensor, second: Tensor) -> float:
    """Structural similarity, 1 for equal pictures. Needs torchmetrics, of the extra `evaluate`.

    Wang et al., "Image Quality Assessment: From Error Visibility to Structural Similarity", IEEE TIP 2004,
    equation 13: Gaussian window of 11 pixels and 1.5 standard deviation, per channel, inside the borders.
    """
    from torchmetrics.functional.image import structural_similarity_index_measure  # takes seconds to load

    _, local = structural_similarity_index_measure(first, second, data_range=1.0, return_full_image=True)
    return float(local[..., 5:-5, 5:-5].mean())


def feature_distance(first: Tensor, second: Tensor, features: Callable[[Tensor], Mapping[str, Tensor]]) -> float:
    """How different two pictures look to a network such as VGG16: 0 for equal ones, about 1 for unrelated ones.

    Args:
        first, second: `[N,3,H,W]` in [0,1].
        features: gives a picture's maps by layer: relu1_2, relu2_2, relu3_3 and relu4_3 of `VGG16Features`.
    """
    with torch.no_grad():
        return unit_distance(features(first), features(second))


def unit_distance(first: Mapping[str, Tensor], second: Mapping[str, Tensor]) -> float:
    """The feature distance of two pictures' maps `[N,C,H,W]`, of the same layers.

    Zhang et al., "The Unreasonable Effectiveness of Deep Features as a Perceptual Metric", CVPR 2018, section 3,
    without learned channel weights: channels normalised to unit length at every pixel, squared difference summed over
    channels, averaged over pixels and over layers.
    """
    distances = []
    for a, b in zip(first.values(), second.values(), strict=True):
        difference = F.normalize(a, dim=1) - F.normalize(b, dim=1)
        distances.append(difference.square().sum(1).mean())
    return float(torch.stack(distances).mean())
