"""What TensorBoard will show."""

from dataclasses import replace
from pathlib import Path

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from edgestyle.cli.training import train
from edgestyle.training.distill import DistillConfig, Progress, learning_rate_at
from edgestyle.training.event_log import EventLog
from edgestyle.training.lessons import open_filter_lesson
from edgestyle.training.photos import find_photos
from edgestyle.training.processes import launch
from tests.conftest import TINY

CONFIG = DistillConfig(teachers=("cartoon",), steps=30, batch_size=1, crop_size=40, model=TINY)
NUMBERS = {"loss/loss", "loss/lesson", "loss/temporal", "loss/smoothed", "learning_rate", "steps_per_second"}


def read_log(folder: Path) -> EventAccumulator:
    log = EventAccumulator(str(folder / "tensorboard"))
    log.Reload()
    return log


def test_a_run_leaves_numbers_and_sheets(photo_folder: Path, tmp_path: Path) -> None:
    photos = find_photos(photo_folder)[0]
    train(CONFIG, open_filter_lesson(CONFIG, photos), photos, tmp_path, launch(1), workers=0)
    log = read_log(tmp_path)
    assert set(log.Tags()["scalars"]) == NUMBERS
    assert all([event.step for event in log.Scalars(name)] == [10, 20, 30] for name in NUMBERS)
    lesson, temporal, whole = (log.Scalars(f"loss/{name}")[0].value for name in ("lesson", "temporal", "loss"))
    assert whole == pytest.approx(lesson + CONFIG.temporal_weight * temporal)
    assert log.Scalars("learning_rate")[1].value == pytest.approx(learning_rate_at(19, CONFIG))
    assert [event.step for event in log.Images("sheet")] == [3, 15, 30]
    assert log.Images("sheet")[0].width <= 1600


def test_steps_after_the_checkpoint_of_a_killed_run_count_no_more(tmp_path: Path) -> None:
    def log_steps(first: int, last: int, value: float) -> None:
        log = EventLog(tmp_path, replace(CONFIG, steps=100))
        if first:
            log.add_step(Progress(first, 100, value, float("inf")))
        for step in range(first + 1, last + 1):
            log.add_step(Progress(step, 100, value, 1.0, {"loss": value}))
        log.close()

    log_steps(0, 40, value=1.0)
    log_steps(20, 60, value=2.0)
    events = read_log(tmp_path).Scalars("loss/loss")
    assert [(event.step, event.value) for event in events] == [(10, 1), (20, 1), (30, 2), (40, 2), (50, 2), (60, 2)]
