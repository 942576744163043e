"""Transport of colours, regraining and the guided filter, each by itself."""

import pytest
import torch
from torch import Tensor

from edgestyle.images import read_picture, resize, to_floats
from edgestyle.teachers.guided_filter import guided_filter
from edgestyle.teachers.kuwahara import gaussian_blur
from edgestyle.teachers.regrain import regrain
from edgestyle.teachers.transport import LARGEST_GAIN, linear_transport, match_quantiles, sliced_transport
from edgestyle.teachers.whitening import statistics


@pytest.fixture(scope="module")
def photo() -> Tensor:
    return torch.from_numpy(to_floats(resize(read_picture("examples/astronaut.jpg").pixels, 128, 128)))


def skewed(side: int) -> Tensor:
    """Colours no Gaussian has: most are dark, each channel more so than the last."""
    values = torch.rand(1, 3, side, side, generator=torch.Generator().manual_seed(1))
    return values ** torch.tensor([1.5, 2.5, 4.0]).reshape(1, 3, 1, 1)


def channel_distance(image: Tensor, reference: Tensor) -> float:
    """Mean distance of the sorted values of each channel."""
    return float((image.flatten(2).sort().values - reference.flatten(2).sort().values).abs().mean())


def test_linear_transport_reaches_mean_and_covariance(photo: Tensor) -> None:
    reference = 0.1 + 0.6 * photo.flip(1)
    mean, covariance = statistics(linear_transport(photo, reference))
    wanted_mean, wanted_covariance = statistics(reference)
    assert torch.allclose(mean, wanted_mean, atol=1e-4)
    assert torch.allclose(covariance, wanted_covariance, atol=1e-4)


def test_linear_transport_turns_no_colours(photo: Tensor) -> None:
    moved = linear_transport(photo, 0.25 + 0.5 * photo)
    assert torch.allclose(moved, 0.25 + 0.5 * photo, atol=1e-4)


def test_the_noise_of_a_grey_picture_is_not_blown_up() -> None:
    noise = torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    moved = linear_transport(0.5 + 0.005 * noise, skewed(64))
    assert moved.std() < 1.1 * LARGEST_GAIN * 0.005 + moved.mean((2, 3)).std()


def test_sliced_transport_reaches_the_distribution_where_it_may_be_steep(photo: Tensor) -> None:
    reference = skewed(128)
    linear = channel_distance(linear_transport(photo, reference), reference)
    gentle = channel_distance(sliced_transport(photo, reference), reference)
    steep = channel_distance(sliced_transport(photo, reference, rotations=20, steepest=20.0), reference)
    assert gentle < 0.8 * linear
    assert steep < 0.25 * linear


def test_the_seed_decides(photo: Tensor) -> None:
    assert torch.equal(sliced_transport(photo, skewed(32), 3), sliced_transport(photo, skewed(32), 3))
    assert not torch.equal(sliced_transport(photo, skewed(32), 3), sliced_transport(photo, skewed(32), 4))


def test_curves_rise_and_are_nowhere_steeper_than_asked() -> None:
    values = torch.linspace(0, 1, 500).reshape(1, 1, 500)
    wanted = (values > 0.5).float()
    curve = match_quantiles(values, wanted, 2.0)[0, 0]
    slopes = curve.diff() * 499
    assert slopes.max() < 2.01
    assert slopes.min() > 0.49


def test_regraining_smooths_grain_and_keeps_colour_and_edges(photo: Tensor) -> None:
    content = torch.full((1, 3, 96, 96), 0.3)
    content[..., 48:] = 0.7
    grain = 0.2 * torch.randn(content.shape, generator=torch.Generator().manual_seed(0))
    moved = content * torch.tensor([1.2, 1.0, 0.6]).reshape(1, 3, 1, 1)
    result = regrain(content, moved + grain)
    assert (result - moved).abs().mean() < 0.3 * grain.abs().mean()
    assert result[..., 4:44].std(dim=(2, 3)).max() < 0.2 * grain.std()


def test_regraining_a_picture_that_did_not_change_changes_nothing(photo: Tensor) -> None:
    assert torch.allclose(regrain(photo, photo), photo, atol=1e-6)


@pytest.mark.parametrize("shrink", [1, 4])
def test_the_guided_filter_keeps_what_is_linear_in_the_guide(photo: Tensor, shrink: int) -> None:
    image = 0.2 - 0.5 * photo.flip(1)
    assert (guided_filter(photo, image, 8, 1e-7, shrink) - image).abs().mean() < 2e-3


def test_the_guided_filter_jumps_with_the_guide_and_smooths_the_rest() -> None:
    guide = torch.zeros(1, 3, 64, 64)
    guide[..., 32:] = 1
    noisy = guide + 0.2 * torch.randn(guide.shape, generator=torch.Generator().manual_seed(0))
    result = guided_filter(guide, noisy, 8, 1e-4)
    assert (result - guide).abs().mean() < 0.25 * (gaussian_blur(noisy, 4.0) - guide).abs().mean()
    assert result[..., :28].std() < 0.1 * noisy[..., :28].std()
