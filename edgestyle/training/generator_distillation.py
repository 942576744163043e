"""Distil a StyleGAN into a generator for phones, with an encoder of its pictures: one loop, bit for bit resumable."""

import json
import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch
from lightning_fabric import Fabric
from safetensors.torch import save

from edgestyle.errors import TrainingError
from edgestyle.images import whole_file
from edgestyle.models.discriminator import DiscriminatorConfig
from edgestyle.models.inversion import InversionConfig
from edgestyle.models.mobile_stylegan import MobileConfig
from edgestyle.models.stylegan import Generator
from edgestyle.training.adversarial import Progress, check_seed
from edgestyle.training.checkpoints import load_parts, read_state, save_parts
from edgestyle.training.distill import keep_freed_memory
from edgestyle.training.generator_lessons import (
    JUDGE_WIDTHS,
    Apprentice,
    GeneratorLessonConfig,
    GeneratorStudent,
    TaughtFaces,
    learn_step,
)
from edgestyle.training.processes import launch

_NETWORKS = {"model": MobileConfig, "encoder": InversionConfig, "judge": DiscriminatorConfig}
_SIZES = (32, 64, 128)  # pixels, for which there are widths


@dataclass(frozen=True)
class GeneratorDistillConfig:
    """Everything that decides the weights, given the teacher.

    Attributes:
        teacher: sha256 of its file.
        steps: in all.
        seed, threads: the same ones give the same weights on a CPU.
        average_decay: of the running average of the weights, once it has filled.
        lesson: what a step does.
        start: sha256 of the weights of a student that training starts from; "" for random ones.
    """

    teacher: str
    steps: int = 8000
    seed: int = 0
    threads: int = 1
    average_decay: float = 0.998
    lesson: GeneratorLessonConfig = field(default_factory=GeneratorLessonConfig)
    start: str = ""

    def __post_init__(self) -> None:
        if self.steps < 1 or self.threads < 1 or not 0 <= self.average_decay < 1:
            raise TrainingError("steps and threads must be at least 1, the average's decay from 0 and below 1")
        check_seed(self.seed)

    def check_start(self, start: GeneratorStudent) -> None:
        """Raise TrainingError unless a student to start from has the networks of this configuration."""
        for name, found, wanted in (
            ("generator", start.generator.config, self.lesson.model),
            ("encoder", start.encoder.config, self.lesson.encoder),
        ):
            if found != wanted:
                raise TrainingError(f"the student to start from has another {name}: {found} in place of {wanted}")

    def check_fits(self, teacher: Generator) -> None:
        """Raise TrainingError unless the student draws pictures of the teacher's size from styles of its length."""
        model, other = self.lesson.model, teacher.config
        if (model.size, model.style_dimensions) != (other.size, other.style_dimensions):
            raise TrainingError(
                f"the teacher draws {other.size} pixels from styles of {other.style_dimensions} numbers, the student "
                f"{model.size} from {model.style_dimensions}"
            )


def load_student(folder: Path) -> tuple[GeneratorStudent, str]:
    """The average student of a run, and the sha256 of its weights.

    Raises:
        TrainingError: there is no such run, or it is damaged.
    """
    state = read_state(folder)
    if state is None:
        raise TrainingError(f"no checkpoint of a distilled generator in {folder}")
    try:
        networks: dict[str, Any] = {n: kind(**state["config"]["lesson"][n]) for n, kind in _NETWORKS.items()}
        student = GeneratorStudent(GeneratorLessonConfig(**networks))
        load_parts(folder, {"average": student}, {})
    except (KeyError, TypeError, ValueError) as error:
        raise TrainingError(f"{folder} holds no run of a distilled generator: {error}") from error
    return student, sha256(save(student.state_dict())).hexdigest()


def plan_distillation(
    teacher: Generator, digest: str, lesson: dict[str, Any], settings: dict[str, Any]
) -> GeneratorDistillConfig:
    """A configuration whose networks fit a teacher's pictures and styles.

    Args:
        teacher: of 32, 64 or 128 pixels.
        digest: sha256 of its file.
        lesson, settings: of `GeneratorLessonConfig` and `GeneratorDistillConfig`.

    Raises:
        TrainingError: a setting is out of range, or there are no widths for pictures of this size.
    """
    size, dimensions = teacher.config.size, teacher.config.style_dimensions
    if size not in _SIZES:
        raise TrainingError(f"students draw pictures of {', '.join(map(str, _SIZES))} pixels, not {size}")
    doublings = size.bit_length() - 3  # from 4 pixels
    networks: dict[str, Any] = {
        "model": MobileConfig(dimensions, widths=MobileConfig.widths[:doublings]),
        "encoder": InversionConfig(size, dimensions, InversionConfig.widths[: doublings - 1]),
        "judge": DiscriminatorConfig(size, JUDGE_WIDTHS[: doublings + 1]),
    }
    return GeneratorDistillConfig(digest, lesson=GeneratorLessonConfig(**networks, **lesson), **settings)


@dataclass
class _Run:
    apprentice: Apprentice
    average: GeneratorStudent
    step: int = 0


def distill_generator(
    config: GeneratorDistillConfig,
    teacher: Generator,
    folder: Path,
    *,
    fabric: Fabric | None = None,
    start: GeneratorStudent | None = None,
    checkpoint_every: int = 500,
    should_stop: Callable[[], bool] = lambda: False,
    on_step: Callable[[Progress], None] = lambda progress: None,
    on_checkpoint: Callable[[int, GeneratorStudent], None] = lambda step, student: None,
) -> GeneratorStudent:
    """Train a student, or go on where the run in `folder` was interrupted.

    Args:
        config: what to do.
        teacher: frozen, in eval mode.
        folder: of the run; holds the configuration and the checkpoint.
        fabric: from `launch`; one process on the CPU without.
        start: a student to start from, such as another teacher's; a copy of it is trained.
        checkpoint_every: steps between checkpoints.
        should_stop: asked after every step; True saves a checkpoint and ends in KeyboardInterrupt.
        on_step, on_checkpoint: called after every step; with the average, before every regular checkpoint is saved.

    Returns the running average of the student, on the CPU.

    Raises:
        TrainingError: the folder holds another run, its checkpoint is damaged, teacher and student do not fit, or a
            loss or gradient is not finite any more.
    """
    config.check_fits(teacher)
    if start is not None:
        config.check_start(start)
    fabric = fabric or launch(config.lesson.batch_size)
    if fabric.world_size > 1:
        raise TrainingError("a generator is distilled in one process")
    run = _start(config, teacher, folder, fabric, start)
    teacher = deepcopy(teacher).to(fabric.device)  # whoever calls keeps theirs where it is
    lessons = TaughtFaces(teacher, config.lesson, config.seed)
    began, first = time.monotonic(), run.step
    while run.step < config.steps:
        torch.manual_seed(config.seed * 1_000_003 + run.step)  # all that is random in a step follows from its number
        losses = learn_step(fabric, run.apprentice, lessons, config.lesson, run.step, config.steps)
        _update_average(run, config.average_decay)
        run.step += 1
        left = (time.monotonic() - began) / (run.step - first) * (config.steps - run.step)
        on_step(Progress(run.step, config.steps, left, losses))
        stopping = run.step < config.steps and should_stop()
        regular = run.step % checkpoint_every == 0 or run.step == config.steps
        if regular:
            on_checkpoint(run.step, run.average)
        if regular or stopping:
            _save(config, run, folder)
        if stopping:
            raise KeyboardInterrupt
    return run.average.cpu().eval()


def _start(
    config: GeneratorDistillConfig, teacher: Generator, folder: Path, fabric: Fabric, start: GeneratorStudent | None
) -> _Run:
    """A fresh run, or the one to go on with from the folder's checkpoint."""
    torch.set_num_threads(config.threads)
    keep_freed_memory()
    torch.manual_seed(config.seed)
    apprentice = Apprentice.prepare(fabric, deepcopy(teacher).to(fabric.device), config.lesson, start)
    run = _Run(apprentice, deepcopy(apprentice.student).requires_grad_(False).to(fabric.device))
    state, fresh = read_state(folder), json.loads(json.dumps(asdict(config)))
    if state is None:
        with whole_file(folder / "config.json") as temporary:
            temporary.write_text(json.dumps(fresh, indent=2) + "\n", encoding="utf-8")
        return run
    changed = [key for key, value in fresh.items() if state["config"].get(key) != value]
    if changed:
        raise TrainingError(f"{folder} holds a run with another {', '.join(changed)}; start anew with --run FOLDER")
    load_parts(folder, _modules(run), apprentice.optimizers())
    run.step = int(state["step"])
    return run


def _modules(run: _Run) -> dict[str, torch.nn.Module]:
    return {**run.apprentice.modules(), "average": run.average}


def _save(config: GeneratorDistillConfig, run: _Run, folder: Path) -> None:
    state: dict[str, Any] = {"step": run.step, "config": json.loads(json.dumps(asdict(config)))}
    save_parts(folder, state, _modules(run), run.apprentice.optimizers())


@torch.no_grad()
def _update_average(run: _Run, decay: float) -> None:
    """Exponential moving average of the weights, quick at first."""
    decay = min(decay, (run.step + 1) / (run.step + 10))
    for kept, current in zip(run.average.parameters(), run.apprentice.student.parameters(), strict=True):
        kept.lerp_(current, 1 - decay)
