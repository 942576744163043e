"""Pictures of styles that nobody painted."""

import numpy as np
import pytest

from edgestyle.training.made_styles import FAMILIES, SIDE, make_style

every_family = pytest.mark.parametrize("family", FAMILIES)


@every_family
def test_a_family_draws_the_same_picture_again_and_others_for_other_seeds(family: str) -> None:
    first, again, other = make_style(family, 3), make_style(family, 3), make_style(family, 4)
    assert first.shape == (SIDE, SIDE, 3)
    assert first.dtype == np.uint8
    assert np.array_equal(first, again)
    assert np.abs(first.astype(int) - other).mean() > 5


@every_family
def test_no_picture_is_nearly_flat(family: str) -> None:
    for seed in range(12):
        assert make_style(family, seed).reshape(-1, 3).std(0).max() > 6, seed


def test_an_unknown_family_is_an_error() -> None:
    with pytest.raises(KeyError):
        make_style("watermarks", 0)
