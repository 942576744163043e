"""Distances between palettes, and edges that stay."""

import pytest
import torch

from edgestyle.errors import ContractError
from edgestyle.quality.colour import edge_structure, edges, sliced_wasserstein

torch.manual_seed(0)
PHOTO = torch.rand(2, 3, 8, 8).repeat_interleave(8, 2).repeat_interleave(8, 3)


def test_a_palette_is_the_same_wherever_its_colours_are() -> None:
    moved = PHOTO.flatten(2)[:, :, torch.randperm(64 * 64)].reshape(PHOTO.shape)
    assert sliced_wasserstein(moved, PHOTO).tolist() == pytest.approx([0, 0], abs=1e-6)


def test_the_distance_of_a_shift_is_its_length_along_the_directions() -> None:
    near, far = (sliced_wasserstein(PHOTO + shift, PHOTO) for shift in (0.1, 0.2))
    assert far.tolist() == pytest.approx((2 * near).tolist(), rel=1e-4)
    mean_of_a_direction = 0.5  # of the length of a vector along a random direction in space
    assert float(near[0]) == pytest.approx(0.1 * 3**0.5 * mean_of_a_direction, rel=0.3)


def test_the_distance_is_one_a_picture_and_has_a_gradient() -> None:
    picture = (PHOTO * torch.tensor([0.9, 0.5]).reshape(2, 1, 1, 1)).requires_grad_()
    distance = sliced_wasserstein(picture, PHOTO, pixels=500)
    assert 0 < distance[0] < distance[1]
    (gradient,) = torch.autograd.grad(distance.sum(), [picture])
    assert (gradient != 0).any()


def test_the_same_seed_gives_the_same_distance() -> None:
    first, again, other = (sliced_wasserstein(PHOTO, PHOTO.flip(1), seed, 4, 100) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


@pytest.mark.parametrize("shape", [(1, 3, 64, 64), (2, 3, 32, 64), (2, 1, 64, 64)])
def test_palettes_of_other_sizes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ContractError, match="as many pixels"):
        sliced_wasserstein(torch.zeros(shape), PHOTO)


def test_a_step_from_black_to_white_is_an_edge_of_1() -> None:
    step = torch.zeros(1, 3, 8, 8)
    step[..., 4:] = 1
    assert float(edges(step).max()) == pytest.approx(1, abs=1e-4)
    assert edges(step).shape == (1, 1, 6, 6)


def test_edges_survive_a_tint_and_not_a_blur() -> None:
    tinted = PHOTO * torch.tensor([1.0, 0.97, 0.8]).reshape(1, 3, 1, 1)
    blurred = torch.nn.functional.avg_pool2d(PHOTO, 5, 1, 2)
    assert edge_structure(PHOTO, PHOTO) == pytest.approx(1, abs=1e-5)
    assert edge_structure(tinted, PHOTO) > edge_structure(blurred, PHOTO) + 0.1
