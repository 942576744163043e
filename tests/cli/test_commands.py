"""The command line as a user meets it: separate processes, real files."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edgestyle.images import Picture, read_picture, write_picture
from tests.conftest import make_photo


def run(*arguments: object, check: bool = True, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "edgestyle", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    assert not check or done.returncode == 0, done.stderr
    return done


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    write_picture(Picture(make_photo(90, 120)), path)
    return path


def test_a_photo_is_stylized_into_a_file(photo: Path, tmp_path: Path) -> None:
    run("stylize", photo, "-o", tmp_path / "out.jpg", "--style", "oil", "--strength", "0.7")
    assert read_picture(tmp_path / "out.jpg").pixels.shape == (90, 120, 3)


def test_strength_0_gives_every_pixel_back_and_1_does_not(photo: Path, tmp_path: Path) -> None:
    for strength in (0, 1):
        run("stylize", photo, "-o", tmp_path / f"{strength}.png", "--strength", strength, "--working-size", "64")
    original = read_picture(photo).pixels
    assert np.array_equal(read_picture(tmp_path / "0.png").pixels, original)
    assert not np.array_equal(read_picture(tmp_path / "1.png").pixels, original)


def test_a_mix_is_drawn_and_keeps_the_file_names(photo: Path, tmp_path: Path) -> None:
    for name, style in (("mix", "cartoon:0.6,oil:0.4"), ("same", "oil:2,cartoon:3"), ("oil", "oil")):
        run("stylize", photo, photo.parent / "photo.png", "-o", tmp_path / name, "--style", style, "--strength", 1)
        assert {p.name for p in (tmp_path / name).iterdir()} == {"photo.png", "photo-2.png"}
    mix, same, oil = (read_picture(tmp_path / name / "photo.png").pixels for name in ("mix", "same", "oil"))
    assert np.array_equal(mix, same)
    assert not np.array_equal(mix, oil)


def test_a_folder_goes_at_once_and_bad_files_are_reported(tmp_path: Path) -> None:
    folder = tmp_path / "mine, été 照片"
    (folder / "sub").mkdir(parents=True)
    Image.new("RGBA", (20, 10), (9, 9, 9, 50)).save(folder / "a b.png")
    Image.new("L", (20, 10)).save(folder / "sub" / "é.jpg")
    Image.new("P", (20, 10)).save(folder / "p.gif")
    (folder / "broken.jpg").write_text("text")
    done = run("stylize", folder, "-o", tmp_path / "out", check=False)
    assert done.returncode == 2
    assert "broken.jpg" in done.stderr
    assert "3 of 4" in done.stdout
    names = {str(p.relative_to(tmp_path / "out")) for p in (tmp_path / "out").rglob("*") if p.is_file()}
    assert names == {"a b.png", "sub/é.jpg", "p.gif.png"}
    alpha = read_picture(tmp_path / "out" / "a b.png").alpha
    assert alpha is not None
    assert alpha.max() == 50


def test_no_photo_is_ever_overwritten(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write_picture(Picture(make_photo(20, 20, seed=ord(name))), tmp_path / name / "x.png")
    before = (tmp_path / "b" / "x.png").read_bytes()
    done = run("stylize", tmp_path / "a" / "x.png", tmp_path / "b" / "x.png", "-o", tmp_path / "b", check=False)
    assert done.returncode == 2
    assert "is one of the photos" in done.stderr
    assert (tmp_path / "b" / "x.png").read_bytes() == before
    assert len(list(tmp_path.rglob("*.png"))) == 2


def test_an_output_folder_inside_the_photos_is_not_stylized_again(tmp_path: Path) -> None:
    for index in range(2):
        write_picture(Picture(make_photo(20, 20)), tmp_path / f"{index}.png")
    for _ in range(2):
        run("stylize", tmp_path, "-o", tmp_path / "out")
    assert len(list(tmp_path.rglob("*.png"))) == 4


BAD: dict[str, list[object]] = {
    "missing photo": ["stylize", "nope.jpg", "-o", "OUT/o.png"],
    "strength too high": ["stylize", "PHOTO", "-o", "OUT/o.png", "--strength", "1.5"],
    "strength nan": ["stylize", "PHOTO", "-o", "OUT/o.png", "--strength", "nan"],
    "strength abc": ["stylize", "PHOTO", "-o", "OUT/o.png", "--strength", "abc"],
    "unknown pack": ["stylize", "PHOTO", "-o", "OUT/o.png", "--pack", "nope"],
    "unknown style": ["stylize", "PHOTO", "-o", "OUT/o.png", "--style", "nope"],
    "negative weight": ["stylize", "PHOTO", "-o", "OUT/o.png", "--style", "cartoon:-1,oil"],
    "no weight at all": ["stylize", "PHOTO", "-o", "OUT/o.png", "--style", "cartoon:0,oil:0"],
    "a style twice": ["stylize", "PHOTO", "-o", "OUT/o.png", "--style", "oil,oil"],
    "unknown style in a mix": ["stylize", "PHOTO", "-o", "OUT/o.png", "--style", "oil,nope"],
    "working size": ["stylize", "PHOTO", "-o", "OUT/o.png", "--working-size", "big"],
    "unwritable output": ["stylize", "PHOTO", "-o", "PHOTO/under/o.png"],
    "odd suffix": ["stylize", "PHOTO", "-o", "OUT/o.xyz"],
    "onto itself": ["stylize", "PHOTO", "-o", "PHOTO"],
    "two into one file": ["stylize", "PHOTO", "PHOTO", "-o", "OUT/o.png"],
    "no output": ["stylize", "PHOTO"],
    "unknown command": ["stilize", "PHOTO"],
    "unknown recipe": ["export", "atelier", "-o", "OUT", "--recipe", "w3"],
    "w8a8 without photos": ["export", "atelier", "-o", "OUT", "--recipe", "w8a8", "--calibration", "OUT/none"],
    "w8a8 on one photo": ["export", "atelier", "-o", "OUT", "--recipe", "w8a8", "--calibration", "HOME"],
    "w4 in onnx": ["export", "atelier", "-o", "OUT", "--format", "onnx", "--recipe", "w4"],
    "uint8 in onnx": ["export", "atelier", "-o", "OUT", "--format", "onnx", "--io", "uint8"],
    "unknown io": ["export", "atelier", "-o", "OUT", "--io", "int4"],
    "unknown format": ["export", "atelier", "-o", "OUT", "--format", "tensorrt"],
    "odd size": ["export", "atelier", "-o", "OUT", "--size", "100"],
    "nothing to check": ["check", "OUT"],
    "nothing to report on": ["report", "OUT", "-o", "OUT"],
    "nothing to bench": ["bench", "OUT/a.onnx"],
    "unknown teacher": ["distill", "x", "OUT", "-o", "OUT", "--teacher", "nope"],
    "no photos": ["distill", "x", "OUT", "-o", "OUT", "--teacher", "oil"],
}  # fmt: skip


@pytest.mark.parametrize("kind", BAD)
def test_bad_input_is_one_clear_line_and_exit_code_2(kind: str, photo: Path, tmp_path: Path) -> None:
    before = photo.read_bytes()
    places = {"PHOTO": str(photo), "OUT": str(tmp_path / "out"), "HOME": str(photo.parent)}
    arguments = [str(argument) for argument in BAD[kind]]
    for name, place in places.items():
        arguments = [argument.replace(name, place) for argument in arguments]
    done = run(*arguments, check=False)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert done.stderr.startswith("error: ")
    assert photo.read_bytes() == before
    assert not (tmp_path / "out").exists()


def test_unknown_names_list_the_known_ones(photo: Path, tmp_path: Path) -> None:
    assert "atelier" in run("stylize", photo, "-o", tmp_path / "o.png", "--pack", "nope", check=False).stderr
    assert (
        "cartoon 0.8, oil 1, " in run("stylize", photo, "-o", tmp_path / "o.png", "--style", "nope", check=False).stderr
    )


def test_a_missing_extra_gives_the_line_to_type(tmp_path: Path) -> None:
    (tmp_path / "torch.py").write_text("raise ModuleNotFoundError('no torch', name='torch')")
    script = "import sys; sys.path.insert(0, sys.argv.pop(1)); from edgestyle.cli.main import main; main()"
    command = [sys.executable, "-c", script, str(tmp_path), "export", "atelier", "-o", str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.strip().endswith("pip install 'edgestyle[export]'")
    assert not (tmp_path / "out").exists()


def test_packs_lists_styles() -> None:
    listed = run("packs").stdout
    assert "atelier" in listed
    assert "cartoon" in listed
    assert "oil" in listed


def test_help_teaches() -> None:
    shown = run("--help").stdout
    for command in ("stylize", "video", "packs", "export", "check", "bench", "compare", "distill", "demo"):
        assert command in shown
    assert "strength" in run("stylize", "--help").stdout


def test_what_formats_cannot_do_is_left_out_and_said(tmp_path: Path) -> None:
    done = run("export", "atelier", "-o", tmp_path, "--recipe", "float32", "--recipe", "w6", "--size", "32")
    assert done.stderr.splitlines()[-1] == "left out: w6 in onnx, tflite, which cannot do it"
    made = {path.name for path in tmp_path.iterdir() if path.suffix != ".json"}
    assert made == {
        f"atelier-renderer-{end}" for end in ("float32.onnx", "float32.mlpackage", "float32.tflite", "w6.mlpackage")
    }


def test_calibration_photos_that_nothing_needs_are_said_to_be_unused(tmp_path: Path) -> None:
    done = run(
        "export", "atelier", "-o", tmp_path / "out", "--format", "onnx", "--recipe", "w8", "--size", "32",
        "--calibration", tmp_path / "none",
    )  # fmt: skip
    assert "--calibration is not used: none of these recipes is calibrated" in done.stderr


def test_check_notices_a_changed_file(tmp_path: Path) -> None:
    run("export", "atelier", "-o", tmp_path, "--format", "onnx", "--recipe", "float32", "--size", "64")
    assert "exact" in run("check", tmp_path).stdout
    file = tmp_path / "atelier-renderer-float32.onnx"
    file.write_bytes(file.read_bytes() + b"\0")
    done = run("check", tmp_path, check=False)
    assert done.returncode == 2
    assert "changed or cut short" in done.stderr


def test_50_megapixels_stay_under_2_gigabytes(tmp_path: Path) -> None:
    photo = tmp_path / "large.jpg"
    Image.effect_noise((8660, 5774), 60).convert("RGB").save(photo, quality=80)
    script = (
        "import sys; from edgestyle.cli.stylize import stylize; from pathlib import Path\n"
        "from edgestyle.bench.counters import peak_rss_bytes\n"
        "stylize([Path(sys.argv[1])], Path(sys.argv[2]), strength=0.6)\n"
        "print(peak_rss_bytes())\n"
    )
    command = [sys.executable, "-c", script, str(photo), str(tmp_path / "out.jpg")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(done.stdout.splitlines()[-1]) < 2e9
    with Image.open(tmp_path / "out.jpg") as image:
        assert image.size == (8660, 5774)
