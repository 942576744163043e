"""Upscalers for phones: every format and recipe draws the network's picture, or there is no file."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest

from edgestyle.arrays import to_floats, to_pixels
from edgestyle.contract import FACTORS, UPSCALER_MARGIN
from edgestyle.errors import ArtifactError, ContractError, ExportError, ParityError
from edgestyle.exporters import phone_upscalers
from edgestyle.exporters.channels_last import order_upscaler_channels_last
from edgestyle.exporters.formats import FORMATS
from edgestyle.exporters.phone_upscalers import MIN_PSNR_DB, export_upscalers
from edgestyle.exporters.upscalers import load_shipped
from edgestyle.runtime.coreml import CoreMLUpscaler
from edgestyle.runtime.onnx import OnnxUpscaler
from edgestyle.runtime.tflite import TFLiteUpscaler
from edgestyle.upscaling import upscale
from tests.conftest import make_photo

SIDE = 48
MADE = ((2, "float32"), (4, "float16"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files of both factors, both recipes and all formats."""
    folder = tmp_path_factory.mktemp("phone")
    for factor, recipe in MADE:
        export_upscalers(folder, [factor], list(FORMATS), [recipe], SIDE)
    return folder


def name_of(factor: int, recipe: str, format_name: str) -> str:
    return f"upscaler-x{factor}-{SIDE}-{recipe}{FORMATS[format_name].suffix}"


@pytest.mark.parametrize(("factor", "recipe"), MADE)
@pytest.mark.parametrize("format_name", FORMATS)
def test_every_file_has_passed_the_gate_and_says_how_to_use_it(
    format_name: str, recipe: str, factor: int, folder: Path
) -> None:
    path = folder / name_of(factor, recipe, format_name)
    sidecar = json.loads((folder / f"{path.name}.json").read_text())
    assert sidecar["parity"]["min_psnr_db"] >= MIN_PSNR_DB[recipe]
    assert (sidecar["factor"], sidecar["side"], sidecar["margin"]) == (factor, SIDE, UPSCALER_MARGIN)
    assert sidecar["licence"] == "MIT"
    assert SIDE in sidecar["inputs"][0]["shape"]
    assert factor * SIDE in sidecar["outputs"][0]["shape"]
    if path.is_file():
        assert sidecar["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    limit = 1_100_000 if recipe == "float32" else 600_000
    assert sidecar["size_bytes"] < limit


def test_nothing_else_is_left_in_the_folder(folder: Path) -> None:
    names = {name_of(*made, name) for made in MADE for name in FORMATS}
    assert {path.name for path in folder.iterdir()} == names | {f"{name}.json" for name in names}


def test_tiles_of_phone_files_join_to_what_the_command_draws(folder: Path) -> None:
    photo, factor = make_photo(SIDE - 2 * UPSCALER_MARGIN, SIDE - 2 * UPSCALER_MARGIN), 2
    tile = to_floats(np.pad(photo, ((UPSCALER_MARGIN,) * 2, (UPSCALER_MARGIN,) * 2, (0, 0)), mode="edge"))
    cut, expected = slice(factor * UPSCALER_MARGIN, -factor * UPSCALER_MARGIN), upscale(photo, factor, 1)
    for runner in (
        OnnxUpscaler(folder / name_of(factor, "float32", "onnx"), factor, 1),
        TFLiteUpscaler(folder / name_of(factor, "float32", "tflite"), factor, 1),
        CoreMLUpscaler(folder / name_of(factor, "float32", "coreml"), factor, 1),
    ):
        drawn = to_pixels(runner.enlarge(tile))[cut, cut]
        assert np.abs(drawn.astype(int) - expected).max() <= 1, runner.runtime


def test_onnx_files_have_one_size_and_compute_the_network_in_float16(folder: Path) -> None:
    model = onnx.load(folder / name_of(4, "float16", "onnx"))
    (image,) = model.graph.input
    assert [side.dim_value for side in image.type.tensor_type.shape.dim] == [1, 3, SIDE, SIDE]
    assert [node.op_type for node in model.graph.node].count("Cast") == 2


def test_files_refuse_what_is_no_tile_of_theirs(folder: Path) -> None:
    with pytest.raises(ArtifactError):
        OnnxUpscaler(folder / name_of(2, "float32", "onnx"), 2, 1).enlarge(np.zeros((1, 3, 40, 40), np.float32))
    with pytest.raises(ArtifactError):
        TFLiteUpscaler(folder / name_of(2, "float32", "tflite"), 2, 1).enlarge(np.zeros((1, 3, 40, 40), np.float32))
    (folder.parent / "text.tflite").write_text("text")
    with pytest.raises(ArtifactError, match="cannot load"):
        TFLiteUpscaler(folder.parent / "text.tflite", 2)


@pytest.mark.parametrize("factor", FACTORS)
def test_channels_in_another_order_draw_the_same_picture(factor: int) -> None:
    import torch

    network, image = load_shipped(factor), torch.rand(1, 3, 24, 31, generator=torch.Generator().manual_seed(0))
    turned = order_upscaler_channels_last(network)
    assert torch.allclose(turned(image), network(image), atol=1e-6)
    assert network.shuffle is not turned.shuffle


def test_a_file_that_draws_another_picture_is_not_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(phone_upscalers.MIN_PSNR_DB, "float16", 200.0)
    with pytest.raises(ParityError, match="it must reach 200 dB"):
        export_upscalers(tmp_path, [2], ["onnx"], ["float16"], SIDE)
    assert list(tmp_path.iterdir()) == []


BAD = {
    "side": ([2], ["onnx"], ["float32"], 100),
    "no room": ([2], ["onnx"], ["float32"], 40),
    "too large": ([2], ["onnx"], ["float32"], 2048),
    "factor": ([3], ["onnx"], ["float32"], 64),
    "format": ([2], ["tensorrt"], ["float32"], 64),
    "recipe": ([2], ["onnx"], ["w8"], 64),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_cannot_be_exported_is_refused_before_any_work(kind: str, tmp_path: Path) -> None:
    with pytest.raises((ContractError, ExportError)):
        export_upscalers(tmp_path / "out", *BAD[kind])
    assert not (tmp_path / "out").exists()


def test_the_command_prints_a_line_a_file(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "edgestyle.exporters.phone_upscalers", "-o", str(tmp_path), "--factor", "2"]
    command += ["--format", "onnx", "--recipe", "float16", "--side", "64"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    (line,) = done.stdout.splitlines()
    assert "upscaler-x2-64-float16.onnx" in line
    assert "dB from the network" in line
