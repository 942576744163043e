"""Pictures of every kind people have, and files that are none."""

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from edgestyle.errors import ContractError, OutputError, PictureError
from edgestyle.images import Picture, as_picture, pad_to, read_picture, to_floats, to_pixels, write_picture
from tests.conftest import make_photo


def save(image: Image.Image, path: Path, **options: object) -> Path:
    image.save(path, **options)
    return path


KINDS: dict[str, Callable[[Path], Path]] = {
    "grey": lambda d: save(Image.new("L", (5, 4), 100), d / "a.png"),
    "one bit": lambda d: save(Image.new("1", (5, 4), 1), d / "a.png"),
    "palette": lambda d: save(Image.new("RGB", (5, 4), "red").quantize(4), d / "a.gif"),
    "grey with alpha": lambda d: save(Image.new("LA", (5, 4), (9, 7)), d / "a.png"),
    "cmyk": lambda d: save(Image.new("CMYK", (5, 4), (0, 255, 255, 0)), d / "a.jpg"),
    "16 bit": lambda d: save(Image.fromarray(np.full((4, 5), 40000, np.uint16)), d / "a.png"),
    "float": lambda d: save(Image.fromarray(np.full((4, 5), 0.5, np.float32)), d / "a.tiff"),
    "bmp": lambda d: save(Image.new("RGB", (5, 4), "blue"), d / "a.bmp"),
    "webp": lambda d: save(Image.new("RGB", (5, 4), "blue"), d / "a.webp"),
    "other letters and spaces": lambda d: save(Image.new("RGB", (5, 4)), d / "照片 été.png"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_picture_becomes_rgb(kind: str, tmp_path: Path) -> None:
    picture = read_picture(KINDS[kind](tmp_path))
    assert picture.pixels.shape == (4, 5, 3)
    assert picture.pixels.dtype == np.uint8


def test_16_bit_grey_keeps_its_brightness(tmp_path: Path) -> None:
    assert abs(int(read_picture(KINDS["16 bit"](tmp_path)).pixels[0, 0, 0]) - 40000 / 65535 * 255) < 1


def test_exif_rotation_is_applied(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned a quarter clockwise
    path = save(Image.new("RGB", (30, 20)), tmp_path / "turned.jpg", exif=exif)
    assert read_picture(path).pixels.shape == (30, 20, 3)


def test_a_colour_profile_is_converted_to_srgb(tmp_path: Path) -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    image = Image.new("LAB", (4, 4), (128, 200, 128))
    path = save(image, tmp_path / "lab.tiff", icc_profile=lab.tobytes())
    expected = ImageCms.profileToProfile(image, lab, srgb, outputMode="RGB")
    assert expected is not None
    assert np.array_equal(read_picture(path).pixels, np.asarray(expected))


def test_a_damaged_colour_profile_does_no_harm(tmp_path: Path) -> None:
    path = save(Image.new("RGB", (4, 4), (1, 2, 3)), tmp_path / "a.png", icc_profile=b"garbage")
    assert read_picture(path).pixels[0, 0].tolist() == [1, 2, 3]


def test_alpha_survives_png_and_is_composed_over_white_in_jpeg(tmp_path: Path) -> None:
    picture = Picture(np.zeros((4, 4, 3), np.uint8), np.zeros((4, 4), np.uint8))
    write_picture(picture, tmp_path / "a.png")
    alpha = read_picture(tmp_path / "a.png").alpha
    assert alpha is not None
    assert alpha.max() == 0
    write_picture(picture, tmp_path / "a.jpg")
    assert read_picture(tmp_path / "a.jpg").pixels.min() > 250


def text_file(path: Path) -> None:
    path.write_text("not a picture")


def truncated(path: Path) -> None:
    buffer = io.BytesIO()
    Image.fromarray(make_photo(200, 200)).save(buffer, "JPEG")
    path.write_bytes(buffer.getvalue()[:2000])


def bomb(path: Path) -> None:
    Image.new("1", (40_000, 40_000)).save(path, "PNG")


def program(path: Path) -> None:
    path.write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\nshowpage\n%%EOF\n")


BROKEN = {
    "text": text_file,
    "empty": lambda p: p.write_bytes(b""),
    "truncated": truncated,
    "a program that Ghostscript would run": program,
    "bomb": bomb,
    "folder": lambda p: p.mkdir(),
    "missing": lambda p: None,
}


@pytest.mark.parametrize("kind", BROKEN)
def test_what_is_no_picture_is_refused_with_its_name(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    BROKEN[kind](path)
    with pytest.raises(PictureError, match=r"photo\.jpg|megapixels"):
        read_picture(path)


def test_a_name_no_file_system_takes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PictureError):
        read_picture(tmp_path / ("x" * 3000 + ".jpg"))


def test_a_picture_too_wide_for_its_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"wide\.webp"):
        write_picture(Picture(np.zeros((1, 20_000, 3), np.uint8)), tmp_path / "wide.webp")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_no_partial_file(tmp_path: Path) -> None:
    script = (
        "import resource, sys, numpy as np; from pathlib import Path\n"
        "from edgestyle.images import Picture, write_picture\n"
        "from edgestyle.errors import OutputError\n"
        "noise = np.random.default_rng(0).integers(0, 255, (200, 200, 3), np.uint8)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))\n"
        "try: write_picture(Picture(noise), Path(sys.argv[1]) / 'out.png')\n"
        "except OutputError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True)
    assert "cannot write" in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"\.png"):
        write_picture(Picture(make_photo(4, 4)), tmp_path / "a.xyz")


def test_pixels_survive_the_way_to_floats_and_back() -> None:
    levels = np.arange(256, dtype=np.uint8).repeat(3).reshape(16, 16, 3)
    assert np.array_equal(to_pixels(to_floats(levels)), levels)


def test_padding_repeats_edges_and_keeps_the_picture() -> None:
    image = to_floats(make_photo(13, 9))
    padded = pad_to(image, 16, 16)
    assert padded.shape == (1, 3, 16, 16)
    assert np.array_equal(padded[:, :, :13, :9], image)
    assert np.array_equal(padded[:, :, 15, :9], image[:, :, 12])


@pytest.mark.parametrize("array", [np.zeros((4, 4)), np.zeros((4, 4, 4), np.uint8), np.zeros((0, 4, 3), np.uint8)])
def test_arrays_that_are_no_pictures_are_refused(array: np.ndarray) -> None:
    with pytest.raises(ContractError, match="uint8"):
        as_picture(array)
