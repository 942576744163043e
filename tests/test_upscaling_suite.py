"""The suite that measures enlarging, and its tables."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import suite_tables, upscaling
from edgestyle.images import read_picture
from edgestyle.upscaling.tiling import enlarge_in_tiles

PHOTO = read_picture(Path(__file__).parents[1] / "examples" / "chelsea.jpg").pixels[60:180, 150:310]


def test_all_methods_give_pictures_of_the_same_size_and_ours_is_what_the_command_draws() -> None:
    small = upscaling.shrink(PHOTO, 2)
    drawn = {name: method(small) for name, method in upscaling.make_methods(2).items()}
    assert {picture.shape for picture in drawn.values()} == {PHOTO.shape}
    network = upscaling.load_shipped(2)
    again = upscaling.with_margin(network, small, 2)
    assert np.abs(again.astype(int) - drawn[upscaling.OURS]).max() <= 1
    assert np.abs(again.astype(int) - drawn["ESRGAN-slim"]).max() > 3


def test_a_method_that_gives_the_picture_itself_is_measured_as_perfect(monkeypatch: pytest.MonkeyPatch) -> None:
    def repeat(small: Any) -> Any:
        return enlarge_in_tiles(lambda image: image.repeat(2, 2).repeat(2, 3), small, 2, 0)

    monkeypatch.setattr(upscaling, "make_methods", lambda factor: {"itself": lambda _: PHOTO, "repeated": repeat})
    itself, repeated = upscaling.measure_closeness(2, "photo", {"chelsea": PHOTO})
    assert itself["psnr_db"] == float("inf")
    assert itself["edge_structure"] == pytest.approx(1)
    assert itself["feature_distance"] == pytest.approx(0, abs=1e-6)
    assert repeated["psnr_db"] < 40
    assert repeated["feature_distance"] > 0.01


def test_tables_have_a_row_a_method_and_memory_beside_the_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    measured = {"psnr_db": 30.0, "edge_structure": 0.9, "feature_distance": 0.1}
    rows: list[dict[str, Any]] = [
        {"part": "closeness", "factor": factor, "method": method, "content": content, **measured}
        for factor in (2, 4)
        for method in ("bicubic", "edgestyle")
        for content in ("photo", "ink")
    ]
    rows.append(
        {"part": "speed", "factor": 2, "size": [512, 256], "threads": 1, "load_average": 3.2, "result_bytes": 6_000_000,
         "seconds_a_megapixel": 2.0, "processor_s_a_megapixel": 1.5, "rss_before_bytes": 100_000_000,
         "peak_rss_bytes": 306_000_000}
    )  # fmt: skip
    monkeypatch.setattr(suite_tables, "_found", lambda name: rows)
    closeness, speed = suite_tables.upscaling(), suite_tables.upscaling_speed()
    assert closeness is not None
    assert speed is not None
    assert closeness[0] == ["", "method", "photos", "in `ink`"]
    assert [line[:2] for line in closeness[1]] == [
        ["x2", "bicubic"], ["x2", "edgestyle"], ["x4", "bicubic"], ["x4", "edgestyle"],
    ]  # fmt: skip
    assert closeness[1][0][2:] == ["30.00 dB, 0.900, 0.100"] * 2
    assert speed[1] == [["512x256", "x2", "2.0 MP", "1.50 s, 1 thread", "2.00 s at a load of 3", "200 MB"]]


def test_a_suite_that_was_not_measured_has_no_tables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(suite_tables, "RESULTS", tmp_path)
    assert suite_tables.upscaling() is None
    assert suite_tables.upscaling_speed() is None


def test_time_is_a_megapixel_of_the_result_s(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(upscaling, "TIMED_RUNS", 2)
    monkeypatch.setattr("sys.argv", ["upscaling", "--timed", "2", "40", "24"])
    upscaling.main()
    row = json.loads(capsys.readouterr().out)
    assert (row["runs"], row["threads"]) == (2, 1)
    assert row["result_bytes"] == 3 * 80 * 48
    assert 0 < row["processor_s_a_megapixel"] < 1000
