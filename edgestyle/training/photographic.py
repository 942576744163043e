"""Lessons from pairs of photos: the look of any reference picture, recognised and drawn."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from edgestyle.errors import TrainingError
from edgestyle.images import to_pixels
from edgestyle.models.colour import ColourConfig
from edgestyle.models.encoder import EncoderConfig
from edgestyle.models.renderer import RendererConfig
from edgestyle.quality.colour import sliced_wasserstein
from edgestyle.teachers.grades import GRADES, Grade, draw_grade, turn_hue
from edgestyle.teachers.optimal_transport import monge_kantorovich
from edgestyle.training.batches import Batch, Batches, Example, Share
from edgestyle.training.reference_pairs import MOST_PAIRS, PAIR_SIDE, Part, ReferencePairs

_BLOCKS = 4  # a side, of a reference that is shuffled
_SMALLEST_PART = 0.6  # of the side of a reference that is cropped
_DIRECTIONS, _PLACES = 6, 2048  # that palettes are compared along and at, step by step others


@dataclass(frozen=True)
class PhotographicConfig:
    """How a student learns the looks of reference pictures.

    Attributes:
        network: sha256 of the weights of the teacher that is a network.
        looks: names in `GRADES`; each has a vector that is learned, and the finished pack has a style for each.
        encoder: widths of the network that sees a look.
        pairs: of photo and reference that the teachers draw.
        teacher_share: of the examples that are such pairs.
        fresh_share: of the examples that pair a photo with any other picture of the pairs, both in hues of their own,
            taught by linear optimal transport, which takes no time: looks that are rare among the photos.
        grade_share: of the examples in which a reference is the photo itself in another grade, which must come out
            exactly: that teaches each grade and also how to undo it.
        look_share: of the examples in which a look by name is drawn by its vector. In the rest a photo is its own
            reference.
        network_share: of a pair's target that is the network's picture; the rest is optimal transport's. Their mean is
            nearer to the reference than either is.
        pixel_weight: of L1.
        palette_weight: of the distance between palettes: at full strength to the reference's own, else to the target's.
            L1 alone, unsure of a look, would draw it paler.
    """

    network: str
    looks: tuple[str, ...] = tuple(GRADES)
    encoder: EncoderConfig = field(default_factory=EncoderConfig)
    pairs: int = 900
    teacher_share: float = 0.5
    fresh_share: float = 0.2
    grade_share: float = 0.1
    look_share: float = 0.14
    network_share: float = 0.5
    pixel_weight: float = 1.0
    palette_weight: float = 1.5

    def __post_init__(self) -> None:
        unknown = [look for look in self.looks if look not in GRADES]
        if unknown or not self.looks:
            raise TrainingError(f"unknown look {', '.join(unknown) or '(none given)'}; known: {', '.join(GRADES)}")
        if not 1 <= self.pairs <= MOST_PAIRS:
            raise TrainingError(f"learning looks needs 1 to {MOST_PAIRS} pairs, not {self.pairs}")
        shares = (self.teacher_share, self.fresh_share, self.grade_share, self.look_share)
        if min(*shares, self.network_share) < 0 or max(sum(shares), self.network_share) > 1:
            raise TrainingError(f"shares of the examples lie in [0,1], together too, not {shares}")

    @property
    def styles(self) -> tuple[str, ...]:
        """Names of the styles of the finished pack."""
        return self.looks

    def check_fits(self, model: RendererConfig | ColourConfig, crop_size: int) -> None:
        """Raise TrainingError unless the renderer draws looks, from vectors as the encoder's, on whole pairs."""
        if not isinstance(model, ColourConfig):
            raise TrainingError("photographic looks are learned by a colour renderer")
        if model.style_dimensions != self.encoder.style_dimensions:
            raise TrainingError(
                f"renderer and encoder need vectors of one length, not {model.style_dimensions} and "
                f"{self.encoder.style_dimensions}"
            )
        if crop_size not in (PAIR_SIDE, PAIR_SIDE // 2):
            raise TrainingError(
                f"crop size of photographic looks must be {PAIR_SIDE}, what the teachers were shown, or "
                f"{PAIR_SIDE // 2}, which has the same colours, not {crop_size}"
            )


class _Task(NamedTuple):
    """A photo and what it should become at full strength, `[1,3,S,S]`.

    A reference `[1,3,256,256]` has its look; with `look` 0 or above the look of that index is asked for by its vector.
    """

    photo: Tensor
    reference: Tensor
    target: Tensor
    look: int = -1


class PhotographicBatches(Batches):
    """Maps a step number to its batch. Six tenths of the pictures are at full strength, the rest anywhere in [0,1].

    Every picture has a random generator of its own, so that a process makes its share of a batch without the others.

    Args:
        pairs: drawn already.
        config: what the pictures are.
        batch_size: pictures a step.
        crop_size: side of the photos, made smaller from 256; references keep theirs. Colours are the same at half.
        seed: of everything random.
    """

    def __init__(
        self, pairs: ReferencePairs, config: PhotographicConfig, batch_size: int, crop_size: int, seed: int
    ) -> None:
        self.pairs = pairs
        self.batch_size = batch_size
        self._shrink = PAIR_SIDE // crop_size
        self._config = config
        self._seed = seed

    def part(self, step: int, share: Share) -> Batch:
        """The pictures of `share` in the batch of `step`: those of the whole batch."""
        tasks, strengths = [], []
        for place in range(self.batch_size):
            if place not in share:
                continue
            rng = random.Random(f"{self._seed}/{step}/{place}")
            task = self._draw(rng)
            strength = 1.0 if rng.random() < 0.6 else rng.random()
            target = task.photo.lerp(task.target, strength)
            tasks.append(task._replace(reference=vary(task.reference, rng), target=target))
            strengths.append(strength)
        photos, references, targets, looks = zip(*tasks, strict=True)
        return Batch(
            torch.cat(photos), torch.cat(targets), torch.cat(references), torch.tensor(strengths), torch.tensor(looks)
        )

    def _draw(self, rng: random.Random) -> "_Task":
        c, index, chance = self._config, rng.randrange(self.pairs.count), rng.random()
        photo = self._read(index, Part.CONTENT)
        if chance < c.teacher_share:
            reference, target = self.pairs.read(index, Part.REFERENCE), F.avg_pool2d(self.taught(index), self._shrink)
            return _Task(photo, reference, target)
        photo = _in_some_hue(photo, rng)
        chance -= c.teacher_share
        if chance < c.fresh_share:
            other = self.pairs.read(rng.randrange(self.pairs.count), rng.choice((Part.CONTENT, Part.REFERENCE)))
            reference = self._look(rng).apply(_in_some_hue(other, rng))
            return _Task(photo, reference, monge_kantorovich(photo, reference).clamp(0, 1))
        before = draw_grade(rng, 0.5) if rng.random() < 0.5 else Grade()
        if chance < c.fresh_share + c.grade_share:
            graded = self._look(rng).apply(photo)
            return _Task(before.apply(photo), _enlarged(graded), graded)
        if chance < c.fresh_share + c.grade_share + c.look_share:
            photo, look = before.apply(photo), rng.randrange(len(c.looks))
            graded = GRADES[c.looks[look]].apply(photo)
            return _Task(photo, _enlarged(graded), graded, look)
        return _Task(photo, _enlarged(photo), photo)

    def taught(self, index: int) -> Tensor:
        """A pair's photo as the teachers together draw it, `[1,3,256,256]`."""
        network, transport = (self.pairs.read(index, part) for part in (Part.NETWORK, Part.TRANSPORT))
        return transport.lerp(network, self._config.network_share)

    def _read(self, index: int, part: Part) -> Tensor:
        return F.avg_pool2d(self.pairs.read(index, part), self._shrink)

    def _look(self, rng: random.Random) -> Grade:
        """The photo's own look now and then, which undoes what was done before; a look of a style; mostly a new one."""
        chance = rng.random()
        if chance < 0.15:
            return Grade()
        return GRADES[rng.choice(self._config.looks)] if chance < 0.5 else draw_grade(rng)


class PhotographicLesson:
    """The looks of reference pictures as something to learn.

    Args:
        config: the weights.
        batches: of examples.
    """

    def __init__(self, config: PhotographicConfig, batches: PhotographicBatches) -> None:
        self.batches = batches
        self._config = config

    def loss(self, stylized: Tensor, batch: Batch, step: int) -> Tensor:
        """What a student is punished for: `stylized` and `batch.target` are `[N,3,H,W]`."""
        c, target = self._config, batch.target
        loss = c.pixel_weight * (stylized - target).abs().mean()
        if c.palette_weight:
            shown = F.avg_pool2d(batch.style, batch.style.shape[3] // target.shape[3])
            wanted = torch.where((batch.strength == 1).reshape(-1, 1, 1, 1), shown, target)
            apart = sliced_wasserstein(stylized.float(), wanted, step, _DIRECTIONS, _PLACES)
            loss = loss + c.palette_weight * apart.mean()
        return loss

    def examples(self, count: int) -> Iterator[Example]:
        """Pairs from all over the list, as the teachers draw them."""
        pairs = self.batches.pairs
        count = min(count, pairs.count)
        for index in (place * pairs.count // count for place in range(count)):
            photo, reference = (pairs.read(index, part) for part in (Part.CONTENT, Part.REFERENCE))
            taught = self.batches.taught(index)
            pixels, shown, drawn = (to_pixels(picture.numpy()) for picture in (photo, reference, taught))
            yield Example(f"pair {index}", pixels, drawn, reference, {"reference": shown})


def _in_some_hue(image: Tensor, rng: random.Random) -> Tensor:
    """Half of the pictures in a hue that they never had."""
    return turn_hue(image, rng.uniform(-180, 180)) if rng.random() < 0.5 else image


def _enlarged(image: Tensor) -> Tensor:
    """A photo as a reference."""
    return F.interpolate(image, (PAIR_SIDE, PAIR_SIDE), mode="bilinear", align_corners=False)


def vary(reference: Tensor, rng: random.Random) -> Tensor:
    """The same look of another picture: a reference `[1,3,H,W]` mirrored, shuffled in blocks, or a part of it, or none.

    What the encoder says must not depend on where things are; with the target the same, it learns to pass over it.
    """
    if rng.random() < 0.5:
        reference = reference.flip(3)
    if rng.random() < 0.3:
        reference = shuffle_blocks(reference, rng)
    return crop(reference, rng) if rng.random() < 0.3 else reference


def shuffle_blocks(image: Tensor, rng: random.Random) -> Tensor:
    """`[1,3,H,W]`, sides multiples of 4, cut into 4 x 4 blocks that change places."""
    blocks = [block for row in image.chunk(_BLOCKS, 2) for block in row.chunk(_BLOCKS, 3)]
    rng.shuffle(blocks)
    return torch.cat([torch.cat(blocks[start : start + _BLOCKS], 3) for start in range(0, len(blocks), _BLOCKS)], 2)


def crop(image: Tensor, rng: random.Random) -> Tensor:
    """A square part of `[1,3,S,S]` of at least six tenths of its side, enlarged to its size."""
    side = image.shape[3]
    part = rng.randint(round(_SMALLEST_PART * side), side)
    top, left = (rng.randint(0, side - part) for _ in range(2))
    cut = image[:, :, top : top + part, left : left + part]
    return F.interpolate(cut, (side, side), mode="bilinear", antialias=True)
