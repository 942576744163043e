"""Two processes learn what one does. They are real ones, joined by gloo."""

import os
import re
import signal
import subprocess
import sys
import time
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from edgestyle.errors import TrainingError
from edgestyle.models.renderer import NETWORK_SIZES
from edgestyle.training.batches import Share
from edgestyle.training.checkpoints import read_state, save_checkpoint
from edgestyle.training.distill import DistillConfig, distill
from edgestyle.training.filters import FilterBatches
from edgestyle.training.lessons import open_filter_lesson
from edgestyle.training.losses import NextFrames
from edgestyle.training.packaging import PackNotes, about_pack
from edgestyle.training.photos import Photos, find_photos
from edgestyle.training.processes import broken_connections, launch
from edgestyle.training.students import Student
from tests.conftest import TINY

CONFIG = DistillConfig(
    teachers=("cartoon", "oil"), steps=6, batch_size=4, crop_size=40, temporal_weight=0.1, gradient_clip=1.0, model=TINY
)
TWO_PROCESSES = """
import sys
from dataclasses import replace
from pathlib import Path
from edgestyle.errors import TrainingError
from edgestyle.training.distill import distill
from edgestyle.training.lessons import open_filter_lesson
from edgestyle.training.photos import find_photos
from edgestyle.training.processes import launch
from tests.training.test_processes import CONFIG, teach

photos, folder = find_photos(Path(sys.argv[1]))[0], Path(sys.argv[2])
fabric = launch(CONFIG.batch_size, devices=2)
teach(CONFIG, photos, folder / "even", fabric=fabric)
teach(replace(CONFIG, batch_size=2), photos, folder / "odd", fabric=fabric)
try:
    asked = []
    stop = lambda: fabric.global_rank == 1 and (asked.append(1) or len(asked) == 3)
    teach(CONFIG, photos, folder / "cut", fabric=fabric, should_stop=stop)
except KeyboardInterrupt:
    print(f"{fabric.global_rank}: stopped\\n", end="", flush=True)

lesson = open_filter_lesson(CONFIG, photos)
make = lesson.batches.part
def part(step, share):
    if (step, share.rank) == (2, 1):
        raise TrainingError("no more photos")
    return make(step, share)
lesson.batches.part = part
try:
    distill(CONFIG, lesson, photos, folder / "failing", fabric=fabric, workers=0)
except TrainingError as error:
    print(f"{fabric.global_rank}: {error}\\n", end="", flush=True)
"""


def teach(config: DistillConfig, photos: Photos, folder: Path, **options: object) -> Student:
    return distill(config, open_filter_lesson(config, photos), photos, folder, workers=0, **options)


@pytest.fixture(scope="module")
def photos(photo_folder: Path) -> Photos:
    return find_photos(photo_folder)[0]


def largest_difference(first: Path, second: Path) -> float:
    """Over the student's, the average's and the optimizer's numbers of two runs."""
    one, two = (load_file(folder / "checkpoint.safetensors") for folder in (first, second))
    assert one.keys() == two.keys()
    return max((one[name] - two[name]).abs().max().item() for name in one)


def test_two_processes_learn_what_one_does(photos: Photos, photo_folder: Path, tmp_path: Path) -> None:
    script = tmp_path / "two.py"
    script.write_text(TWO_PROCESSES)
    command = [sys.executable, str(script), str(photo_folder), str(tmp_path / "two")]
    paths = os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent.parent)}
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, env=paths)
    assert done.returncode == 0, done.stderr
    said = sorted(line for line in done.stdout.splitlines() if line[1:2] == ":")
    assert said == ["0: no more photos", "0: stopped", "1: no more photos", "1: stopped"]

    teach(CONFIG, photos, tmp_path / "one" / "even")
    teach(replace(CONFIG, batch_size=2), photos, tmp_path / "one" / "odd")
    for name in ("even", "odd"):
        assert largest_difference(tmp_path / "one" / name, tmp_path / "two" / name) < 1e-6
    steps: list[int] = []
    teach(CONFIG, photos, tmp_path / "two" / "cut", on_step=lambda progress: steps.append(progress.step))
    assert steps == [3, 4, 5, 6]  # one process goes on where two were stopped
    assert largest_difference(tmp_path / "one" / "even", tmp_path / "two" / "cut") < 1e-6


def test_the_command_trains_in_two_processes(photos: Photos, photo_folder: Path, tmp_path: Path) -> None:
    command = [
        str(Path(sys.executable).with_name("edgestyle")), "distill", "mine", str(photo_folder), "-o",
        str(tmp_path / "pack"), "--run", str(tmp_path / "run"), "--teacher", "ink", "--steps", "4", "--batch-size", "2",
        "--crop-size", "40", "--devices", "2",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    assert [line.split(" ")[0] for line in done.stdout.splitlines()] == ["3", "pack"]
    assert "gloo" not in done.stderr.lower()
    assert "lightning" not in done.stderr.lower()
    assert done.stderr.count("skipped: ") == 2
    config = DistillConfig(("ink",), steps=4, batch_size=2, crop_size=40, model=NETWORK_SIZES["small"])
    teach(config, photos, tmp_path / "one")
    assert largest_difference(tmp_path / "run", tmp_path / "one") < 1e-6


def test_ctrl_c_ends_both_processes_and_one_goes_on(photos: Photos, photo_folder: Path, tmp_path: Path) -> None:
    command = [
        sys.executable, "-m", "edgestyle", "distill", "mine", str(photo_folder), "-o", str(tmp_path / "pack"), "--run",
        str(tmp_path / "run"), "--teacher", "ink", "--steps", "100", "--batch-size", "2", "--crop-size", "40",
        "--devices", "2",
    ]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not (tmp_path / "run" / "checkpoint.safetensors").exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=600)  # also waits for the other process, which has the same stderr
    assert process.returncode == 130
    assert len(re.findall(r"saved at step \d+ of 100", said)) == 1
    assert said.count("interrupted") == 1
    assert "Traceback" not in said
    config, steps = DistillConfig(("ink",), steps=100, batch_size=2, crop_size=40, model=NETWORK_SIZES["small"]), []
    teach(config, photos, tmp_path / "run", on_step=lambda progress: steps.append(progress.step))
    assert 0 < steps[0] < 100


def test_shares_of_a_batch_are_its_pictures(photos: Photos) -> None:
    batches = FilterBatches(photos, ("cartoon", "oil"), 6, 40, seed=1)
    whole = batches[5]
    for rank in range(3):
        part = batches.part(5, Share(rank, 3))
        for mine, all_of_it in zip(part.asked(), whole.asked(), strict=True):
            assert torch.equal(mine, all_of_it[rank::3])
        assert torch.equal(part.target, whole.target[rank::3])


@pytest.mark.parametrize(("size", "processes"), [(8, 2), (6, 2), (4, 4), (3, 1)])
def test_next_frames_of_shares_are_those_of_the_batch(photos: Photos, size: int, processes: int) -> None:
    image = FilterBatches(photos, ("oil",), size, 40, seed=1)[0].image
    whole = NextFrames(image, "0/1")
    half = len(whole.image)
    changes = []
    for rank in range(processes):
        frames = NextFrames(image[rank::processes], "0/1", Share(rank, processes))
        assert torch.equal(frames.image, whole.image[rank::processes])
        changes.append(frames.excess_change(3 * image[rank:half:processes], 9 * frames.image))
    expected = whole.excess_change(3 * image[:half], 9 * whole.image)
    assert torch.stack(changes).mean().item() == pytest.approx(expected.item(), rel=1e-5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch_size": 4, "devices": 3}, "a batch of 4 cannot be shared by 3 processes"),
        ({"batch_size": 8, "devices": 2, "nodes": 3}, "6 processes"),
        ({"batch_size": 8, "precision": "16"}, "float16 needs a CUDA GPU"),
        ({"batch_size": 8, "device": "nope"}, "'nope'"),
        ({"batch_size": 8, "device": "meta"}, "0 found"),
        ({"batch_size": 8, "devices": 0}, "at least one"),
    ],
)
def test_what_cannot_be_launched_is_one_line(options: dict[str, object], message: str) -> None:
    with pytest.raises(TrainingError, match=message):
        launch(**options)


def test_mixed_precision_is_near_and_leaves_the_skip_alone(photos: Photos, tmp_path: Path) -> None:
    mixed = replace(CONFIG, precision="bf16")
    exact, rough = (teach(config, photos, tmp_path / config.precision) for config in (CONFIG, mixed))
    pairs = [(value, rough.state_dict()[name]) for name, value in exact.state_dict().items()]
    assert all(b.dtype == torch.float32 for _, b in pairs)
    assert 0 < max((a - b).abs().max().item() for a, b in pairs) < 0.05
    with pytest.raises(TrainingError, match="another precision"):
        teach(mixed, photos, tmp_path / "32")
    network = launch(1, "bf16").setup(exact)
    image = torch.rand(1, 3, 40, 40)
    assert torch.equal(network(image, torch.tensor([0]), torch.zeros(1)), image)
    assert "--precision bf16" in about_pack("x", mixed, PackNotes(), [])["training"]["command"]
    assert "precision" not in about_pack("x", CONFIG, PackNotes(), [])["training"]["command"]


def test_a_run_from_before_a_setting_was_there_goes_on(photos: Photos, tmp_path: Path) -> None:
    config = replace(CONFIG, gradient_clip=0.0)
    student = teach(config, photos, tmp_path)
    state = read_state(tmp_path)
    assert state is not None
    del state["config"]["precision"], state["config"]["gradient_clip"]
    optimizer = torch.optim.Adam(student.parameters())
    save_checkpoint(tmp_path, state, student, deepcopy(student), optimizer)
    teach(config, photos, tmp_path)
    with pytest.raises(TrainingError, match="another gradient_clip"):
        teach(CONFIG, photos, tmp_path)


def test_a_lost_process_is_one_line_and_other_errors_stay() -> None:
    with pytest.raises(TrainingError, match="another process"), broken_connections():
        raise RuntimeError("[../third_party/gloo/pair.cc:534] Connection closed by peer [127.0.0.1]:1")
    with pytest.raises(RuntimeError, match="shapes"), broken_connections():
        raise RuntimeError("shapes do not fit")
