"""Training: the same seed gives the same weights, and an interruption changes nothing."""

import json
import random
import re
import signal
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
import torch

from edgestyle.errors import TrainingError
from edgestyle.training import distill as training
from edgestyle.training.batches import Batch, Share
from edgestyle.training.checkpoints import read_state
from edgestyle.training.distill import DistillConfig, learning_rate_at, temporal_weight_at
from edgestyle.training.filters import FilterBatches
from edgestyle.training.lessons import open_filter_lesson
from edgestyle.training.losses import NextFrames, distillation_loss, gradient_loss
from edgestyle.training.paintings import PaintingConfig
from edgestyle.training.photos import PhotoCrops, find_photos
from edgestyle.training.pictures import write_curve, write_sheet
from edgestyle.training.students import Student
from tests.conftest import TINY

CONFIG = DistillConfig(teachers=("cartoon", "oil"), steps=6, batch_size=2, crop_size=40, model=TINY)


@pytest.fixture(scope="module")
def photos(photo_folder: Path) -> list[Path]:
    return find_photos(photo_folder)[0]


def distill(config: DistillConfig, photos: list[Path], folder: Path, **options: Any) -> Student:
    return training.distill(config, open_filter_lesson(config, photos), photos, folder, **options)


def weights(student: Student) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in student.state_dict().items()}


def same(first: dict[str, torch.Tensor], second: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(first[name], second[name]) for name in first)


def distill_command(photos: Path, folder: Path, teacher: str, steps: int) -> list[str]:
    return [
        sys.executable, "-m", "edgestyle", "distill", "mine", str(photos), "-o", str(folder / "pack"),
        "--run", str(folder / "run"), "--teacher", teacher, "--steps", str(steps), "--batch-size", "1",
        "--crop-size", "40",
    ]  # fmt: skip


def signal_after_a_checkpoint(command: list[str], folder: Path, number: signal.Signals) -> tuple[int, str]:
    """Run a training command, send it a signal once it has saved; its exit code and what it wrote to stderr."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        while not (folder / "run" / "checkpoint.safetensors").exists():
            assert process.poll() is None, "the run ended before its first checkpoint"
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
    finally:
        process.kill()
    return process.returncode, said


class InterruptedRunError(Exception):
    pass


def test_unreadable_files_are_reported_and_skipped(photo_folder: Path) -> None:
    found, skipped = find_photos(photo_folder, exclude=["photo1.png"])
    assert [path.name for path in found] == ["photo0.png", "photo2.png"]
    assert len(skipped) == 2
    assert "broken.jpg" in skipped[0]


def test_a_photo_damaged_further_in_is_skipped_when_it_is_drawn(
    photos: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut = tmp_path / "cut.png"
    cut.write_bytes(photos[0].read_bytes()[:3000])
    found, skipped = find_photos(tmp_path)
    assert (found, skipped) == ([cut], [])
    crops = PhotoCrops([cut, photos[0]], 32)
    for seed in range(8):
        assert crops.draw(random.Random(seed)).shape == (32, 32, 3)
    assert capsys.readouterr().err.count("skipped: ") == 1
    with pytest.raises(TrainingError, match="cannot be read"):
        PhotoCrops([cut], 32).draw(random.Random(0))


def test_a_folder_without_photos_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="no readable photo"):
        find_photos(tmp_path)
    with pytest.raises(TrainingError, match=r"no such folder.*give one that holds"):
        find_photos(tmp_path / "nope")


def test_crops_follow_from_the_generator_alone(photos: list[Path]) -> None:
    first, second = (PhotoCrops(photos, 32).draw(random.Random(3)) for _ in range(2))
    assert (first == second).all()
    assert first.shape == (32, 32, 3)


def test_passing_over_a_crop_leaves_the_generator_as_drawing_it(photos: list[Path]) -> None:
    crops, drawn, passed = PhotoCrops(photos, 32), random.Random(3), random.Random(3)
    for _ in range(5):
        crops.draw(drawn)
        crops.pass_over(passed)
    assert drawn.getstate() == passed.getstate()


def test_a_batch_follows_from_seed_and_step_alone(photos: list[Path]) -> None:
    def make(seed: int) -> FilterBatches:
        return FilterBatches(photos, ("cartoon", "oil"), 4, 32, seed)

    fresh, used = make(1), make(1)
    used[0], used[9]
    assert torch.equal(fresh[5].image, used[5].image)
    assert torch.equal(fresh[5].target, used[5].target)
    assert not torch.equal(fresh[5].image, fresh[6].image)
    assert not torch.equal(fresh[5].image, make(2)[5].image)
    assert set(fresh[5].style.tolist()) == {0, 1}


def test_same_seed_same_weights_whatever_the_workers(photos: list[Path], tmp_path: Path) -> None:
    one = distill(CONFIG, photos, tmp_path / "one", workers=1)
    two = distill(CONFIG, photos, tmp_path / "two", workers=2)
    other = distill(replace(CONFIG, seed=1), photos, tmp_path / "other", workers=1)
    assert same(weights(one), weights(two))
    assert not same(weights(one), weights(other))


def test_an_interrupted_run_goes_on_exactly(photos: list[Path], tmp_path: Path) -> None:
    whole = distill(CONFIG, photos, tmp_path / "whole", checkpoint_every=2)

    def interrupt(progress: object) -> None:
        if progress.step == 5:
            raise InterruptedRunError

    with pytest.raises(InterruptedRunError):
        distill(CONFIG, photos, tmp_path / "cut", checkpoint_every=2, on_step=interrupt)
    state = read_state(tmp_path / "cut")
    assert state is not None
    assert state["step"] == 4
    steps = []
    resumed = distill(CONFIG, photos, tmp_path / "cut", checkpoint_every=2, on_step=lambda p: steps.append(p.step))
    assert steps == [4, 5, 6]
    assert same(weights(whole), weights(resumed))
    assert read_state(tmp_path / "cut") == read_state(tmp_path / "whole")


def test_a_killed_process_loses_only_what_follows_its_checkpoint(photo_folder: Path, tmp_path: Path) -> None:
    command = distill_command(photo_folder, tmp_path, teacher="cartoon", steps=520)
    signal_after_a_checkpoint(command, tmp_path, signal.SIGKILL)
    assert not (tmp_path / "pack" / "pack.json").exists()
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert re.search(r"going on at step [1-9]\d* of 520", done.stderr)
    pack = json.loads((tmp_path / "pack" / "pack.json").read_text())
    assert list(pack["styles"]) == ["cartoon"]
    assert (tmp_path / "run" / "curve.png").exists()
    assert (tmp_path / "run" / "sheet-520.png").exists()


def test_an_error_in_a_worker_is_one_line(photos: list[Path], tmp_path: Path) -> None:
    cut = tmp_path / "cut.png"
    cut.write_bytes(photos[0].read_bytes()[:3000])
    with pytest.raises(TrainingError, match=r"^100 photos in a row cannot be read"):
        distill(CONFIG, [cut], tmp_path / "run")


def test_a_run_that_is_asked_to_stop_saves_and_goes_on_exactly(photos: list[Path], tmp_path: Path) -> None:
    whole = distill(CONFIG, photos, tmp_path / "whole", checkpoint_every=2)
    steps: list[int] = []
    with pytest.raises(KeyboardInterrupt):
        distill(
            CONFIG, photos, tmp_path / "cut", checkpoint_every=2, on_step=lambda p: steps.append(p.step),
            should_stop=lambda: steps[-1] == 3,
        )  # fmt: skip
    resumed = distill(CONFIG, photos, tmp_path / "cut", checkpoint_every=2, on_step=lambda p: steps.append(p.step))
    assert steps == [1, 2, 3, 3, 4, 5, 6]
    assert same(weights(whole), weights(resumed))
    assert read_state(tmp_path / "cut") == read_state(tmp_path / "whole")


def test_ctrl_c_saves_and_says_so(photo_folder: Path, tmp_path: Path) -> None:
    command = distill_command(photo_folder, tmp_path, teacher="oil", steps=20_000)
    code, said = signal_after_a_checkpoint(command, tmp_path, signal.SIGINT)
    assert code == 130
    assert re.search(r"saved at step \d+ of 20000", said)
    assert "Traceback" not in said


def test_a_run_folder_of_other_settings_is_refused(photos: list[Path], tmp_path: Path) -> None:
    distill(CONFIG, photos, tmp_path)
    with pytest.raises(TrainingError, match="another seed"):
        distill(replace(CONFIG, seed=5), photos, tmp_path)
    with pytest.raises(TrainingError, match="other photos"):
        distill(CONFIG, photos[:2], tmp_path)


def without(state: dict[str, Any], *path: str) -> dict[str, Any]:
    """A state, in which a setting is missing that a newer edgestyle brought."""
    if len(path) == 1:
        return {key: value for key, value in state.items() if key != path[0]}
    return {**state, path[0]: without(state[path[0]], *path[1:])}


@pytest.mark.parametrize("newer", [("temporal_squared",), ("model", "down_filters")], ids=str)
def test_a_run_that_is_older_than_a_setting_goes_on(
    newer: tuple[str, ...], photos: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    distill(CONFIG, photos, tmp_path)
    monkeypatch.setattr(training, "read_state", lambda folder: without(read_state(folder), "config", *newer))
    steps: list[int] = []
    distill(CONFIG, photos, tmp_path, on_step=lambda p: steps.append(p.step))
    assert steps == [CONFIG.steps]
    with pytest.raises(TrainingError, match="another model"):
        distill(replace(CONFIG, model=replace(TINY, down_filters=4)), photos, tmp_path)


def test_a_painting_run_that_is_older_than_a_loss_is_refused(
    photos: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paintings = PaintingConfig(("wave",), ("hash",))
    config, lesson = replace(CONFIG, teachers=(), paintings=paintings), open_filter_lesson(CONFIG, photos)
    old = {"step": 2, "loss": 0.5, "history": [], "config": asdict(config), "photos": [path.name for path in photos]}
    old = without(json.loads(json.dumps(old)), "config", "paintings", "contrast_weight")
    monkeypatch.setattr(training, "read_state", lambda folder: old)
    with pytest.raises(TrainingError, match="another paintings"):
        training.distill(config, lesson, photos, tmp_path)


def test_a_damaged_checkpoint_is_refused(photos: list[Path], tmp_path: Path) -> None:
    (tmp_path / "checkpoint.safetensors").write_bytes(b"garbage")
    with pytest.raises(TrainingError, match="damaged"):
        distill(CONFIG, photos, tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        {"teachers": ("nope",)},
        {"teachers": ()},
        {"teachers": ("oil", "oil")},
        {"threads": 0},
        {"learning_rate": float("nan")},
        {"temporal_weight": -1.0},
        {"temporal_weight": float("nan")},
        {"temporal_start": 1.0},
        {"border": 1},
        {"border": -8},
        {"crop_size": 20},
        {"steps": 0},
    ],
)
def test_impossible_settings_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(TrainingError):
        replace(CONFIG, **change)


def test_training_lowers_the_loss(photos: list[Path], tmp_path: Path) -> None:
    config = replace(CONFIG, steps=150, teachers=("oil",), learning_rate=1e-2)
    student = distill(config, photos, tmp_path)
    batch = FilterBatches(photos, ("oil",), 8, 40, seed=99)[0]
    with torch.no_grad():
        learned = distillation_loss(student(batch.image, batch.style, batch.strength), batch.target)
    assert learned < 0.9 * distillation_loss(batch.image, batch.target)


def test_the_learning_rate_warms_up_and_falls() -> None:
    config = replace(CONFIG, steps=1000)
    rates = [learning_rate_at(step, config) for step in (0, 25, 60, 500, 999)]
    assert rates[0] < rates[1] < rates[2] <= config.learning_rate
    assert rates[2] > rates[3] > rates[4] > 0


def test_the_border_is_not_judged(photos: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = replace(CONFIG, steps=3, crop_size=56, border=8)
    untouched = distill(config, photos, tmp_path / "a")
    part = FilterBatches.part

    def with_noise_around(batches: FilterBatches, step: int, share: Share) -> Batch:
        batch = part(batches, step, share)
        target = torch.rand(batch.target.shape, generator=torch.Generator().manual_seed(step))
        target[..., 8:-8, 8:-8] = batch.target[..., 8:-8, 8:-8]
        return replace(batch, target=target)

    monkeypatch.setattr(FilterBatches, "part", with_noise_around)
    assert same(weights(distill(config, photos, tmp_path / "b")), weights(untouched))
    judged = distill(replace(config, border=0), photos, tmp_path / "c")
    assert not same(weights(judged), weights(untouched))


def test_the_temporal_weight_waits_and_grows() -> None:
    late = replace(CONFIG, steps=100, temporal_weight=0.5, temporal_start=0.3)
    weights = [temporal_weight_at(step, late) for step in (0, 30, 35, 40, 99)]
    assert weights == pytest.approx([0, 0, 0.25, 0.5, 0.5])
    assert temporal_weight_at(0, CONFIG) == CONFIG.temporal_weight


@pytest.mark.parametrize("settings", [{"temporal_weight": 0.0}, {"temporal_weight": 0.5, "temporal_start": 0.9}])
def test_frames_that_do_not_count_are_not_drawn(
    settings: dict[str, float], photos: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = []
    monkeypatch.setattr(training, "NextFrames", lambda *given: drawn.append(given))
    distill(replace(CONFIG, steps=3, **settings), photos, tmp_path)
    assert not drawn


def test_the_gradient_loss_sees_edges_and_not_brightness() -> None:
    flat, edge = torch.zeros(1, 3, 8, 8), torch.zeros(1, 3, 8, 8)
    edge[..., 4:] = 1
    assert gradient_loss(flat, flat + 0.5) == 0
    assert gradient_loss(flat, edge) > 0


def test_progress_is_drawn(photos: list[Path], tmp_path: Path) -> None:
    write_curve([[1, 0.5], [2, 0.4]], tmp_path / "curve.png")
    (tmp_path / "cut.png").write_bytes(photos[0].read_bytes()[:3000])
    lesson = open_filter_lesson(CONFIG, [tmp_path / "cut.png", *photos[:1]])
    write_sheet(Student(TINY, 2), lesson, tmp_path / "sheet.png")
    (tmp_path / "cut.png").unlink()
    assert {path.name for path in tmp_path.iterdir()} == {"curve.png", "sheet.png"}


def test_the_temporal_loss_is_0_for_the_photo_and_grows_with_contrast(photos: list[Path]) -> None:
    image = FilterBatches(photos, ("oil",), 4, 64, seed=0)[0].image
    frames = NextFrames(image, "0/1")
    assert torch.equal(frames.image, NextFrames(image, "0/1").image)
    assert not torch.equal(frames.image, NextFrames(image, "0/2").image)
    assert frames.excess_change(image[:2], frames.image) < 1e-4
    assert frames.excess_change(3 * image[:2], 3 * frames.image).item() == pytest.approx(2, abs=1e-3)


def test_the_temporal_loss_can_allow_some_change_and_be_hard_on_much(photos: list[Path]) -> None:
    image = FilterBatches(photos, ("oil",), 4, 64, seed=0)[0].image
    frames = NextFrames(image, "0/1")
    change = (3 * image[:2], 3 * frames.image)  # 2 more than the photos
    assert frames.excess_change(*change, slack=0.5).item() == pytest.approx(1.5, abs=1e-3)
    assert frames.excess_change(*change, slack=0.5, squared=True).item() == pytest.approx(2.25, abs=1e-2)
    assert frames.excess_change(*change, slack=2.1) == 0


def test_the_temporal_loss_calms_a_student(photos: list[Path]) -> None:
    image = FilterBatches(photos, ("ink",), 8, 64, seed=99)[0].image
    frames = NextFrames(image, "0/1")
    torch.manual_seed(0)
    student = Student(TINY, 1)
    torch.nn.init.normal_(student.renderer.head.weight, std=3.0)
    style, strength = torch.zeros(4, dtype=torch.long), torch.ones(4)
    optimizer = torch.optim.Adam(student.parameters(), lr=1e-2)
    trembling = []
    for _ in range(30):
        now, after = (student(x, style, strength) for x in (image[:4], frames.image))
        loss = frames.excess_change(now, after)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        trembling.append(loss.item())
    assert trembling[0] > 0.5
    assert trembling[-1] < 0.7 * trembling[0]
