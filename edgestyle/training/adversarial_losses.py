"""What a generator and its adversary are punished for.

Scores are `[N]`, without limits; pictures are `[N,3,S,S]` in [0,1].
"""

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from edgestyle.models.efficientnet_lite import EfficientNetLite0

_LAYERS = ("stem", "block2", "block4")  # at 1/2, 1/4 and 1/8 of the size


def generator_loss(drawn: Tensor) -> Tensor:
    """Non-saturating: pictures must score high. Goodfellow et al., "Generative Adversarial Nets", NeurIPS 2014."""
    return F.softplus(-drawn).mean()


def discriminator_loss(real: Tensor, drawn: Tensor) -> Tensor:
    """Logistic: the data's pictures must score high, drawn ones low."""
    return F.softplus(-real).mean() + F.softplus(drawn).mean()


def slope_penalty(discriminator: Callable[[Tensor], Tensor], image: Tensor) -> Tensor:
    """R1: half the squared gradient of the score by the data's pictures, mean over them.

    Mescheder et al., "Which Training Methods for GANs do actually Converge?", ICML 2018, equation 9.
    """
    image = image.detach().requires_grad_(True)
    (slope,) = torch.autograd.grad(discriminator(image).sum(), image, create_graph=True)
    return 0.5 * slope.square().sum((1, 2, 3)).mean()


def path_lengths(image: Tensor, style: Tensor, direction: Tensor) -> Tensor:
    """How far pictures move with their style `[N,D]`, `[N]`. `direction`: random normal, shaped as `image`.

    Karras et al., CVPR 2020, equation 4. The graph from `style` to `image` is kept.
    """
    side = math.sqrt(image.shape[2] * image.shape[3])
    (slope,) = torch.autograd.grad((image * direction).sum() / side, style, create_graph=True)
    return slope.square().sum(1).sqrt()


def feature_loss(image: Tensor, target: Tensor, network: EfficientNetLite0) -> Tensor:
    """L1 between the features of two pictures, each layer by the mean size of the target's; one number."""
    with torch.no_grad():
        wanted = network(target, _LAYERS)
    found = network(image, _LAYERS)
    distances = [(found[name] - wanted[name]).abs().mean() / wanted[name].abs().mean() for name in _LAYERS]
    return torch.stack(distances).mean()
