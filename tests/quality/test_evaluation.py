import json
import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from edgestyle.errors import OutputError
from edgestyle.quality.columns import COLUMNS, EMPTY, measured_columns
from edgestyle.quality.evaluation import Evaluation, StyleMeasures, Subject, measure_style
from edgestyle.quality.features import load_features
from edgestyle.quality.pictures import centre_square
from edgestyle.quality.report import Gallery, data_uri, draw_gallery, html_report, markdown_report, write_report
from tests.conftest import make_photo

PHOTOS = {"one.png": centre_square(make_photo(384, 384)), "two.png": centre_square(make_photo(384, 384, seed=3))}
NASTY = "<script>alert('x')</script>|[a](b)"


def negative(image: Tensor, strength: float) -> Tensor:
    return image + strength * (1 - 2 * image)


def same(image: Tensor, strength: float) -> Tensor:
    return image


@pytest.fixture(scope="module")
def subjects() -> list[Subject]:
    return [Subject("filter", negative, teacher=negative), Subject("wave", negative, painting=PHOTOS["two.png"])]


@pytest.fixture(scope="module")
def evaluation(subjects: list[Subject]) -> Evaluation:
    rows = tuple(measure_style(subject, PHOTOS, load_features()) for subject in subjects)
    return Evaluation("tiny", "Tiny", "a network", tuple(PHOTOS), rows)


def test_a_filter_has_fidelity_and_a_painting_has_style(evaluation: Evaluation) -> None:
    learned, painted = evaluation.styles
    assert learned.psnr_db == math.inf
    assert learned.ssim == pytest.approx(1)
    assert learned.feature_distance == pytest.approx(0, abs=1e-6)
    assert learned.style_distance is learned.style_content_product is None
    assert painted.psnr_db is painted.ssim is painted.half_psnr_db is None
    assert painted.style_distance is not None
    assert painted.style_content_product is not None
    assert painted.style_content_product > 1 + painted.style_distance


def test_a_negative_keeps_contrast_and_trembles_as_its_photo(evaluation: Evaluation) -> None:
    for measures in evaluation.styles:
        assert measures.contrast_kept == pytest.approx(1, abs=1e-4)
        assert measures.flicker == pytest.approx(1, abs=1e-3)
        assert measures.distance_grows
        assert measures.half_share == pytest.approx(0.5, abs=1e-4)


def test_no_style_at_all_is_perfect_content_and_does_not_grow() -> None:
    measures = measure_style(Subject("none", same), PHOTOS, load_features())
    assert measures.content_distance == pytest.approx(0, abs=1e-6)
    assert measures.recognisability == pytest.approx(1, abs=1e-5)
    assert not measures.distance_grows
    assert measures.half_share is None


def test_progress_counts_photos() -> None:
    calls: list[int] = []
    measure_style(Subject("none", same), PHOTOS, load_features(), lambda: calls.append(1))
    assert len(calls) == len(PHOTOS)


def test_what_was_not_measured_is_a_dash_and_never_0(evaluation: Evaluation) -> None:
    rows = [line.split(" | ") for line in markdown_report(evaluation).splitlines() if line.startswith("| wave")]
    heads = [column.title for column in measured_columns(evaluation.styles)]
    assert rows[0][1 + heads.index("PSNR")].strip(" |") == EMPTY
    only = replace(evaluation, styles=evaluation.styles[1:])
    assert "PSNR" not in markdown_report(only).splitlines()[2]


def test_json_is_json(evaluation: Evaluation) -> None:
    text = json.dumps(evaluation.to_json(), allow_nan=False)
    assert json.loads(text)["styles"][0]["psnr_db"] is None
    assert json.loads(text)["styles"][1]["distances"]["0.5"] > 0


def test_every_column_is_a_measure(evaluation: Evaluation) -> None:
    names = set(StyleMeasures.__dataclass_fields__)
    assert {column.key for column in COLUMNS} == names - {"style", "distances"}


def test_the_page_needs_nothing_else(evaluation: Evaluation, subjects: list[Subject]) -> None:
    page = html_report(evaluation, draw_gallery(subjects, PHOTOS))
    text = re.sub(r"base64,[^\"]*", "", page)
    assert not re.search(r"https?:|src=\"//|href|<link|@import|url\(|fetch\(|import\(", text)
    sources = re.findall(r'src="([^"]*)', page)
    assert len(sources) == 2 * (5 + 2) + 1 + 2
    assert all(source.startswith("data:image/jpeg;base64,") for source in sources)


def test_names_from_strangers_are_text(evaluation: Evaluation) -> None:
    row = replace(evaluation.styles[0], style=NASTY)
    nasty = replace(evaluation, title=NASTY, styles=(row,), photos=(NASTY,))
    picture = make_photo(8, 8)
    gallery = Gallery({NASTY: picture}, {NASTY: {NASTY: picture}}, {NASTY: {0.5: picture}}, {NASTY: picture})
    page = html_report(nasty, gallery)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    table = markdown_report(nasty)
    assert "<script>" not in table.replace("\\<", "")
    assert len(re.findall(r"(?<!\\)\|", table.splitlines()[4])) == len(measured_columns((row,))) + 2


def test_pictures_in_the_page_are_small() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (900, 900, 3), np.uint8)
    assert len(data_uri(noise)) < 150_000


def test_a_report_is_written_whole_or_not_at_all(
    evaluation: Evaluation, subjects: list[Subject], tmp_path: Path
) -> None:
    gallery = draw_gallery(subjects, PHOTOS)
    names = [path.name for path in write_report(evaluation, gallery, tmp_path / "report")]
    assert sorted(p.name for p in (tmp_path / "report").iterdir()) == sorted(names)
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError):
        write_report(evaluation, gallery, tmp_path / "file")


def test_a_damaged_network_is_noticed_by_flicker() -> None:
    def blinking(image: Tensor, strength: float) -> Tensor:
        return (image + strength * torch.sin(image.sum() * 1e3)).clamp(0, 1)

    steady = measure_style(Subject("none", same), PHOTOS, load_features()).flicker
    flickering = measure_style(Subject("blinking", blinking), PHOTOS, load_features()).flicker
    assert flickering is not None
    assert steady is not None
    assert flickering > steady
