"""`learn`, `drift` and `add-style` as a user meets them."""

import io
import json
import shutil
import signal
import subprocess
import sys
import time
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import numpy as np
import pytest

from edgestyle.cli.main import main
from edgestyle.exporters.bundle import export_pack
from edgestyle.exporters.packing import build_pack
from edgestyle.images import Picture, read_picture, write_picture
from edgestyle.packs.pack import Pack
from edgestyle.sidecar import file_sha256, read_sidecar
from tests.conftest import TINY, make_photo, make_renderer


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "image.png"
    write_picture(Picture(make_photo(120, 160, seed=7)), path)
    return path


@pytest.fixture(scope="module")
def brand(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty-four warm pictures, and a file that is none."""
    folder = tmp_path_factory.mktemp("brand")
    for seed in range(24):
        write_picture(Picture(warm(make_photo(96, 96, seed))), folder / f"{seed:02}.png")
    (folder / "notes.jpg").write_text("not a picture")
    return folder


def warm(pixels: np.ndarray) -> np.ndarray:
    return np.clip(pixels * np.array([1.1, 0.9, 0.5]) + 10, 0, 255).astype(np.uint8)


def run(*arguments: object, code: int = 0) -> subprocess.CompletedProcess[str]:
    """A command in this process, where torch is loaded already."""
    out, errors, ended = io.StringIO(), io.StringIO(), 0
    with redirect_stdout(out), redirect_stderr(errors), pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["edgestyle", *map(str, arguments)])
        try:
            main()
        except SystemExit as exit_:
            ended = int(exit_.code or 0)
    assert ended == code, errors.getvalue()
    return subprocess.CompletedProcess([], ended, out.getvalue(), errors.getvalue())


def learn(pack: Pack, folder: Path, *arguments: object, code: int = 0) -> subprocess.CompletedProcess[str]:
    return run("learn", *arguments, "--pack", pack.folder, "--steps", 3, "-o", folder, code=code)


def test_a_picture_becomes_a_style_that_draws_and_ships(tiny_pack: Pack, image: Path, tmp_path: Path) -> None:
    before = file_sha256(tiny_pack.folder)
    done = learn(tiny_pack, tmp_path, "acme", image, "--title", "Acme", "--licence", "CC0-1.0", "--strength", 0.6)
    style = tmp_path / "acme.style.json"
    assert done.stdout.splitlines() == [str(style), str(tmp_path / "acme.preview.jpg")]
    assert json.loads(style.read_text())["style"]["default_strength"] == 0.6
    assert read_picture(tmp_path / "acme.preview.jpg").pixels.shape[1] > 800
    assert file_sha256(tiny_pack.folder) == before
    run("stylize", image, "--style", style, "--pack", tiny_pack.folder, "-o", tmp_path / "drawn.png")
    assert not np.array_equal(read_picture(tmp_path / "drawn.png").pixels, read_picture(image).pixels)
    (file,) = export_pack(tiny_pack, tmp_path / "phone", ["onnx"], ["float32"], [32])
    added = run("add-style", style, tmp_path / "phone", "--pack", tiny_pack.folder)
    assert "dB to the network at worst" in added.stdout
    assert "acme" in read_sidecar(file.path)["styles"]
    run("add-style", style, "--make-pack", tmp_path / "own", "--pack", tiny_pack.folder)
    run("stylize", image, "--style", "acme", "--pack", tmp_path / "own", "-o", tmp_path / "again.png")
    assert np.array_equal(read_picture(tmp_path / "drawn.png").pixels, read_picture(tmp_path / "again.png").pixels)


def test_a_corrected_style_is_drawn_by_a_pack_of_its_own(tiny_pack: Pack, image: Path, tmp_path: Path) -> None:
    assert "--adapt comes closer" not in learn(tiny_pack, tmp_path, "acme", image, "--adapt").stderr
    style = tmp_path / "acme.style.json"
    refused = run("stylize", image, "--style", style, "--pack", tiny_pack.folder, "-o", tmp_path / "x.png", code=2)
    assert "--make-pack" in refused.stderr
    run("add-style", style, "--make-pack", tmp_path / "own", "--pack", tiny_pack.folder)
    run("stylize", image, "--pack", tmp_path / "own", "-o", tmp_path / "x.png")


def test_a_name_that_is_taken_stays_unless_a_word_is_given(tiny_pack: Pack, image: Path, tmp_path: Path) -> None:
    learn(tiny_pack, tmp_path, "acme", image)
    before = (tmp_path / "acme.style.json").read_bytes()
    refused = learn(tiny_pack, tmp_path, "acme", image, code=2)
    assert "give --replace to learn it anew, or --update to move it" in refused.stderr
    assert (tmp_path / "acme.style.json").read_bytes() == before
    learn(tiny_pack, tmp_path, "acme", image, "--update")
    assert (
        json.loads((tmp_path / "acme.style.json").read_text())["versions"][0]["vector"]
        == json.loads(before)["style"]["vector"]
    )
    learn(tiny_pack, tmp_path, "acme", image, "--replace", "--seed", 1)
    assert "versions" not in json.loads((tmp_path / "acme.style.json").read_text())
    assert "there is no" in learn(tiny_pack, tmp_path, "other", image, "--update", code=2).stderr


def test_a_brand_gets_a_report_and_drift_judges_by_it(tiny_pack: Pack, brand: Path, tmp_path: Path) -> None:
    done = learn(tiny_pack, tmp_path, "acme", "--brand", brand)
    assert "left out" in done.stderr
    report = (tmp_path / "acme.report.html").read_text()
    assert "Palette" in report
    assert report.count("data:image/jpeg") >= 24
    assert "http" not in report
    kept = run("drift", tmp_path / "acme", brand)
    assert "drifted: no" in kept.stdout
    grey = tmp_path / "grey"
    grey.mkdir()
    for seed in range(8):
        light = make_photo(96, 96, seed).mean(2, keepdims=True).repeat(3, 2).astype(np.uint8)
        write_picture(Picture(light), grey / f"{seed}.png")
    gone = run("drift", tmp_path / "acme.style.json", grey, "--farthest", 2, code=1)
    assert "drifted: yes" in gone.stdout
    assert gone.stdout.count("grey/") == 2
    told = json.loads(run("drift", tmp_path / "acme", grey, "--json", code=1).stdout)
    assert told["drifted"] is True
    assert told["distance"] > told["threshold"]
    assert len(told["farthest"]) == 8


def test_an_update_that_fails_leaves_style_and_book(tiny_pack: Pack, brand: Path, tmp_path: Path) -> None:
    learn(tiny_pack, tmp_path, "acme", "--brand", brand)
    (tmp_path / "acme.brand.safetensors").write_bytes(b"damaged")
    before = file_sha256(tmp_path)
    refused = learn(tiny_pack, tmp_path, "acme", "--brand", brand, "--update", code=2)
    assert "no record of a brand" in refused.stderr
    assert file_sha256(tmp_path) == before


def test_an_update_shows_the_pictures_that_it_learned_from(tiny_pack: Pack, brand: Path, tmp_path: Path) -> None:
    learn(tiny_pack, tmp_path, "acme", "--brand", brand)
    learn(tiny_pack, tmp_path, "acme", "--brand", brand, "--update")
    assert "24 learned from, 24 that drift is judged by" in (tmp_path / "acme.report.html").read_text()
    assert len(json.loads((tmp_path / "acme.style.json").read_text())["versions"]) == 1


def test_what_cannot_be_learned_or_judged_is_one_line(
    tiny_pack: Pack, brand: Path, image: Path, tmp_path: Path
) -> None:
    few = tmp_path / "few"
    few.mkdir()
    for seed in range(3):
        write_picture(Picture(make_photo(96, 96, seed)), few / f"{seed}.png")
    copies = tmp_path / "copies"
    copies.mkdir()
    for number in range(20):
        shutil.copy(image, copies / f"{number}.png")
    flat = tmp_path / "flat.png"
    write_picture(Picture(np.full((90, 90, 3), 77, np.uint8)), flat)
    for arguments, message in (
        (("acme", "--brand", few), "at least 20 pictures, better 100"),
        (("acme", flat), "one flat colour"),
        (("acme", tmp_path / "nowhere"), "no such picture or folder"),
        (("acme",), "give pictures that show the style"),
        (("Acme!", image), "is not a name"),
        (("acme", image, "--strength", 3), "strength"),
        (("acme", image, "--update", "--replace"), "give one of them"),
        (("acme", image, "--credit", "a\nb"), "no plain text"),
        (("acme", "--brand", copies), "all the same one"),
    ):
        assert message in learn(tiny_pack, tmp_path, *arguments, code=2).stderr
    assert "learn the brand first" in run("drift", tmp_path / "acme", brand, code=2).stderr
    learn(tiny_pack, tmp_path, "acme", "--brand", brand)
    assert "at least 5 pictures" in run("drift", tmp_path / "acme", few, code=2).stderr
    assert not list(tmp_path.glob(".*"))


def test_errors_say_what_to_type_next(
    tiny_pack: Pack, image: Path, brand: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    told = learn(tiny_pack, Path(), "acme", image, "--strength", 0.6).stderr
    assert "drawn at strength 0.6" in told
    assert "--adapt comes closer" in told, "two steps do not reach a style"
    for arguments, message in (
        (("stylize", image, "-o", "x.png", "--style", "acme"), "--style acme.style.json"),
        (("stylize", image, "-o", "x.png", "--style", "amce.style.json"), "there is no style file amce.style.json"),
        (("drift", "acme", brand), "edgestyle learn acme-brand --brand FOLDER"),
    ):
        assert message in run(*arguments, code=2).stderr
    pack = other_network(tiny_pack, tmp_path / "other")
    export_pack(pack, tmp_path / "phone", ["onnx"], ["float32"], [32])
    error = run("add-style", "acme.style.json", tmp_path / "phone", "--pack", tiny_pack.folder, code=2).stderr
    assert f"edgestyle export {tiny_pack.name} -o" in error


def other_network(pack: Pack, folder: Path) -> Pack:
    """A pack of the same kind with another network."""
    about = {"title": "Other", "description": "", "licence": "CC0-1.0", "training": {}}
    return build_pack(folder, "other", make_renderer(TINY, seed=5), list(pack.styles.values()), about)


def test_interrupted_learning_leaves_nothing(tiny_pack: Pack, image: Path, tmp_path: Path) -> None:
    folder, before = tmp_path / "out", file_sha256(tiny_pack.folder)
    command = ["learn", "acme", image, "--pack", tiny_pack.folder, "--steps", 100_000, "-o", folder]
    arguments = [sys.executable, "-m", "edgestyle", *map(str, command)]
    process = subprocess.Popen(arguments, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    time.sleep(15)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors.rstrip().endswith("interrupted")
    assert not folder.exists()
    assert file_sha256(tiny_pack.folder) == before
