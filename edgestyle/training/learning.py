"""Learn a style from pictures that show it: the network stays as it is, one vector is fitted by perceptual losses.

Gatys, Ecker and Bethge, "Image Style Transfer Using Convolutional Neural Networks", CVPR 2016, with a style vector in
the place of pixels: the pictures' Gram matrices are the target, each photo keeps what it shows.
"""

import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn

from edgestyle.errors import TrainingError
from edgestyle.models import AnyRenderer
from edgestyle.quality.features import Features
from edgestyle.teachers.perceptual import content_distance, grams, style_distance

Grams = Mapping[str, Tensor]
OnStep = Callable[[int, float], None]  # steps done, running loss

JUDGED = 6  # photos that distances are told by
_CONTENT_LAYERS = 2  # the deepest ones: where things are, not how they are drawn
_AVERAGED = 0.95  # of the running loss that is reported


@dataclass(frozen=True)
class LearningConfig:
    """How a vector is fitted.

    Attributes:
        steps: of Adam; its rate falls to nothing along a cosine.
        learning_rate: at the start.
        batch_size: photos a step.
        crop_size: side of the part of a photo that is drawn, pixels; a multiple of 8. A style's loss sees its middle.
        content_weight: of what photos show, against 1 for how the pictures are painted.
        seed: of everything random.

    Raises:
        TrainingError: a number is out of range.
    """

    steps: int = 300
    learning_rate: float = 0.05
    batch_size: int = 2
    crop_size: int = 192
    content_weight: float = 0.2
    seed: int = 0

    def __post_init__(self) -> None:
        if self.steps < 1 or self.batch_size < 1 or self.crop_size < 64 or self.crop_size % 8:
            raise TrainingError("learning takes 1 step or more, of 1 photo or more, and crops of 64, 72, ... pixels")
        if not (self.learning_rate > 0 and self.content_weight >= 0):
            raise TrainingError("learning takes a learning rate above 0 and weights from 0 up")


@dataclass(frozen=True)
class Learned:
    """What came out.

    Attributes:
        vector: the style, `[D]`.
        started_from: name of the style whose vector was the start.
        start_distance, distance: of photos drawn before and after to the pictures, edges and all.
    """

    vector: Tensor
    started_from: str
    start_distance: float
    distance: float


class Lesson(Protocol):
    """Something that a style can be fitted to."""

    def loss(self, stylized: Tensor, photos: Tensor) -> Tensor:
        """One number for `[N,3,H,W]` pictures of the same `photos`."""
        ...

    def distance(self, stylized: Tensor) -> float:
        """How far pictures `[N,3,H,W]` are from the style, without gradients."""
        ...


class StyleLesson:
    """Pictures of one style as something to be fitted to.

    Args:
        pictures: `[1,3,h,w]` each, sRGB in [0,1], of a short side at which their marks are as wide as they should be on
            photos of 384 pixels; their Gram matrices are averaged.
        features: to see them with.
        content_weight: see `LearningConfig`.
    """

    def __init__(self, pictures: Sequence[Tensor], features: Features, content_weight: float) -> None:
        self._features = features
        self._content_weight = content_weight
        self._shows = features.layers[-_CONTENT_LAYERS:]
        self.target = mean_grams(pictures, features)

    def loss(self, stylized: Tensor, photos: Tensor) -> Tensor:
        """One number for `[N,3,H,W]` pictures of the same `photos`, by their middles."""
        maps = self._features.maps(_inside(stylized))
        with torch.no_grad():
            shown = self._features.maps(_inside(photos))
        style = style_distance(maps, self.target)
        content = content_distance(maps, {name: shown[name] for name in self._shows})
        return (style + self._content_weight * content).mean()

    @torch.no_grad()
    def distance(self, stylized: Tensor) -> float:
        """Gram distance of pictures `[N,3,H,W]` to the style, a mean."""
        return sum(float(style_distance(self._features.maps(one), self.target)) for one in stylized.split(1)) / len(
            stylized
        )


@torch.no_grad()
def mean_grams(pictures: Sequence[Tensor], features: Features) -> dict[str, Tensor]:
    """Gram matrices `[1,C,C]` by layer, averaged over pictures `[1,3,h,w]`.

    Raises:
        TrainingError: there is no picture.
    """
    if not pictures:
        raise TrainingError("there is no picture to learn from")
    total: dict[str, Tensor] = {}
    for picture in pictures:
        for name, matrix in grams(features.maps(picture)).items():
            total[name] = total.get(name, torch.zeros_like(matrix)) + matrix / len(pictures)
    return total


def learn_vector(
    renderer: AnyRenderer,
    lesson: Lesson,
    photos: Sequence[Tensor],
    starts: Mapping[str, Tensor],
    config: LearningConfig,
    on_step: OnStep = lambda step, loss: None,
    learned_too: Sequence[Tensor] = (),
) -> Learned:
    """Fit a style vector; of all starts the one whose pictures are closest is taken.

    Args:
        renderer: frozen; neither its weights nor their gradients change.
        lesson: the style.
        photos: `[1,3,H,W]` in [0,1], sides of `config.crop_size` or more.
        starts: vectors `[D]` by name, such as the pack's own styles.
        config: how.
        on_step: called after each step.
        learned_too: further tensors that are fitted along, such as a correction's factors, in place and more slowly.

    Raises:
        TrainingError: the loss is not finite.
    """
    with frozen(renderer):
        name, vector = _best_start(renderer, lesson, photos, starts, config)
        tests = middles(photos[:JUDGED], config.crop_size)
        before = lesson.distance(draw(renderer, tests, vector))
        for tensor in learned_too:
            tensor.requires_grad_()  # a correction's factors are weights of the renderer while they are learned
        vector = _descend(renderer, lesson, photos, vector, config, on_step, learned_too)
        after = lesson.distance(draw(renderer, tests, vector))
    return Learned(vector, name, before, after)


@contextmanager
def frozen(network: nn.Module) -> Iterator[None]:
    """Switch gradients of all weights off, and back afterwards to what they were."""
    weights = list(network.parameters())
    learned = [weight.requires_grad for weight in weights]
    network.requires_grad_(False)
    try:
        yield
    finally:
        for weight, flag in zip(weights, learned, strict=True):
            weight.requires_grad_(flag)


def middles(photos: Sequence[Tensor], side: int) -> Tensor:
    """The middle of each photo `[1,3,H,W]`: `[N,3,side,side]`."""
    return torch.cat(
        [_cut(photo, side, (photo.shape[2] - side) // 2, (photo.shape[3] - side) // 2) for photo in photos]
    )


def draw(renderer: AnyRenderer, photos: Tensor, vector: Tensor, strength: float = 1.0) -> Tensor:
    """Stylize `[N,3,H,W]` in one style `[D]`; any `N`, without gradients, a photo at a time."""
    with torch.no_grad():
        parts = [renderer(photo, vector[None], photo.new_full((1,), strength)) for photo in photos.split(1)]
    return torch.cat(parts)


def _descend(
    renderer: AnyRenderer,
    lesson: Lesson,
    photos: Sequence[Tensor],
    start: Tensor,
    config: LearningConfig,
    on_step: OnStep,
    learned_too: Sequence[Tensor],
) -> Tensor:
    vector = start.detach().clone().requires_grad_()
    adam = torch.optim.Adam([{"params": [vector]}, {"params": list(learned_too)}], lr=config.learning_rate)
    rng, running = random.Random(f"{config.seed}/learn"), 0.0
    for step in range(config.steps):
        for group, share in zip(adam.param_groups, (1.0, 0.1), strict=True):
            group["lr"] = config.learning_rate * share * (1 + math.cos(math.pi * step / config.steps)) / 2
        batch = torch.cat([_crop(rng.choice(photos), config.crop_size, rng) for _ in range(config.batch_size)])
        stylized = renderer(batch, vector.expand(len(batch), -1), batch.new_ones(len(batch)))
        loss = lesson.loss(stylized, batch)
        if not math.isfinite(float(loss.detach())):
            raise TrainingError(f"learning cannot go on at step {step}, where the loss is {float(loss.detach())}")
        adam.zero_grad()
        loss.backward()
        adam.step()
        running = float(loss.detach()) if step == 0 else _AVERAGED * running + (1 - _AVERAGED) * float(loss.detach())
        on_step(step + 1, running)
    return vector.detach()


def _best_start(
    renderer: AnyRenderer,
    lesson: Lesson,
    photos: Sequence[Tensor],
    starts: Mapping[str, Tensor],
    config: LearningConfig,
) -> tuple[str, Tensor]:
    tests = middles(photos[: JUDGED // 2], config.crop_size)
    distances = {name: lesson.distance(draw(renderer, tests, vector)) for name, vector in starts.items()}
    best = min(distances, key=lambda name: distances[name])
    return best, starts[best]


def _inside(images: Tensor) -> Tensor:
    """`[N,C,H,W]` without a twelfth at each edge: a frame, which networks can draw there, is no mark of a style."""
    top, left = (side // 12 for side in images.shape[2:])
    return images[:, :, top : images.shape[2] - top, left : images.shape[3] - left]


def _crop(photo: Tensor, side: int, rng: random.Random) -> Tensor:
    top, left = (rng.randint(0, photo.shape[axis] - side) for axis in (2, 3))
    cut = _cut(photo, side, top, left)
    return cut.flip(3) if rng.random() < 0.5 else cut


def _cut(photo: Tensor, side: int, top: int, left: int) -> Tensor:
    return photo[:, :, top : top + side, left : left + side]
