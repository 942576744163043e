import subprocess
import sys

import numpy as np
import pytest

from edgestyle.contract import FACTORS
from edgestyle.images import Picture
from edgestyle.upscaling import Upscaler
from edgestyle.upscaling.transparency import bleed_colours, enlarge_alpha
from tests.conftest import make_photo


def sticker(under: tuple[int, int, int], size: int = 60) -> Picture:
    """An orange disc; what lies under transparent pixels has another colour."""
    y, x = np.mgrid[:size, :size] - (size - 1) / 2
    inside = x**2 + y**2 < (size / 3) ** 2
    pixels = np.where(inside[..., None], (240, 150, 40), under).astype(np.uint8)
    return Picture(pixels, (255 * inside).astype(np.uint8))


@pytest.mark.parametrize("factor", FACTORS)
@pytest.mark.parametrize("under", [(0, 0, 0), (0, 255, 255)])
def test_what_lies_under_transparent_pixels_makes_no_rim(factor: int, under: tuple[int, int, int]) -> None:
    drawn = Upscaler(factor, 1).enlarge(sticker(under))
    assert drawn.alpha is not None
    seen = drawn.pixels[drawn.alpha > 0].astype(int)
    assert np.abs(seen - (240, 150, 40)).max() <= 3


def test_colours_that_are_seen_stay_as_they_are() -> None:
    photo, alpha = make_photo(45, 70), np.zeros((45, 70), np.uint8)
    alpha[10:30, 10:40], alpha[12, 50] = 255, 1
    filled = bleed_colours(Picture(photo, alpha))
    assert np.array_equal(filled[alpha > 0], photo[alpha > 0])
    near = filled[8:10, 15:35].astype(int)
    assert np.abs(near - photo[10:12, 15:35]).mean() < 25


def test_pictures_without_transparent_pixels_are_not_touched() -> None:
    photo = make_photo(20, 20)
    assert bleed_colours(Picture(photo)) is photo
    assert bleed_colours(Picture(photo, np.full((20, 20), 3, np.uint8))) is photo


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (2, 64)])
def test_pictures_of_nothing_but_transparency_and_of_odd_sides_are_filled(shape: tuple[int, int]) -> None:
    photo = np.full((*shape, 3), 77, np.uint8)
    assert bleed_colours(Picture(photo, np.zeros(shape, np.uint8))).shape == photo.shape


def test_alpha_keeps_its_ends_and_its_shape() -> None:
    alpha = enlarge_alpha(np.array([[0, 0, 0, 255, 255, 255]] * 3, np.uint8), 4)
    assert alpha.shape == (12, 24)
    assert (alpha[:, :6].max(), alpha[:, -6:].min()) == (0, 255)
    assert (np.diff(alpha[0].astype(int)) >= 0).all()


@pytest.mark.parametrize("edge", [31, 32, 33, 64, 100])
def test_no_black_comes_in_wherever_the_edge_lies(edge: int) -> None:
    pixels, alpha = np.zeros((70, 300, 3), np.uint8), np.zeros((70, 300), np.uint8)
    pixels[:, :edge], alpha[:, :edge] = 255, 255
    assert bleed_colours(Picture(pixels, alpha)).min() >= 250


_MEASURE = """
import re
import numpy as np
from edgestyle.images import Picture
from edgestyle.upscaling.transparency import bleed_colours
def most():
    return 1024 * int(re.search("VmHWM:\\s*([0-9]+)", open("/proc/self/status").read())[1])
def picture(side):
    alpha = np.zeros((side, side), np.uint8)
    alpha[side // 4 :, side // 4 :] = 255
    return Picture(np.full((side, side, 3), 90, np.uint8), alpha)
bleed_colours(picture(64))
large = picture(4000)
before = most()
bleed_colours(large)
print((most() - before) / 4000**2)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory at its most is read from /proc")
def test_it_takes_as_much_memory_as_it_says() -> None:
    assert "about 20 bytes a" in str(bleed_colours.__doc__)
    done = subprocess.run([sys.executable, "-c", _MEASURE], capture_output=True, text=True, check=True)
    assert float(done.stdout) == pytest.approx(20, abs=5)
