"""The suite `photographic`: every part makes a row, and the table is made of them."""

from pathlib import Path
from typing import Any

import pytest
import torch

from benchmarks import photographic, photographic_sheet, rows, tables
from benchmarks.photographic_speed import measure_large, measure_turns
from edgestyle.exporters.packing import build_pack
from edgestyle.images import Picture, write_picture
from edgestyle.models.colour import ColourRenderer
from edgestyle.models.encoder import Encoder
from edgestyle.packs.pack import Pack, Style
from edgestyle.quality.features import load_features
from edgestyle.quality.pictures import centre_square
from edgestyle.teachers.photographic import PhotographicTeacher
from tests.conftest import make_photo
from tests.teachers.pcakd_archive import copying_arrays, write_archive
from tests.training.photographic import ENCODER, MODEL

REFERENCES = [make_photo(200, 260, seed) // (seed + 1) for seed in range(2)]
SQUARES = torch.cat([centre_square(pixels) for pixels in REFERENCES])
PHOTOS = centre_square(make_photo(220, 200, seed=5))


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    torch.manual_seed(0)
    renderer, encoder = ColourRenderer(MODEL).eval(), Encoder(ENCODER).eval()
    torch.nn.init.normal_(renderer.mix.weight, std=0.1)
    about = {"title": "Mood", "description": "", "licence": "CC0-1.0", "training": {}, "working_size": None}
    styles = [Style(name, (0.1,) * MODEL.style_dimensions) for name in ("noir", "own")]
    folder = tmp_path_factory.mktemp("packs") / "mood"
    return build_pack(folder, "mood", renderer, styles, about, encoder=encoder)


@pytest.fixture(scope="module")
def teacher(tmp_path_factory: pytest.TempPathFactory) -> PhotographicTeacher:
    return PhotographicTeacher(write_archive(tmp_path_factory.mktemp("pcakd"), copying_arrays()))


@pytest.fixture(scope="module")
def measured(pack: Pack, teacher: PhotographicTeacher) -> list[dict[str, Any]]:
    methods = photographic.make_methods(pack, teacher, SQUARES)
    features = load_features()
    with torch.no_grad():
        found = [
            {"part": "pictures", "method": name, **photographic.measure_pictures(method, PHOTOS, SQUARES, features)}
            for name, method in methods.items()
        ]
        found += [photographic.measure_look(pack, look, PHOTOS) for look in pack.styles]
        found.append(photographic.measure_decoupling(pack, REFERENCES))
        found.append(measure_turns(pack, teacher, PHOTOS, SQUARES[:1], rounds=2))
    return [*found, measure_large(pack, 64, 48)]


def test_the_photo_keeps_its_edges_and_transport_reaches_the_palette(measured: list[dict[str, Any]]) -> None:
    found = {row["method"]: row for row in measured if row["part"] == "pictures"}
    assert list(found) == ["photo", "PCA-KD", "PCA-KD, smoothed", "optimal transport", "mood"]
    assert found["photo"]["edge_structure"] == pytest.approx(1, abs=1e-4)
    assert found["optimal transport"]["palette_distance"] < 0.5 * found["photo"]["palette_distance"]


def test_looks_flicker_beside_their_grades_and_mirrored_pictures_have_about_the_same_vector(
    measured: list[dict[str, Any]],
) -> None:
    noir, own = (row for row in measured if row["part"] == "look")
    assert noir["flicker"] > 0
    assert {"grade_flicker", "grade_difference"} <= noir.keys()
    assert "grade_flicker" not in own
    (moved,) = (row for row in measured if row["part"] == "decoupling")
    assert moved["mirrored"] < 1


def test_speed_is_measured_in_turns_and_memory_in_a_process_of_its_own(measured: list[dict[str, Any]]) -> None:
    (turns,) = (row for row in measured if row["part"] == "turns")
    assert turns["latency_ms"].keys() == {"PCA-KD", "renderer", "encoder"}
    assert turns["times_faster"] > 1
    (large,) = (row for row in measured if row["part"] == "large")
    assert large["ns_a_pixel"] == pytest.approx(large["latency_ms"]["p50"] * 1e6 / (64 * 48))
    assert 10e6 < large["peak_rss_bytes"] < 500e6


def test_the_table_is_made_of_the_rows(
    measured: list[dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (rows, tables):
        monkeypatch.setattr(module, "RESULTS", tmp_path)
    assert tables.photographic() == "Not measured yet.\n"
    rows.write_rows("photographic", measured, ("edgestyle",))
    table = tables.photographic()
    for part in ("| optimal transport |", "512x512, one thread", "64x48, 2 threads", "mirrored", "| noir |"):
        assert part in table


def test_the_sheet_has_two_rows_a_photo(
    pack: Pack, teacher: PhotographicTeacher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seed, name in enumerate((*photographic_sheet.PHOTOS[:1], *photographic_sheet.REFERENCES[:2])):
        write_picture(Picture(make_photo(100, 120, seed)), tmp_path / name)
    monkeypatch.setattr(photographic_sheet, "PHOTOS", photographic_sheet.PHOTOS[:1])
    monkeypatch.setattr(photographic_sheet, "REFERENCES", photographic_sheet.REFERENCES[:2])
    with torch.no_grad():
        sheet = photographic_sheet.draw_sheet(pack, teacher, tmp_path)
    assert sheet.shape[0] > 3 * photographic_sheet.CELL_HEIGHT
    assert sheet.shape[1] > 3 * photographic_sheet.CELL_HEIGHT
