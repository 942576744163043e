"""Fit a style vector to a look: the network stays as it is, a few dozen numbers are learned."""

import random
from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor

from edgestyle.images import to_floats
from edgestyle.models import AnyRenderer
from edgestyle.teachers.grades import GRADES
from edgestyle.training.photos import PhotoCrops, Photos
from edgestyle.training.reference_pairs import PAIR_SIDE

FITTING_PHOTOS = 24
_BATCH = 4
_LONG_SIDES = (256, 700)

Draw = Callable[[Tensor], Tensor]  # photos [N,3,H,W] in [0,1] -> the same photos as they should look


def fit_style(
    renderer: AnyRenderer,
    draw: Draw,
    photos: Tensor,
    start: Tensor,
    *,
    steps: int = 300,
    learning_rate: float = 0.05,
    seed: int = 0,
) -> Tensor:
    """Find the style vector with which a frozen renderer draws what `draw` does, at full strength, by Adam on L1.

    Whatever can say how a photo should look can be fitted: a grade, or a photographer's own before and after.

    Args:
        renderer: trained; its weights are neither changed nor given gradients.
        draw: the look.
        photos: `[N,3,H,W]`, sRGB in [0,1], sides as the renderer takes them.
        start: vector to start from, `[1,D]`.
        steps, learning_rate: of Adam; the rate falls to nothing along a straight line.
        seed: of which photos a step sees.

    Returns:
        the vector, `[D]`: of those before and after fitting the one that draws all photos closest.
    """
    with torch.no_grad():
        targets = draw(photos)
    weights = list(renderer.parameters())
    learned = [weight.requires_grad for weight in weights]
    renderer.requires_grad_(False)
    try:
        fitted = _descend(renderer, photos, targets, start, steps, learning_rate, seed)
        return min((start, fitted), key=lambda vector: distance_to(renderer, vector, photos, targets)).reshape(-1)
    finally:
        for weight, flag in zip(weights, learned, strict=True):
            weight.requires_grad_(flag)


def _descend(
    renderer: AnyRenderer, photos: Tensor, targets: Tensor, start: Tensor, steps: int, learning_rate: float, seed: int
) -> Tensor:
    """The vector `[1,D]` after so many steps."""
    vector = start.detach().clone().requires_grad_()
    adam = torch.optim.Adam([vector], lr=learning_rate)
    rng = random.Random(f"{seed}/fit")
    for step in range(steps):
        for group in adam.param_groups:
            group["lr"] = learning_rate * (1 - step / steps)
        chosen = rng.sample(range(len(photos)), min(_BATCH, len(photos)))
        drawn = _render(renderer, vector, photos[chosen])
        adam.zero_grad()
        (drawn - targets[chosen]).abs().mean().backward()
        adam.step()
    return vector.detach()


@torch.no_grad()
def distance_to(renderer: AnyRenderer, vector: Tensor, photos: Tensor, targets: Tensor) -> float:
    """Mean absolute difference between `targets` `[N,3,H,W]` and `photos` drawn with `vector` `[1,D]`, in [0,1]."""
    pairs = zip(photos.split(_BATCH), targets.split(_BATCH), strict=True)
    return sum(float((_render(renderer, vector, a) - b).abs().sum()) for a, b in pairs) / photos.numel()


def fit_looks(
    renderer: AnyRenderer, learned: dict[str, Tensor], photos: Tensor, steps: int = 300, seed: int = 0
) -> Iterator[tuple[str, Tensor]]:
    """Fit the vector `[D]` of each look a little closer and yield it.

    Args:
        renderer: frozen.
        learned: the vectors `[D]` that were learned with the network, by names in `GRADES`.
        photos: `[N,3,H,W]` in [0,1].
        steps, seed: of `fit_style`.
    """
    for look, vector in learned.items():
        yield look, fit_style(renderer, GRADES[look].apply, photos, vector[None], steps=steps, seed=seed)


def fitting_photos(photos: Photos, seed: int, count: int = FITTING_PHOTOS) -> Tensor:
    """Crops to fit on, `[count,3,256,256]` in [0,1].

    Raises:
        TrainingError: the photos cannot be read.
    """
    crops, rng = PhotoCrops(photos, PAIR_SIDE, _LONG_SIDES), random.Random(f"{seed}/fitting")
    return torch.cat([torch.from_numpy(to_floats(np.ascontiguousarray(crops.draw(rng)))) for _ in range(count)])


def _render(renderer: AnyRenderer, vector: Tensor, photos: Tensor) -> Tensor:
    count = len(photos)
    drawn: Tensor = renderer(photos, vector.expand(count, -1), photos.new_ones(count))
    return drawn
