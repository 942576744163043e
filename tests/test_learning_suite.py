"""The suites that measure learning and drift, and their tables."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from benchmarks import drift, learning, suite_tables, taught_files
from edgestyle.errors import OutputError
from edgestyle.exporters.parity import ParityReport
from edgestyle.exporters.recipes import RECIPES
from edgestyle.images import Picture, read_picture, write_picture
from edgestyle.packs.pack import Pack
from edgestyle.quality.drift import DriftMonitor
from edgestyle.training.learning import StyleLesson
from edgestyle.training.photos import PhotoCrops, find_photos
from edgestyle.training.style_library import HELD_OUT
from tests.conftest import make_photo


def test_the_styles_that_learning_is_measured_on_were_held_out() -> None:
    assert {family for family, _ in learning.MADE.values()} <= set(HELD_OUT)


def test_a_judge_tells_pictures_of_the_style_from_others(tiny_pack: Pack) -> None:
    picture = torch.from_numpy(make_photo(64, 64, 3)).permute(2, 0, 1)[None].float() / 255

    class Same(torch.nn.Module):
        def forward(self, image: torch.Tensor, style: torch.Tensor, strength: torch.Tensor) -> torch.Tensor:
            return picture

    judge = learning._judge(make_photo(64, 64, 3), torch.rand(2, 3, 64, 64))
    assert isinstance(judge.lesson, StyleLesson)
    assert judge.distance(Same(), torch.zeros(4)) == pytest.approx(0, abs=1e-5)
    assert judge.lesson.distance(judge.photos) > 0.5


def test_draws_are_judged_as_many_pictures_at_a_time() -> None:
    numbers = np.random.default_rng(0)
    rows = numbers.normal(size=(60, 30)).astype(np.float32)
    moves = numbers.normal(size=(7, 30)).astype(np.float32)
    monitor = DriftMonitor(rows, moves)
    same = list(drift._judged(monitor, numbers.normal(size=(60, 30)).astype(np.float32), {"kind": "as they are"}))
    far = list(drift._judged(monitor, (rows + 8).astype(np.float32), {"kind": "moved"}))
    assert [row["pictures"] for row in same] == [20, 40, 60]
    assert all(row["drifted"] <= 15 for row in same)
    assert all(row["drifted"] == row["draws"] for row in far)


def test_saturation_moves_colours_away_from_their_grey() -> None:
    picture = np.array([[[200, 100, 100], [90, 90, 90]]], np.uint8)
    more = drift._saturated(picture, 1.15)
    assert more[0, 0, 0] > 200
    assert more[0, 0, 1] < 100
    assert more[0, 1].tolist() == [90, 90, 90]


def test_tables_say_ratios_and_shares(monkeypatch: pytest.MonkeyPatch) -> None:
    latency = {"p50": 2.0, "p50_low": 1.5, "p50_high": 2.5}
    style = {"part": "learning", "style": "facets", "nearest": "atelier/oil", "nearest_distance": 4.0, "untouched": 5.0,
             "encoded": 2.5, "learned": 2.0, "adapted": 1.5, "seconds": 61.2}  # fmt: skip
    rows: dict[str, list[dict[str, Any]]] = {
        "learning": [
            style,
            {**style, "style": "grass", "learned": 1.0, "encoded": 1.0},
            *({"part": "base", "style": "facets", "mode": mode, "trained_steps": 9, "steps": count,
               "distance": float(count + len(mode))}
              for mode in ("plain", "meta") for count in (0, 20)),
            {"part": "file", "format": "onnx", "recipe": "w8", "size_bytes": 1500, "psnr_db": 41.0,
             "latency_ms": latency},
            {"part": "file", "format": "coreml", "recipe": "w8", "size_bytes": 1500, "psnr_db": None,
             "latency_ms": None},
        ],
        "drift": [
            {"kind": kind, "pictures": 20, "draws": 100, "drifted": drifted}
            for kind, drifted in (("as they are", 2), ("as they are", 1), ("another style", 100))
        ],
    }  # fmt: skip
    monkeypatch.setattr(suite_tables, "_found", lambda name: rows[name])
    learned, bases, files, drifted = (
        table() for table in (suite_tables.learning, suite_tables.bases, suite_tables.encoder, suite_tables.drift)
    )
    assert learned is not None
    assert bases is not None
    assert files is not None
    assert drifted is not None
    assert learned[1][0] == ["facets", "5.00", "4.00 (atelier/oil)", "2.50", "2.00", "0.50", "1.25", "61 s", "1.50"]
    assert learned[1][2] == ["mean", "", "", "", "", "0.38", "1.12", "", ""]
    assert bases == (["held out", "base", "trained", "at once", "20 steps"],
                     [["facets", "plain", "9 steps", "5.00", "25.00"],
                      ["facets", "meta", "9 steps", "4.00", "24.00"]])  # fmt: skip
    assert files[1] == [["onnx", "`w8`", "2 KB", "41.0 dB", "2.0 ms (1.5 to 2.5)"],
                        ["coreml", "`w8`", "2 KB", "equal", "on Apple devices"]]  # fmt: skip
    assert drifted == (["pictures judged", "20 of them"],
                       [["a brand's own pictures, held back (false alarms)", "1.5%"],
                        ["another style", "100.0%"]])  # fmt: skip


def test_the_table_of_files_says_what_is_promised_and_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        {"format": "onnx", "recipe": "w8", "size_bytes": 400_000, "mean_half_psnr_db": 47.5, "mean_psnr_db": 46.0,
         "worst_style": "dots", "worst_style_psnr_db": 41.0, "promised_db": 45.0, "promised_style_db": 40.0,
         "kept": True},
        {"format": "coreml", "recipe": "w6", "size_bytes": 300_000, "mean_half_psnr_db": 43.0, "mean_psnr_db": 41.0,
         "worst_style": "dots", "worst_style_psnr_db": 38.0, "promised_db": 42.0, "promised_style_db": None,
         "kept": False},
    ]  # fmt: skip
    monkeypatch.setattr(suite_tables, "_found", lambda name: rows)
    table = suite_tables.taught_files()
    assert table is not None
    assert table[1] == [
        ["onnx", "`w8`", "400 KB", "46.0", "41.0 (dots)", "45, each style 40", "yes"],
        ["coreml", "`w6`", "300 KB", "41.0", "38.0 (dots)", "42", "no"],
    ]


def test_a_promise_is_kept_where_every_number_reaches_its_bar() -> None:
    good = ParityReport(9, 0.02, 38.0, 0.0, 47.0, 46.0, "dots", 41.0)
    assert taught_files.keeps(RECIPES["w8"], good)
    assert not taught_files.keeps(RECIPES["w8"], replace(good, mean_half_psnr_db=44.0))
    assert not taught_files.keeps(RECIPES["w8"], replace(good, worst_style_psnr_db=39.0))
    assert not taught_files.keeps(RECIPES["float16"], replace(good, mean_psnr_db=70.0, mean_half_psnr_db=70.0))
    assert not taught_files.keeps(RECIPES["float32"], good)


def test_a_brands_pictures_are_written_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_picture(Picture(make_photo(400, 400, 3)), tmp_path / "photo.png")
    photos, _ = find_photos(tmp_path)
    monkeypatch.setattr(drift, "PICTURES", 4)
    crops = PhotoCrops(photos, 384)
    drift.write_pictures(tmp_path / "campaign", crops)
    counts = {folder.name: len(list(folder.iterdir())) for folder in (tmp_path / "campaign").iterdir()}
    assert counts == {"brand": 4, "new": 2, "saturated": 2}
    plain, more = (read_picture(tmp_path / "campaign" / name / "000.png").pixels for name in ("new", "saturated"))
    assert np.ptp(more.astype(int), axis=2).mean() > 1.1 * np.ptp(plain.astype(int), axis=2).mean()
    with pytest.raises(OutputError, match="exists"):
        drift.write_pictures(tmp_path / "campaign", crops)
