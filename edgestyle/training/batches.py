"""Training batches. Each follows from (seed, step) alone, whoever computes it and in whatever order."""

import random
import signal
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from edgestyle.images import to_floats
from edgestyle.teachers import TEACHERS
from edgestyle.training.photos import PhotoCrops


@dataclass(frozen=True)
class Batch:
    """What one step learns from.

    Attributes:
        image: photos `[N,3,H,W]`, sRGB in [0,1].
        target: the teachers' pictures of them, same shape.
        style: index of each one's teacher, `[N]`.
        strength: how strongly the teacher was applied, `[N]` in [0,1].
    """

    image: Tensor
    target: Tensor
    style: Tensor
    strength: Tensor


class TeacherBatches(Dataset[Batch]):
    """Maps a step number to its batch.

    Teachers take turns within a batch. A third of the pictures is drawn at full strength, the rest evenly over [0,1].
    The teacher works on the crop itself, so the student learns what to do at a picture's border.

    Args:
        photos: files to draw crops from.
        teachers: names in `TEACHERS`; a style's index is its place here.
        batch_size: pictures a step.
        crop_size: their side in pixels.
        seed: of everything random.
    """

    def __init__(
        self, photos: list[Path], teachers: tuple[str, ...], batch_size: int, crop_size: int, seed: int
    ) -> None:
        self.crops = PhotoCrops(photos, crop_size)
        self.teachers = teachers
        self.batch_size = batch_size
        self.seed = seed

    def __getitem__(self, step: int) -> Batch:
        rng = random.Random(f"{self.seed}/{step}")
        images, targets, styles, strengths = [], [], [], []
        for place in range(self.batch_size):
            style = (place + step) % len(self.teachers)
            strength = 1.0 if rng.random() < 1 / 3 else rng.random()
            image = torch.from_numpy(to_floats(self.crops.draw(rng)))
            images.append(image)
            targets.append(TEACHERS[self.teachers[style]](image, strength))
            styles.append(style)
            strengths.append(strength)
        return Batch(torch.cat(images), torch.cat(targets), torch.tensor(styles), torch.tensor(strengths))


def _leave_interrupts_to_the_main_process(worker: int) -> None:
    del worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def stream(batches: TeacherBatches, first_step: int, last_step: int, workers: int) -> DataLoader[Batch]:
    """Batches of the steps from `first_step` up to but without `last_step`, prepared by `workers` processes."""
    # forking beside other libraries' threads can deadlock, hence spawn
    return DataLoader(
        batches,
        batch_size=None,
        sampler=range(first_step, last_step),
        num_workers=workers,
        multiprocessing_context="spawn" if workers else None,
        worker_init_fn=_leave_interrupts_to_the_main_process,
        prefetch_factor=4 if workers else None,
    )
