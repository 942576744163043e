"""Distillation: one renderer learns several styles, with a vector each, at every strength."""

import ctypes
import json
import math
import re
import time
from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from edgestyle.errors import EdgestyleError, TrainingError
from edgestyle.images import whole_file
from edgestyle.models.renderer import Renderer, RendererConfig
from edgestyle.teachers import TEACHERS
from edgestyle.training.batches import Batch, Lesson, stream
from edgestyle.training.checkpoints import load_checkpoint, read_state, save_checkpoint
from edgestyle.training.losses import NextFrames
from edgestyle.training.paintings import PaintingConfig

_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_MAX = -1, -2, -4  # of glibc's malloc.h
_CLASS_NAME = re.compile(r"^edgestyle\.errors\.\w+: ")


@dataclass(frozen=True)
class DistillConfig:
    """Everything that decides the weights, given the photos.

    Attributes:
        teachers: names in `TEACHERS`; one style each. Empty where paintings are learned.
        paintings: which ones and how; None where filters are learned.
        steps, batch_size, crop_size: how much is seen.
        learning_rate: of Adam at its highest; it warms up, then falls along a cosine.
        gradient_weight: of the gradient loss beside L1, for filters.
        temporal_weight: of the temporal loss, which keeps video from flickering.
        gradient_clip: largest norm of the gradient; 0 for no limit.
        seed, threads: the same ones give the same weights on a CPU.
        exclude: file names never trained on.
        model: the student.
    """

    teachers: tuple[str, ...] = ()
    paintings: PaintingConfig | None = None
    steps: int = 20_000
    batch_size: int = 8
    crop_size: int = 128
    learning_rate: float = 4e-3
    gradient_weight: float = 0.5
    temporal_weight: float = 0.01
    gradient_clip: float = 0.0
    seed: int = 0
    threads: int = 1
    exclude: tuple[str, ...] = ()
    model: RendererConfig = field(default_factory=RendererConfig)

    def __post_init__(self) -> None:
        unknown = [name for name in self.teachers if name not in TEACHERS]
        if unknown or not self.styles:
            raise TrainingError(f"unknown teacher {', '.join(unknown) or '(none given)'}; known: {', '.join(TEACHERS)}")
        if self.teachers and self.paintings:
            raise TrainingError("a network learns filters or paintings: train two packs")
        if len(set(self.styles)) < len(self.styles):
            raise TrainingError(f"a style is given twice: {', '.join(self.styles)}")
        if self.threads < 1 or not 0 < self.learning_rate < math.inf:
            raise TrainingError("threads must be at least 1, the learning rate a number above 0")
        if not 0 <= self.temporal_weight < math.inf:
            raise TrainingError(f"the temporal weight must be a number from 0 up, not {self.temporal_weight}")
        if self.steps < 1 or self.batch_size < 1 or self.crop_size < 40 or self.crop_size % 8:
            raise TrainingError("steps and batch size must be at least 1, crop size a multiple of 8 from 40 up")
        if self.paintings:
            self.paintings.check_crop_size(self.crop_size)

    @property
    def styles(self) -> tuple[str, ...]:
        """Names of the styles, in the order of their vectors."""
        return self.paintings.styles if self.paintings else self.teachers


class Student(nn.Module):
    """A renderer with the style vectors it learns, `styles [S,D]`."""

    def __init__(self, config: RendererConfig, styles: int) -> None:
        super().__init__()
        self.renderer = Renderer(config)
        self.styles = nn.Parameter(0.5 * torch.randn(styles, config.style_dimensions))

    def forward(self, image: Tensor, style: Tensor, strength: Tensor) -> Tensor:
        stylized: Tensor = self.renderer(image, self.styles[style], strength)
        return stylized


@dataclass(frozen=True)
class Progress:
    """What a run reports after every step, and once when it goes on: losses are smoothed, time may be unknown (inf)."""

    step: int
    steps: int
    loss: float
    seconds_left: float


def distill(
    config: DistillConfig,
    lesson: Lesson,
    photos: list[Path],
    folder: Path,
    *,
    workers: int = 1,
    device: str = "cpu",
    checkpoint_every: int = 500,
    should_stop: Callable[[], bool] = lambda: False,
    on_step: Callable[[Progress], None] = lambda progress: None,
    on_checkpoint: Callable[[Student, list[list[float]]], None] = lambda student, history: None,
) -> Student:
    """Train a student, or go on where the run in `folder` was interrupted, bit for bit.

    Args:
        config: what to learn and how.
        lesson: opened from it.
        photos: files to train on.
        folder: of the run; holds the configuration, the checkpoint and pictures of progress.
        workers: processes that prepare batches; any number gives the same weights.
        device: a torch device.
        checkpoint_every: steps between checkpoints.
        should_stop: asked after every step; on True the run saves a checkpoint and ends with KeyboardInterrupt.
        on_step: called after every step.
        on_checkpoint: called with the averaged student and the loss history `[[step, loss], ...]`.

    Returns:
        The running average of the student, on the CPU.

    Raises:
        TrainingError: the folder holds another run, or its checkpoint is damaged.
    """
    student, average, optimizer, state = _start(config, photos, folder, device)
    history: list[list[float]] = state["history"]
    started, first = time.monotonic(), state["step"]
    smooth: float = state["loss"]
    if first:
        on_step(Progress(first, config.steps, smooth, math.inf))
    for step, batch in enumerate(_readable(stream(lesson.batches, first, config.steps, workers)), first):
        loss = _train_step(student, optimizer, lesson, batch, config, step)
        _update_average(average, student, step)
        smooth = loss if math.isnan(smooth) else 0.98 * smooth + 0.02 * loss
        done = step + 1
        seconds_left = (time.monotonic() - started) / (done - first) * (config.steps - done)
        on_step(Progress(done, config.steps, smooth, seconds_left))
        stopping = done < config.steps and should_stop()
        regular = done % checkpoint_every == 0 or done == config.steps
        if regular:
            history.append([done, smooth])
        if regular or stopping:
            save_checkpoint(folder, _state(config, photos, done, smooth, history), student, average, optimizer)
        if regular:
            on_checkpoint(average, history)
        if stopping:
            raise KeyboardInterrupt
    return average.cpu()


def learning_rate_at(step: int, config: DistillConfig) -> float:
    """Linear warm-up over 50 steps, then a cosine down to 2% of the highest rate."""
    cosine = 0.5 * (1 + math.cos(math.pi * step / config.steps))
    return config.learning_rate * min(1.0, (step + 1) / 50) * (0.02 + 0.98 * cosine)


def _start(
    config: DistillConfig, photos: list[Path], folder: Path, device: str
) -> tuple[Student, Student, torch.optim.Optimizer, dict[str, Any]]:
    """The student, its average, the optimizer and the state to go on from: fresh, or from the folder's checkpoint."""
    torch.set_num_threads(config.threads)
    _keep_freed_memory()
    torch.manual_seed(config.seed)
    student = _to_device(Student(config.model, len(config.styles)), device)
    average = deepcopy(student).requires_grad_(False)
    optimizer = torch.optim.Adam(student.parameters(), lr=config.learning_rate, betas=(0.9, 0.99))
    state = _resume(config, photos, folder) or _state(config, photos, 0, math.nan, [])
    if state["step"]:
        load_checkpoint(folder, student, average, optimizer)
    return student, average, optimizer, state


def _keep_freed_memory() -> None:
    """Tell glibc to reuse large blocks: handing them back every step costs a sixth of its time in page faults."""
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):
        for option, value in ((_M_MMAP_MAX, 0), (_M_TRIM_THRESHOLD, 2**31 - 1), (_M_TOP_PAD, 2**28)):
            library.mallopt(option, value)


def _to_device(student: Student, device: str) -> Student:
    try:
        return student.to(device)
    except (RuntimeError, AssertionError) as error:  # torch asserts that CUDA was compiled in
        raise TrainingError(f"cannot train on device '{device}': {str(error).splitlines()[0]}") from error


def _readable(batches: Iterable[Batch]) -> Iterator[Batch]:
    """Pass batches on; an error that crossed a process arrives wrapped in that process's traceback, so unwrap it."""
    try:
        yield from batches
    except EdgestyleError as error:
        last = str(error).strip().splitlines()[-1]
        raise TrainingError(_CLASS_NAME.sub("", last)) from error


def _train_step(
    student: Student, optimizer: torch.optim.Optimizer, lesson: Lesson, batch: Batch, config: DistillConfig, step: int
) -> float:
    batch = batch.to(student.styles.device)
    for group in optimizer.param_groups:
        group["lr"] = learning_rate_at(step, config)
    image, style, strength = batch.image, batch.style, batch.strength
    frames = NextFrames(image, f"{config.seed}/{step}")
    again = slice(0, len(frames.image))
    stylized = student(  # one pass for both: it is quicker, and distributed training wants it
        torch.cat([image, frames.image]), torch.cat([style, style[again]]), torch.cat([strength, strength[again]])
    )
    now, after = stylized[: len(image)], stylized[len(image) :]
    loss = lesson.loss(now, batch, step) + config.temporal_weight * frames.excess_change(now[again], after)
    if not torch.isfinite(loss):
        raise TrainingError(f"the loss became {loss.item()} at step {step}: lower the learning rate")
    optimizer.zero_grad()
    loss.backward()
    if config.gradient_clip:
        nn.utils.clip_grad_norm_(student.parameters(), config.gradient_clip)
    optimizer.step()
    return loss.item()


@torch.no_grad()
def _update_average(average: Student, student: Student, step: int) -> None:
    """Exponential moving average of the weights (Polyak), quick at first."""
    decay = min(0.998, (step + 1) / (step + 10))
    for kept, current in zip(average.parameters(), student.parameters(), strict=True):
        kept.lerp_(current, 1 - decay)


def _state(
    config: DistillConfig, photos: list[Path], step: int, loss: float, history: list[list[float]]
) -> dict[str, Any]:
    names = [photo.name for photo in photos]
    return {"step": step, "loss": loss, "history": history, "config": asdict(config), "photos": names}


def _resume(config: DistillConfig, photos: list[Path], folder: Path) -> dict[str, Any] | None:
    """State to go on from; writes the configuration beside the run when it starts."""
    state = read_state(folder)
    fresh = json.loads(json.dumps(_state(config, photos, 0, math.nan, [])))
    if state is None:
        with whole_file(folder / "config.json") as temporary:
            temporary.write_text(json.dumps(fresh["config"], indent=2) + "\n", encoding="utf-8")
        return None
    changed = [key for key, value in fresh["config"].items() if state["config"].get(key) != value]
    if changed:
        raise TrainingError(f"{folder} holds a run with another {', '.join(changed)}; start anew with --run FOLDER")
    if state["photos"] != fresh["photos"]:
        raise TrainingError(f"{folder} holds a run on other photos; start anew with --run FOLDER")
    return state
