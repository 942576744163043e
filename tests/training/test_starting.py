"""Training that starts from a pack."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from edgestyle.errors import TrainingError
from edgestyle.models.renderer import Renderer
from edgestyle.packs.loading import load_pack
from edgestyle.packs.networks import load_renderer, weights_hash
from edgestyle.packs.pack import Pack, Style
from edgestyle.training.distill import DistillConfig, distill
from edgestyle.training.lessons import open_filter_lesson
from edgestyle.training.photos import find_photos
from edgestyle.training.starting import carry_over, model_of, record_of, student_from


def test_a_student_starts_with_the_packs_network_and_the_vectors_it_knows(tiny_pack: Pack) -> None:
    vector = (0.5, -1.0, 2.0, 0.25)
    pack = replace(tiny_pack, styles={"oil": Style("oil", vector)})
    config = DistillConfig(("ink", "oil"), model=model_of(pack))
    student = student_from(pack, config)
    for name, value in load_renderer(pack).state_dict().items():
        assert torch.equal(student.renderer.state_dict()[name], value)
    assert tuple(student.styles[1].tolist()) == vector
    assert torch.equal(student.styles[0], student_from(pack, config).styles[0])
    assert tuple(student.styles[0].tolist()) != vector


def test_a_wider_network_goes_on_from_what_a_pack_draws(tiny_pack: Pack) -> None:
    narrow = load_renderer(tiny_pack)
    wide = Renderer(replace(narrow.config, expansion=2.0, down_filters=4)).requires_grad_(False)
    torch.nn.init.normal_(wide.head.weight)
    carry_over(narrow, wide)
    image, style, strength = torch.rand(1, 3, 48, 40), torch.randn(1, 4), torch.tensor([0.7])
    difference = wide(image, style, strength) - narrow(image, style, strength)
    assert difference.abs().max() < 1e-5
    assert wide.state_dict()["down.depthwise.weight"][1].abs().max() > 0


def test_a_narrower_network_keeps_the_hidden_channels_that_weigh_most(tiny_pack: Pack) -> None:
    wide = Renderer(replace(model_of(tiny_pack), expansion=2.0, deep_expansion=2.0)).requires_grad_(False)
    torch.nn.init.normal_(wide.head.weight)
    narrow = Renderer(replace(wide.config, expansion=1.0, deep_expansion=1.0)).requires_grad_(False)
    for block in (*wide.blocks, *wide.deep_blocks):
        block.project.weight[:, ::2] = 0  # half of the hidden channels, here and there, draw nothing
    carry_over(wide, narrow)
    image, style, strength = torch.rand(1, 3, 48, 40), torch.randn(1, 4), torch.tensor([0.7])
    assert (narrow(image, style, strength) - wide(image, style, strength)).abs().max() < 1e-5


def test_a_network_of_other_channels_is_no_start(tiny_pack: Pack) -> None:
    other = replace(model_of(tiny_pack), channels=8)
    with pytest.raises(TrainingError, match="same channels"):
        student_from(tiny_pack, DistillConfig(("oil",), model=other))


def test_one_small_step_leaves_it_near_the_pack(tiny_pack: Pack, photo_folder: Path, tmp_path: Path) -> None:
    photos = find_photos(photo_folder)[0]
    config = DistillConfig(
        ("oil",), steps=1, batch_size=1, crop_size=40, learning_rate=1e-5, model=model_of(tiny_pack),
        start=weights_hash(tiny_pack),
    )  # fmt: skip
    start = student_from(tiny_pack, config)
    student = distill(config, open_filter_lesson(config, photos), photos, tmp_path, start=start)
    for name, value in start.state_dict().items():
        assert torch.allclose(student.state_dict()[name], value, atol=2e-5)
    assert not all(torch.equal(student.state_dict()[name], value) for name, value in start.state_dict().items())


def run(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "edgestyle", "distill", *options], capture_output=True, text=True)


def test_the_command_starts_from_a_pack_and_says_so(tiny_pack: Pack, photo_folder: Path, tmp_path: Path) -> None:
    result = run(
        "mine", str(photo_folder), "-o", str(tmp_path / "pack"), "--run", str(tmp_path / "run"), "--teacher", "oil",
        "--from", str(tiny_pack.folder), "--steps", "1", "--batch-size", "1", "--crop-size", "40",
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    made = load_pack(tmp_path / "pack")
    assert made.components["renderer"].config == tiny_pack.components["renderer"].config
    assert made.training["started_from"]["weights_sha256"] == weights_hash(tiny_pack)
    assert f"--from {tiny_pack.name}" in made.training["command"]
    assert json.loads((tmp_path / "run" / "config.json").read_text())["start"] == weights_hash(tiny_pack)


def test_the_record_tells_a_packs_folder_from_a_shipped_pack_of_the_same_name(tiny_pack: Pack, tmp_path: Path) -> None:
    copied = shutil.copytree(tiny_pack.folder, tmp_path / "second try")
    record = record_of(load_pack(copied))
    assert (record["pack"], record["folder"]) == ("tiny", "second try")
    assert record["weights_sha256"] == weights_hash(tiny_pack)


@pytest.mark.parametrize(
    ("options", "message"),
    [(["--from", "nope"], "nope"), (["--from", "atelier", "--network", "large"], "same channels")],
)
def test_what_cannot_be_started_from_is_refused(
    options: list[str], message: str, photo_folder: Path, tmp_path: Path
) -> None:
    run_folder = ["--run", str(tmp_path / "run")]
    result = run("mine", str(photo_folder), "-o", str(tmp_path / "pack"), "--teacher", "oil", *run_folder, *options)
    assert result.returncode == 2
    assert message in result.stderr
