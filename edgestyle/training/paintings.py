"""Lessons from paintings: what a slow stylizer makes of photos, as colours and as texture."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from edgestyle.errors import TrainingError
from edgestyle.images import Pixels, read_picture, resize, to_floats
from edgestyle.models.vgg import VGG16Features
from edgestyle.teachers.magenta import FRAME_SIZE
from edgestyle.teachers.perceptual import LAYERS, Maps, grams, texture_loss
from edgestyle.training.batches import Batch, Batches, Example, Share
from edgestyle.training.teacher_pictures import TeacherPictures


@dataclass(frozen=True)
class PaintingConfig:
    """How a student learns paintings. L1 alone would average brush strokes away, texture alone would stamp a pattern.

    Attributes:
        styles: names of the paintings.
        hashes: sha256 of their files.
        features: sha256 of the file of VGG16 weights; "torchvision" for those that are fetched.
        frames: photo crops that the teacher painted.
        colour_steps: steps at the start that learn colours only, five times as fast as the rest.
        colour_weight: of L1 after averaging 8 x 8 pixels.
        contrast_weight: of how far the spread of luminance is from the teacher's, relatively. Where a student is unsure
            of strokes, L1 asks for their average, and the picture pales.
        pixel_weight: of L1.
        gram_weight: of the Gram matrices.
        feature_weight: of the features themselves, at relu1_2, relu2_2 and relu3_3.
        painting_share: how far from the teacher's Gram matrices towards the painting's own the target lies at full
            strength; less with the square of the strength.
    """

    styles: tuple[str, ...]
    hashes: tuple[str, ...]
    features: str = "torchvision"
    frames: int = 300
    colour_steps: int = 300
    colour_weight: float = 4.0
    contrast_weight: float = 2.0
    pixel_weight: float = 0.1
    gram_weight: float = 9.0
    feature_weight: float = 0.05
    painting_share: float = 1.0

    def __post_init__(self) -> None:
        if not self.styles or self.frames < 1 or self.colour_steps < 0:
            raise TrainingError("learning paintings needs at least one painting and one frame")

    def check_crop_size(self, crop_size: int) -> None:
        """Raise TrainingError for a crop that does not fit a frame of the teacher's."""
        if crop_size > FRAME_SIZE:
            raise TrainingError(f"crop size must be up to {FRAME_SIZE}, what the teacher paints")


class PaintingBatches(Batches):
    """Maps a step number to its batch; paintings take turns within it.

    Six tenths of the pictures are at full strength, a seventh at half; the rest lie anywhere in [0,1], mixed from the
    two nearest of photo, half and full strength.

    Args:
        pictures: drawn already.
        batch_size: pictures a step.
        crop_size: side of the part of a frame that is used, pixels.
        seed: of everything random.
    """

    def __init__(self, pictures: TeacherPictures, batch_size: int, crop_size: int, seed: int) -> None:
        self.pictures = pictures
        self.styles = tuple(pictures.paintings)
        self.batch_size = batch_size
        self.crop_size = crop_size
        self.seed = seed

    def part(self, step: int, share: Share) -> Batch:
        """The pictures of `share` in the batch of `step`: those of the whole batch."""
        rng = random.Random(f"{self.seed}/{step}")
        images, targets, styles, strengths = [], [], [], []
        for place in range(self.batch_size):
            style = (place + step * self.batch_size) % len(self.styles)
            chance = rng.random()
            strength = 1.0 if chance < 0.6 else 0.5 if chance < 0.75 else rng.random()
            index, mirrored = rng.randrange(self.pictures.count), rng.random() < 0.5
            left, top = (8 * rng.randint(0, (FRAME_SIZE - self.crop_size) // 8) for _ in range(2))
            if place not in share:
                continue
            image, target = self._example(_Part(index, left, top, mirrored), self.styles[style], strength)
            images.append(image)
            targets.append(target)
            styles.append(style)
            strengths.append(strength)
        return Batch(torch.cat(images), torch.cat(targets), torch.tensor(styles), torch.tensor(strengths))

    def _example(self, part: "_Part", style: str, strength: float) -> tuple[Tensor, Tensor]:
        """A part of a photo and what it should become, `[1,3,S,S]` each."""

        def cut(style: str = "", strength: float = 0.0) -> Tensor:
            return part.cut(self.pictures.read(part.index, style, strength), self.crop_size)

        image = cut()
        if strength >= 0.5:
            target = cut(style, 1.0)
            if strength < 1:
                target = cut(style, 0.5).lerp(target, 2 * strength - 1)
        else:
            target = image.lerp(cut(style, 0.5), 2 * strength)
        return image, target


@dataclass(frozen=True)
class _Part:
    """Which frame, where in it, pixels from the left and the top, and whether mirrored."""

    index: int
    left: int
    top: int
    mirrored: bool

    def cut(self, pixels: Pixels, size: int) -> Tensor:
        """The part, `[1,3,S,S]`, of a frame `uint8 [384,384,3]`."""
        crop = pixels[self.top : self.top + size, self.left : self.left + size]
        return torch.from_numpy(to_floats(np.ascontiguousarray(crop[:, ::-1] if self.mirrored else crop)))


class PaintingLesson:
    """Paintings as something to learn.

    Args:
        config: the weights.
        pictures: what the teacher drew.
        features: VGG16, float32.
        batches: of examples.
        device: where the loss is computed.
    """

    def __init__(
        self,
        config: PaintingConfig,
        pictures: TeacherPictures,
        features: VGG16Features,
        batches: PaintingBatches,
        device: str = "cpu",
    ) -> None:
        config.check_crop_size(batches.crop_size)
        self.batches = batches
        self._config = config
        features = features.to(device)
        each = [painting_grams(path, features) for path in pictures.paintings.values()]
        self._paintings = {name: torch.cat([maps[name] for maps in each]) for name in LAYERS}
        self._features = features.bfloat16()
        for _, convolution in self._features.named_convolutions():  # channels last: what fast bfloat16 kernels take
            weight = convolution.weight.data
            convolution.weight.data = weight.contiguous(memory_format=torch.channels_last)

    def loss(self, stylized: Tensor, batch: Batch, step: int) -> Tensor:
        """What a student is punished for: `stylized` and `batch.target` are `[N,3,H,W]`."""
        c, target = self._config, batch.target
        coarse = (F.avg_pool2d(stylized, 8) - F.avg_pool2d(target, 8)).abs().mean()
        loss = c.colour_weight * coarse + c.pixel_weight * (stylized - target).abs().mean()
        loss = loss + c.contrast_weight * contrast_loss(stylized, target)
        if step < c.colour_steps:
            return loss
        with torch.no_grad():
            reference = self._maps(target)
        weights = dict.fromkeys(LAYERS[:3], c.feature_weight)
        painting = {name: values[batch.style] for name, values in self._paintings.items()}
        share = c.painting_share * batch.strength.square()
        mine = self._maps(stylized)
        return loss + texture_loss(mine, reference, c.gram_weight, weights, painting, share)

    def examples(self, count: int) -> Iterator[Example]:
        """The first frames, each with what the teacher makes of it after every painting."""
        pictures = self.batches.pictures
        for index in range(min(count, pictures.count)):
            for style, name in enumerate(self.batches.styles):
                target = pictures.read(index, name, 1.0)
                yield Example(name, pictures.read(index), target, torch.tensor([style]))

    def _maps(self, image: Tensor) -> Maps:
        maps: Maps = self._features(image.contiguous(memory_format=torch.channels_last), LAYERS)
        return maps


def contrast_loss(picture: Tensor, reference: Tensor) -> Tensor:
    """How far the spread of brightness of `picture` is from `reference`'s, `[N,3,H,W]`, as a share of it: a mean."""
    spread, wanted = (image.mean(1).flatten(1).std(1) for image in (picture, reference))
    return ((spread - wanted).abs() / wanted.clamp_min(0.02)).mean()


def painting_grams(path: Path, features: VGG16Features, short_side: int = FRAME_SIZE) -> dict[str, Tensor]:
    """Gram matrices `[1,C,C]` by layer of a painting brought to a short side of 384 pixels."""
    pixels = read_picture(path).pixels
    scale = short_side / min(pixels.shape[:2])
    small = resize(pixels, round(pixels.shape[1] * scale), round(pixels.shape[0] * scale))
    with torch.no_grad():
        return grams(features(torch.from_numpy(to_floats(small)).to(features.mean.device), LAYERS))
