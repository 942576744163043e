"""Lessons from filters: photos and what a filter draws of them, made as they are needed."""

import random
from collections.abc import Iterator

import torch
from torch import Tensor

from edgestyle.errors import PictureError
from edgestyle.images import Pixels, middle, resize, to_floats, to_pixels
from edgestyle.teachers import TEACHERS
from edgestyle.training.batches import Batch, Batches, Example, Share
from edgestyle.training.losses import distillation_loss
from edgestyle.training.photos import PhotoCrops, Photos, read_photo


class FilterBatches(Batches):
    """Maps a step number to its batch.

    Teachers take turns within a batch. A third of the pictures is drawn at full strength, the rest evenly over [0,1].
    The teacher works on the crop itself, so the student learns what to do at a picture's border.

    Args:
        photos: to draw crops from.
        teachers: names in `TEACHERS`; a style's index is its place here.
        batch_size: pictures a step.
        crop_size: their side in pixels.
        seed: of everything random.
    """

    def __init__(self, photos: Photos, teachers: tuple[str, ...], batch_size: int, crop_size: int, seed: int) -> None:
        self.crops = PhotoCrops(photos, crop_size)
        self.teachers = teachers
        self.batch_size = batch_size
        self.seed = seed

    def part(self, step: int, share: Share) -> Batch:
        """The pictures of `share` in the batch of `step`.

        They are those of the whole batch, but for photos found damaged when they are drawn: the places after one then
        get other crops in the process that found it than in the others.
        """
        rng = random.Random(f"{self.seed}/{step}")
        images, targets, styles, strengths = [], [], [], []
        for place in range(self.batch_size):
            style = (place + step) % len(self.teachers)
            strength = 1.0 if rng.random() < 1 / 3 else rng.random()
            if place not in share:
                self.crops.pass_over(rng)
                continue
            image = torch.from_numpy(to_floats(self.crops.draw(rng)))
            images.append(image)
            targets.append(self.teach(style, image, strength))
            styles.append(style)
            strengths.append(strength)
        return Batch(torch.cat(images), torch.cat(targets), torch.tensor(styles), torch.tensor(strengths))

    def teach(self, style: int, image: Tensor, strength: float) -> Tensor:
        """What the teacher of a style makes of `image` `[1,3,H,W]`."""
        return TEACHERS[self.teachers[style]](image, strength)


class FilterLesson:
    """Filters as something to learn.

    Args:
        batches: of examples.
        gradient_weight: of the gradient loss beside L1.
    """

    def __init__(self, batches: FilterBatches, gradient_weight: float) -> None:
        self.batches = batches
        self._gradient_weight = gradient_weight

    def loss(self, stylized: Tensor, batch: Batch, step: int) -> Tensor:
        """What a student is punished for: `stylized` and `batch.target` are `[N,3,H,W]`."""
        del step
        return distillation_loss(stylized, batch.target, self._gradient_weight)

    @torch.no_grad()
    def examples(self, count: int) -> Iterator[Example]:
        """The middles of up to `count` photos from all over the list, each with what every teacher makes of it."""
        for pixels in _some(self.batches.crops.photos, count):
            image = torch.from_numpy(to_floats(pixels))
            for style, name in enumerate(self.batches.teachers):
                target = to_pixels(self.batches.teach(style, image, 1.0).numpy())
                yield Example(name, pixels, target, torch.tensor([style]))


def _some(photos: Photos, count: int) -> Iterator[Pixels]:
    """The middles of a few photos from all over the list, passing over damaged ones."""
    share = max(1, len(photos) // count)
    for start in range(0, min(len(photos), share * count), share):
        for index in range(start, min(start + share, len(photos))):
            try:
                yield _centre(read_photo(photos[index]).pixels)
                break
            except PictureError:
                continue


def _centre(pixels: Pixels, side: int = 320, long_side: int = 640) -> Pixels:
    """The middle `side` x `side` of a photo brought to a long side of `long_side`."""
    height, width = pixels.shape[:2]
    scale = max(long_side / max(height, width), side / min(height, width))
    small = resize(pixels, max(side, round(width * scale)), max(side, round(height * scale)))
    return middle(small, side)
