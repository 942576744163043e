import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from edgestyle.images import Pixels
from edgestyle.selfie.filters import box_mean, gaussian, guided_filter
from edgestyle.selfie.framing import frame_face
from edgestyle.selfie.landmarks import Face
from edgestyle.selfie.making import SelfieMaker
from edgestyle.selfie.matte import connected, crop_mask, split_colours, without_islands
from edgestyle.selfie.recipe import LEFT_EYE, LIPS, RIGHT_EYE
from edgestyle.teachers import guided_filter as reference


def test_the_guided_filter_is_the_one_of_the_teachers() -> None:
    rng = np.random.default_rng(0)
    guide, values = rng.random((40, 50, 3), dtype=np.float32), rng.random((40, 50, 1), dtype=np.float32)
    mine = guided_filter(guide, values, 4, 1e-3, 50)
    theirs = reference.guided_filter(*(torch.from_numpy(x.transpose(2, 0, 1)[None]) for x in (guide, values)), 4, 1e-3)
    assert mine[..., 0] == pytest.approx(theirs[0, 0].numpy(), abs=1e-4)


def test_means_end_at_the_border() -> None:
    values = np.arange(12, dtype=np.float32).reshape(3, 4, 1)
    assert box_mean(values, 1)[0, 0, 0] == pytest.approx((0 + 1 + 4 + 5) / 4)
    assert box_mean(values, 9)[..., 0] == pytest.approx(np.full((3, 4), 5.5))


def test_a_gaussian_has_the_width_it_says() -> None:
    point = np.zeros((81, 81, 1), np.float32)
    point[40, 40] = 1
    spread = gaussian(point, 5.0)[..., 0]
    assert spread.sum() == pytest.approx(1, abs=1e-3)
    assert np.sqrt((spread.sum(0) * (np.arange(81) - 40) ** 2).sum()) == pytest.approx(5, rel=0.1)


def test_only_what_hangs_together_stays() -> None:
    mask = np.zeros((30, 30), bool)
    mask[2:10, 2:10] = mask[9:25, 5] = mask[20:28, 20:28] = True
    part = connected(mask, 3, 3)
    assert part.sum() == 64 + 15
    assert not part[22, 22]
    assert np.array_equal(connected(mask, 29, 0), mask), "nothing there to hang on"


@pytest.mark.parametrize("side", [256, 700])
def test_islands_go_and_soft_edges_stay(side: int) -> None:
    mask = np.zeros((side, side), np.float32)
    mask[side // 4 : side // 2, side // 4 : side // 2] = 1
    mask[:, side // 2 : side // 2 + 1] = mask[:, side // 4 : side // 4 + 1] * 0.1
    mask[-9:, -9:] = 1
    left = without_islands(mask, np.array([0.3, 0.4], np.float32))
    assert left[-12:, -12:].max() == 0
    assert np.array_equal(left[: side // 2 + 2, : side // 2 + 2], mask[: side // 2 + 2, : side // 2 + 2])


def test_colours_near_an_edge_are_taken_apart() -> None:
    """A red person before green, half transparent in between, comes out red and green."""
    matte = np.clip((np.arange(200, dtype=np.float32) - 90) / 20, 0, 1)[None].repeat(200, 0)
    red, green = np.array([1, 0, 0], np.float32), np.array([0, 1, 0], np.float32)
    picture = red * matte[..., None] + green * (1 - matte[..., None])
    person, rest = split_colours(picture, matte)
    alpha = matte[..., None]
    assert np.abs(alpha * (person - red)).max() < 0.12, "what is seen over another background"
    assert np.abs((1 - alpha) * (rest - green)).max() < 0.12
    assert np.abs(person[matte > 0.5] - red).max() < 0.2


def test_the_astronaut_is_cut_out(maker: SelfieMaker, photo: Pixels, face: Face) -> None:
    frame = frame_face(face, 512, 512)
    cut = frame.cut(photo, 256)
    matte = maker.matter.cut_out(photo, frame, cut, face.landmarks.mean(0))
    points = (frame.from_photo(face.landmarks[[*RIGHT_EYE, *LEFT_EYE, *LIPS]]) * 256).astype(int)
    assert matte[points[:, 1], points[:, 0]].min() > 0.99
    assert matte[:40, :30].max() < 0.05, "no background beside the hair"
    assert matte[:40, -30:].max() < 0.05
    assert matte[-6:, 20:230].mean() > 0.95, "the suit"
    soft = (matte > 0.05) & (matte < 0.95)
    assert 0 < soft.mean() < 0.04, "an edge, neither hard nor smeared"


COLLAR = ((70, 340), (94, 311), (132, 296), (352, 352), (388, 385), (408, 412))  # on its ring, read off by eye


def test_the_astronaut_keeps_her_collar_and_its_edge_is_smooth(maker: SelfieMaker, photo: Pixels, face: Face) -> None:
    frame = frame_face(face, 512, 512)
    matte = maker.matter.cut_out(photo, frame, frame.cut(photo, 512), face.landmarks.mean(0))
    x, y = np.array(COLLAR).T
    assert matte[y, x].min() > 0.9
    person = matte > 0.5
    assert connected(person, 256, 256).sum() == person.sum(), "no islands"
    assert connected(~person, 0, 0).sum() + connected(~person, 511, 0).sum() >= (~person).sum(), "no holes"
    assert outline_of(person) < 1.06 * outline_of(gaussian(matte[..., None], 4.0)[..., 0] > 0.5), "no raggedness"


def outline_of(mask: NDArray[np.bool_]) -> int:
    """How many neighbours differ."""
    return int(np.abs(np.diff(mask, axis=0)).sum() + np.abs(np.diff(mask, axis=1)).sum())


def test_edges_stay_sharp_in_large_results(maker: SelfieMaker, photo: Pixels, face: Face) -> None:
    frame, seed = frame_face(face, 512, 512), face.landmarks.mean(0)
    pixels = []
    for side in (512, 1024):
        matte = maker.matter.cut_out(photo, frame, frame.cut(photo, side), seed)
        pixels.append(((matte > 0.05) & (matte < 0.95)).sum() / side)
    assert pixels[1] < 1.3 * pixels[0], "as many pixels wide, not twice as many"


def test_a_mask_is_cropped_at_its_place_even_beyond_its_edges() -> None:
    mask = np.repeat(np.linspace(0, 1, 64, dtype=np.float32)[None], 64, 0)
    for left in (-9.0, 0.0, 17.0):
        part = crop_mask(mask, np.array([left, 4, left + 48, 52], np.float32))
        expected = np.clip((left + (np.arange(64) + 0.5) * 48 / 64 - 0.5) / 63, 0, 1)
        assert np.abs(part[32] - expected).max() < 0.02
