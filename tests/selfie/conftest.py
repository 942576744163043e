"""The astronaut's picture, and what is found in it, once."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edgestyle.images import Pixels, read_picture
from edgestyle.selfie.landmarks import Face
from edgestyle.selfie.making import SelfieMaker

ASTRONAUT = Path(__file__).parents[2] / "examples" / "astronaut.jpg"
EYES = np.array([[203.2, 101.3], [246.0, 103.5]])  # middles of the pupils in it, read off by eye


@pytest.fixture(scope="session")
def photo() -> Pixels:
    return read_picture(ASTRONAUT).pixels


@pytest.fixture(scope="session")
def maker() -> SelfieMaker:
    return SelfieMaker()


@pytest.fixture(scope="session")
def face(maker: SelfieMaker, photo: Pixels) -> Face:
    (found,) = maker.find_faces(photo)
    return found


def turned(photo: Pixels, degrees: float) -> Pixels:
    """The photo turned counterclockwise about its middle; what is outside is grey."""
    return np.asarray(Image.fromarray(photo).rotate(degrees, Image.Resampling.BICUBIC, fillcolor=(128, 128, 128)))


def side_by_side(photo: Pixels) -> Pixels:
    """A group: the photo, and half as large beside it."""
    small = Image.fromarray(photo).reduce(2)
    canvas = Image.new("RGB", (photo.shape[1] + small.width, photo.shape[0]), (200, 200, 200))
    canvas.paste(Image.fromarray(photo), (0, 0))
    canvas.paste(small, (photo.shape[1], 60))
    return np.asarray(canvas)
