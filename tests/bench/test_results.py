"""Rows on disk: kept when interrupted, refused when damaged."""

import errno
import json
import math
import os
from dataclasses import asdict
from pathlib import Path

import pytest

from edgestyle.bench.results import Result, append, check_appendable, read_results, write_results
from edgestyle.errors import ArtifactError, OutputError

ROW = Result("failed", {"name": "x"}, {}, None, {}, error="why")


def test_results_survive_the_file(tmp_path: Path) -> None:
    write_results([ROW, ROW], tmp_path / "r.jsonl")
    append(ROW, tmp_path / "r.jsonl")
    assert [asdict(row) for row in read_results(tmp_path / "r.jsonl")] == [asdict(ROW)] * 3


def test_rows_from_before_other_work_was_counted_are_read(tmp_path: Path) -> None:
    older = {"schema_version": 2, **asdict(ROW)}
    del older["other_cpu_fraction"]
    (tmp_path / "r.jsonl").write_text(json.dumps(older) + "\n")
    assert read_results(tmp_path / "r.jsonl") == [ROW]


def test_a_first_row_makes_the_file_and_its_folder(tmp_path: Path) -> None:
    check_appendable(tmp_path / "new" / "r.jsonl")
    append(ROW, tmp_path / "new" / "r.jsonl")
    assert read_results(tmp_path / "new" / "r.jsonl") == [ROW]


def test_a_row_cut_in_the_middle_is_named_and_can_be_left_out(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    write_results([ROW, ROW], path)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(ArtifactError, match=r"r.jsonl, line 2: the row is cut in the middle"):
        read_results(path)
    assert read_results(path, skip_damaged=True) == [ROW]
    with pytest.raises(ArtifactError, match="line 2"):
        check_appendable(path)


def test_a_whole_last_row_without_its_line_end_is_read(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    write_results([ROW, ROW], path)
    path.write_bytes(path.read_bytes()[:-1])
    assert read_results(path) == read_results(path, skip_damaged=True) == [ROW, ROW]
    append(ROW, path)
    assert read_results(path) == [ROW] * 3, "what is added has a line of its own"


def test_damage_before_the_last_row_is_never_left_out(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    write_results([ROW], path)
    path.write_text('{"schema_version": 2, "sta\n' + path.read_text())
    with pytest.raises(ArtifactError, match="line 1: the row is damaged"):
        read_results(path, skip_damaged=True)


@pytest.mark.parametrize(("version", "todo"), [(1, "measure again"), (99, "update edgestyle"), ("a", "measure again")])
def test_another_schema_is_refused_with_what_to_do(version: object, todo: str, tmp_path: Path) -> None:
    (tmp_path / "r.jsonl").write_text(json.dumps({"schema_version": version}))
    with pytest.raises(ArtifactError, match=rf"line 1: the row is of schema {version}, this edgestyle reads 2: {todo}"):
        read_results(tmp_path / "r.jsonl")


LATENCIES = ("p50", "p50_low", "p50_high", "min", "runs")
DAMAGED = {
    "no json": "garbage",
    "no row": "3",
    "no version": "{}",
    "a field too many": json.dumps({"schema_version": 2, **asdict(ROW), "odd": 2}),
    "fields missing": '{"schema_version": 2, "status": "failed"}',
    "an unknown status": json.dumps({"schema_version": 2, **asdict(ROW), "status": "fine"}),
    "no file's name": json.dumps({"schema_version": 2, **asdict(ROW), "artifact": {}}),
    "measured, but no latency": json.dumps({"schema_version": 2, **asdict(ROW), "status": "measured"}),
    "a latency that is no number": json.dumps(
        {"schema_version": 2, **asdict(ROW), "status": "measured", "latency_ms": dict.fromkeys(LATENCIES, math.nan)}
    ),
    "runs that are no numbers": json.dumps({"schema_version": 2, **asdict(ROW), "samples_ms": ["fast"]}),
    "bytes that are no text": "\udcff",
}


@pytest.mark.parametrize("kind", DAMAGED)
def test_rows_of_another_kind_are_refused(kind: str, tmp_path: Path) -> None:
    (tmp_path / "r.jsonl").write_bytes(DAMAGED[kind].encode("utf-8", "surrogateescape") + b"\n")
    with pytest.raises(ArtifactError, match="line 1"):
        read_results(tmp_path / "r.jsonl")


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="No such file"):
        read_results(tmp_path / "r.jsonl")


def test_a_full_disk_leaves_the_rows_before_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "r.jsonl"
    append(ROW, path)

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="No space left"):
        append(ROW, path)
    assert read_results(path) == [ROW]
