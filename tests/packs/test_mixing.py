"""A mix is a weighted sum of vectors, wherever it is drawn."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest

from edgestyle.errors import MixError, PackError
from edgestyle.exporters.bundle import export_pack
from edgestyle.images import to_floats
from edgestyle.packs import choosing, loading
from edgestyle.packs.choosing import choose_pack
from edgestyle.packs.loading import load_pack, save_pack_json
from edgestyle.packs.mixing import mixed_input, parse_mix
from edgestyle.packs.pack import Pack
from edgestyle.sidecar import read_sidecar
from tests.conftest import make_photo


@pytest.mark.parametrize(
    ("text", "weights"),
    [
        ("a", {"a": 1}),
        ("a:7", {"a": 1}),
        ("a,b", {"a": 0.5, "b": 0.5}),
        ("a:3,b", {"a": 0.75, "b": 0.25}),
        (" a : 0.6 , b : .4 ", {"a": 0.6, "b": 0.4}),
        ("a:0,b:2", {"a": 0, "b": 1}),
        ("a:1e308,b:1e308", {"a": 0.5, "b": 0.5}),
        ("a:5e-324,b:5e-324", {"a": 0.5, "b": 0.5}),
    ],
)
def test_weights_are_normalised_and_count_1_where_there_is_none(text: str, weights: dict[str, float]) -> None:
    parsed = parse_mix(text)
    assert parsed == pytest.approx(weights)
    assert list(parsed) == list(weights)


WRONG = {
    "a:-1,b:2": "'a' must be a number from 0 up, not '-1'",
    "a:0,b:0": "all weights .* are 0",
    "a:0": "all weights",
    "a:much": "'a' must be a number",
    "a:": "'a' must be a number",
    "a:1:2": "'a' must be a number",
    "a:nan,b": "'a' must be a number",
    "a,b:inf": "'b' must be a number",
    "a:0.5,a:0.5": "'a' twice",
    "a,,b": "a part without a style",
    "a,": "a part without a style",
    ":0.5": "a part without a style",
    "": "a part without a style",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_mix_is_refused_in_one_line(text: str, tiny_pack: Pack) -> None:
    for refuse in (parse_mix, tiny_pack.style):
        with pytest.raises(MixError, match=WRONG[text]) as caught:
            refuse(text)
        assert "\n" not in str(caught.value)


def test_vector_strength_and_detail_are_weighted_means(tiny_pack: Pack) -> None:
    first, second = tiny_pack.styles.values()
    styles = {
        "first": replace(first, default_strength=1.0, detail=0.2, licence="MIT", credit="A"),
        "second": replace(second, default_strength=0.5, detail=0.6, licence="CC0-1.0", credit="B"),
    }
    mixed = replace(tiny_pack, styles=styles).style("first:3,second:1")
    assert np.allclose(mixed.vector, 0.75 * np.array(first.vector) + 0.25 * np.array(second.vector), atol=1e-12)
    assert mixed.default_strength == pytest.approx(0.875)
    assert mixed.detail == pytest.approx(0.3)
    assert (mixed.name, mixed.licence, mixed.credit) == ("first:0.75,second:0.25", "MIT AND CC0-1.0", "A; B")


def test_a_style_alone_is_that_style_whatever_its_weight(tiny_pack: Pack) -> None:
    assert tiny_pack.style("second:0.3") == tiny_pack.style("second")


@pytest.mark.parametrize("count", [3, 7, 10])
def test_rounding_never_leads_out_of_the_range_of_strengths(count: int, tiny_pack: Pack) -> None:
    styles = {f"s{i}": replace(tiny_pack.style(), name=f"s{i}", detail=1.0) for i in range(count)}
    mixed = replace(tiny_pack, styles=styles).style(",".join(f"s{i}:0.{i + 1}" for i in range(count)))
    assert mixed.default_strength <= 1
    assert mixed.detail <= 1


def test_a_mix_is_drawn_between_its_styles(tiny_pack: Pack) -> None:
    photo = make_photo(40, 56)
    mixed = tiny_pack.stylize(photo, "first:0.5,second:0.5", 1.0)
    assert np.array_equal(mixed, tiny_pack.stylize(photo, "second,first", 1.0))
    for style in ("first", "second"):
        assert not np.array_equal(mixed, tiny_pack.stylize(photo, style, 1.0))
        assert np.array_equal(tiny_pack.stylize(photo, f"{style}:2,{'second' if style == 'first' else 'first'}:0", 1.0),
                              tiny_pack.stylize(photo, style, 1.0))  # fmt: skip
    assert np.array_equal(tiny_pack.stylize(photo, "first,second", 0.0), photo)


def test_an_exported_file_draws_the_mix_from_its_sidecar(tiny_pack: Pack, tmp_path: Path) -> None:
    (exported,) = export_pack(tiny_pack, tmp_path, ["onnx"], ["float32"], [32])
    sidecar = read_sidecar(exported.path)
    style = mixed_input(sidecar["styles"], "first:0.6,second:0.4")
    assert style.shape == (1, 4)
    assert style.dtype == np.float32
    photo = make_photo(32, 48)
    feeds = {"image": to_floats(photo), "style": style, "strength": np.array([0.8], np.float32)}
    (drawn,) = onnxruntime.InferenceSession(exported.path).run(None, feeds)
    expected = tiny_pack.renderer.run(to_floats(photo), tiny_pack.style("first:0.6,second:0.4").as_input(), 0.8)
    assert np.abs(drawn - expected).max() < 1e-5
    levels = np.clip(drawn[0].transpose(1, 2, 0), 0, 1) * 255
    assert np.abs(levels - tiny_pack.stylize(photo, "first:0.6,second:0.4", 0.8)).max() < 0.51
    with pytest.raises(PackError, match="first, second"):
        mixed_input(sidecar["styles"], "first,third")
    with pytest.raises(MixError, match="twice"):
        mixed_input(sidecar["styles"], "first,first")


@pytest.fixture
def shelf(tiny_pack: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three shipped packs: `one` (the default) draws ink and oil, `two` pen and chalk, `three` chalk and wax."""
    for name, styles in {"one": ("ink", "oil"), "two": ("pen", "chalk"), "three": ("chalk", "wax")}.items():
        folder = tmp_path / "shelf" / name
        shutil.copytree(tiny_pack.folder, folder)
        drawn = {style: replace(tiny_pack.style(), name=style) for style in styles}
        save_pack_json(replace(tiny_pack, name=name, folder=folder, styles=drawn))
    monkeypatch.setattr(loading, "SHIPPED", tmp_path / "shelf")
    monkeypatch.setattr(choosing, "DEFAULT_PACK", "one")
    return tmp_path / "shelf"


@pytest.mark.parametrize(
    ("pack", "style", "chosen"),
    [
        (None, None, "one"),
        (None, "oil", "one"),
        (None, "ink:2,oil", "one"),
        (None, "pen", "two"),
        (None, "pen:0.1,chalk", "two"),
        (None, "wax,chalk", "three"),
        (None, "nope", "one"),
        ("three", None, "three"),
        ("three", "pen", "three"),
    ],
)
def test_a_style_finds_its_pack(shelf: Path, pack: str | None, style: str | None, chosen: str) -> None:
    assert choose_pack(pack, style).name == chosen


UNKNOWN: list[tuple[str | None, str, str]] = [
    (None, "chalk", "several packs have 'chalk': choose one of three, two with --pack"),
    (None, "nope", "pack 'one' has no style 'nope'; it has ink 1, oil 1 (default strengths)"),
    (
        "one",
        "pen",
        "pack 'one' has no style 'pen'; it has ink 1, oil 1 (default strengths); pack 'two' has 'pen': --pack two",
    ),
    ("one", "pen,chalk", "(default strengths); pack 'two' has 'pen', 'chalk': --pack two"),
    ("one", "ink,pen", "'pen' is in pack 'two' (--pack two), but packs do not mix: each is a network of its own"),
    (None, "oil:0.2,wax", "'wax' is in pack 'three' (--pack three), but packs do not mix"),
    ("two", "nope,pen", "pack 'two' has no style 'nope'; it has pen 1, chalk 1 (default strengths)"),
    ("one", "ink2", "(default strengths); did you mean 'ink'?"),
    ("one", "chalks", "did you mean 'chalk' of pack 'three' (--pack three --style chalk)?"),
    ("two", "waxx", "did you mean 'wax' of pack 'three' (--pack three --style wax)?"),
    ("one", "oil,chalks", "did you mean 'chalk' of pack 'three'"),
]


@pytest.mark.parametrize(("pack", "style", "message"), UNKNOWN)
def test_an_unknown_style_says_where_it_is(shelf: Path, pack: str | None, style: str, message: str) -> None:
    with pytest.raises(PackError) as caught:
        choose_pack(pack, style).style(style)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_pack_by_its_folder_is_not_told_to_use_itself(shelf: Path) -> None:
    with pytest.raises(PackError) as caught:
        load_pack(shelf / "two").style("pen,ink")
    assert "--pack two" not in str(caught.value)
    assert "--pack one" in str(caught.value)


def test_a_sidecar_as_plain_json_is_enough() -> None:
    styles: dict[str, Any] = json.loads('{"a": {"vector": [1, 0]}, "b": {"vector": [0, 2]}}')
    assert mixed_input(styles, "a:1,b:3").tolist() == [[0.25, 1.5]]
