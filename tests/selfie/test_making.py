import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from edgestyle.errors import ContractError, FaceError, PackError
from edgestyle.images import Pixels
from edgestyle.selfie import make_selfie
from edgestyle.selfie.composing import Background
from edgestyle.selfie.framing import frame_face
from edgestyle.selfie.landmarks import Face
from edgestyle.selfie.likeness import likeness_mask, make_milder
from edgestyle.selfie.making import Look, SelfieMaker, choose_face
from edgestyle.selfie.recipe import BRIGHTNESS, LEFT_EYE, LIPS, RECIPE, RIGHT_EYE, Recipe
from edgestyle.selfie.record import make_record

KEEP = Look("cartoon", 1.0, Background("keep"), "square", 512)


def test_at_strength_0_the_photo_comes_back(maker: SelfieMaker, photo: Pixels, face: Face) -> None:
    made = maker.draw(photo, face, replace(KEEP, strength=0.0))
    assert np.array_equal(made.pixels, frame_face(face, 512, 512).cut(photo, 512))


def test_eyes_and_mouth_are_drawn_milder(maker: SelfieMaker, photo: Pixels, face: Face) -> None:
    frame = frame_face(face, 512, 512)
    cut, landmarks = frame.cut(photo, 512), frame.from_photo(face.landmarks)
    mild = maker.stylize(cut, landmarks, KEEP).astype(int)
    all_full = replace(RECIPE, likeness=replace(RECIPE.likeness, mild=1.0))
    full = SelfieMaker(maker.pack, recipe=all_full).stylize(cut, landmarks, KEEP).astype(int)
    mask = likeness_mask(landmarks, 512)
    assert np.array_equal(mild[mask < 1e-4], full[mask < 1e-4])
    inside = mask > 0.8
    assert np.abs(mild - cut)[inside].mean() < 0.8 * np.abs(full - cut)[inside].mean()


def test_mild_eyes_and_mouths_keep_the_style_s_colours() -> None:
    full, mild = np.full((4, 4, 3), (20, 40, 120), np.uint8), np.full((4, 4, 3), (200, 60, 50), np.uint8)
    mask = np.zeros((4, 4), np.float32)
    mask[1] = 1
    made = make_milder(full, mild, mask).astype(int)
    assert np.array_equal(made[0], full[0])
    assert (made[1] - full[1] == made[1, 0, 0] - 20).all(), "brighter, and as blue"
    assert made[1, 0] @ BRIGHTNESS == pytest.approx(mild[0, 0] @ BRIGHTNESS, abs=1)


def test_the_mask_is_over_eyes_and_mouth_and_soft(face: Face) -> None:
    landmarks = frame_face(face, 512, 512).from_photo(face.landmarks)
    mask = likeness_mask(landmarks, 256)
    for outline in (RIGHT_EYE, LEFT_EYE, LIPS):
        x, y = (landmarks[list(outline)].mean(0) * 256).astype(int)
        assert mask[y, x] > 0.7
    nose, chin = (landmarks[[4, 152]] * 256).astype(int)
    assert max(mask[nose[1], nose[0]], mask[chin[1], chin[0]]) < 0.1
    assert np.abs(np.diff(mask, axis=0)).max() < 0.25


@pytest.mark.parametrize("style", ["cartoon", "oil", "pop-art", "watercolour"])
def test_the_likeness_stays(style: str, maker: SelfieMaker, photo: Pixels, face: Face) -> None:
    frame = frame_face(face, 512, 512)
    made = maker.draw(photo, face, replace(KEEP, style=style)).pixels
    (again,) = maker.find_faces(made)
    moved = np.linalg.norm(again.landmarks / 512 - frame.from_photo(face.landmarks), axis=1).mean()
    assert moved <= 0.04 * face.eye_distance / frame.side


@pytest.mark.parametrize("size", [32, 100, 600])
def test_the_python_api_makes_pictures_of_the_size(size: int, photo: Pixels) -> None:
    made = make_selfie(Image.fromarray(photo), "pencil", 0.5, "#ffd166", "circle", size)
    assert (made.size, made.mode) == ((size, size), "RGBA")
    assert made.getpixel((size // 2, 2))[:3] != (0, 0, 0)
    corner = made.getpixel((0, 0))
    assert isinstance(corner, tuple)
    assert corner[3] == 0


def test_a_photo_turned_by_exif_gives_the_same_selfie(photo: Pixels) -> None:
    sideways = Image.fromarray(np.rot90(photo))
    sideways.getexif()[0x0112] = 6  # turn clockwise to see it upright
    looks = [np.asarray(make_selfie(one, "cartoon", shape="square")) for one in (Image.fromarray(photo), sideways)]
    assert np.array_equal(*looks)


def test_a_whole_picture_needs_no_face(maker: SelfieMaker) -> None:
    picture = np.full((90, 160, 3), (200, 60, 60), np.uint8)
    whole = maker.draw_whole(picture, replace(KEEP, shape="none", size=320))
    assert whole.pixels.shape == (180, 320, 3)
    assert maker.draw_whole(picture, replace(KEEP, size=64)).pixels.shape == (64, 64, 3)
    with pytest.raises(FaceError, match="no person"):
        maker.draw_whole(picture, replace(KEEP, background=Background("transparent")))


def test_what_cannot_be_drawn_is_said(photo: Pixels) -> None:
    grey = np.full((100, 100, 3), 128, np.uint8)
    with pytest.raises(FaceError, match="--no-face"):
        make_selfie(grey)
    with pytest.raises(FaceError, match="no face 3: 1 face in it"):
        make_selfie(photo, face=3)
    with pytest.raises(PackError):
        make_selfie(photo, "nope")
    with pytest.raises(ContractError):
        make_selfie(photo, strength=2.0)
    with pytest.raises(FaceError, match="no face 0"):
        choose_face([Face(np.zeros((468, 2), np.float32), 1.0)], 0)


def test_the_recipe_is_plain_json_and_complete(maker: SelfieMaker, photo: Pixels, face: Face) -> None:
    record = json.loads(json.dumps(make_record(maker, photo, [face], KEEP)))
    assert record["bolding"]["radius"] == RECIPE.bolding.radius
    assert record["matting"]["passes"][0]["epsilon"] == RECIPE.matting.passes[0].epsilon
    assert record["landmarks"]["lips"] == list(LIPS)
    assert record["resampling"]["cut"] == "bicubic"
    assert record["drawing"] == {
        "flattened": True,
        "long_side": 384,
        "size_multiple": 8,
        "smallest_side": 32,
        "detail": 0.0,
    }
    assert set(record) >= {"format", *(field for field in Recipe.__dataclass_fields__), "networks", "faces", "look"}
    assert len(record["networks"]) == 3
    assert all(len(digest) == 64 for digest in record["networks"].values())
    assert len(record["faces"][0]["landmarks"]) == 468
    assert record["look"]["style"] == "cartoon"
