"""`edgestyle distill --qat`: what it refuses, and that new weights are kept only if they win."""

import json
import re
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner

from edgestyle.cli.main import app
from edgestyle.errors import EdgestyleError
from edgestyle.exporters import weight_sets
from edgestyle.images import Picture, write_picture
from edgestyle.packs.loading import load_pack
from edgestyle.packs.pack import Pack
from tests.conftest import make_photo

Run = Callable[..., str]


@pytest.fixture
def distill(tiny_pack: Pack, photo_folder: Path, tmp_path: Path) -> Run:
    """Run the command in this process; what it printed."""

    def run(*options: str, name: str = "tiny", start: str = str(tiny_pack.folder)) -> str:
        command = ["distill", name, str(photo_folder), "-o", str(tmp_path / "pack"), "--run", str(tmp_path / "run")]
        sizes = ["--steps", "2", "--batch-size", "1", "--crop-size", "40", "--workers", "1"]
        result = CliRunner().invoke(app, [*command, *sizes, *(["--from", start] if start else []), *options])
        if result.exception is not None:
            raise result.exception
        return result.output

    return run


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def comparison(gain: float) -> weight_sets.Comparison:
    tallies = []
    for db in (40.0, 40.0 + gain):
        filled = weight_sets.Tally()
        for strength in weight_sets.RATED:
            filled.psnr_db["first", strength].append(db)
        tallies.append(filled)
    return weight_sets.Comparison("onnx", *tallies)


def test_two_steps_win_nothing_and_the_pack_stays_as_it_was(
    distill: Run, tiny_pack: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weight_sets, "compare_weights", partial(weight_sets.compare_weights, size=64))
    said = distill("--qat", "w8a8", "--learning-rate", "1e-8")
    assert "not kept: the new weights are not clearly better" in said
    for name in ("onnx", "tflite"):
        assert f"w8a8 in {name}: PSNR to the float32 network" in said
    assert re.search(r"all styles\W+\d+\.\d\d dB\W+\d+\.\d\d dB\W+[+-]\d\.\d\d dB", said)
    assert contents(tmp_path / "pack") == contents(tiny_pack.folder)


@pytest.mark.parametrize("gains", [(1.0, 1.0), (1.0, -1.0)])
def test_weights_are_kept_where_every_format_gains(
    gains: tuple[float, float], distill: Run, tiny_pack: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weight_sets, "compare_weights", lambda *_, **__: [comparison(gain) for gain in gains])
    said, wins = distill("--qat", "w8a8", "--exclude", "photo2.png"), min(gains) > 0
    assert ("\nkept: " in said) is wins
    made, before, after = load_pack(tmp_path / "pack"), contents(tiny_pack.folder), contents(tmp_path / "pack")
    assert made.components["renderer"].recipe_weights == ({"w8a8": "renderer-w8a8.safetensors"} if wins else {})
    assert {name for name in after if after[name] != before.get(name)} == (
        {"pack.json", "renderer-w8a8.safetensors"} if wins else set()
    )
    record = made.training.get("recipe_weights", {}).get("w8a8")
    assert (record is not None) is wins
    if record:
        assert record["held_out"] == ["photo0.png"]
        assert record["never_trained_on"] == ["photo0.png", "photo2.png"]
        assert record["command"] == (
            "edgestyle distill tiny PHOTOS -o tiny --from tiny --qat w8a8 --exclude photo2.png --steps 2 "
            "--batch-size 1 --crop-size 40 --learning-rate 0.0003 --temporal-weight 0.0 --seed 0 --threads 1"
        )
        assert record["compared"][0]["with"]["mean_psnr_db"] == 41.0
        assert {"torch", "torchao", "edgestyle"} == record["tools"].keys()


def test_a_folder_of_its_own_may_decide_and_its_photos_are_not_trained_on(
    distill: Run, photo_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    monkeypatch.setattr(weight_sets, "compare_weights", lambda *a, **_: seen.append(a[3]) or [comparison(1.0)])
    (tmp_path / "judges").mkdir()
    (tmp_path / "judges" / "photo1.png").write_bytes((photo_folder / "photo1.png").read_bytes())
    distill("--qat", "w8a8", "--held-out", str(tmp_path / "judges"))
    assert [pixels.shape for pixels in seen[0]] == [(150, 150, 3)], "the middle square"
    assert json.loads((tmp_path / "run" / "config.json").read_text())["exclude"] == ["photo1.png"]
    record = load_pack(tmp_path / "pack").training["recipe_weights"]["w8a8"]
    assert record["held_out"] == ["photo1.png"]
    assert "--held-out HELD_OUT" in record["command"]


def test_many_photos_held_out_take_no_memory_and_damaged_ones_are_named(
    distill: Run, photo_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    monkeypatch.setattr(weight_sets, "compare_weights", lambda *a, **_: seen.append(a[3]) or [comparison(1.0)])
    (tmp_path / "judges").mkdir()
    for number in range(10):
        write_picture(Picture(make_photo(530, 600)), tmp_path / "judges" / f"judge{number}.png")
    (tmp_path / "judges" / "text.png").write_text("no picture")
    said = distill("--qat", "w8a8", "--held-out", str(tmp_path / "judges"))
    assert [pixels.shape for pixels in seen[0]] == [(512, 512, 3)] * 8
    assert "text.png" in said
    assert re.search(r"8 of the 10 photos in \S+judges decide; none is trained on", said)
    record = load_pack(tmp_path / "pack").training["recipe_weights"]["w8a8"]
    assert len(record["held_out"]) == 8
    assert len(record["never_trained_on"]) == 10


def test_weights_that_do_not_win_leave_their_own_pack_untouched(
    distill: Run, tiny_pack: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weight_sets, "compare_weights", lambda *_, **__: [comparison(-1.0)])
    pack = shutil.copytree(tiny_pack.folder, tmp_path / "pack")
    (pack / "LICENSE").write_text("mine")
    before = {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in pack.rglob("*")}
    assert "not kept" in distill("--qat", "w8a8", start=str(pack))
    after = {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in pack.rglob("*")}
    assert after == before, "not even written again"


REFUSED = [
    (["--qat", "w4"], {}, "'w4'; known: w8a8"),
    (["--qat", "w8a8"], {"start": ""}, "--from PACK"),
    (["--qat", "w8a8"], {"name": "mine"}, "keeps its name"),
    (["--qat", "w8a8", "--teacher", "oil"], {}, "leave --teacher out"),
    (["--qat", "w8a8", "--devices", "2", "--licence", "MIT"], {}, "leave --devices, --licence out"),
    (["--held-out", "."], {"start": ""}, "--qat"),
]


@pytest.mark.parametrize(("options", "change", "message"), REFUSED, ids=lambda value: str(value)[:40])
def test_what_makes_no_sense_is_refused_before_any_work(
    options: list[str], change: dict[str, str], message: str, distill: Run, tmp_path: Path
) -> None:
    with pytest.raises(EdgestyleError, match=message):
        distill(*options, **change)
    assert not (tmp_path / "run").exists()
    assert not (tmp_path / "pack").exists()


def test_a_held_out_photo_that_cannot_be_read_is_named_before_training(
    distill: Run, photo_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "cut").mkdir()
    (tmp_path / "cut" / "cut.png").write_bytes((photo_folder / "photo1.png").read_bytes()[:3000])
    with pytest.raises(EdgestyleError, match=r"held out cannot be read.*cut\.png"):
        distill("--qat", "w8a8", "--held-out", str(tmp_path / "cut"))
    assert not (tmp_path / "run").exists()
