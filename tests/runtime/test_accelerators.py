"""What a file is asked to run on, and what really ran it."""

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import onnxruntime
import pytest

from edgestyle.bench.jobs import make_job
from edgestyle.bench.measuring import Plan
from edgestyle.bench.targets.host import HostTarget
from edgestyle.bench.worker import run_jobs
from edgestyle.errors import AcceleratorError, ArtifactError, ContractError
from edgestyle.exporters.bundle import export_pack
from edgestyle.packs.pack import Pack
from edgestyle.packs.torch_runner import TorchRunner
from edgestyle.runtime.accelerators import ACCELERATORS, default_accelerator, describe_fallback, find_accelerator
from edgestyle.runtime.compute_plan import read_placement
from edgestyle.runtime.runner import open_runner

QUICK = Plan(min_runs=3, min_seconds=0.01, max_warmup_seconds=0.05)
IMAGE = np.random.default_rng(0).random((1, 3, 32, 32), dtype=np.float32)
HERE = [
    (suffix, name)
    for suffix in (".onnx", ".tflite")
    for name in ACCELERATORS[suffix]
    if (suffix, name) != (".onnx", "xnnpack") or "XnnpackExecutionProvider" in onnxruntime.get_available_providers()
]


@pytest.fixture(scope="module")
def folder(tiny_pack: Pack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("accelerators")
    export_pack(tiny_pack, folder, ["onnx", "tflite", "coreml"], ["float32"], [32, 64])
    return folder


def path_of(folder: Path, suffix: str) -> Path:
    return folder / f"tiny-renderer-float32{suffix}"


@pytest.mark.parametrize(("suffix", "name"), HERE)
def test_each_accelerator_draws_the_same_picture_and_says_what_ran_it(
    suffix: str, name: str, folder: Path, tiny_pack: Pack
) -> None:
    style = tiny_pack.style().as_input()
    expected = TorchRunner(tiny_pack.folder, 1).run(IMAGE, style, 0.7)
    runner = open_runner(path_of(folder, suffix), 1, name)
    assert np.abs(runner.run(IMAGE, style, 0.7) - expected).max() < 1e-4
    placement = runner.placement(IMAGE, style, 0.7)
    assert placement is not None
    assert sum(placement.values()) > 5
    assert describe_fallback(find_accelerator(suffix, name), name, placement) is None
    assert np.abs(runner.run(IMAGE, style, 0.7) - expected).max() < 1e-4  # looking changed nothing


def test_without_its_delegate_litert_runs_every_operator_itself(folder: Path, tiny_pack: Pack) -> None:
    style = tiny_pack.style().as_input()
    plain, helped = (
        open_runner(path_of(folder, ".tflite"), 1, name).placement(IMAGE, style, 1.0) or {}
        for name in ("cpu-plain", "xnnpack")
    )
    assert set(plain) == {"LiteRT kernels"}
    assert helped["XNNPACK"] > helped.get("LiteRT kernels", 0)
    assert sum(plain.values()) == sum(helped.values())


def test_torch_counts_its_operators_by_device(tiny_pack: Pack) -> None:
    placement = TorchRunner(tiny_pack.folder, 1).placement(IMAGE, tiny_pack.style().as_input(), 1.0)
    assert set(placement) == {"torch cpu"}


def test_a_pack_is_measured_in_torch_beside_its_files(folder: Path, tiny_pack: Pack) -> None:
    plan = Plan(min_runs=3, min_seconds=0.01, max_warmup_seconds=0.05, interleaved=True, alternations=3)
    rows = HostTarget().measure([make_job(tiny_pack.folder, 32, 1), make_job(path_of(folder, ".onnx"), 32, 1)], plan)
    torch_row, onnx_row = rows
    assert (torch_row.status, onnx_row.status) == ("measured", "measured")
    assert (torch_row.runtime or "").startswith("torch")
    assert (torch_row.artifact["format"], torch_row.accelerator) == ("pack", "torch-cpu")
    assert set(onnx_row.placement or {}) == {"CPUExecutionProvider"}


def test_a_provider_that_is_not_built_in_is_unavailable_and_never_the_cpu_in_disguise(folder: Path) -> None:
    if "XnnpackExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("this build of ONNX Runtime has XNNPACK")
    with pytest.raises(AcceleratorError, match=r"no XnnpackExecutionProvider, only .*CPUExecutionProvider"):
        open_runner(path_of(folder, ".onnx"), 1, "xnnpack")
    (row,) = HostTarget().measure([make_job(path_of(folder, ".onnx"), 32, 1, "xnnpack")], QUICK)
    assert (row.status, row.latency_ms) == ("unavailable", None)
    assert "no XnnpackExecutionProvider" in (row.error or "")


@pytest.mark.filterwarnings("ignore:Specified provider")
def test_a_silent_fallback_is_found_and_is_no_measurement(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["XnnpackExecutionProvider"])
    (row,) = run_jobs([make_job(path_of(folder, ".onnx"), 32, 1, "xnnpack")], QUICK)
    assert row["status"] == "unavailable"
    assert "no operator ran there" in row["error"]
    assert set(row["placement"]) == {"CPUExecutionProvider"}
    assert "latency_ms" not in row


def test_a_measurement_stays_where_its_placement_cannot_be_found_out(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr("edgestyle.runtime.onnx.profile_placement", full)
    (row,) = run_jobs([make_job(path_of(folder, ".onnx"), 32, 1)], QUICK)
    assert (row["status"], row["placement"]) == ("measured", None)


def test_a_part_that_falls_back_is_counted_and_still_measured() -> None:
    asked = find_accelerator(".tflite", "xnnpack")
    assert describe_fallback(asked, "xnnpack", {"XNNPACK": 3, "LiteRT kernels": 40}) is None
    assert describe_fallback(asked, "xnnpack", {"LiteRT kernels": 43}) is not None
    assert describe_fallback(asked, "xnnpack", None) is None  # nobody knows


@pytest.mark.parametrize("suffix", ACCELERATORS)
def test_an_unknown_accelerator_names_those_there_are(suffix: str) -> None:
    with pytest.raises(ArtifactError, match=default_accelerator(suffix)):
        find_accelerator(suffix, "warp-drive")


def test_openvino_says_which_size_of_a_file_it_reads(folder: Path, tiny_pack: Pack) -> None:
    image = np.zeros((1, 3, 64, 64), np.float32)
    with pytest.raises(ContractError, match="of this file, not"):
        open_runner(path_of(folder, ".tflite"), 1, "openvino-cpu").bind(image, tiny_pack.style().as_input(), 1.0)


class MLCPUComputeDevice: ...


class MLNeuralEngineComputeDevice: ...


def test_core_ml_s_plan_is_counted_by_compute_unit(monkeypatch: pytest.MonkeyPatch) -> None:
    def operation(device: object | None, blocks: tuple[Any, ...] = ()) -> Any:
        return SimpleNamespace(device=device, blocks=blocks)

    inner = SimpleNamespace(operations=[operation(MLCPUComputeDevice())])
    outer = [operation(None), operation(MLNeuralEngineComputeDevice()), operation(MLNeuralEngineComputeDevice())]
    block = SimpleNamespace(operations=[*outer, operation(None, (inner,))])
    plan = SimpleNamespace(
        model_structure=SimpleNamespace(program=SimpleNamespace(functions={"main": SimpleNamespace(block=block)})),
        get_compute_device_usage_for_mlprogram_operation=lambda one: (
            SimpleNamespace(preferred_compute_device=one.device) if one.device else None
        ),
    )
    module: Any = ModuleType("compute_plan")
    module.MLComputePlan = SimpleNamespace(load_from_path=lambda path, compute_units: plan)
    monkeypatch.setitem(sys.modules, "coremltools.models.compute_plan", module)
    model = SimpleNamespace(get_compiled_model_path=lambda: "m.mlmodelc", compute_unit="ALL")
    assert read_placement(model) == {"neural engine": 2, "CPU": 1}
