"""Measuring on this machine, and honest failures."""

import json
from pathlib import Path

import pytest

from edgestyle.bench.measuring import Plan
from edgestyle.bench.results import read_results, write_results
from edgestyle.bench.targets.host import measure_on_host
from edgestyle.errors import ArtifactError
from edgestyle.exporters.bundle import export_pack
from edgestyle.packs.pack import Pack

QUICK = Plan(min_runs=3, min_seconds=0.01, max_warmup_seconds=0.05)


@pytest.fixture(scope="module")
def folder(tiny_pack: Pack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bench")
    export_pack(tiny_pack, folder, ["onnx", "tflite", "coreml"], ["float32"], [32])
    return folder


@pytest.mark.parametrize(("suffix", "runtime"), [("onnx", "onnxruntime"), ("tflite", "litert")])
def test_a_file_is_measured_in_its_own_runtime(suffix: str, runtime: str, folder: Path, tmp_path: Path) -> None:
    result = measure_on_host(folder / f"tiny-renderer-float32.{suffix}", 1, 32, QUICK)
    assert result.status == "measured", result.error
    assert result.runtime is not None
    assert result.runtime.startswith(runtime)
    write_results([result], tmp_path / "results.jsonl")
    row = json.loads((tmp_path / "results.jsonl").read_text())
    assert row.keys() >= {"schema_version", "status", "artifact", "device", "runtime", "load_ms", "first_run_ms"}
    latency = row["latency_ms"]
    assert 0 < latency["min"] <= latency["p50"]
    assert latency["p50_low"] <= latency["p50"] <= latency["p50_high"], "of three runs it may reach beyond the fastest"
    assert latency["p99"] is None, "three runs say nothing of it"
    assert latency["runs"] >= 3
    assert row["peak_rss_bytes"] > 10e6
    assert read_results(tmp_path / "results.jsonl") == [result]


def test_core_ml_is_unavailable_off_apple_and_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    result = measure_on_host(folder / "tiny-renderer-float32.mlpackage", 1, 32, QUICK)
    assert result.status == "unavailable"
    assert result.latency_ms is None
    assert result.error is not None
    assert "Apple" in result.error


def test_a_size_the_file_lacks_is_a_failed_row_with_the_reason(folder: Path) -> None:
    result = measure_on_host(folder / "tiny-renderer-float32.tflite", 1, 64, QUICK)
    assert result.status == "failed"
    assert result.error is not None
    assert "s32" in result.error


def test_code_lying_beside_a_model_is_not_run(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "numpy.py").write_text("raise SystemExit('a stranger was here')")
    monkeypatch.chdir(tmp_path)
    assert measure_on_host(folder / "tiny-renderer-float32.onnx", 1, 32, QUICK).status == "measured"


def test_a_file_without_sidecar_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.onnx").write_text("x")
    with pytest.raises(ArtifactError, match=r"sidecar|missing"):
        measure_on_host(tmp_path / "a.onnx", 1, 32, QUICK)
