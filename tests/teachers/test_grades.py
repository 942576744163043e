"""Grades stay in range, do what they say, and hues turn."""

import random

import pytest
import torch

from edgestyle.teachers.grades import GRADES, Grade, draw_grade, turn_hue


def picture() -> torch.Tensor:
    return torch.rand(2, 3, 16, 24, generator=torch.Generator().manual_seed(0))


def test_a_plain_grade_leaves_a_picture_alone() -> None:
    assert torch.allclose(Grade().apply(picture()), picture(), atol=1e-6)
    assert torch.allclose(draw_grade(random.Random(0), 0.0).apply(picture()), picture(), atol=0.2)


@pytest.mark.parametrize("name", GRADES)
def test_every_look_changes_a_picture_within_its_range(name: str) -> None:
    graded = GRADES[name].apply(picture())
    assert graded.shape == picture().shape
    assert 0 <= graded.min() <= graded.max() <= 1
    assert (graded - picture()).abs().mean() > 0.02


def test_a_hue_turned_by_a_third_exchanges_the_channels() -> None:
    image = 0.2 + 0.6 * picture()
    turned = turn_hue(image, 120)
    assert torch.allclose(turned, image[:, [2, 0, 1]], atol=1e-5)  # red becomes green
    assert torch.allclose(turn_hue(image, 0), image, atol=1e-6)
    assert torch.allclose(turn_hue(image, 360), image, atol=1e-5)


@pytest.mark.parametrize("degrees", [-170, -30, 45, 180])
def test_turning_hues_keeps_greys_and_the_mean_of_channels(degrees: float) -> None:
    grey = torch.full((1, 3, 4, 4), 0.3)
    assert torch.allclose(turn_hue(grey, degrees), grey, atol=1e-6)
    image = 0.4 + 0.2 * picture()
    turned = turn_hue(image, degrees)
    assert torch.allclose(turned.mean(1), image.mean(1), atol=1e-5)
    assert torch.allclose(turn_hue(turned, -degrees), image, atol=1e-5)
