"""Palettes are what they say: means and spreads along known axes."""

import pytest
import torch

from edgestyle.models.palette import MEASURES, OPPONENT, Palette, opponent_axes


def measure(image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    with torch.no_grad():
        means, spreads = Palette()(image)
    return means, spreads


def test_the_axes_are_orthonormal_and_not_trained() -> None:
    axes = torch.tensor(OPPONENT)
    assert torch.allclose(axes @ axes.t(), torch.eye(3), atol=1e-6)
    assert not any(parameter.requires_grad for parameter in Palette().parameters())
    assert opponent_axes().weight.shape == (3, 3, 1, 1)
    assert opponent_axes(diagonals=True).weight.shape == (6, 3, 1, 1)


def test_means_and_spreads_are_those_of_the_pixels() -> None:
    image = torch.rand(2, 3, 24, 40, generator=torch.Generator().manual_seed(0)) ** 2
    means, spreads = measure(image)
    along = torch.einsum("ac,nchw->nahw", torch.tensor(OPPONENT), image - 0.5)
    assert torch.allclose(means, 4 * along.mean((2, 3)), atol=1e-5)
    assert torch.allclose(spreads[:, :3], 8 * along.std((2, 3), correction=0), atol=0.02)
    assert means.shape[1] + spreads.shape[1] == MEASURES


def test_six_spreads_determine_the_covariance() -> None:
    image = torch.rand(1, 3, 32, 32) * torch.tensor([1.0, 0.6, 0.2]).reshape(1, 3, 1, 1)
    image[:, 1] += 0.5 * image[:, 0]
    along = torch.einsum("ac,nchw->nahw", torch.tensor(OPPONENT), image).flatten(2)[0]
    covariance = torch.cov(along, correction=0)
    variances = (measure(image)[1][0] / 8).square()
    for place, (a, b) in enumerate(((0, 1), (0, 2), (1, 2))):
        found = variances[3 + place] - (variances[a] + variances[b]) / 2
        assert found.item() == pytest.approx(covariance[a, b].item(), abs=1e-3)


@pytest.mark.parametrize("level", [0.0, 0.5, 1.0])
def test_a_flat_picture_has_a_finite_palette(level: float) -> None:
    means, spreads = measure(torch.full((1, 3, 8, 8), level))
    assert torch.isfinite(means).all()
    assert spreads.min() > 0.1  # it is divided by
    assert means[0, 0].item() == pytest.approx(4 * 3**0.5 * (level - 0.5), abs=1e-4)
