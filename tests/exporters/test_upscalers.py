"""Upscalers as files: what is written, and that a file which draws another picture is not left behind."""

import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from edgestyle.contract import FACTORS
from edgestyle.errors import ParityError
from edgestyle.exporters import upscalers
from edgestyle.exporters.to_onnx import save_onnx, trace_upscaler
from edgestyle.exporters.upscalers import (
    MIN_PSNR_DB,
    check_upscaler,
    convert_upscalers,
    halve_kernels,
    load_shipped,
    write_upscaler,
)
from edgestyle.models.published_upscaler import load_published
from edgestyle.models.upscaler import SteadyUpscaler
from edgestyle.runtime.onnx import OnnxUpscaler
from edgestyle.upscaling.shipped import NETWORKS, shipped_network
from tests.layers_models import make_model


@pytest.fixture
def network(tmp_path: Path) -> SteadyUpscaler:
    return SteadyUpscaler(load_published(make_model(tmp_path / "model", 2))).eval()


def test_a_published_model_becomes_a_file_that_says_where_it_is_from(tmp_path: Path) -> None:
    folders = [make_model(tmp_path / f"model{factor}", factor) for factor in FACTORS]
    described = json.loads(convert_upscalers(folders, tmp_path / "out").read_text())
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"x2.onnx", "x4.onnx", "upscalers.json"}
    for factor, folder in zip(FACTORS, folders, strict=True):
        path, known = tmp_path / "out" / f"x{factor}.onnx", described["networks"][str(factor)]
        assert known["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
        source = hashlib.sha256((folder / "weights.bin").read_bytes()).hexdigest()
        assert known["made_from"]["weights.bin"] == source
        check_upscaler(OnnxUpscaler(path, factor, 1), SteadyUpscaler(load_published(folder)), MIN_PSNR_DB, (33, 17))


@pytest.mark.parametrize("factor", FACTORS)
def test_what_ships_runs_where_old_runtimes_do_and_is_small(factor: int) -> None:
    path = shipped_network(factor)
    assert sum(file.stat().st_size for file in NETWORKS.iterdir()) < 1_100_000
    model = onnx.load(path)
    assert model.ir_version <= 10
    assert [(one.domain, one.version) for one in model.opset_import] == [("", 17)]
    assert {entry.key for entry in model.metadata_props} == {"licence", "source"}
    assert not any(node.doc_string or node.metadata_props for node in model.graph.node)
    for value in (*model.graph.input, *model.graph.output):
        assert [side.dim_value for side in value.type.tensor_type.shape.dim[:2]] == [1, 3]
        assert all(side.dim_param for side in value.type.tensor_type.shape.dim[2:])
    for node in model.graph.node:
        if node.op_type == "Conv":
            assert {attribute.name for attribute in node.attribute} >= {"strides", "pads", "kernel_shape", "dilations"}


@pytest.mark.parametrize("factor", FACTORS)
def test_what_ships_has_its_licence_beside_it(factor: int) -> None:
    described = json.loads((NETWORKS / "upscalers.json").read_text())
    assert (described["licence"], described["source"]) == ("MIT", "npm @upscalerjs/esrgan-slim 1.0.0")
    assert "Copyright (c) 2022 Kevin Scott" in (NETWORKS / "LICENSE").read_text()
    assert described["networks"][str(factor)]["min_psnr_db"] >= MIN_PSNR_DB


def test_small_kernels_stay_as_they_are_and_large_ones_take_half(network: SteadyUpscaler) -> None:
    network.network.wide.weight.data *= 1.001  # so that it is no float16
    model = trace_upscaler(network)
    model.graph.initializer.append(onnx.numpy_helper.from_array(np.ones(4096, np.float32), "large"))
    before = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    halve_kernels(model.graph)
    for tensor in model.graph.initializer:
        values = onnx.numpy_helper.to_array(tensor)
        assert values.dtype == (np.float16 if tensor.name == "large" else np.float32)
        assert np.array_equal(values, before[tensor.name])
    assert [node.op_type for node in model.graph.node].count("Cast") == 1


def test_a_file_that_draws_another_picture_is_not_left_behind(
    network: SteadyUpscaler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upscalers, "FEWEST_HALVES", 500)  # of the layers only `wide` has more
    for parameter in network.network.wide.parameters():
        parameter.data *= 1e-9  # as float16 that is nothing
    network.network.narrow.weight.data *= 1e9
    with pytest.raises(ParityError, match="dB from the network"):
        write_upscaler(network, tmp_path / "out" / "x2.onnx")
    assert list((tmp_path / "out").iterdir()) == []


def test_the_gate_says_which_picture_is_off(network: SteadyUpscaler, tmp_path: Path) -> None:
    save_onnx(trace_upscaler(network), tmp_path / "a.onnx", {})
    runner = OnnxUpscaler(tmp_path / "a.onnx", 2, 1)
    assert check_upscaler(runner, network, 100.0, (24, 32)).max_difference < 1e-5
    network.network.head.bias.data += 0.01
    with pytest.raises(ParityError, match=r"'airplane' is \d+\.\d dB from the network; it must reach 60 dB"):
        check_upscaler(runner, network, MIN_PSNR_DB, (24, 32))


def test_weights_come_back_from_the_file_that_ships() -> None:
    network = load_shipped(2)
    image = torch.rand(1, 3, 20, 30, generator=torch.Generator().manual_seed(0))
    drawn = OnnxUpscaler(shipped_network(2), 2, 1).enlarge(image.numpy())
    assert np.abs(network(image).numpy() - drawn).max() < 1e-5
