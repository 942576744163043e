"""What is drawn holds the face, however it is tilted and wherever it is in the photo."""

from dataclasses import replace

import numpy as np
import pytest

from edgestyle.arrays import Floats
from edgestyle.images import Pixels
from edgestyle.selfie.framing import frame_face
from edgestyle.selfie.landmarks import Face
from edgestyle.selfie.recipe import RECIPE

MARGIN = RECIPE.framing.margin


def moved(face: Face, x: float, y: float, degrees: float) -> Face:
    """A face whose oval has its middle there, tilted more by that angle."""
    middle, turn = face.oval.mean(0), np.deg2rad(degrees)
    rotation = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])

    def place(points: Floats) -> Floats:
        return np.asarray((points - middle) @ rotation + (x, y), np.float32)

    return replace(face, landmarks=place(face.landmarks))


@pytest.mark.parametrize("degrees", [-40, -25, 0, 25, 40])
@pytest.mark.parametrize("x", [0.14, 0.5, 0.86])
@pytest.mark.parametrize("y", [0.16, 0.5, 0.84])
def test_the_oval_is_inside_the_square(degrees: float, x: float, y: float, face: Face, photo: Pixels) -> None:
    height, width = photo.shape[:2]
    tilted = moved(face, x * width, y * height, degrees)
    places = frame_face(tilted, width, height).from_photo(tilted.oval)
    assert places.min() >= MARGIN - 1e-4
    assert places.max() <= 1 - MARGIN + 1e-4
