import numpy as np
import pytest

from edgestyle.errors import FaceError
from edgestyle.images import Pixels, resize
from edgestyle.selfie.frames import Frame
from edgestyle.selfie.framing import frame_face
from edgestyle.selfie.landmarks import Face
from edgestyle.selfie.recipe import Outside
from tests.conftest import make_photo


def test_points_go_to_the_photo_and_back() -> None:
    frame, points = Frame(50, 80, 20, 30), np.random.default_rng(0).random((9, 2), dtype=np.float32)
    assert frame.from_photo(frame.to_photo(points)) == pytest.approx(points, abs=1e-5)
    assert frame.to_photo(np.array([[0.5, 0.5]], np.float32))[0] == pytest.approx([50, 80])
    assert Frame(0, 0, 2, 90).to_photo(np.array([[1, 0.5]], np.float32))[0] == pytest.approx([0, 1], abs=1e-6)


def test_a_straight_frame_cuts_the_very_pixels() -> None:
    photo = make_photo(60, 80)
    assert np.array_equal(Frame(30, 25, 20).cut(photo, 20), photo[15:35, 20:40])


def test_what_becomes_smaller_is_averaged() -> None:
    photo = make_photo(200, 200)
    expected = resize(photo, 25, 25).astype(float)
    assert np.abs(Frame(100, 100, 200).cut(photo, 25) - expected)[1:-1, 1:-1].mean() < 4


@pytest.mark.parametrize("outside", ["edge", "symmetric"])
def test_a_frame_may_reach_beyond_the_photo(outside: Outside) -> None:
    photo = np.full((10, 10, 3), 7, np.uint8)
    assert (Frame(0, 0, 40, 20).cut(photo, 16, outside) == 7).all()
    assert (Frame(-100, 300, 20).cut(photo, 16, outside) == 7).all()


def test_outside_the_photo_is_mirrored_or_its_edges_go_on() -> None:
    photo = make_photo(20, 20)
    assert np.array_equal(Frame(0, 10, 20).cut(photo, 20)[:, :10], photo[:, 9::-1])
    assert np.array_equal(Frame(0, 10, 20).cut(photo, 20, "edge")[:, :10], photo[:, :1].repeat(10, 1))


def test_a_turned_frame_is_level_with_what_is_in_it(face: Face, photo: Pixels) -> None:
    frame = frame_face(face, 512, 512)
    eyes = frame.from_photo(face.eyes)
    assert eyes[0, 1] == pytest.approx(eyes[1, 1], abs=1e-3)
    oval = frame.from_photo(face.oval)
    assert oval[:, 1].min() > 0.2, "room above the head"
    assert oval[:, 1].max() < 0.85


def moved(face: Face, x: float, y: float, scale: float = 1) -> Face:
    return Face((np.add(face.landmarks, (x, y)) * scale).astype(np.float32), 1.0)


def test_the_frame_stays_inside_the_photo_where_it_fits(face: Face) -> None:
    for frame in (frame_face(moved(face, -150, -40), 512, 512), frame_face(moved(face, 200, 300), 512, 512)):
        corners = frame.to_photo(np.array([[0, 0], [1, 0], [0, 1], [1, 1]], np.float32))
        assert corners.min() >= -0.01
        assert corners.max() <= 512.01


def test_a_face_cut_by_the_border_is_refused(face: Face) -> None:
    with pytest.raises(FaceError, match="cut by the photo's border"):
        frame_face(moved(face, -200, 0), 512, 512)


def test_a_tiny_face_is_refused(face: Face) -> None:
    frame_face(moved(face, 0, 0, 0.5), 256, 256)
    with pytest.raises(FaceError, match="pixels wide, and 40 are the least"):
        frame_face(moved(face, 0, 0, 0.3), 154, 154)
