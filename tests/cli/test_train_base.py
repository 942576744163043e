"""`train-base` as a user meets it, on random networks: from photos to a pack that learns and takes references."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from edgestyle.images import Picture, read_picture, write_picture
from edgestyle.models.efficientnet_lite import EfficientNetLite0
from edgestyle.models.vgg import VGG16Features
from edgestyle.packs.loading import load_pack
from edgestyle.packs.pack import Pack
from tests.cli.test_commands import run
from tests.conftest import make_photo
from tests.models.test_lite_features import published

SMALL = ["--made", 1, "--views", 2, "--filtered", 0, "--crops", 2, "--steps", 3, "--batch-size", 2, "--colour-steps", 1,
         "--fitting-steps", 2]  # fmt: skip


@pytest.fixture(scope="module")
def networks(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Files of VGG16 and of EfficientNet-Lite0 in their published layouts, both random."""
    folder = tmp_path_factory.mktemp("networks")
    torch.manual_seed(0)
    vgg = {}
    for name, layer in VGG16Features().named_convolutions():
        key = f"block{name[0]}_conv{name[2]}"
        vgg[f"{key}.weight"], vgg[f"{key}.bias"] = layer.weight.data, layer.bias.data
    save_file(vgg, folder / "vgg16.safetensors")
    save_file(published(EfficientNetLite0()), folder / "lite.safetensors")
    return folder / "vgg16.safetensors", folder / "lite.safetensors"


@pytest.fixture
def paintings(tmp_path: Path) -> Path:
    write_picture(Picture(make_photo(120, 150, 9)), tmp_path / "paintings" / "dusk.png")
    return tmp_path / "paintings"


def test_a_base_becomes_a_pack_that_takes_references_and_learns(
    photo_folder: Path, networks: tuple[Path, Path], paintings: Path, tiny_pack: Pack, tmp_path: Path
) -> None:
    vgg, lite = networks
    pack = tmp_path / "mine"
    command = [
        "train-base", "mine", photo_folder, "-o", pack, "--lite", lite, "--features", vgg, "--paintings", paintings,
        "--run", tmp_path / "run", "--from", tiny_pack.folder, "--style", f"dusk={paintings / 'dusk.png'}",
        "--style", "lead=tesserae/1", *SMALL,
    ]  # fmt: skip
    done = run(*command)
    assert "pack 'mine' with dusk, lead" in done.stdout
    assert (tmp_path / "run" / "sheet-3.jpg").exists()
    loaded = load_pack(pack)
    assert loaded.encodes
    assert not loaded.recolours
    assert loaded.training["base"]["steps"] == 3
    assert "--style dusk=dusk.png --style lead=tesserae/1 --paintings PAINTINGS" in loaded.training["command"]
    assert loaded.training["started_from"]["pack"] == tiny_pack.name
    again = run(*command)
    assert "going on at step 3 of 3" in again.stderr

    photo, drawn = tmp_path / "photo.png", tmp_path / "drawn.png"
    write_picture(Picture(make_photo(90, 120)), photo)
    run("stylize", photo, "--reference", paintings / "dusk.png", "--pack", pack, "--strength", 1, "-o", drawn)
    expected = loaded.stylize(read_picture(photo).pixels, loaded.encode(read_picture(paintings / "dusk.png")), 1.0)
    assert np.array_equal(read_picture(drawn).pixels, expected)
    learned = run("learn", "acme", paintings / "dusk.png", "--pack", pack, "--steps", 2, "-o", tmp_path)
    assert "acme.style.json" in learned.stdout


def test_what_cannot_be_trained_is_one_line(photo_folder: Path, networks: tuple[Path, Path], tmp_path: Path) -> None:
    vgg, lite = networks
    common = ["train-base", "mine", photo_folder, "-o", tmp_path / "mine", "--features", vgg, "--run", tmp_path / "run"]
    for wrong, message in (
        (["--lite", lite], "give --style NAME=FILE"),
        (["--lite", lite, "--style", "dusk"], "--style wants NAME=FILE"),
        (["--lite", lite, "--style", "a=tesserae/1", "--style", "a=tesserae/2"], "given twice: a"),
        (["--lite", vgg, "--style", "a=tesserae/1"], "does not hold EfficientNet-Lite0"),
        (["--lite", lite, "--style", "a=tesserae/1", "--from", "lumen"], "recolours photos and draws no styles"),
        (["--lite", lite, "--style", "a=tesserae/1", "--mode", "best"], "'best' is not one of"),
    ):
        done = run(*common, *wrong, *SMALL, check=False)
        assert (done.returncode, message in done.stderr) == (2, True), (wrong, done.stderr)
    assert not (tmp_path / "mine").exists()
