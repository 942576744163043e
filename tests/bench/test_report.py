"""The page, the tables and the plots of a benchmark."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edgestyle.bench.columns import COLUMNS
from edgestyle.bench.geometry import Axis, ecdf, fit_axis, log_ticks, round_ticks, time_curves
from edgestyle.bench.pictures import draw_quality, draw_spread, draw_times, make_marks
from edgestyle.bench.report import check_names, write_reports
from edgestyle.bench.results import Result
from edgestyle.bench.statistics import summarise
from edgestyle.bench.summary import Summary, summarise_rows
from edgestyle.bench.words import HEAD, cells
from edgestyle.errors import OutputError
from tests.bench.samples import in_turns, noisy, row

FAILED = Result(
    "failed", {"name": "broken.onnx"}, {}, None, {"size": 256, "threads": 1}, error="no such <b>operator</b>"
)


def some_rows() -> list[Result]:
    """Two files in three repeats, one that failed, and two in turns."""
    rows = []
    for number in range(3):
        for name, ms, db in (("a.onnx", 1.0, 60.0), ("b.tflite", 0.7, 45.0)):
            measured = row(noisy(number, 150) * ms, name)
            rows.append(replace(measured, artifact={**measured.artifact, "mean_psnr_db": db}))
    turns = [
        row(samples, name, group="g", position=position)
        for position, (samples, name) in enumerate(zip(in_turns(1, slower=0.2), ("old.onnx", "new.onnx"), strict=True))
    ]
    return [*rows, FAILED, *turns]


@pytest.fixture
def page(tmp_path: Path) -> str:
    (path,) = write_reports(some_rows(), [tmp_path / "out.html"])
    return path.read_text(encoding="utf-8")


def test_the_page_needs_no_network(page: str) -> None:
    assert not re.findall(r"""(?:src|href)=|url\(|@import|https?://""", page)


def test_the_page_has_tables_curves_and_what_failed(page: str) -> None:
    for text in ("a.onnx", "b.tflite", "Share of runs", "Speed against quality", "Over time", "Not measured"):
        assert text in page
    assert page.count("<polyline") == 4 + 8, "a curve a file, and one a repeat"
    assert "old.onnx -&gt; new.onnx" in page
    assert "CPUExecutionProvider 87" in page
    assert ">slower<" in page


def test_nothing_that_a_stranger_wrote_is_markup(page: str) -> None:
    assert "no such &lt;b&gt;operator&lt;/b&gt;" in page
    assert "<b>operator" not in page


def test_markdown_is_a_table_for_readmes(tmp_path: Path) -> None:
    (path,) = write_reports(some_rows(), [tmp_path / "out.md"])
    lines = path.read_text(encoding="utf-8").splitlines()
    head = next(line for line in lines if line.startswith("| file"))
    first = next(line for line in lines if line.startswith("| a.onnx"))
    assert head.count("|") == first.count("|") == len(COLUMNS) + 2
    assert "3 repeats" in first
    assert "broken.onnx" in "\n".join(lines)


def test_plots_are_a_picture(tmp_path: Path) -> None:
    from PIL import Image

    bare = replace(row(noisy(1, 50)), samples_ms=None, sample_starts_s=None)
    for rows, panels in ((some_rows(), 3), ([bare], 1)):
        (path,) = write_reports(rows, [tmp_path / f"{panels}.png"])
        with Image.open(path) as picture:
            assert picture.width == pytest.approx(900 * panels, abs=2)
            assert len(picture.convert("RGB").getcolors(1 << 24) or []) > 20


def test_a_report_of_unknown_kind_is_refused_before_anything_is_measured() -> None:
    with pytest.raises(OutputError, match=r"use .html, .md, .png"):
        check_names([Path("a.pdf")])


def test_repeats_are_one_line_with_their_spread() -> None:
    summaries = summarise_rows(some_rows())
    assert [one.name for one in summaries] == ["a.onnx", "b.tflite", "broken.onnx", "old.onnx", "new.onnx"]
    line = dict(zip(HEAD, cells(summaries[0]), strict=True))
    assert line["runs"] == "450"
    assert "3 repeats, medians" in line["notes"]
    assert summaries[0].low <= summaries[0].p50 <= summaries[0].high


def test_absent_numbers_and_small_samples_are_said_in_words() -> None:
    line = dict(zip(HEAD, cells(summarise_rows([row(noisy(1, 50))])[0]), strict=True))
    assert line["p99"] == "needs 300 runs"
    assert line["mJ"] == "absent"
    assert cells(summarise_rows([FAILED])[0])[2] == "no such <b>operator</b>"


def test_notes_tell_of_throttling_and_of_a_warm_up_that_was_too_short() -> None:
    unsettled = {"runs": 9, "seconds": 5.0, "settled": False}
    hot = row(np.linspace(10, 14, 600), warm_up=unsettled, overhead_fraction=0.02)
    words = cells(summarise_rows([hot])[0])[-1]
    for part in (
        "29% slower at the end than at the start: throttled",
        "had not settled",
        "measuring itself took over 1%",
    ):
        assert part in words


def test_a_page_of_10_000_files_lists_500_and_says_so(tmp_path: Path) -> None:
    one = row(noisy(1, 40))
    rows = [replace(one, artifact={**one.artifact, "name": f"{index}.onnx"}) for index in range(10_000)]
    (path,) = write_reports(rows, [tmp_path / "out.html"])
    text = path.read_text(encoding="utf-8")
    assert "the first 500 files; 9500 more" in text
    assert text.count("<tr>") == 501
    assert len(text) < 1e6


def test_quality_is_drawn_where_two_files_have_it() -> None:
    known = summarise_rows(some_rows())[:2]
    drawn = draw_quality(known, make_marks(known))
    assert drawn is not None
    better, faster = sorted(drawn.dots, key=lambda dot: -dot.x)
    assert better.y < faster.y, "up is closer to the network"
    assert draw_quality(known[:1], make_marks(known[:1])) is None
    unknown = replace(known[0].last, artifact={"name": "x"})
    assert draw_quality([Summary((unknown,)), known[1]], make_marks(known)) is None


def test_without_kept_runs_there_are_numbers_and_no_curves() -> None:
    bare = replace(row(noisy(1, 400)), samples_ms=None, sample_starts_s=None)
    (summary,) = summarise_rows([bare])
    marks = make_marks([summary])
    assert draw_spread([summary], marks) is None
    assert draw_times([summary], marks) == []
    assert summary.percentile(99) == summarise(noisy(1, 400).round(3).tolist()).p99
    assert summary.drift is None


def test_curves_end_at_the_last_run_and_stay_short() -> None:
    curve = ecdf(noisy(1, 5000))
    assert len(curve) <= 200
    assert curve[-1] == (float(noisy(1, 5000).max()), 1.0)
    assert ecdf(np.asarray([3.0, 1.0])) == [(1.0, 0.5), (3.0, 1.0)]
    (times,) = time_curves(summarise_rows([row(np.full(1001, 10.0))])[0])
    assert 150 < len(times) <= 200
    assert {ms for _, ms in times} == {10.0}


def test_axes_have_round_ticks_inside() -> None:
    assert round_ticks(0.0, 10.0) == [0, 2, 4, 6, 8, 10]
    assert log_ticks(3, 120) == [5, 10, 20, 50, 100]
    axis = fit_axis([1.0, 100.0], 0, 100)
    assert axis.log
    assert axis.place(10.0) == 50
    for value in (5.0, 0.0):
        assert fit_axis([value, value], 0, 100, room=0.0).place(value) == 50
    assert Axis(0, 1, 100, 0).ticks()[0] == (100, "0")
