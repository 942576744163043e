"""What one step of distilling a generator does: a small network learns to draw what the teacher draws of a style.

The losses are those of Belousov, "MobileStyleGAN", 2021, section 3.4: pixels, features and an adversary, here with the
wavelet coefficients of every scale. Beside it an encoder learns to say which style a picture was drawn from.
"""

import math
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import torch
import torch.nn.functional as F
from lightning_fabric import Fabric
from torch import Tensor, nn

from edgestyle.errors import TrainingError
from edgestyle.models.discriminator import Discriminator, DiscriminatorConfig
from edgestyle.models.efficientnet_lite import EfficientNetLite0
from edgestyle.models.inversion import InversionConfig, InversionEncoder
from edgestyle.models.mobile_stylegan import MobileConfig, MobileGenerator, WaveletHeads
from edgestyle.models.stylegan import Generator
from edgestyle.quality.features import load_shipped
from edgestyle.training.adversarial_losses import discriminator_loss, feature_loss, generator_loss, slope_penalty
from edgestyle.training.descent import descend
from edgestyle.training.wavelet_losses import energy_loss, sharpened, wavelet_loss

JUDGE_WIDTHS = (64, 64, 48, 32, 24, 12)  # channels of the adversary at 4, 8, ... pixels
_SLOPE_WEIGHT, _SLOPE_EVERY = 0.5, 16


@dataclass(frozen=True)
class GeneratorLessonConfig:
    """What a step does.

    Attributes:
        batch_size: pictures a step.
        learning_rate: of Adam at its highest.
        faces: that the teacher draws, once; steps go round them.
        truncated_share: of the pictures that are drawn below full strength.
        feature_weight, wavelet_weight, energy_weight, adversarial_weight: of those losses beside L1 of pixels.
        sharpening: by which edges of the teacher's pictures are strengthened at full size. Whoever is not sure where an
            edge lies draws a soft one, as L1 wants it; 0.5 makes up for most of that.
        coarse_share: of the steps, the first ones, in which pictures are drawn at half their size, four times as fast.
        adversarial_start: share of the steps before which no adversary judges.
        encoder_start: share of the steps before which the encoder does not learn.
        redrawn_weight: of L1 between a picture and what is drawn of its encoded style, beside that of the styles.
        model, encoder: widths.
        judge: widths of the adversary.
    """

    batch_size: int = 8
    learning_rate: float = 2e-3
    faces: int = 8192
    truncated_share: float = 0.25
    feature_weight: float = 0.5
    wavelet_weight: float = 0.5
    energy_weight: float = 10.0
    sharpening: float = 0.5
    adversarial_weight: float = 0.03
    coarse_share: float = 0.6
    adversarial_start: float = 0.75
    encoder_start: float = 0.7
    redrawn_weight: float = 4.0
    model: MobileConfig = field(default_factory=MobileConfig)
    encoder: InversionConfig = field(default_factory=InversionConfig)
    judge: DiscriminatorConfig = field(default_factory=lambda: DiscriminatorConfig(128, JUDGE_WIDTHS))

    def __post_init__(self) -> None:
        if not 2 <= self.batch_size <= self.faces or not 0 < self.learning_rate < math.inf:
            raise TrainingError("a batch has from 2 up to all pictures, and a learning rate is a number above 0")
        shares = (self.truncated_share, self.coarse_share, self.adversarial_start, self.encoder_start)
        weights = (
            self.feature_weight, self.wavelet_weight, self.energy_weight, self.sharpening, self.adversarial_weight,
            self.redrawn_weight,
        )  # fmt: skip
        if not all(0 <= share <= 1 for share in shares) or not all(0 <= weight < math.inf for weight in weights):
            raise TrainingError("shares lie in [0,1] and weights are numbers from 0 up")
        later = {"encoder start": self.encoder_start}
        later |= {"adversarial start": self.adversarial_start} if self.adversarial_weight else {}
        if self.coarse_share > min(later.values()) or self.coarse_share == 1:
            starts = " and ".join(f"{name} {share:g}" for name, share in later.items())
            raise TrainingError(f"coarse share {self.coarse_share:g} must be below 1 and not above {starts}")
        sizes = {self.model.size, self.encoder.size, self.judge.size}
        if len(sizes) > 1 or self.model.style_dimensions != self.encoder.style_dimensions:
            raise TrainingError("generator, encoder and adversary must be of one size, and of styles of one length")


class GeneratorStudent(nn.Module):
    """What is kept of a distillation: the small generator and the encoder of its pictures."""

    def __init__(self, config: GeneratorLessonConfig) -> None:
        super().__init__()
        self.generator = MobileGenerator(config.model)
        self.encoder = InversionEncoder(config.encoder)


@dataclass
class Apprentice:
    """Networks in training, with their optimizers.

    Attributes:
        student: what is kept.
        heads: that predict the coarser scales' coefficients.
        judge: the adversary.
        drawing, encoding, judging: optimizers of generator and heads, of the encoder, and of the adversary.
        features: for the feature loss.
        spread: of the teacher's styles, `[D]`, by which distances between styles are measured.
    """

    student: GeneratorStudent
    heads: WaveletHeads
    judge: Discriminator
    drawing: Any
    encoding: Any
    judging: Any
    features: EfficientNetLite0
    spread: Tensor

    @classmethod
    def prepare(
        cls, fabric: Fabric, teacher: Generator, config: GeneratorLessonConfig, start: GeneratorStudent | None = None
    ) -> "Apprentice":
        """New networks on the device, the student with the weights of `start` where there is one."""
        student, heads, judge = GeneratorStudent(config), WaveletHeads(config.model), Discriminator(config.judge)
        for weight in (*student.parameters(), *judge.parameters()):
            if weight.ndim == 4:  # a fifth quicker on a CPU
                weight.data = weight.data.contiguous(memory_format=torch.channels_last)
        if start is not None:
            student.load_state_dict(start.state_dict())
        student.generator.get_buffer("mean_style").copy_(teacher.get_buffer("mean_style").detach())
        drawer = nn.ModuleList([student.generator, heads])
        optimizers = []
        for network, betas in ((drawer, (0.9, 0.99)), (student.encoder, (0.9, 0.99)), (judge, (0.0, 0.99))):
            learned = [parameter for parameter in network.parameters() if parameter.requires_grad]
            adam = torch.optim.Adam(learned, lr=config.learning_rate, betas=betas)
            optimizers.append(fabric.setup(network, adam)[1])
        with torch.no_grad():
            z = torch.randn(2000, teacher.config.latent_dimensions, generator=torch.Generator().manual_seed(0))
            spread = teacher.mapping(z.to(fabric.device)).std(0) + 1e-3
        drawing, encoding, judging = optimizers
        features = deepcopy(load_shipped().trunk).to(fabric.device)
        return cls(student, heads, judge, drawing, encoding, judging, features, spread)

    def modules(self) -> dict[str, nn.Module]:
        """By the names that checkpoints give them."""
        return {"student": self.student, "heads": self.heads, "judge": self.judge}

    def optimizers(self) -> dict[str, Any]:
        """Likewise."""
        return {"drawing": self.drawing, "encoding": self.encoding, "judging": self.judging}


class TaughtFaces:
    """What the teacher draws, kept as bytes: batches that come round, each drawn when it is first asked for.

    Args:
        teacher: frozen.
        config: says how many.
        seed: of styles and strengths; a batch follows from it and its number.
    """

    def __init__(self, teacher: Generator, config: GeneratorLessonConfig, seed: int) -> None:
        self._teacher, self._config, self._seed = teacher, config, seed
        self._device = teacher.get_buffer("mean_style").device
        self._kept: dict[int, tuple[Tensor, Tensor, Tensor]] = {}

    def at(self, step: int) -> tuple[Tensor, Tensor, Tensor]:
        """Styles `[N,D]`, strengths `[N]` and pictures `[N,3,S,S]` in [0,1] of a step, on the teacher's device."""
        number = step % (self._config.faces // self._config.batch_size)
        if number not in self._kept:
            self._kept[number] = self._draw(number)
        style, strength, pixels = (each.to(self._device) for each in self._kept[number])
        return style, strength, pixels.float() / 255

    @torch.no_grad()
    def _draw(self, number: int) -> tuple[Tensor, Tensor, Tensor]:
        count, random = self._config.batch_size, torch.Generator().manual_seed(self._seed * 1_000_003 + number)
        latents = torch.randn(count, self._teacher.config.latent_dimensions, generator=random)
        style = self._teacher.mapping(latents.to(self._device))
        below = torch.rand(count, generator=random) < self._config.truncated_share
        strength = torch.where(below, torch.rand(count, generator=random), torch.ones(count))
        drawn = self._teacher.draw(style, strength.to(self._device))
        if not bool(drawn.isfinite().all()):
            raise TrainingError("the teacher draws pictures of numbers that are not finite")
        return style.cpu(), strength, (drawn * 255).round().to(torch.uint8).cpu()


def learn_step(
    fabric: Fabric, apprentice: Apprentice, lessons: "TaughtFaces", config: GeneratorLessonConfig, step: int, steps: int
) -> dict[str, float]:
    """Do step number `step` of `steps`; returns its losses by name. Errors as for `descend`."""
    _set_rates(apprentice, config, step, steps)
    style, strength, target = lessons.at(step)
    if step < config.coarse_share * steps:
        return _draw_coarsely(fabric, apprentice, style, strength, target, config, step)
    judged = config.adversarial_weight > 0 and step >= config.adversarial_start * steps
    losses, drawn = _draw_alike(fabric, apprentice, style, strength, target, config, judged, step)
    if judged:
        losses |= _judge(fabric, apprentice, target, drawn, step)
    if step >= config.encoder_start * steps:
        losses |= _encode(fabric, apprentice, style, strength, drawn.clamp(0, 1), config, step)
    return losses


def _set_rates(apprentice: Apprentice, config: GeneratorLessonConfig, step: int, steps: int) -> None:
    """A short rise, then a cosine down to 2% of the highest rate; the adversary's stays."""
    rate = config.learning_rate * min(1.0, (step + 1) / 100) * (0.51 + 0.49 * math.cos(math.pi * step / steps))
    for optimizer in (apprentice.drawing, apprentice.encoding):
        for group in optimizer.param_groups:
            group["lr"] = rate


def _draw_coarsely(
    fabric: Fabric, apprentice: Apprentice, style: Tensor, strength: Tensor, target: Tensor,
    config: GeneratorLessonConfig, step: int,
) -> dict[str, float]:  # fmt: skip
    """The generator's part at half the size, by all blocks but the last and the head of the coarser scale."""
    generator = apprentice.student.generator
    bands = apprentice.heads(generator.features(generator.truncated(style, strength), len(generator.blocks) - 1))
    drawn, small = generator.picture(bands[-1]), F.avg_pool2d(target, 2)
    pixels, wavelets = (drawn - small).abs().mean(), wavelet_loss(bands, small)
    deep = feature_loss(drawn.clamp(0, 1), small, apprentice.features)
    loss = pixels + config.wavelet_weight * wavelets + config.feature_weight * deep
    losses = {"pixels": pixels, "features": deep, "wavelets": wavelets}
    return descend(fabric, apprentice.drawing, loss, losses, step)


def _draw_alike(
    fabric: Fabric, apprentice: Apprentice, style: Tensor, strength: Tensor, target: Tensor,
    config: GeneratorLessonConfig, judged: bool, step: int,
) -> tuple[dict[str, float], Tensor]:  # fmt: skip
    """The generator's part; gives the pictures too, `[N,3,S,S]` without gradients."""
    generator = apprentice.student.generator
    features = generator.features(generator.truncated(style, strength))
    bands = generator.to_bands(features[-1])
    drawn = generator.picture(bands)
    wanted = sharpened(target, config.sharpening)
    pixels, energies = (drawn - wanted).abs().mean(), energy_loss(drawn, wanted)
    wavelets = wavelet_loss([*apprentice.heads(features), bands], wanted)
    half = len(drawn) // 2  # features of all would take as long as the rest
    deep = feature_loss(drawn[:half].clamp(0, 1), wanted[:half], apprentice.features)
    loss = pixels + config.wavelet_weight * wavelets + config.feature_weight * deep + config.energy_weight * energies
    losses = {"pixels": pixels, "features": deep, "wavelets": wavelets, "energies": energies}
    if judged:
        apprentice.judge.requires_grad_(False)
        losses["generator"] = generator_loss(apprentice.judge(drawn))
        loss = loss + config.adversarial_weight * losses["generator"]
    numbers = descend(fabric, apprentice.drawing, loss, losses, step)
    apprentice.judge.requires_grad_(True)
    return numbers, drawn.detach()


def _judge(fabric: Fabric, apprentice: Apprentice, target: Tensor, drawn: Tensor, step: int) -> dict[str, float]:
    """The adversary's part: the teacher's pictures are the real ones."""
    loss = discriminator_loss(apprentice.judge(target), apprentice.judge(drawn))
    losses = {"adversary": loss}
    if step % _SLOPE_EVERY == 0:
        losses["slope"] = slope_penalty(apprentice.judge, target)
        loss = loss + _SLOPE_WEIGHT * _SLOPE_EVERY * losses["slope"]
    return descend(fabric, apprentice.judging, loss, losses, step)


def _encode(
    fabric: Fabric, apprentice: Apprentice, style: Tensor, strength: Tensor, drawn: Tensor,
    config: GeneratorLessonConfig, step: int,
) -> dict[str, float]:  # fmt: skip
    """The encoder's part: say the style, truncated as it was, and one that the generator draws alike."""
    generator, spread = apprentice.student.generator, apprentice.spread
    with torch.no_grad():
        wanted = generator.truncated(style, strength)
    found = apprentice.student.encoder(drawn)
    apart = ((found - wanted) / spread).abs().mean()
    generator.requires_grad_(False)
    half = len(found) // 2
    redrawn = generator.picture(generator.to_bands(generator.features(found[:half])[-1]))
    pixels = (redrawn - drawn[:half]).abs().mean()
    loss, losses = apart + config.redrawn_weight * pixels, {"styles": apart, "redrawn": pixels}
    numbers = descend(fabric, apprentice.encoding, loss, losses, step)
    generator.requires_grad_(True)
    generator.merge.requires_grad_(False)
    return numbers
