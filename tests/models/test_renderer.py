from dataclasses import replace
from typing import Any

import pytest
import torch
import torch.nn.functional as F

from edgestyle.contract import SIZE_MULTIPLE, SMALLEST_SIDE
from edgestyle.models.renderer import NETWORK_SIZES, Renderer, RendererConfig, example_inputs
from edgestyle.packs.loading import load_pack
from edgestyle.packs.networks import load_renderer
from edgestyle.quality.network import count_macs, count_parameters
from tests.conftest import TINY, make_renderer


def test_the_shipped_width_keeps_its_budget() -> None:
    renderer = load_renderer(load_pack("atelier"))
    assert count_parameters(renderer) <= 150_000
    assert count_macs(renderer, *example_inputs(renderer.config, 512, 512)) <= 0.4e9


def test_the_large_network_keeps_its_budget() -> None:
    renderer = Renderer(NETWORK_SIZES["large"])
    assert count_parameters(renderer) <= 400_000
    assert count_macs(renderer, *example_inputs(renderer.config, 512, 512)) <= 1.5e9


def test_a_margin_draws_the_edge_as_if_the_picture_went_on_mirrored() -> None:
    plain, with_margin = (make_renderer(replace(TINY, margin=margin, context=0)) for margin in (0, 8))
    image, style, strength = example_inputs(TINY, 48, 64)
    outside = F.pad(image, (8, 8, 8, 8), mode="reflect")
    expected = plain(outside, style, strength)[..., 8:-8, 8:-8]
    assert torch.allclose(with_margin(image, style, strength), expected, atol=1e-6)
    assert not torch.allclose(plain(image, style, strength), expected, atol=1e-3)


@pytest.mark.parametrize("margin", [-8, 4, 32, 16.0])
def test_impossible_margins_are_refused(margin: Any) -> None:
    with pytest.raises(ValueError, match="margin"):
        RendererConfig(margin=margin)


def test_a_known_convolution_is_counted_right() -> None:
    layer = torch.nn.Conv2d(3, 8, 3, padding=1)
    assert count_macs(layer, torch.rand(1, 3, 10, 10)) == 100 * 8 * 27


def test_strength_0_is_the_identity_bit_for_bit() -> None:
    renderer = make_renderer(TINY)
    image = torch.rand(1, 3, 40, 64)
    assert torch.equal(renderer(image, torch.randn(1, 4), torch.zeros(1)), image)


def test_strength_is_clamped_in_the_graph() -> None:
    renderer = make_renderer(TINY)
    image, style, _ = example_inputs(TINY, 32, 32)
    at_one = renderer(image, style, torch.ones(1))
    assert torch.equal(renderer(image, style, torch.tensor([7.0])), at_one)
    assert torch.equal(renderer(image, style, torch.tensor([-7.0])), image)


def test_half_strength_is_no_crossfade() -> None:
    renderer = make_renderer(TINY)
    image, style, _ = example_inputs(TINY, 32, 32)
    full, half = (renderer(image, style, torch.tensor([s])) for s in (1.0, 0.5))
    assert not torch.allclose(half, (image + full) / 2, atol=1e-4)


def test_styles_differ_and_batches_do_not_mix() -> None:
    renderer = make_renderer(TINY)
    images, styles, strengths = torch.rand(2, 3, 32, 32), torch.randn(2, 4), torch.tensor([0.3, 1.0])
    together = renderer(images, styles, strengths)
    for i in range(2):
        alone = renderer(images[i : i + 1], styles[i : i + 1], strengths[i : i + 1])
        assert torch.allclose(together[i : i + 1], alone, atol=1e-5)
    swapped = renderer(images, styles.flip(0), strengths)
    assert not torch.allclose(together, swapped, atol=1e-3)


@pytest.mark.parametrize("side", [SMALLEST_SIDE, SMALLEST_SIDE + SIZE_MULTIPLE])
def test_every_multiple_works(side: int) -> None:
    image, style, strength = example_inputs(TINY, side, 2 * side)
    assert make_renderer(TINY)(image, style, strength).shape == image.shape


def test_an_untrained_renderer_leaves_the_picture_almost_alone() -> None:
    image, style, strength = example_inputs(RendererConfig(), 32, 32)
    assert (Renderer()(image, style, strength) - image).abs().max() < 0.2
