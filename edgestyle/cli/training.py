"""How `edgestyle distill` starts a run, and what it shows while it trains."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from lightning_fabric import Fabric
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as Bar

from edgestyle.cli.extras import needs
from edgestyle.errors import EdgestyleError
from edgestyle.images import make_folder, read_picture
from edgestyle.training.batches import Lesson
from edgestyle.training.distill import DistillConfig, Progress, distill
from edgestyle.training.event_log import EventLog
from edgestyle.training.packaging import PackNotes
from edgestyle.training.photos import Photos
from edgestyle.training.pictures import write_curve, write_sheet
from edgestyle.training.processes import broken_connections, launch
from edgestyle.training.students import AnyStudent

_CHECKPOINT_STEPS = 500  # at most; a tenth of a short run
_SHEET_EVERY = 5  # checkpoints; also at the first and the last


def find_and_launch(
    source: Path, config: DistillConfig, notes: PackNotes, device: str, devices: int, nodes: int
) -> tuple[Photos, Fabric]:
    """The photos to learn on, and the run's processes; the first one says what is not as it seems."""
    with needs("webdataset", "train"):
        from edgestyle.training.photos import find_photos

        photos, lines = find_photos(source, config.exclude)
    unknown = sorted(notes.styles.keys() - set(config.styles))
    lines = [*lines, *(f"note: {notes.file} speaks of '{style}', which is not learned" for style in unknown)]
    fabric = launch(config.batch_size, config.precision, device, devices, nodes)
    fabric.print("".join(f"{line}\n" for line in lines), end="", file=sys.stderr)
    return photos, fabric


def train_in_all(
    config: DistillConfig,
    open_lesson: Callable[[], Lesson],
    photos: Photos,
    run: Path,
    output: Path,
    fabric: Fabric,
    workers: int,
    start: AnyStudent | None = None,
) -> AnyStudent | None:
    """Train in all processes. What comes out is the first one's, and an error each machine's first one's to tell."""
    try:
        make_folder(output.parent)
        fabric.print(f"{len(photos)} photos; checkpoints, curve and sheets in {run}")
        with broken_connections():
            student = train(config, open_lesson(), photos, run, fabric, workers, start)
    except (EdgestyleError, KeyboardInterrupt):
        if fabric.local_rank == 0:
            raise
        return None
    return student if fabric.is_global_zero else None


def train(
    config: DistillConfig,
    lesson: Lesson,
    photos: Photos,
    run: Path,
    fabric: Fabric,
    workers: int,
    start: AnyStudent | None = None,
) -> AnyStudent:
    """Train under a progress bar, drawing the curve and the sheets at checkpoints; Ctrl-C saves and ends the run.

    All processes of `fabric` come here; the first one draws and writes.
    """
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("loss {task.fields[loss]:.4f}, {task.fields[left]} left"))
    bar = Bar(*columns, console=Console(stderr=True), disable=not fabric.is_global_zero)
    task = bar.add_task("", total=config.steps, loss=float("nan"), left="?")
    reached: list[int] = []

    def on_step(progress: Progress) -> None:
        log.add_step(progress)
        if not progress.losses:
            bar.console.print(f"going on at step {progress.step} of {progress.steps}")
        reached.append(progress.step)
        bar.update(task, completed=progress.step, loss=progress.loss, left=duration(progress.seconds_left))

    def on_checkpoint(student: AnyStudent, history: list[list[float]]) -> None:
        write_curve(history, run / "curve.png")
        step, number = int(history[-1][0]), len(history)
        if number == 1 or number % _SHEET_EVERY == 0 or step == config.steps:
            sheet = run / f"sheet-{step}.png"
            write_sheet(student, lesson, sheet)
            log.add_sheet(read_picture(sheet).pixels, step)

    with bar, closing(EventLog(run, config)) as log, interrupts() as asked:
        try:
            return distill(
                config, lesson, photos, run, fabric=fabric, start=start, workers=workers, on_step=on_step,
                on_checkpoint=on_checkpoint, checkpoint_every=max(1, min(_CHECKPOINT_STEPS, config.steps // 10)),
                should_stop=lambda: bool(asked),
            )  # fmt: skip
        except KeyboardInterrupt:
            if fabric.is_global_zero:
                bar.console.print(f"saved at step {reached[-1]} of {config.steps}; the same command goes on there")
            raise


@contextmanager
def interrupts() -> Iterator[list[bool]]:
    """A list that is filled when the user presses Ctrl-C."""
    asked: list[bool] = []
    handler = signal.signal(signal.SIGINT, lambda *_: asked.append(True))
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, handler)


def duration(seconds: float) -> str:
    """Hours, minutes and seconds, or a question mark for infinitely many."""
    if seconds == float("inf"):
        return "?"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"
