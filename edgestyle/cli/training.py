"""What `edgestyle distill` shows while it trains."""

import signal
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as Bar

from edgestyle.training.batches import Lesson
from edgestyle.training.distill import DistillConfig, Progress, Student, distill
from edgestyle.training.pictures import write_curve, write_sheet

_CHECKPOINT_STEPS = 500  # at most; a tenth of a short run
_SHEET_EVERY = 5  # checkpoints; also at the first and the last


def train(config: DistillConfig, lesson: Lesson, photos: list[Path], run: Path, workers: int, device: str) -> Student:
    """Train under a progress bar, drawing the curve and the sheets at checkpoints; Ctrl-C saves and ends the run."""

    def on_checkpoint(student: Student, history: list[list[float]]) -> None:
        write_curve(history, run / "curve.png")
        step, number = int(history[-1][0]), len(history)
        if number == 1 or number % _SHEET_EVERY == 0 or step == config.steps:
            write_sheet(student, lesson, config.styles, run / f"sheet-{step}.png")

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("loss {task.fields[loss]:.4f}, {task.fields[left]} left"))
    with Bar(*columns, console=Console(stderr=True)) as bar:
        asked: list[bool] = []  # filled when the user presses Ctrl-C
        reached: list[int] = []
        task = bar.add_task("", total=config.steps, loss=float("nan"), left="?")

        def on_step(progress: Progress) -> None:
            if progress.seconds_left == float("inf"):
                bar.console.print(f"going on at step {progress.step} of {progress.steps}")
            left = _duration(progress.seconds_left)
            reached.append(progress.step)
            bar.update(task, completed=progress.step, loss=progress.loss, left=left)

        handler: Any = signal.signal(signal.SIGINT, lambda *_: asked.append(True))
        try:
            return distill(
                config, lesson, photos, run, workers=workers, device=device, on_step=on_step,
                on_checkpoint=on_checkpoint, checkpoint_every=max(1, min(_CHECKPOINT_STEPS, config.steps // 10)),
                should_stop=lambda: bool(asked),
            )  # fmt: skip
        except KeyboardInterrupt:
            bar.console.print(f"saved at step {reached[-1]} of {config.steps}; the same command goes on there")
            raise
        finally:
            signal.signal(signal.SIGINT, handler)


def _duration(seconds: float) -> str:
    if seconds == float("inf"):
        return "?"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"
