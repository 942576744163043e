"""How `edgestyle train-generator` and `distill-generator` run, and what they show while they do."""

import math
import sys
import time
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn
from rich.progress import Progress as Bar

from edgestyle.cli.extras import needs
from edgestyle.cli.training import duration, interrupts

with needs("torch", "train"):
    from lightning_fabric import Fabric

    from edgestyle.models.discriminator import Discriminator
    from edgestyle.models.generator_files import save_generator
    from edgestyle.models.stylegan import Generator
    from edgestyle.training.adversarial import AdversarialConfig, Progress, Run, teach_generator
    from edgestyle.training.event_log import Scalars
    from edgestyle.training.generator_distillation import GeneratorDistillConfig, distill_generator
    from edgestyle.training.generator_lessons import GeneratorStudent
    from edgestyle.training.generator_measures import HeldBack, note_measures, write_faces
    from edgestyle.training.generator_sheets import write_pairs
    from edgestyle.training.picture_set import PictureSet, read_picture_set

BEST_FILE = "best.safetensors"
_CHECKPOINT_STEPS = 250
_SHEET_EVERY, _MEASURE_EVERY = 2, 8  # checkpoints; also at the last


def read_pictures(folder: Path, size: int) -> PictureSet:
    """Read all pictures under a progress bar; says what cannot be read."""
    with Bar(console=Console(stderr=True)) as bar:
        task = bar.add_task("reading", total=None)
        pictures, lines = read_picture_set(
            folder, size, on_picture=lambda done, total: bar.update(task, completed=done, total=total)
        )
    print("".join(f"{line}\n" for line in lines), end="", file=sys.stderr)
    return pictures


def train(
    config: AdversarialConfig, pictures: PictureSet, held_back: HeldBack, folder: Path, fabric: Fabric,
    start: tuple[Generator, Discriminator] | None, notes: dict[str, str],
) -> None:  # fmt: skip
    """Train under a progress bar, measuring and drawing at checkpoints; Ctrl-C saves and ends the run.

    `notes` go into the best generator's file; other arguments are those of `teach_generator`.
    """
    with closing(Scalars(folder)) as scalars, interrupts() as asked, _bar() as bar:
        task = bar.add_task("", total=config.steps, losses="", left="?")

        def on_step(progress: Progress) -> None:
            _show(bar, task, scalars, progress)

        reporter = _Reporter(config, pictures, held_back, folder, scalars, bar.console, notes)
        try:
            teach_generator(
                config, pictures, folder, fabric=fabric, start=start, on_step=on_step, on_checkpoint=reporter.report,
                checkpoint_every=max(1, min(_CHECKPOINT_STEPS, config.steps // 4)), should_stop=lambda: bool(asked),
            )  # fmt: skip
        except KeyboardInterrupt:
            bar.console.print(f"saved; the same command goes on there ({folder})")
            raise


def train_student(
    config: GeneratorDistillConfig, teacher: Generator, folder: Path, fabric: Fabric, start: GeneratorStudent | None
) -> GeneratorStudent:
    """Distil under a progress bar, drawing at checkpoints; Ctrl-C saves and ends the run."""
    with closing(Scalars(folder)) as scalars, interrupts() as asked, _bar() as bar:
        task = bar.add_task("", total=config.steps, losses="", left="?")

        def on_step(progress: Progress) -> None:
            _show(bar, task, scalars, progress)

        def on_checkpoint(step: int, student: GeneratorStudent) -> None:
            scalars.add_sheet(write_pairs(teacher, student, folder / f"sheet-{step}.png", config.seed), step)
            bar.console.print(f"step {step} of {config.steps}")

        try:
            return distill_generator(
                config, teacher, folder, fabric=fabric, start=start, on_step=on_step, on_checkpoint=on_checkpoint,
                checkpoint_every=max(1, min(2 * _CHECKPOINT_STEPS, config.steps // 4)), should_stop=lambda: bool(asked),
            )  # fmt: skip
        except KeyboardInterrupt:
            bar.console.print(f"saved; the same command goes on there ({folder})")
            raise


def _bar() -> Bar:
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[losses]} {task.fields[left]} left"))
    return Bar(*columns, console=Console(stderr=True))


def _show(bar: Bar, task: TaskID, scalars: Scalars, progress: Progress) -> None:
    """A step's losses in the log, the first three of them beside the bar."""
    scalars.add(progress.step, {f"loss/{name}": value for name, value in progress.losses.items()})
    shown = ", ".join(f"{name} {value:.3f}" for name, value in list(progress.losses.items())[:3])
    bar.update(task, completed=progress.step, losses=shown, left=duration(progress.seconds_left))


class _Reporter:
    """Looks at a run at its checkpoints: a line, a sheet now and then, measures more rarely, and the best is kept."""

    def __init__(
        self, config: AdversarialConfig, pictures: PictureSet, held_back: HeldBack, folder: Path, scalars: Scalars,
        console: Console, notes: dict[str, str],
    ) -> None:  # fmt: skip
        self.config, self.pictures, self.held_back = config, pictures, held_back
        self.folder, self.scalars, self.console, self.notes = folder, scalars, console, notes
        self.calls, self.since = 0, (-1, time.monotonic())

    def report(self, run: Run) -> None:
        """At a checkpoint: a line on the screen, now and then a sheet of faces and measures, and the best is kept."""
        self.calls += 1
        last = run.step == self.config.steps
        speed = (run.step - self.since[0]) / (time.monotonic() - self.since[1]) if self.since[0] >= 0 else math.nan
        line = f"step {run.step} of {self.config.steps}, {speed:.2f} steps/s"
        if last or self.calls % _SHEET_EVERY == 0:
            sheet = write_faces(run.average, self.pictures, self.folder / f"sheet-{run.step}.png", self.config.seed)
            self.scalars.add_sheet(sheet, run.step)
        if last or self.calls % _MEASURE_EVERY == 0:
            line += f", {self._measure(run)}"
        self.console.print(line)
        self.since = (run.step, time.monotonic())

    def _measure(self, run: Run) -> str:
        measures = self.held_back.measure(run.average)
        numbers = asdict(measures)
        run.history.append({"step": run.step, **numbers})
        note_measures(measures, run.step, self.folder / "measures.jsonl")
        self.scalars.add(run.step, {f"measures/{name}": value for name, value in numbers.items()}, always=True)
        if measures.frechet_distance < run.best:
            run.best = measures.frechet_distance
            about = {"step": run.step, "measures": numbers, **self.notes}
            save_generator(run.average, self.folder / BEST_FILE, about)
        return (
            f"distance {measures.frechet_distance:.1f}, precision {measures.precision:.2f}, "
            f"recall {measures.recall:.2f}"
        )
