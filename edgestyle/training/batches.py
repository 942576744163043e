"""Training batches. Each follows from (seed, step) alone, whoever computes it and in whatever order."""

import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from edgestyle.errors import TrainingError
from edgestyle.images import Pixels


@dataclass(frozen=True)
class Batch:
    """What one step learns from.

    Attributes:
        image: photos `[N,3,H,W]`, sRGB in [0,1].
        target: the teachers' pictures of them, same shape.
        style: index of each one's style, `[N]`, or its reference picture, `[N,3,256,256]` in [0,1].
        strength: how strongly the teacher was applied, `[N]` in [0,1].
        look: index of the look by name that is learned in place of the reference, or -1, `[N]`; None where none are.
    """

    image: Tensor
    target: Tensor
    style: Tensor
    strength: Tensor
    look: Tensor | None = None

    def asked(self) -> tuple[Tensor, ...]:
        """What the student is called with."""
        asked = (self.image, self.style, self.strength)
        return asked if self.look is None else (*asked, self.look)

    def to(self, device: torch.device) -> "Batch":
        """The same batch on another device."""
        look = None if self.look is None else self.look.to(device)
        return Batch(
            self.image.to(device), self.target.to(device), self.style.to(device), self.strength.to(device), look
        )


@dataclass(frozen=True)
class Share:
    """The places of a batch that one of several processes learns from: every `of`-th one from `rank` on.

    Interleaved and not in blocks, so that the first half of a batch, which the temporal loss takes, is shared alike.
    """

    rank: int = 0
    of: int = 1

    def __contains__(self, place: int) -> bool:
        return place % self.of == self.rank


WHOLE = Share()


@dataclass(frozen=True)
class Example:
    """A photo and what a teacher makes of it, to look at; pictures are `uint8 [H,W,3]`.

    Attributes:
        name: of the style, or of the pair.
        photo, target: before and after.
        style: as in `Batch`, of this one alone: `[1]` or `[1,3,256,256]`.
        shown: what else to look at, by its title; the same titles for all examples of a lesson.
    """

    name: str
    photo: Pixels
    target: Pixels
    style: Tensor
    shown: dict[str, Pixels] = field(default_factory=dict)


class Batches(Dataset[Batch]):
    """Maps a step number to its batch.

    Attributes:
        batch_size: pictures a step, of all processes together.
    """

    batch_size: int

    def __getitem__(self, step: int) -> Batch:
        return self.part(step, WHOLE)

    def part(self, step: int, share: Share) -> Batch:
        """The pictures at the places in `share` of the batch of `step`; the others are not made."""
        raise NotImplementedError


class Lesson(Protocol):
    """Something a student can learn: examples, and what it is punished for.

    Attributes:
        batches: maps a step number to its batch.
    """

    @property
    def batches(self) -> Batches: ...

    def loss(self, stylized: Tensor, batch: Batch, step: int) -> Tensor:
        """One number for `stylized` `[N,3,H,W]`, the student's pictures of `batch.image`: a mean over them."""

    def examples(self, count: int) -> Iterator[Example]:
        """Up to `count` photos with what teachers make of them; of each of several styles a photo has one example."""


def _leave_interrupts_to_the_main_process(worker: int) -> None:
    del worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@dataclass(frozen=True)
class _Parts(Dataset[Batch]):
    batches: Batches
    share: Share

    def __getitem__(self, step: int) -> Batch:
        return self.batches.part(step, self.share)


def stream(batches: Batches, share: Share, first_step: int, last_step: int, workers: int) -> DataLoader[Batch]:
    """A share of the batches of the steps from `first_step` up to but without `last_step`, prepared by `workers`.

    Raises:
        TrainingError: the batches cannot be shared evenly.
    """
    check_shares(batches.batch_size, share.of)
    # forking beside other libraries' threads can deadlock, hence spawn
    return DataLoader(
        _Parts(batches, share),
        batch_size=None,
        sampler=range(first_step, last_step),
        num_workers=workers,
        multiprocessing_context="spawn" if workers else None,
        worker_init_fn=_leave_interrupts_to_the_main_process,
        prefetch_factor=4 if workers else None,
    )


def check_shares(batch_size: int, processes: int) -> None:
    """Raise TrainingError unless a batch gives every process as many pictures as the others."""
    if batch_size % processes:
        raise TrainingError(
            f"a batch of {batch_size} cannot be shared by {processes} processes: --batch-size, which counts the "
            f"pictures of all of them, must be a multiple of {processes}"
        )
