from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edgestyle.arrays import Floats, Pixels
from edgestyle.images import read_picture
from edgestyle.selfie.landmarks import Face, Mesh
from edgestyle.selfie.making import SelfieMaker
from tests.selfie.conftest import ASTRONAUT, EYES, side_by_side, turned


def test_the_eyes_are_where_they_are(face: Face) -> None:
    assert np.abs(face.eyes - EYES).max() < 2.5
    assert face.presence > 0.9
    assert face.angle == pytest.approx(4, abs=3)


@pytest.mark.parametrize("degrees", [-25, -12, 12, 25])
@pytest.mark.parametrize("light", [1.0, 0.3])
def test_a_turned_and_dark_face_is_found(degrees: float, light: float, maker: SelfieMaker, photo: Pixels) -> None:
    dark = (turned(photo, degrees) * light).astype(np.uint8)
    found = maker.find_faces(dark)
    assert found
    turn = np.deg2rad(degrees)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    assert np.abs(found[0].eyes - ((EYES - 256) @ rotation + 256)).max() < 4


@pytest.mark.parametrize("quarter", [1, 2, 3])
def test_a_photo_on_its_side_is_searched_turned(quarter: int, maker: SelfieMaker, photo: Pixels, face: Face) -> None:
    on_its_side = np.ascontiguousarray(np.rot90(photo, quarter))
    (found,) = maker.find_faces(on_its_side)
    x, y = face.eyes.T
    expected = np.stack({1: [y, 512 - x], 2: [512 - x, 512 - y], 3: [512 - y, x]}[quarter], 1)
    assert np.abs(found.eyes - expected).max() < 3


def test_a_small_face_in_a_large_photo_is_found(maker: SelfieMaker, photo: Pixels) -> None:
    canvas = Image.new("RGB", (4000, 3000), (90, 120, 90))
    canvas.paste(Image.fromarray(photo), (3100, 1900))
    (found,) = maker.find_faces(np.asarray(canvas))
    assert np.abs(found.eyes - np.add(EYES, (3100, 1900))).max() < 3


def test_faces_of_a_group_come_largest_first(maker: SelfieMaker, photo: Pixels) -> None:
    first, second = maker.find_faces(side_by_side(photo), thorough=True)
    assert np.abs(first.eyes - EYES).max() < 3
    assert np.abs(second.eyes - np.add(EYES / 2, (512, 60))).max() < 3


def test_where_there_is_no_face_none_is_found(maker: SelfieMaker) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (300, 400, 3)).astype(np.uint8)
    assert maker.find_faces(noise) == []
    assert maker.find_faces(np.zeros((2, 3, 3), np.uint8)) == []


NOBODY = sorted(
    path
    for folder in ("examples", "edgestyle/exporters/photos", "edgestyle/exporters/calibration_photos")
    for path in (ASTRONAUT.parents[1] / folder).glob("*.jpg")
    if path.stem not in ("astronaut", "camera")
)


@pytest.mark.parametrize("path", NOBODY, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_in_photos_of_nobody_no_face_is_found(path: Path, maker: SelfieMaker) -> None:
    assert maker.find_faces(read_picture(path).pixels) == []


def test_a_small_face_counts_only_where_it_is_sure(
    maker: SelfieMaker, photo: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = np.asarray(Image.fromarray(photo).resize((200, 200)))
    canvas = np.full((600, 600, 3), 128, np.uint8)
    canvas[100:300, 100:300] = small
    assert len(maker.find_faces(canvas)) == 1
    find = Mesh.find

    def unsure(mesh: Mesh, picture: Pixels, candidate: Floats) -> Face | None:
        face = find(mesh, picture, candidate)
        return None if face is None else replace(face, score=0.6)

    monkeypatch.setattr(Mesh, "find", unsure)
    monkeypatch.setattr("edgestyle.selfie.faces._raise_score", lambda *_: None)
    assert maker.find_faces(canvas) == []
    assert len(maker.find_faces(photo)) == 1, "large enough"


def test_a_face_that_a_rough_box_did_not_show_is_asked_for_again(
    maker: SelfieMaker, photo: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    find, asked = Mesh.find, []

    def fail_once(mesh: Mesh, picture: Pixels, candidate: Floats) -> Face | None:
        asked.append(candidate)
        return find(mesh, picture, candidate) if len(asked) > 1 else None

    monkeypatch.setattr(Mesh, "find", fail_once)
    found = maker.find_faces(photo, thorough=True)
    assert np.abs(found[0].eyes - EYES).max() < 3
