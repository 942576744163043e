"""Training batches. Each follows from (seed, step) alone, whoever computes it and in whatever order."""

import signal
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Protocol

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from edgestyle.images import Pixels


@dataclass(frozen=True)
class Batch:
    """What one step learns from.

    Attributes:
        image: photos `[N,3,H,W]`, sRGB in [0,1].
        target: the teachers' pictures of them, same shape.
        style: index of each one's style, `[N]`.
        strength: how strongly the teacher was applied, `[N]` in [0,1].
    """

    image: Tensor
    target: Tensor
    style: Tensor
    strength: Tensor

    def to(self, device: torch.device) -> "Batch":
        """The same batch on another device."""
        return Batch(*(getattr(self, field.name).to(device) for field in fields(self)))


class Lesson(Protocol):
    """Something a student can learn: examples, and what it is punished for.

    Attributes:
        batches: maps a step number to its batch.
    """

    @property
    def batches(self) -> Dataset[Batch]: ...

    def loss(self, stylized: Tensor, batch: Batch, step: int) -> Tensor:
        """One number for `stylized` `[N,3,H,W]`, the student's pictures of `batch.image`."""

    def examples(self, count: int) -> Iterator[tuple[Pixels, list[Pixels]]]:
        """Up to `count` photos, each with what the teacher of every style makes of it; to look at."""


def _leave_interrupts_to_the_main_process(worker: int) -> None:
    del worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def stream(batches: Dataset[Batch], first_step: int, last_step: int, workers: int) -> DataLoader[Batch]:
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
