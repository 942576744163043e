"""How close two pictures are. All take `[N,3,H,W]` in [0,1] and give one number for the batch."""

import torch
import torch.nn.functional as F
from torch import Tensor

from edgestyle.models.vgg import VGG16Features


def rms_difference(first: Tensor, second: Tensor) -> float:
    """Root of the mean squared difference, in units of [0,1]."""
    return float((first - second).square().mean().sqrt())


def psnr_db(first: Tensor, second: Tensor) -> float:
    """Peak signal-to-noise ratio in dB for pictures whose peak is 1; infinite for equal pictures."""
    error = (first.double() - second.double()).square().mean()
    return float(-10 * torch.log10(error)) if error > 0 else float("inf")


def ssim(first: Tensor, second: Tensor) -> float:
    """Structural similarity, 1 for equal pictures.

    Wang et al., "Image Quality Assessment: From Error Visibility to Structural Similarity", IEEE TIP 2004,
    equation 13: Gaussian window of 11 pixels and 1.5 standard deviation, per channel, inside the borders.
    """
    x = torch.arange(-5, 6, dtype=first.dtype, device=first.device)
    line = torch.exp(-0.5 * (x / 1.5) ** 2)
    line = line / line.sum()
    window = torch.outer(line, line).expand(3, 1, 11, 11)

    def local(value: Tensor) -> Tensor:
        return F.conv2d(value, window, groups=3)

    mean_a, mean_b = local(first), local(second)
    var_a = local(first * first) - mean_a.square()
    var_b = local(second * second) - mean_b.square()
    covariance = local(first * second) - mean_a * mean_b
    c1, c2 = 0.01**2, 0.03**2
    score = (2 * mean_a * mean_b + c1) * (2 * covariance + c2)
    return float((score / ((mean_a.square() + mean_b.square() + c1) * (var_a + var_b + c2))).mean())


def feature_distance(first: Tensor, second: Tensor, features: VGG16Features) -> float:
    """How different two pictures look to VGG16: 0 for equal ones, about 1 for unrelated ones.

    Zhang et al., "The Unreasonable Effectiveness of Deep Features as a Perceptual Metric", CVPR 2018, section 3,
    without learned channel weights: channels normalised to unit length at every pixel, squared difference summed over
    channels, averaged over pixels and over relu1_2, relu2_2, relu3_3 and relu4_3.
    """
    distances = []
    with torch.no_grad():
        for a, b in zip(features(first).values(), features(second).values(), strict=True):
            difference = F.normalize(a, dim=1) - F.normalize(b, dim=1)
            distances.append(difference.square().sum(1).mean())
    return float(torch.stack(distances).mean())
