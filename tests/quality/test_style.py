import math
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from torch import Tensor

from edgestyle.errors import ContractError
from edgestyle.images import Picture, write_picture
from edgestyle.quality.features import Features, load_features, load_shipped
from edgestyle.quality.pictures import SIDE, centre_square, read_painting
from edgestyle.quality.style import (
    content_distance,
    gram_style_distance,
    luminance_contrast_kept,
    recognisability,
    style_content_product,
)
from tests.conftest import make_photo

PHOTO = centre_square(make_photo(400, 500))
OTHER = centre_square(make_photo(384, 384, seed=7)).flip(3)[:, [2, 0, 1]]


def colours(image: Tensor, layers: Sequence[str]) -> dict[str, Tensor]:
    """Two layers whose distances can be worked out by hand: the picture, and half of it."""
    return {layer: image * scale for layer, scale in zip(layers, (1.0, 0.5), strict=True)}


HAND = Features("by hand", colours, ("whole", "half"), ("whole", "half"))
GREY = torch.full((1, 3, SIDE, SIDE), 0.5)


def test_distances_of_a_picture_to_itself_are_0() -> None:
    for features in (HAND, load_features()):
        assert float(gram_style_distance(PHOTO, PHOTO, features)) == pytest.approx(0, abs=1e-6)
        assert float(content_distance(PHOTO, PHOTO, features)) == pytest.approx(0, abs=1e-6)


def test_distances_follow_their_formula() -> None:
    darker = GREY / 2  # maps halve: (1/2)^2 a layer; Gram matrices quarter: (3/4)^2 a layer
    assert float(content_distance(darker, GREY, HAND)) == pytest.approx(2 * 0.5**2)
    assert float(gram_style_distance(darker, GREY, HAND)) == pytest.approx(2 * 0.75**2)


def test_a_style_does_not_care_where_things_are_and_content_does() -> None:
    turned = PHOTO.flip(2, 3)
    assert float(gram_style_distance(turned, PHOTO, HAND)) == pytest.approx(0, abs=1e-6)
    assert float(content_distance(turned, PHOTO, HAND)) > 0.01


def test_distances_grow_with_the_mix_and_are_one_a_picture() -> None:
    mixes = torch.cat([PHOTO + share * (OTHER - PHOTO) for share in (0.1, 0.4, 1.0)])
    photos = PHOTO.expand(3, -1, -1, -1)
    network = load_features()
    content = content_distance(mixes, photos, network).tolist()
    assert content == sorted(content)
    style = gram_style_distance(mixes, OTHER, network).tolist()
    assert style[2] < 1e-6 < min(style[:2])
    same = recognisability(mixes, photos, load_shipped()).tolist()
    assert same == sorted(same, reverse=True)
    assert same[0] < 1


def test_the_product_lets_neither_distance_make_up_for_the_other() -> None:
    style, content = torch.tensor([0.0, 1.0, 3.0]), torch.tensor([0.0, 1.0, 0.0])
    assert style_content_product(style, content).tolist() == [1, 4, 4]


def test_contrast_kept_is_the_ratio_of_spreads() -> None:
    half = 0.5 + (PHOTO - 0.5) / 2
    assert float(luminance_contrast_kept(half, PHOTO)) == pytest.approx(0.5, abs=1e-5)
    assert float(luminance_contrast_kept(GREY, PHOTO)) == pytest.approx(0, abs=1e-5)
    with pytest.raises(ContractError, match="no contrast"):
        luminance_contrast_kept(PHOTO, GREY)


def test_recognisability_is_1_for_the_photo_itself() -> None:
    assert float(recognisability(PHOTO, PHOTO, load_shipped())) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("shape", [(1, 3, 256, 384), (3, SIDE, SIDE), (1, 1, SIDE, SIDE)])
def test_other_sizes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ContractError, match="384"):
        content_distance(torch.zeros(shape), PHOTO, HAND)


def test_a_whole_painting_is_read_at_its_short_side(tmp_path: Path) -> None:
    write_picture(Picture(make_photo(200, 300)), tmp_path / "painting.png")
    painting = read_painting(tmp_path / "painting.png")
    assert painting.shape == (1, 3, SIDE, 576)
    assert float(gram_style_distance(PHOTO, painting, HAND)) > 0
    with pytest.raises(ContractError, match="short side"):
        gram_style_distance(PHOTO, painting[..., :300, :], HAND)


def test_the_centre_square_is_the_middle() -> None:
    pixels = make_photo(100, 300)
    square = centre_square(pixels, 100)
    assert torch.equal(square, torch.from_numpy(pixels[:, 100:200].transpose(2, 0, 1)[None].copy()).float() / 255)
    assert centre_square(pixels).shape == (1, 3, SIDE, SIDE)
    assert math.isclose(float(centre_square(pixels).mean()), float(square.mean()), abs_tol=0.01)
