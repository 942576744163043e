"""Perceptual losses: what a picture shows and how it is painted, as VGG16 sees them.

Gatys, Ecker and Bethge, "Image Style Transfer Using Convolutional Neural Networks", CVPR 2016, sections 2.1 and 2.2,
each layer divided by the squared norm of its reference, so that layers count alike and a distance of 0.1 means the
same everywhere.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

LAYERS = ("relu1_2", "relu2_2", "relu3_3", "relu4_2")
ENOUGH = 0.8

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
    return sum_differences({name: gram(maps[name]) for name in reference}, reference)


def content_distance(maps: Maps, reference: Maps) -> Tensor:
    """Relative differences of feature maps `[N,C,H,W]`, summed over the layers of `reference`: `[N]`, 0 if equal."""
    return sum_differences(maps, reference)


def texture_loss(
    maps: Maps,
    reference: Maps,
    gram_weight: float,
    feature_weights: Mapping[str, float],
    painting: Maps | None = None,
    painting_share: Tensor | None = None,
) -> Tensor:
    """How unlike `reference` the features of a picture are, as statistics and place by place; one number.

    The sum over layers of `gram_weight` times the relative Gram difference and `feature_weights[layer]` (0 where it
    lacks the layer) times the relative feature difference, averaged over pictures: `style_distance` and
    `content_distance`, but with a gradient worked out by hand in one pass over the maps, in half the time on a CPU.
    The statistics of a picture whose distance to the target is less than `ENOUGH` times that of the teacher's own do
    not count: it is painted enough, and more would only cost what it shows.

    Args:
        maps: of the student's pictures, `[N,C,H,W]` by layer.
        reference: of the teacher's pictures, of the same shapes.
        gram_weight: of the statistics.
        feature_weights: of the places, by layer.
        painting: Gram matrices `[N,C,C]` of the painting itself, by layer.
        painting_share: how far from the teacher's Gram matrix towards the painting's the target lies, `[N]` in [0,1].
    """
    targets = teachers = grams(reference)
    if painting is not None and painting_share is not None:
        share = painting_share.reshape(-1, 1, 1)
        targets = {name: target.lerp(painting[name], share) for name, target in teachers.items()}
    with torch.no_grad():
        short = style_distance(maps, targets) >= ENOUGH * sum_differences(teachers, targets)
    losses = []
    for name, teacher in reference.items():
        weight = feature_weights.get(name, 0.0)
        loss = _Texture.apply(maps[name], teacher, targets[name], gram_weight * short, weight)  # type: ignore[no-untyped-call]
        losses.append(loss)
    return torch.stack(losses).sum()


def sum_differences(values: Maps, reference: Maps) -> Tensor:
    """Relative differences, summed over the layers of `reference`: `[N]`, 0 if equal."""
    return torch.stack([relative_difference(values[name], target) for name, target in reference.items()]).sum(0)


class _Texture(torch.autograd.Function):
    """One layer's share of `texture_loss`; the gradient is made in the forward pass, while the maps are at hand."""

    @staticmethod
    def forward(
        ctx: Any, features: Tensor, reference: Tensor, target: Tensor, gram_weights: Tensor, feature_weight: float
    ) -> Tensor:
        """The loss; `features` and `reference` are `[N,C,H,W]`, `target` is `[N,C,C]`, `gram_weights` `[N]`."""
        n, c, h, w = features.shape
        mine, other = (maps.permute(0, 2, 3, 1).reshape(n, h * w, c) for maps in (features, reference))
        error = (mine.transpose(1, 2) @ mine).float() / (h * w) - target
        norm = target.square().sum((1, 2), keepdim=True)
        weights = gram_weights.reshape(n, 1, 1) / norm
        loss = (weights * error.square().sum((1, 2), keepdim=True)).mean()
        gradient = mine @ (error * (4 / (n * h * w)) * weights).to(mine.dtype)
        if feature_weight:
            difference = mine - other
            norm = other.flatten(1).norm(dim=1, dtype=torch.float32).square()
            squares = difference.flatten(1).norm(dim=1, dtype=torch.float32).square()
            loss = loss + feature_weight * (squares / norm).mean()
            scale = (2 * feature_weight / n / norm).reshape(n, 1, 1).to(mine.dtype)
            gradient = torch.addcmul(gradient, difference, scale)
        ctx.save_for_backward(gradient.reshape(n, h, w, c).permute(0, 3, 1, 2))
        return loss

    @staticmethod
    def backward(ctx: Any, *upstream: Tensor) -> tuple[Tensor, None, None, None, None]:
        (gradient,) = ctx.saved_tensors
        return gradient * upstream[0].to(gradient.dtype), None, None, None, None
