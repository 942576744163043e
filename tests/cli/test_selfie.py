"""`edgestyle selfie` as a user meets it."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from edgestyle.images import Picture, read_picture, write_picture
from tests.cli.test_commands import run
from tests.selfie.conftest import ASTRONAUT, side_by_side


def test_a_selfie_is_made_with_its_recipe(tmp_path: Path) -> None:
    target, recipe = tmp_path / "new" / "me.png", tmp_path / "recipe.json"
    done = run("selfie", ASTRONAUT, "-o", target, "--style", "cartoon", "--size", "300", "--recipe", recipe)
    assert done.stdout == f"{target}\n"
    assert done.stderr == ""
    made = read_picture(target)
    assert made.pixels.shape == (300, 300, 3)
    assert made.alpha is not None
    assert (made.alpha[0, 0], made.alpha[150, 150]) == (0, 255)
    record = json.loads(recipe.read_text())
    assert (record["pack"], record["look"]["size"], len(record["faces"])) == ("atelier", 300, 1)


def test_of_a_group_the_largest_is_drawn_or_all(tmp_path: Path) -> None:
    group = tmp_path / "group.png"
    write_picture(Picture(side_by_side(read_picture(ASTRONAUT).pixels)), group)
    done = run("selfie", group, "-o", tmp_path / "one.png")
    assert "note: 2 faces" in done.stderr
    run("selfie", group, "-o", tmp_path / "second.png", "--face", 2)
    done = run("selfie", group, "-o", tmp_path / "each.png", "--all")
    assert done.stdout.splitlines() == [str(tmp_path / "each-1.png"), str(tmp_path / "each-2.png")]
    one, second, first_of_all, second_of_all = (
        read_picture(tmp_path / f"{name}.png").pixels for name in ("one", "second", "each-1", "each-2")
    )
    assert np.array_equal(one, first_of_all)
    assert np.array_equal(second, second_of_all)
    assert not np.array_equal(one, second)


def test_without_a_face_the_whole_picture_is_drawn_if_asked(tmp_path: Path) -> None:
    run("selfie", ASTRONAUT.with_name("chelsea.jpg"), "-o", tmp_path / "cat.png", "--no-face", "--shape", "square")
    assert read_picture(tmp_path / "cat.png").pixels.shape == (512, 512, 3)


def make_bad_photos(folder: Path) -> None:
    astronaut = Image.open(ASTRONAUT)
    astronaut.crop((0, 0, 222, 512)).save(folder / "cut.png")
    astronaut.resize((150, 150)).save(folder / "tiny.png")
    drawing = Image.new("RGB", (300, 300), "white")
    draw = ImageDraw.Draw(drawing)
    draw.rectangle((40, 40, 260, 260), outline="black", width=6)
    draw.line((40, 40, 260, 260), "black", 6)
    drawing.save(folder / "drawing.png")
    (folder / "text.png").write_text("hello")


BAD: dict[str, tuple[list[str], str]] = {
    "no face": (["CAT", "-o", "OUT/o.png"], "no face in it; --no-face"),
    "a drawing": (["drawing.png", "-o", "OUT/o.png"], "no face in it; --no-face"),
    "a face cut by the border": (["cut.png", "-o", "OUT/o.png"], "--no-face"),
    "a tiny face": (["tiny.png", "-o", "OUT/o.png"], "40 are the least"),
    "no picture": (["text.png", "-o", "OUT/o.png"], "is not a readable picture"),
    "missing": (["nope.png", "-o", "OUT/o.png"], "no such picture"),
    "unknown colour": (["PHOTO", "-o", "OUT/o.png", "--background", "#ggg"], "is no background"),
    "size 0": (["PHOTO", "-o", "OUT/o.png", "--size", "0"], "32 to 2048"),
    "size 100000": (["PHOTO", "-o", "OUT/o.png", "--size", "100000"], "32 to 2048"),
    "unknown shape": (["PHOTO", "-o", "OUT/o.png", "--shape", "star"], "is no shape"),
    "face out of range": (["PHOTO", "-o", "OUT/o.png", "--face", "2"], "no face 2: 1 face in it"),
    "face 0": (["PHOTO", "-o", "OUT/o.png", "--face", "0"], "no face 0"),
    "two ways of choosing": (["PHOTO", "-o", "OUT/o.png", "--face", "1", "--all"], "exclude each other"),
    "unknown style": (["PHOTO", "-o", "OUT/o.png", "--style", "nope"], "no style 'nope'"),
    "strength": (["PHOTO", "-o", "OUT/o.png", "--strength", "nan"], "strength"),
    "no person": (["drawing.png", "-o", "OUT/o.png", "--no-face", "--background", "blur"], "--background keep"),
    "odd suffix": (["PHOTO", "-o", "OUT/o.xyz"], "cannot write pictures"),
    "no suffix": (["PHOTO", "-o", "OUT"], "is no picture file"),
    "a folder": (["PHOTO", "-o", "."], "such as selfie.png"),
    "onto itself": (["PHOTO", "-o", "PHOTO"], "cannot be the same file"),
    "onto its recipe": (["PHOTO", "-o", "OUT/o.png", "--all", "--recipe", "OUT/o-1.png"], "cannot be the same file"),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_input_is_one_clear_line_and_exit_code_2(kind: str, tmp_path: Path) -> None:
    make_bad_photos(tmp_path)
    arguments, expected = BAD[kind]
    places = {"PHOTO": ASTRONAUT, "CAT": ASTRONAUT.with_name("chelsea.jpg"), "OUT": tmp_path / "out"}
    for name, place in places.items():
        arguments = [argument.replace(name, str(place)) for argument in arguments]
    if (tmp_path / arguments[0]).exists():
        arguments = [str(tmp_path / arguments[0]), *arguments[1:]]
    before = ASTRONAUT.read_bytes()
    done = run("selfie", *arguments, check=False)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert done.stderr.startswith("error: ")
    assert expected in done.stderr
    assert ASTRONAUT.read_bytes() == before
    assert not (tmp_path / "out").exists()


def test_without_litert_the_line_to_type_is_shown(tmp_path: Path) -> None:
    (tmp_path / "ai_edge_litert.py").write_text("raise ModuleNotFoundError('no', name='ai_edge_litert')")
    script = "import sys; sys.path.insert(0, sys.argv.pop(1)); from edgestyle.cli.main import main; main()"
    command = [sys.executable, "-c", script, str(tmp_path), "selfie", str(ASTRONAUT), "-o", str(tmp_path / "o.png")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.strip().endswith("pip install 'edgestyle[selfie]'")


def test_a_numbered_result_is_never_the_photo(tmp_path: Path) -> None:
    photo = tmp_path / "each-1.jpg"
    photo.write_bytes(ASTRONAUT.read_bytes())
    done = run("selfie", str(photo), "-o", str(tmp_path / "each.jpg"), "--all", "--size", "64", check=False)
    assert done.returncode == 2
    assert "cannot be the same file" in done.stderr
    assert photo.read_bytes() == ASTRONAUT.read_bytes()
