"""What one step of a generator's training does: regression first, then the adversary alone, then both."""

import math
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor

from edgestyle.errors import TrainingError
from edgestyle.models.discriminator import Discriminator
from edgestyle.models.efficientnet_lite import EfficientNetLite0
from edgestyle.models.mapping import CellMapping
from edgestyle.models.stylegan import Generator
from edgestyle.quality.features import load_shipped
from edgestyle.training.adversarial_losses import (
    discriminator_loss,
    feature_loss,
    generator_loss,
    path_lengths,
    slope_penalty,
)
from edgestyle.training.augmentation import adapt, augment
from edgestyle.training.descent import descend
from edgestyle.training.latent_cells import LatentCells
from edgestyle.training.picture_set import PictureSet


@dataclass(frozen=True)
class StepConfig:
    """What a step does.

    Attributes:
        batch_size: pictures a step.
        warm_steps: of regression, the first ones; they need pictures whose attributes are known.
        alone_steps: after them, in which the adversary alone learns.
        warm_rate: learning rate at the start of regression; it falls to `learning_rate` along a cosine.
        learning_rate: of both networks later on.
        feature_weight: of the feature loss beside L1 in regression.
        anchor_weight: of both in adversarial steps, so that no kind of face is forgotten; where attributes are known.
        slope_weight, slope_every: gamma of the slope penalty (R1), and steps between two of them.
        path_weight, path_every: of path-length regularisation.
        overfitting_target: see `augmentation.adapt`; 1 for no augmentation.
    """

    batch_size: int = 8
    warm_steps: int = 0
    alone_steps: int = 300
    warm_rate: float = 5e-3
    learning_rate: float = 2e-3
    feature_weight: float = 0.5
    anchor_weight: float = 4.0
    slope_weight: float = 0.2
    slope_every: int = 16
    path_weight: float = 2.0
    path_every: int = 8
    overfitting_target: float = 0.6

    def __post_init__(self) -> None:
        if min(self.batch_size, self.slope_every, self.path_every) < 1 or min(self.warm_steps, self.alone_steps) < 0:
            raise TrainingError("batch size and intervals must be at least 1, phases at least 0 steps")
        rates = (self.warm_rate, self.learning_rate)
        weights = (self.feature_weight, self.anchor_weight, self.slope_weight, self.path_weight)
        if not all(0 < rate < math.inf for rate in rates) or not all(0 <= w < math.inf for w in weights):
            raise TrainingError("learning rates must be numbers above 0, weights numbers from 0 up")


@dataclass
class Networks:
    """Both networks with their optimizers, and the numbers that go on from step to step.

    Attributes:
        generator, discriminator: what is trained; Fabric's optimizers work on their own weights.
        cells: find z for attributes; None where those are not known.
        features: for the feature loss.
        path_length: running mean of path lengths.
        overfitting: running mean of the sign of the adversary's scores for the data's pictures.
        probability: of augmentation.
    """

    generator: Generator
    discriminator: Discriminator
    generator_optimizer: Any
    discriminator_optimizer: Any
    cells: LatentCells | None
    features: EfficientNetLite0
    path_length: float = 0.0
    overfitting: float = 0.0
    probability: float = 0.0

    @classmethod
    def prepare(
        cls, fabric: Fabric, generator: Generator, discriminator: Discriminator, config: StepConfig, seed: int
    ) -> "Networks":
        """Give networks their optimizers and bring them to the device."""
        cells = LatentCells(generator.mapping, seed) if isinstance(generator.mapping, CellMapping) else None
        first, second = (
            fabric.setup(network, torch.optim.Adam(network.parameters(), lr=config.learning_rate))[1]
            for network in (generator, discriminator)
        )
        features = deepcopy(load_shipped().trunk).to(fabric.device)
        return cls(generator, discriminator, first, second, cells, features)

    def optimizers(self) -> dict[str, Any]:
        """By the names that checkpoints give them."""
        return {
            "generator_optimizer": self.generator_optimizer,
            "discriminator_optimizer": self.discriminator_optimizer,
        }

    def state(self) -> dict[str, float]:
        """The numbers that go on from step to step."""
        return {name: getattr(self, name) for name in ("path_length", "overfitting", "probability")}

    def restore(self, state: dict[str, float]) -> None:
        """Take those numbers back."""
        for name in self.state():
            setattr(self, name, float(state[name]))

    def draw_latents(self, pictures: PictureSet, places: Tensor) -> Tensor:
        """A z `[n,L]` for each of some pictures: one that shows what the picture shows, where that is known."""
        if self.cells is None or pictures.attributes is None:
            return torch.randn(len(places), self.generator.config.latent_dimensions)
        return self.cells.draw(pictures.attributes.indices[places], torch.default_generator)


def train_step(
    fabric: Fabric, networks: Networks, pictures: PictureSet, step: int, config: StepConfig
) -> dict[str, float]:
    """Do the step of number `step` with random numbers from torch's generator; returns its losses by name.

    Raises:
        TrainingError: a loss or a gradient is not finite; the weights that it is of have not changed.
    """
    places = torch.randint(len(pictures), (config.batch_size,))
    real = pictures.floats(places, fabric.device).contiguous(memory_format=torch.channels_last)
    z = networks.draw_latents(pictures, places).to(fabric.device)
    _set_rates(networks, step, config)
    if step < config.warm_steps:
        return _regress(fabric, networks, real, z, config, step)
    lazy = step - config.warm_steps
    drawn = networks.generator.synthesis(networks.generator.mapping(z), fresh_noise=True)
    losses = _judge(fabric, networks, real, drawn.detach(), config, step)
    if lazy >= config.alone_steps:
        losses |= _draw_better(fabric, networks, real, drawn, config, step)
        if lazy % config.path_every == 0 and config.path_weight:
            losses |= _smooth_paths(fabric, networks, z[: max(1, len(z) // 2)], config, step)
    return losses


def _set_rates(networks: Networks, step: int, config: StepConfig) -> None:
    """Learning rates, and memories of gradients: none in adversarial steps, where lazy regularisation counts too."""
    warm = step < config.warm_steps
    for optimizer, every in (
        (networks.generator_optimizer, config.path_every),
        (networks.discriminator_optimizer, config.slope_every),
    ):
        for group in optimizer.param_groups:
            group["lr"] = learning_rate_at(step, config)
            group["betas"] = (0.9, 0.99) if warm else (0.0, 0.99 ** (every / (every + 1)))


def learning_rate_at(step: int, config: StepConfig) -> float:
    """In regression a short rise, then a cosine from `warm_rate` down to a tenth of it; `learning_rate` afterwards."""
    if step >= config.warm_steps:
        return config.learning_rate
    cosine = 0.5 * (1 + math.cos(math.pi * step / config.warm_steps))
    return config.warm_rate * min(1.0, (step + 1) / 100) * (0.1 + 0.9 * cosine)


def _regress(
    fabric: Fabric, networks: Networks, real: Tensor, z: Tensor, config: StepConfig, step: int
) -> dict[str, float]:
    drawn = networks.generator.synthesis(networks.generator.mapping(z), fresh_noise=True)
    pixels, features = (drawn - real).abs().mean(), feature_loss(drawn, real, networks.features)
    loss, losses = pixels + config.feature_weight * features, {"pixels": pixels, "features": features}
    return descend(fabric, networks.generator_optimizer, loss, losses, step)


def _judge(
    fabric: Fabric, networks: Networks, real: Tensor, drawn: Tensor, config: StepConfig, step: int
) -> dict[str, float]:
    """The adversary's part."""
    judge, chance = networks.discriminator, networks.probability
    scores, drawn_scores = judge(augment(real, chance)), judge(augment(drawn, chance))
    loss = discriminator_loss(scores, drawn_scores)
    losses = {"adversary": loss, "real_score": scores.mean()}
    if (step - config.warm_steps) % config.slope_every == 0 and config.slope_weight:
        losses["slope"] = slope_penalty(judge, augment(real, chance))
        loss = loss + config.slope_weight * config.slope_every * losses["slope"]
    numbers = descend(fabric, networks.discriminator_optimizer, loss, losses, step)
    networks.overfitting += 0.01 * (float(scores.detach().sign().mean()) - networks.overfitting)
    networks.probability = adapt(chance, networks.overfitting, config.overfitting_target, len(real))
    return numbers | {"overfitting": networks.overfitting, "augmentation": networks.probability}


def _draw_better(
    fabric: Fabric, networks: Networks, real: Tensor, drawn: Tensor, config: StepConfig, step: int
) -> dict[str, float]:
    """The generator's part; where attributes are known, `real` shows what `drawn` should."""
    networks.discriminator.requires_grad_(False)
    loss = generator_loss(networks.discriminator(augment(drawn, networks.probability)))
    losses = {"generator": loss}
    if networks.cells is not None and config.anchor_weight:
        pixels, features = (drawn - real).abs().mean(), feature_loss(drawn, real, networks.features)
        loss = loss + config.anchor_weight * (pixels + config.feature_weight * features)
        losses |= {"pixels": pixels, "features": features}
    numbers = descend(fabric, networks.generator_optimizer, loss, losses, step)
    networks.discriminator.requires_grad_(True)
    return numbers


def _smooth_paths(fabric: Fabric, networks: Networks, z: Tensor, config: StepConfig, step: int) -> dict[str, float]:
    """Equal steps in w should move pictures equally far. Karras et al., CVPR 2020, section 3.2."""
    style = networks.generator.mapping(z)
    drawn = networks.generator.synthesis(style, fresh_noise=True)
    lengths = path_lengths(drawn, style, torch.randn_like(drawn))
    mean = float(lengths.detach().mean())
    networks.path_length += (0.01 if networks.path_length else 1.0) * (mean - networks.path_length)
    penalty = (lengths - networks.path_length).square().mean()
    loss = config.path_weight * config.path_every * penalty
    return descend(fabric, networks.generator_optimizer, loss, {"path": penalty}, step)
