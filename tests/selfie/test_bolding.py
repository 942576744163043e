import numpy as np
import pytest

from edgestyle.images import Pixels
from edgestyle.selfie.bolding import add_boldness, boldness, flatten
from edgestyle.selfie.filters import brightness
from edgestyle.selfie.framing import frame_face
from edgestyle.selfie.landmarks import Face
from edgestyle.selfie.making import Look, SelfieMaker
from edgestyle.selfie.recipe import RECIPE
from tests.conftest import make_photo


def test_texture_becomes_flat_and_edges_stay_where_they_are() -> None:
    noise = np.random.default_rng(0).normal(0, 0.02, (40, 40, 3)).astype(np.float32)
    picture = np.where(np.arange(40) < 20, np.float32(0.2), np.float32(0.8))[None, :, None] + noise
    flat = flatten(picture)
    assert flat[5:35, 3:17].std() < 0.5 * picture[5:35, 3:17].std()
    assert flat[5:35, 19].mean() == pytest.approx(0.2, abs=0.03)
    assert flat[5:35, 20].mean() == pytest.approx(0.8, abs=0.03)


def test_nothing_is_added_to_a_plain_picture() -> None:
    assert np.abs(boldness(np.full((90, 130, 3), (200, 60, 30), np.uint8))).max() < 0.5


def test_at_strength_0_nothing_is_added() -> None:
    photo = make_photo(96, 64)
    added = boldness(photo)
    assert np.abs(added).max() > 1
    assert np.array_equal(add_boldness(photo, added, 0.0), photo)


def test_soft_shading_gets_contrast_and_large_areas_keep_their_brightness() -> None:
    across = np.arange(RECIPE.bolding.working_side)
    shading = 128 + 12 * np.sin(across / 5)
    picture = np.rint(shading)[None, :, None].repeat(len(across), 0).repeat(3, 2).astype(np.uint8)
    bold = add_boldness(picture, boldness(picture), 1.0)[100:-100, 100:-100].astype(float)
    assert bold.std() > 1.4 * picture.std()
    assert bold.mean() == pytest.approx(picture.mean(), abs=1)


@pytest.mark.parametrize("style", ["cartoon", "oil", "ink", "pencil", "pop-art"])
def test_strokes_are_simpler_than_at_the_photo_s_own_size(
    style: str, maker: SelfieMaker, photo: Pixels, face: Face
) -> None:
    frame = frame_face(face, 512, 512)
    cut, landmarks = frame.cut(photo, 512), frame.from_photo(face.landmarks)
    bold = maker.stylize(cut, landmarks, Look(style, 1.0))
    assert busyness(bold) < 0.97 * busyness(maker.pack.stylize(cut, style, 1.0, "full"))


def test_one_sees_that_it_is_a_cartoon(maker: SelfieMaker, photo: Pixels, face: Face) -> None:
    frame = frame_face(face, 512, 512)
    cut, landmarks = frame.cut(photo, 512), frame.from_photo(face.landmarks)
    bold, plain = maker.stylize(cut, landmarks, Look("cartoon", 1.0)), maker.pack.stylize(cut, "cartoon", 1.0, "full")
    assert np.abs(bold.astype(float) - cut).mean() > 1.1 * np.abs(plain.astype(float) - cut).mean()


def busyness(picture: Pixels) -> float:
    """Mean difference of brightness between neighbours."""
    values = brightness(picture.astype(np.float32))
    return float(np.abs(np.diff(values, axis=0)).mean() + np.abs(np.diff(values, axis=1)).mean())


def test_rims_look_like_the_rest(maker: SelfieMaker, photo: Pixels, face: Face) -> None:
    """Networks pad with zeros; on a plain picture that shows as a line along its edge."""
    plain = np.full((512, 512, 3), (200, 180, 160), np.uint8)
    landmarks = frame_face(face, 512, 512).from_photo(face.landmarks)
    made = maker.stylize(plain, landmarks, Look("blueprint", 1.0)).astype(int)
    assert np.abs(made[:3] - made[20, 20]).max() <= 3
    assert np.abs(maker.pack.stylize(plain, "blueprint", 1.0, 384).astype(int)[:3] - made[20, 20]).max() > 3


def test_paintings_are_bold_anyway() -> None:
    from edgestyle.packs.loading import load_pack

    maker = SelfieMaker(load_pack("museum"))
    assert (maker.flattens, maker.long_side) == (False, RECIPE.bolding.painted_side)


def test_a_pack_without_strokes_recolours_the_photo_itself(photo: Pixels, face: Face) -> None:
    from edgestyle.packs.loading import load_pack

    maker = SelfieMaker(load_pack("lumen"))
    look = Look(next(iter(maker.pack.styles)), 1.0)
    frame = frame_face(face, 512, 512)
    cut = frame.cut(photo, 512)
    made = maker.stylize(cut, frame.from_photo(face.landmarks), look)
    assert np.array_equal(made[:40, :40], maker.pack.stylize(cut, look.style, 1.0)[:40, :40])
