"""A second set of weights: stored only where it wins, used by its recipe alone, judged against the float network."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from edgestyle.errors import ExportError, OutputError, PackError, ParityError
from edgestyle.exporters.bundle import export_pack
from edgestyle.exporters.packing import copy_pack
from edgestyle.exporters.tally import RATED, Tally
from edgestyle.exporters.weight_sets import LEAST_GAIN_DB, Comparison, _Cases, compare_weights
from edgestyle.models.renderer import Renderer
from edgestyle.packs.loading import load_pack
from edgestyle.packs.networks import load_renderer
from edgestyle.packs.pack import Pack
from edgestyle.runtime.runner import open_runner
from edgestyle.sidecar import read_sidecar
from tests.conftest import make_photo

SIZE = 64


def changed(pack: Pack, by: float) -> Renderer:
    """The pack's network with every weight a little off."""
    renderer = load_renderer(pack)
    torch.manual_seed(1)
    for parameter in renderer.parameters():
        parameter.add_(by * torch.randn_like(parameter))
    return renderer


@pytest.fixture(scope="module")
def atelier() -> Pack:
    return load_pack("atelier")


@pytest.fixture(scope="module")
def bytes_before(atelier: Pack) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in atelier.folder.rglob("*") if path.is_file()}


def test_other_weights_are_exported_drawn_and_compared_with_the_float_network(tiny_pack: Pack) -> None:
    photos, worse = [make_photo(80, 100)], changed(tiny_pack, 0.05)
    lost = compare_weights(tiny_pack, "w8a8", worse, photos, SIZE)
    assert [one.format for one in lost] == ["onnx", "tflite"]
    won = compare_weights(tiny_pack, "w8a8", load_renderer(tiny_pack), photos, SIZE, without=worse)
    for before, after in zip(lost, won, strict=True):
        assert not before.wins
        assert after.wins
        assert before.style_gains_db().keys() == tiny_pack.styles.keys()
        for style, (without, trained) in before.style_gains_db().items():
            assert without > trained + LEAST_GAIN_DB
            assert after.style_gains_db()[style] == (trained, without), "exporting is repeatable"
    with pytest.raises(ExportError, match="no photo"):
        compare_weights(tiny_pack, "w8a8", worse, [], SIZE)


def test_the_float_network_draws_each_picture_once_and_none_stays_in_memory(
    tiny_pack: Pack, monkeypatch: pytest.MonkeyPatch
) -> None:
    renderer, runs = load_renderer(tiny_pack), []
    forward = renderer.forward
    monkeypatch.setattr(renderer, "forward", lambda *inputs: runs.append(1) or forward(*inputs))
    cases = _Cases(renderer, list(tiny_pack.styles.values()), [make_photo(SIZE, SIZE)] * 2)
    first, second = list(cases), list(cases)
    assert len(runs) == len(first) == 2 * len(tiny_pack.styles) * len(RATED)
    for before, after in zip(first, second, strict=True):
        assert before.expected is not after.expected
        assert np.array_equal(before.expected, after.expected)


def tally(**db: tuple[float, float]) -> Tally:
    """A tally with these PSNRs, by style, at strengths 0.5 and 1."""
    filled, picture = Tally(), np.zeros((1, 3, 2, 2), np.float32)
    for style, values in db.items():
        for strength, value in zip(RATED, values, strict=True):
            filled.add(style, strength, picture, picture, picture, value)
    return filled


@pytest.mark.parametrize(
    ("trained", "wins"),
    [
        ({"oil": (46.5, 41.5), "ink": (44.0, 39.0)}, True),
        ({"oil": (46.1, 41.1), "ink": (44.0, 39.0)}, False),  # too little to be worth its bytes
        ({"oil": (48.0, 44.0), "ink": (44.0, 38.9)}, False),  # the worst style got worse
        ({"oil": (44.0, 49.0), "ink": (44.0, 42.0)}, False),  # half strength got worse
        ({"oil": (46.0, 41.0), "ink": (44.0, 39.0)}, False),
    ],
)
def test_what_wins(trained: dict[str, tuple[float, float]], wins: bool) -> None:
    without = tally(oil=(46.0, 41.0), ink=(44.0, 39.0))
    assert Comparison("onnx", without, tally(**trained)).wins is wins


def test_a_copy_keeps_the_float_network_byte_for_byte(
    atelier: Pack, bytes_before: dict[str, bytes], tmp_path: Path
) -> None:
    copy = copy_pack(atelier, tmp_path / "copy", "w8a8", changed(atelier, 0.01), {"seed": 1})
    after = {path.name: path.read_bytes() for path in copy.folder.rglob("*") if path.is_file()}
    assert {"renderer-w8a8.safetensors", "pack.json"} >= {k for k in after if after[k] != bytes_before.get(k)}
    assert copy.components["renderer"].recipe_weights == {"w8a8": "renderer-w8a8.safetensors"}
    assert copy.training == {"seed": 1}
    assert sum(map(len, after.values())) < 4e6
    for recipe in (None, "float32", "w8"):
        assert torch.equal(load_renderer(copy, recipe).head.weight, load_renderer(atelier).head.weight)
    assert not torch.equal(load_renderer(copy, "w8a8").head.weight, load_renderer(atelier).head.weight)


def test_a_pack_may_be_copied_onto_itself_and_without_new_weights(tiny_pack: Pack, tmp_path: Path) -> None:
    first = copy_pack(tiny_pack, tmp_path / "copy", "w8a8", None, {})
    assert first.components == tiny_pack.components
    assert "recipe_weights" not in json.loads((first.folder / "pack.json").read_text())["components"]["renderer"]
    second = copy_pack(first, first.folder, "w8a8", changed(tiny_pack, 0.01), {})
    third = copy_pack(second, second.folder, "w8a8", None, {})
    assert third.components["renderer"].recipe_weights.keys() == {"w8a8"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy"]


def test_what_is_not_the_packs_stays_in_its_folder(tiny_pack: Pack, tmp_path: Path) -> None:
    first = copy_pack(tiny_pack, tmp_path / "copy", "w8a8", changed(tiny_pack, 0.01), {})
    (first.folder / "phone").mkdir()
    (first.folder / "phone" / "mine.onnx").write_text("an export")
    (first.folder / "LICENSE").symlink_to("phone/mine.onnx")
    copy_pack(tiny_pack, first.folder, "w8a8", None, {})
    assert (first.folder / "LICENSE").is_symlink()
    assert (first.folder / "LICENSE").read_text() == "an export"
    assert not (first.folder / "renderer-w8a8.safetensors").exists(), "that was the older build's"
    (first.folder / "pack.json").write_text("damaged")
    copy_pack(tiny_pack, first.folder, "w8a8", None, {})
    assert (first.folder / "phone" / "mine.onnx").read_text() == "an export"
    assert load_pack(first.folder).name == "tiny"


def test_a_pack_comes_back_where_the_new_one_cannot_take_its_place(
    tiny_pack: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack, replace = copy_pack(tiny_pack, tmp_path / "copy", "w8a8", None, {"seed": 1}), Path.replace

    def refuse_the_new(path: Path, target: Path) -> Path:
        if path.name == "pack":
            raise OSError("no space left on device")
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", refuse_the_new)
    with pytest.raises(OutputError, match="no space left"):
        copy_pack(pack, pack.folder, "w8a8", None, {"seed": 2})
    assert load_pack(pack.folder).training == {"seed": 1}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy"]


def test_a_full_disk_is_told_in_a_line(tiny_pack: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*paths: Path, **options: bool) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr("shutil.copy2", full)
    with pytest.raises(OutputError, match="no space left"):
        copy_pack(tiny_pack, tmp_path / "copy", "w8a8", None, {})
    assert not list(tmp_path.iterdir())


def test_a_copy_that_fails_leaves_nothing(tiny_pack: Pack, tmp_path: Path) -> None:
    broken = changed(tiny_pack, float("nan"))
    with pytest.raises(PackError, match="not finite"):
        copy_pack(tiny_pack, tmp_path / "copy", "w8a8", broken, {})
    assert not list(tmp_path.iterdir())


def test_the_recipe_takes_its_own_weights_and_the_others_do_not(atelier: Pack, tmp_path: Path) -> None:
    copy = copy_pack(atelier, tmp_path / "copy", "w8a8", changed(atelier, 1e-4), {})
    files = {
        recipe: [export_pack(pack, tmp_path / name, ["onnx"], [recipe], [SIZE])[0].path for name, pack in packs]
        for packs in [(("old", atelier), ("new", copy))]
        for recipe in ("w8", "w8a8")
    }
    assert [read_sidecar(path)["weights"] for path in files["w8"]] == ["renderer.safetensors"] * 2
    assert files["w8"][0].read_bytes() == files["w8"][1].read_bytes()
    assert [read_sidecar(path)["weights"] for path in files["w8a8"]] == [
        "renderer-w8a8.safetensors" if recipe else "renderer.safetensors"
        for recipe in (bool(atelier.components["renderer"].recipe_weights), True)
    ]
    image, style = np.random.default_rng(0).random((1, 3, SIZE, SIZE), np.float32), atelier.style().as_input()
    old, new = (open_runner(path).run(image, style, 1.0) for path in files["w8a8"])
    assert not np.array_equal(old, new)


def test_weights_that_draw_another_picture_fail_the_gate_of_their_recipe(atelier: Pack, tmp_path: Path) -> None:
    copy = copy_pack(atelier, tmp_path / "copy", "w8a8", changed(atelier, 0.05), {})
    with pytest.raises(ParityError, match="w8a8 must reach"):
        export_pack(copy, tmp_path / "out", ["onnx"], ["w8a8"], [SIZE])
    assert not list((tmp_path / "out").glob("*.onnx"))
