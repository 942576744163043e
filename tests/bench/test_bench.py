"""The seam of the benchmark: rows, statistics, and honest failures."""

import json
import time
from dataclasses import asdict
from pathlib import Path

import pytest

from edgestyle.bench.measuring import Plan, measure_interleaved_ms, measure_ms
from edgestyle.bench.results import Result, read_results, write_results
from edgestyle.bench.statistics import summarise
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
    assert 0 < latency["min"] <= latency["p50_low"] <= latency["p50"] <= latency["p50_high"] <= latency["p90"]
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


@pytest.mark.parametrize("text", ["garbage", '{"schema_version": 99}', '{"schema_version": 1, "odd": 2}', "3"])
def test_results_of_another_kind_are_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "r.jsonl").write_text(text)
    with pytest.raises(ArtifactError):
        read_results(tmp_path / "r.jsonl")


def test_results_survive_the_file(tmp_path: Path) -> None:
    result = Result("failed", {"name": "x"}, {}, None, {}, error="why")
    write_results([result, result], tmp_path / "r.jsonl")
    assert [asdict(r) for r in read_results(tmp_path / "r.jsonl")] == [asdict(result)] * 2


def test_both_bounds_of_the_plan_are_reached() -> None:
    calls = []
    samples = measure_ms(lambda: calls.append(time.sleep(0.001)), Plan(20, 0.0, 0.01))
    assert len(samples) == 20
    assert len(calls) > 20
    assert min(samples) >= 1
    assert len(measure_ms(lambda: None, Plan(1, 0.02, 0.01))) > 1


def test_interleaved_runs_take_turns() -> None:
    order: list[str] = []
    calls = {name: (lambda name=name: order.append(name)) for name in "ab"}
    measure_interleaved_ms(calls, 5)
    assert order[-10:] == list("ababababab")


def test_the_summary_of_known_numbers() -> None:
    summary = summarise([float(i) for i in range(1, 102)])
    assert (summary.p50, summary.p90, summary.min, summary.runs) == (51, 91, 1, 101)
    assert 35 < summary.p50_low < 51 < summary.p50_high < 67
    assert summarise([2.0]).p50_low == 2.0
