"""The suites of `benchmarks`: networks of the right size, groups that are measured once, ratios with intervals."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from benchmarks import peers, suite_tables
from benchmarks.peer_networks import AnimeGenerator, MicroAst, MultiStyle
from benchmarks.peers import PEERS, Entry, Group, count_networks, export_peer, measure_group
from edgestyle.bench.measuring import Plan
from edgestyle.bench.results import Result, append, read_results
from edgestyle.errors import ArtifactError
from edgestyle.quality.network import count_parameters

SIZE = 64
PLAN = Plan(
    min_runs=3, min_seconds=0, max_warmup_seconds=0.01, min_warmup_runs=1, min_warmup_seconds=0, interleaved=True,
    alternations=3, turn_runs=1,
)  # fmt: skip


@pytest.mark.parametrize(("name", "millions"), [("AnimeGANv2", 2.14), ("Johnson 2016", 1.68)])
def test_networks_have_as_many_parameters_as_their_papers_say(name: str, millions: float) -> None:
    assert count_parameters(PEERS[name][0]()) / 1e6 == pytest.approx(millions, abs=0.02)


def test_microast_lacks_its_style_encoder_and_modulator_only() -> None:
    encoder = count_parameters(nn.ModuleList([MicroAst().encode, MicroAst().deeper]))
    modulator = 4 * 64 * (9 + 1)
    assert count_parameters(MicroAst()) + encoder + modulator == pytest.approx(472_000, rel=0.01)


@pytest.mark.parametrize("network", [AnimeGenerator(), MultiStyle(), MicroAst()], ids=lambda one: type(one).__name__)
def test_networks_give_a_picture_of_the_same_size(network: nn.Module) -> None:
    extra = next(extra for make, extra in PEERS.values() if make is type(network))
    with torch.no_grad():
        drawn = network(torch.rand(1, 3, SIZE, SIZE), *([torch.full((1, extra), 0.5)] if extra else []))
    assert drawn.shape == (1, 3, SIZE, SIZE)


def test_a_group_is_measured_in_turns_kept_and_not_measured_again(tmp_path: Path) -> None:
    entries = []
    for name in ("Johnson 2016", "MicroAST"):
        make, extra = PEERS[name]
        path = tmp_path / f"{name}.onnx"
        export_peer(make().eval(), extra, SIZE, path)
        entries.append(Entry(name, path, None, "random"))
    group = Group("onnxruntime", SIZE, 1)
    rows = measure_group(group, entries, PLAN)
    assert [(row.position, len(row.samples_ms or [])) for row in rows] == [(0, 3), (1, 3)]
    assert len({row.group for row in rows}) == 1
    assert all(set(row.placement or {}) == {"CPUExecutionProvider"} for row in rows)
    for row in rows:
        append(row, tmp_path / "rows.jsonl")
    known = read_results(tmp_path / "rows.jsonl")
    assert group.is_in(known, 2)
    assert not group.is_in(known[:1], 2), "it was cut while it was written"
    assert not group.is_in([known[0], replace(known[1], group="another")], 2), "halves of two are no whole"
    assert not Group("onnxruntime", SIZE, 2).is_in(known, 2)
    assert not Group("litert", SIZE, 1).is_in(known, 2)


def test_a_group_has_magenta_s_networks_where_they_run() -> None:
    expected = {("onnxruntime", 384): 8, ("onnxruntime", 512): 7, ("litert", 384): 6}
    assert {key: count_networks(Group(*key, 1), Path("magenta")) for key in expected} == expected
    assert count_networks(Group("onnxruntime", 384, 1), None) == 6


def row_of(name: str, samples: Any, position: int = 0, **artifact: Any) -> Result:
    ordered = sorted(samples)
    latency = {"p50": float(np.median(samples)), "p50_low": ordered[0], "p50_high": ordered[-1], "min": 1, "runs": 9}
    settings = {"size": 512, "threads": 1, "turn_runs": 1}
    return Result(
        "measured", {"name": name, "weights": "random", **artifact}, {}, "onnxruntime 1", settings, latency_ms=latency,
        samples_ms=list(samples), group="g", position=position,
    )  # fmt: skip


def test_each_ratio_comes_with_its_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    noise = np.random.default_rng(0).normal(1, 0.01, (2, 40))
    rows = [row_of("atelier", 10 * noise[0]), row_of("other", 30 * noise[1], 1)]
    monkeypatch.setattr(suite_tables, "_rows", lambda name: rows)
    table = suite_tables.peers()
    assert table is not None
    own, other = (line[-1] for line in table[1])
    ratio, low, high = (float(part) for part in other.replace("(", "").replace(")", "").replace("to ", "").split())
    assert own == "1"
    assert low < ratio < high
    assert ratio == pytest.approx(3, rel=0.02)


def test_speed_is_held_against_the_measured_peak(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [row_of(suite_tables.PEAK, [100.0], flops=1e10), row_of("atelier", [10.0], flops=5e8)]
    monkeypatch.setattr(suite_tables, "_rows", lambda name: rows)
    table = suite_tables.scaling()
    assert table is not None
    ((*_, gflops, share, _),) = table[1]
    assert (gflops, share) == ("50.0", "50%")


def test_a_star_marks_what_nothing_beats_in_both(monkeypatch: pytest.MonkeyPatch) -> None:
    facts: dict[str, Any] = {"width": 1.0, "parameters": 5, "format": "onnx", "recipe": "float32", "size_bytes": 1000}
    rows = [
        row_of("fast", [1.0], teacher_psnr_db=20.0, **facts),
        row_of("good", [3.0], teacher_psnr_db=30.0, **facts),
        row_of("beaten", [4.0], teacher_psnr_db=25.0, **facts),
    ]
    monkeypatch.setattr(suite_tables, "_rows", lambda name: rows)
    table = suite_tables.pareto()
    assert table is not None
    assert [line[0] for line in table[1]] == ["*", "*", ""]


@pytest.mark.parametrize("table", [suite_tables.peers, suite_tables.scaling, suite_tables.pareto])
def test_a_suite_that_was_not_measured_has_no_table(table: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suite_tables, "_rows", lambda name: [])
    assert table() is None


def test_a_suite_adds_nothing_to_a_file_whose_last_row_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    output = tmp_path / "rows.jsonl"
    output.write_text('{"schema_version": 2, "sta')
    monkeypatch.setattr("sys.argv", ["peers", "--output", str(output)])
    with pytest.raises(ArtifactError, match="line 1: the row is cut in the middle"):
        peers.main()
