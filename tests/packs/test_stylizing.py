import numpy as np
import pytest

from edgestyle.errors import ContractError
from edgestyle.images import Floats, resize
from edgestyle.packs.stylizing import stylize_pixels
from tests.conftest import make_photo


def unchanged(image: Floats) -> Floats:
    return image


def inverted(image: Floats) -> Floats:
    return 1 - image


@pytest.mark.parametrize("shape", [(700, 901), (901, 700), (8, 2000)])
def test_an_unchanged_working_picture_gives_every_pixel_back(shape: tuple[int, int]) -> None:
    photo = make_photo(*shape)
    assert np.array_equal(stylize_pixels(unchanged, photo, 256, 1.0), photo)


def test_the_network_sees_the_working_size_in_multiples() -> None:
    seen = []

    def render(image: Floats) -> Floats:
        seen.append(image.shape)
        return image

    stylize_pixels(render, make_photo(300, 600), 100, 0.5)
    assert seen == [(1, 3, 56, 104)]
    stylize_pixels(render, make_photo(30, 60), None, 0.5)
    assert seen[-1] == (1, 3, 32, 64)


def test_without_detail_the_result_is_the_enlarged_working_picture() -> None:
    photo = make_photo(400, 400)
    expected = resize(255 - resize(photo, 100, 100), 400, 400)
    assert np.array_equal(stylize_pixels(inverted, photo, 100, 0.0), expected)


def test_detail_comes_back_in_proportion() -> None:
    photo = make_photo(400, 400)
    photo[200, 200] = 255
    none, half, full = (stylize_pixels(unchanged, photo, 100, d)[200, 200].astype(float) for d in (0.0, 0.5, 1.0))
    assert np.abs(half - (none + full) / 2).max() <= 1
    assert (full - none).max() > 50


def test_a_silly_working_size_is_refused() -> None:
    with pytest.raises(ContractError, match="working size"):
        stylize_pixels(unchanged, make_photo(9, 9), 2, 1.0)
