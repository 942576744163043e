"""`edgestyle stylize --upscale` as a user meets it."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edgestyle.cli.upscaling import check_room
from edgestyle.errors import PictureError
from edgestyle.images import Picture, read_picture, write_picture
from edgestyle.packs.loading import load_pack
from edgestyle.upscaling import upscale
from tests.cli.test_commands import run
from tests.conftest import make_photo


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    write_picture(Picture(make_photo(50, 64)), path)
    return path


def test_the_whole_picture_is_stylized_then_enlarged(photo: Path, tmp_path: Path) -> None:
    done = run("stylize", photo, "-o", tmp_path / "out.png", "--style", "oil", "--strength", 1, "--upscale", 2)
    assert done.stdout.strip() == str(tmp_path / "out.png")
    drawn = load_pack("atelier").stylize(read_picture(photo).pixels, "oil", 1.0)
    assert np.array_equal(read_picture(tmp_path / "out.png").pixels, upscale(drawn, 2))


def test_folders_references_alpha_and_turned_photos_are_enlarged(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    alpha = Image.fromarray(make_photo(20, 30))
    alpha.putalpha(Image.new("L", alpha.size, 40))
    alpha.save(folder / "alpha.png")
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(make_photo(20, 30)).save(folder / "turned.jpg", exif=exif)
    (folder / "broken.jpg").write_text("text")
    write_picture(Picture(make_photo(40, 40, 3)), tmp_path / "mood.png")
    done = run(
        "stylize", folder, "-o", tmp_path / "out", "--reference", tmp_path / "mood.png", "--upscale", 4, check=False
    )
    assert done.returncode == 2
    assert "2 of 3 pictures" in done.stdout
    assert "skipped" in done.stderr
    large = read_picture(tmp_path / "out" / "alpha.png")
    assert large.pixels.shape == (80, 120, 3)
    assert large.alpha is not None
    assert np.unique(large.alpha).tolist() == [40]
    assert read_picture(tmp_path / "out" / "turned.jpg").pixels.shape == (120, 80, 3)


@pytest.mark.parametrize("factor", ["3", "1", "two"])
def test_other_factors_are_one_line_and_leave_nothing(factor: str, photo: Path, tmp_path: Path) -> None:
    done = run("stylize", photo, "-o", tmp_path / "out" / "o.png", "--upscale", factor, check=False)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stderr.startswith("error: ")
    assert not (tmp_path / "out").exists()


def test_a_photo_that_is_too_large_is_said_before_it_is_drawn(tmp_path: Path) -> None:
    Image.new("RGB", (4000, 3000)).save(tmp_path / "large.png")
    done = run("stylize", tmp_path / "large.png", "-o", tmp_path / "o.png", "--upscale", 4, check=False)
    assert done.returncode == 2
    assert "large.png: a picture of 4000x3000, 4 times as wide and high, has 192 megapixels" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "o.png").exists()


def test_a_format_that_cannot_hold_the_result_is_said_before_it_is_drawn() -> None:
    wide = Picture(np.zeros((2, 8192, 3), np.uint8))
    check_room(wide, Path("a.png"), Path("o.png"), 4)
    check_room(wide, Path("a.png"), Path("o.jpg"), 4)
    check_room(Picture(np.zeros((2, 4095, 3), np.uint8)), Path("a.png"), Path("o.webp"), 4)
    with pytest.raises(PictureError, match=r"16384 pixels long, and \.WEBP holds 16383: write \.png"):
        check_room(wide, Path("a.png"), Path("o.WEBP"), 2)


def test_help_says_what_it_does() -> None:
    shown = run("stylize", "--help").stdout
    assert "--upscale" in shown
    assert "2|4" in shown
