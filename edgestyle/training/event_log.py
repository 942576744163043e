"""A run's numbers and pictures for TensorBoard: `tensorboard --logdir runs`."""

import time
from pathlib import Path

from torch.utils.tensorboard import SummaryWriter

from edgestyle.images import Pixels, fit
from edgestyle.training.distill import DistillConfig, Progress, learning_rate_at

_EVERY = 10  # steps
_LONG_SIDE = 1600  # pixels of a picture


class Scalars:
    """Writes numbers by their tags into `tensorboard/` of a run's folder, those of every tenth step."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "tensorboard"
        self._writer: SummaryWriter | None = None

    def add(self, step: int, numbers: dict[str, float], always: bool = False) -> None:
        """Note numbers of a step. What an earlier log says of the steps after the first one given counts no more."""
        if self._writer is None:
            self._writer = SummaryWriter(str(self._folder), purge_step=step, flush_secs=30)
        if always or step % _EVERY == 0:
            for name, value in numbers.items():
                self._writer.add_scalar(name, value, step)

    def add_sheet(self, sheet: Pixels, step: int) -> None:
        """Note a picture, `uint8 [H,W,3]`, reduced to 1600 pixels."""
        if self._writer is not None:
            self._writer.add_image("sheet", fit(sheet, _LONG_SIDE), step, dataformats="HWC")

    def close(self) -> None:
        """Write what is still held back."""
        if self._writer is not None:
            self._writer.close()


class EventLog:
    """Writes into `tensorboard/` of a run's folder; a few hundred bytes every 10 steps.

    Tags: `loss/loss`, `loss/lesson`, `loss/temporal`, `loss/smoothed`, `learning_rate`, `steps_per_second`, `sheet`.

    Args:
        folder: of the run.
        config: of the run.
    """

    def __init__(self, folder: Path, config: DistillConfig) -> None:
        self._folder = folder / "tensorboard"
        self._config = config
        self._writer: SummaryWriter | None = None
        self._since = (0, time.monotonic())

    def add_step(self, progress: Progress) -> None:
        """Note every tenth step. What an earlier log says of the steps after the first one given counts no more."""
        step = progress.step
        if self._writer is None:
            self._writer = SummaryWriter(str(self._folder), purge_step=step + 1, flush_secs=30)
            self._since = (step, time.monotonic())
        if step % _EVERY or not progress.losses:
            return
        numbers = {f"loss/{name}": value for name, value in progress.losses.items()}
        numbers |= {"loss/smoothed": progress.loss, "learning_rate": learning_rate_at(step - 1, self._config)}
        steps, seconds = step - self._since[0], time.monotonic() - self._since[1]
        numbers["steps_per_second"] = steps / max(seconds, 1e-9)
        self._since = (step, time.monotonic())
        for name, value in numbers.items():
            self._writer.add_scalar(name, value, step)

    def add_sheet(self, sheet: Pixels, step: int) -> None:
        """Note a picture, `uint8 [H,W,3]`, reduced to 1600 pixels."""
        if self._writer is not None:
            self._writer.add_image("sheet", fit(sheet, _LONG_SIDE), step, dataformats="HWC")

    def close(self) -> None:
        """Write what is still held back."""
        if self._writer is not None:
            self._writer.close()
