"""Perceptual losses: what a picture shows and how it is painted, as VGG16 sees them.

Gatys, Ecker and Bethge, "Image Style Transfer Using Convolutional Neural Networks", CVPR 2016, sections 2.1 and 2.2,
each layer divided by the squared norm of its reference, so that layers count alike and a distance of 0.1 means the
same everywhere.
"""

from collections.abc import Mapping

import torch
from torch import Tensor

LAYERS = ("relu1_2", "relu2_2", "relu3_3", "relu4_2")

Maps = Mapping[str, Tensor]


def gram(features: Tensor) -> Tensor:
    """Which features occur together: inner products of the channels of `[N,C,H,W]` by pixel, float32 `[N,C,C]`."""
    n, c, h, w = features.shape
    flat = features.reshape(n, c, h * w)
    return (flat @ flat.transpose(1, 2)).float() / (h * w)


def grams(maps: Maps) -> dict[str, Tensor]:
    """The Gram matrix of every map."""
    return {name: gram(features) for name, features in maps.items()}


def relative_difference(value: Tensor, reference: Tensor) -> Tensor:
    """Squared difference by the squared norm of `reference`, for each of N: `[N,...], [N or 1,...] -> [N]`."""
    difference = (value.float() - reference.float()).square().flatten(1).sum(1)
    return difference / reference.float().square().flatten(1).sum(1)


def style_distance(maps: Maps, reference: Maps) -> Tensor:
    """Relative differences of Gram matrices, summed over layers.

    Args:
        maps: of the picture, `[N,C,H,W]` by layer.
        reference: Gram matrices `[N or 1,C,C]` of what it should look like, by layer; its layers are the ones compared.

    Returns:
        `[N]`: 0 for the same style.
    """
    return torch.stack([relative_difference(gram(maps[name]), target) for name, target in reference.items()]).sum(0)


def content_distance(maps: Maps, reference: Maps) -> Tensor:
    """Relative differences of feature maps `[N,C,H,W]`, summed over the layers of `reference`: `[N]`, 0 if equal."""
    return torch.stack([relative_difference(maps[name], target) for name, target in reference.items()]).sum(0)
