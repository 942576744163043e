"""Distillation: one renderer learns several styles, or the look of any reference picture, at every strength."""

import ctypes
import json
import math
import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from edgestyle.errors import TrainingError
from edgestyle.images import whole_file
from edgestyle.models.colour import ColourConfig
from edgestyle.models.renderer import RendererConfig
from edgestyle.teachers import TEACHERS
from edgestyle.training.batches import Batch, Lesson, Share, stream
from edgestyle.training.checkpoints import load_checkpoint, read_state, save_checkpoint
from edgestyle.training.losses import NextFrames
from edgestyle.training.paintings import PaintingConfig
from edgestyle.training.photographic import PhotographicConfig
from edgestyle.training.photos import Photos, list_names
from edgestyle.training.processes import PRECISIONS, any_of, in_step, launch, mean_of
from edgestyle.training.quantization import QuantizationConfig
from edgestyle.training.students import AnyStudent, PhotographicStudent, Student

LOSSES = ("loss", "lesson", "temporal")
_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_MAX = -1, -2, -4  # of glibc's malloc.h


@dataclass(frozen=True)
class DistillConfig:
    """Everything that decides the weights, given the photos.

    Attributes:
        teachers: names in `TEACHERS`; one style each. Empty where something else is learned.
        paintings: which ones and how; None where none are.
        photographic: how the looks of reference pictures are learned; None where none are.
        quantization: which recipe's arithmetic a pack's network learns to bear; None where styles are learned.
        steps, batch_size, crop_size: how much is seen, by all processes together.
        learning_rate: of Adam at its highest; it warms up, then falls along a cosine.
        gradient_weight: of the gradient loss beside L1, for filters.
        temporal_weight: of the temporal loss, which keeps video from flickering.
        temporal_start: share of the steps before which it does not count, so that texture can appear; it then grows to
            its full weight over a tenth of the steps. At 0 it counts in full from the first step.
        temporal_slack: by how much a style may change more than its photo before that loss counts.
        temporal_squared: whether its square counts, which is hard on styles that flicker much and easy on the others.
        border: pixels at the edges of a crop that no loss sees. Convolutions feel the edge there; a student that is
            judged on it learns to pile its texture up in a corner.
        gradient_clip: largest norm of the gradient; 0 for no limit.
        precision: what the network computes in, one of `PRECISIONS`; its weights stay float32.
        seed, threads: the same ones give the same weights on a CPU.
        exclude: file names never trained on.
        start: sha256 of the weights that training starts from; "" for random ones.
        model: the student's renderer; a colour renderer where looks are learned.
    """

    teachers: tuple[str, ...] = ()
    paintings: PaintingConfig | None = None
    steps: int = 20_000
    batch_size: int = 8
    crop_size: int = 128
    learning_rate: float = 4e-3
    gradient_weight: float = 0.5
    temporal_weight: float = 0.01
    temporal_start: float = 0.0
    temporal_slack: float = 0.0
    temporal_squared: bool = False
    border: int = 0
    gradient_clip: float = 0.0
    precision: str = "32"
    seed: int = 0
    threads: int = 1
    exclude: tuple[str, ...] = ()
    start: str = ""
    model: RendererConfig | ColourConfig = field(default_factory=RendererConfig)
    quantization: QuantizationConfig | None = None
    photographic: PhotographicConfig | None = None

    def __post_init__(self) -> None:
        unknown = [name for name in self.teachers if name not in TEACHERS]
        if unknown or not self.styles:
            raise TrainingError(f"unknown teacher {', '.join(unknown) or '(none given)'}; known: {', '.join(TEACHERS)}")
        if sum(map(bool, (self.teachers, self.paintings, self.photographic))) > 1:
            raise TrainingError("a network learns filters, paintings or photographic looks: train two packs")
        if self.quantization and (
            self.teachers or self.paintings or self.photographic or self.precision != "32" or not self.start
        ):
            raise TrainingError("quantization-aware training starts from a pack, teaches no other style, in float32")
        if len(set(self.styles)) < len(self.styles):
            raise TrainingError(f"a style is given twice: {', '.join(self.styles)}")
        if self.threads < 1 or not 0 < self.learning_rate < math.inf:
            raise TrainingError("threads must be at least 1, the learning rate a number above 0")
        if self.precision not in PRECISIONS:
            raise TrainingError(f"there is no precision '{self.precision}'; known: {', '.join(PRECISIONS)}")
        if not 0 <= self.temporal_weight < math.inf or not 0 <= self.temporal_start < 1:
            raise TrainingError(
                "the temporal weight must be a number from 0 up, its start a share of the steps below 1, "
                f"not {self.temporal_weight} and {self.temporal_start}"
            )
        if self.steps < 1 or self.batch_size < 1 or self.crop_size < 40 or self.crop_size % 8:
            raise TrainingError("steps and batch size must be at least 1, crop size a multiple of 8 from 40 up")
        if not 0 <= 2 * self.border <= self.crop_size - 40:
            raise TrainingError(f"a border of {self.border} leaves less than 40 of {self.crop_size} pixels to judge")
        if self.paintings:
            self.paintings.check_crop_size(self.crop_size)
        if self.photographic:
            self.photographic.check_fits(self.model, self.crop_size)
        elif isinstance(self.model, ColourConfig):
            raise TrainingError("a colour renderer learns photographic looks alone")

    @property
    def styles(self) -> tuple[str, ...]:
        """Names of the styles, in the order of their vectors."""
        other = self.paintings or self.quantization or self.photographic
        return other.styles if other else self.teachers


@dataclass(frozen=True)
class Progress:
    """What a run reports after every step, and once when it goes on.

    Attributes:
        step, steps: how far it is.
        loss: smoothed.
        seconds_left: inf where it goes on.
        losses: of this step, by the names in `LOSSES`: the whole, the lesson's, the temporal one unweighted.
    """

    step: int
    steps: int
    loss: float
    seconds_left: float
    losses: dict[str, float] = field(default_factory=dict)


def distill(
    config: DistillConfig,
    lesson: Lesson,
    photos: Photos,
    folder: Path,
    *,
    fabric: Fabric | None = None,
    start: AnyStudent | None = None,
    workers: int = 1,
    checkpoint_every: int = 500,
    should_stop: Callable[[], bool] = lambda: False,
    on_step: Callable[[Progress], None] = lambda progress: None,
    on_checkpoint: Callable[[AnyStudent, list[list[float]]], None] = lambda student, history: None,
) -> AnyStudent:
    """Train a student, or go on where the run in `folder` was interrupted, bit for bit.

    Several processes go through this loop in step, each with its share of every batch. Gradients are averaged, so the
    weights are those of one process but for rounding. The first process alone writes and reports.

    Args:
        config: what to learn and how.
        lesson, photos: opened from it; to train on.
        folder: of the run; holds the configuration, the checkpoint and pictures of progress. All processes see it.
        fabric: from `launch`; one process on the CPU without.
        start: a student to start from, a copy of which is trained; its weights hash to `config.start`.
        workers: processes that prepare batches for this one; any number gives the same weights.
        checkpoint_every: steps between checkpoints.
        should_stop: asked after every step; True in any process saves a checkpoint and ends in KeyboardInterrupt.
        on_step, on_checkpoint: called with how far it is; with the average and the losses `[[step, loss], ...]`.

    Returns the running average of the student, on the CPU.

    Raises:
        TrainingError: the folder holds another run, or its checkpoint is damaged.
    """
    fabric = fabric or launch(config.batch_size, config.precision)
    run = _start(config, start, photos, folder, fabric)
    started, first = time.monotonic(), run.step
    if first and fabric.is_global_zero:
        on_step(Progress(first, config.steps, run.loss, math.inf))
    batches = stream(lesson.batches, run.share, first, config.steps, workers)
    for step, batch in enumerate(in_step(fabric, batches), first):
        losses = _train_step(fabric, run, lesson, batch, config)
        update_average(run.average, run.student, step)
        run.loss = losses["loss"] if math.isnan(run.loss) else 0.98 * run.loss + 0.02 * losses["loss"]
        run.step = done = step + 1
        seconds_left = (time.monotonic() - started) / (done - first) * (config.steps - done)
        if fabric.is_global_zero:
            on_step(Progress(done, config.steps, run.loss, seconds_left, losses))
        stopping = any_of(fabric, done < config.steps and should_stop())
        regular = done % checkpoint_every == 0 or done == config.steps
        if regular:
            run.history.append([done, run.loss])
        if fabric.is_global_zero and (regular or stopping):
            save_checkpoint(folder, _state(config, photos, run, fabric), run.student, run.average, run.optimizer)
        if fabric.is_global_zero and regular:
            on_checkpoint(run.average, run.history)
        if stopping:
            fabric.barrier()  # a process that ends takes the others with it, maybe while the first one saves
            raise KeyboardInterrupt
    return run.average.cpu()


def learning_rate_at(step: int, config: DistillConfig) -> float:
    """`cosine_rate` of a configuration."""
    return cosine_rate(step, config.steps, config.learning_rate)


def cosine_rate(step: int, steps: int, highest: float) -> float:
    """Linear warm-up over 50 steps, then a cosine down to 2% of the highest rate."""
    cosine = 0.5 * (1 + math.cos(math.pi * step / steps))
    return highest * min(1.0, (step + 1) / 50) * (0.02 + 0.98 * cosine)


def temporal_weight_at(step: int, config: DistillConfig) -> float:
    """0 up to `temporal_start`, then a straight line up to `temporal_weight` over a tenth of the steps."""
    if not config.temporal_start:
        return config.temporal_weight
    grown = 10 * (step / config.steps - config.temporal_start)
    return config.temporal_weight * min(1.0, max(0.0, grown))


@dataclass
class _Run:
    """A student in training. `network` and `optimizer` are Fabric's, which work on the student's own weights."""

    student: AnyStudent
    average: AnyStudent
    network: Any
    optimizer: Any
    share: Share
    step: int = 0
    loss: float = math.nan
    history: list[list[float]] = field(default_factory=list)


def _start(config: DistillConfig, start: AnyStudent | None, photos: Photos, folder: Path, fabric: Fabric) -> _Run:
    """A fresh run, or the one to go on with from the folder's checkpoint."""
    set_threads(config.threads)
    torch.manual_seed(config.seed)
    student = _new_student(config) if start is None else deepcopy(start)
    average = deepcopy(student).requires_grad_(False).to(fabric.device)
    adam = torch.optim.Adam(student.parameters(), lr=config.learning_rate, betas=(0.9, 0.99))
    share = Share(fabric.global_rank, fabric.world_size)
    network, optimizer = fabric.setup(student, adam)
    run = _Run(student, average, network, optimizer, share)
    if state := _resume(config, photos, run, folder, fabric):
        load_checkpoint(folder, student, average, run.optimizer)
        fabric.strategy.precision.load_state_dict(state.get("precision", {}))
        run.step, run.loss, run.history = state["step"], state["loss"], state["history"]
    seen = [run.step, list_names(photos)]
    if any_of(fabric, seen != fabric.broadcast(seen)):
        raise TrainingError(f"machines see different things: put {folder} and the photos on a disk that all share")
    return run


def _new_student(config: DistillConfig) -> AnyStudent:
    """A student with random weights."""
    if isinstance(config.model, RendererConfig):
        return Student(config.model, len(config.styles))
    assert config.photographic is not None  # as the configuration saw to
    return PhotographicStudent(config.model, config.photographic.encoder, len(config.styles))


def set_threads(threads: int) -> None:
    """Compute on so many CPU threads, and keep the memory that they free."""
    torch.set_num_threads(threads)
    keep_freed_memory()


def keep_freed_memory() -> None:
    """Tell glibc to reuse large blocks: handing them back every step costs a sixth of its time in page faults."""
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):
        for option, value in ((_M_MMAP_MAX, 0), (_M_TRIM_THRESHOLD, 2**31 - 1), (_M_TOP_PAD, 2**28)):
            library.mallopt(option, value)


def _train_step(fabric: Fabric, run: _Run, lesson: Lesson, batch: Batch, config: DistillConfig) -> dict[str, float]:
    """Learn from this process's share of the batch of `run.step`; returns the losses of the whole batch."""
    batch = batch.to(fabric.device)
    for group in run.optimizer.param_groups:
        group["lr"] = learning_rate_at(run.step, config)
    temporal_weight = temporal_weight_at(run.step, config)
    frames = NextFrames(batch.image, f"{config.seed}/{run.step}", run.share) if temporal_weight else None
    stylized, temporal = _stylize(run.network, batch, frames, config)
    judged = replace(batch, target=_inside(batch.target, config.border))
    taught = lesson.loss(_inside(stylized, config.border), judged, run.step)
    loss = taught + temporal_weight * temporal
    losses = dict(zip(LOSSES, mean_of(fabric, torch.stack([loss, taught, temporal])), strict=True))
    if not math.isfinite(losses["loss"]):
        raise TrainingError(f"the loss became {losses['loss']} at step {run.step}: lower the learning rate")
    run.optimizer.zero_grad()
    fabric.backward(loss)
    if config.gradient_clip:
        fabric.clip_gradients(run.network, run.optimizer, max_norm=config.gradient_clip, error_if_nonfinite=False)
    run.optimizer.step()
    return losses


def _inside(image: Tensor, border: int) -> Tensor:
    """`[N,3,H,W]` without `border` pixels at its edges."""
    return image[..., border : image.shape[2] - border, border : image.shape[3] - border].contiguous()


def _stylize(network: Any, batch: Batch, frames: NextFrames | None, config: DistillConfig) -> tuple[Tensor, Tensor]:
    """The batch's pictures stylized, and how much more they change until `frames` than the photos do; 0 without."""
    image, *others = batch.asked()
    if frames is None:
        return network(image, *others), image.new_zeros(())
    again = slice(0, len(frames.image))
    asked = [torch.cat([image, frames.image]), *(torch.cat([other, other[again]]) for other in others)]
    stylized = network(*asked)  # one pass for both: it is quicker, and distributed training wants it
    now, after = stylized[: len(image)], stylized[len(image) :]
    slack, squared = config.temporal_slack, config.temporal_squared
    return now, frames.excess_change(now[again], after, config.border, slack, squared)


@torch.no_grad()
def update_average(average: nn.Module, network: nn.Module, step: int) -> None:
    """Move an exponential moving average of a network's weights (Polyak), quick at first."""
    decay = min(0.998, (step + 1) / (step + 10))
    for kept, current in zip(average.parameters(), network.parameters(), strict=True):
        kept.lerp_(current, 1 - decay)


def _state(config: DistillConfig, photos: Photos, run: _Run, fabric: Fabric) -> dict[str, Any]:
    state = {"step": run.step, "loss": run.loss, "history": run.history}
    state |= {"config": asdict(config), "photos": list_names(photos)}
    scale = fabric.strategy.precision.state_dict()  # of float16's losses
    return state | ({"precision": scale} if scale else {})


def _resume(config: DistillConfig, photos: Photos, run: _Run, folder: Path, fabric: Fabric) -> dict[str, Any] | None:
    """State to go on from; writes the configuration beside the run when it starts."""
    state = read_state(folder)
    fresh = json.loads(json.dumps(_state(config, photos, run, fabric)))
    if state is None:
        if fabric.is_global_zero:
            with whole_file(folder / "config.json") as temporary:
                temporary.write_text(json.dumps(fresh["config"], indent=2) + "\n", encoding="utf-8")
        return None
    before = asdict(DistillConfig(("cartoon",))) | state["config"]  # an older run had the defaults of newer settings
    before["model"] = (
        asdict(type(config.model)()) | before["model"]
    )  # but not a newer loss of paintings: that starts anew
    changed = [key for key, value in fresh["config"].items() if before[key] != value]
    if changed:
        raise TrainingError(f"{folder} holds a run with another {', '.join(changed)}; start anew with --run FOLDER")
    if state["photos"] != fresh["photos"]:
        raise TrainingError(f"{folder} holds a run on other photos; start anew with --run FOLDER")
    return state
