"""The colour renderer before it is trained: budgets, and that it puts the style's palette on whatever the photo."""

from dataclasses import replace

import pytest
import torch

from edgestyle.exporters.parity import parity_photo
from edgestyle.models.colour import USUAL_SPREADS, ColourConfig, ColourRenderer
from edgestyle.models.encoder import Encoder, EncoderConfig
from edgestyle.models.palette import KEPT, MEASURES, Palette
from edgestyle.models.renderer import example_inputs
from edgestyle.quality.network import count_macs, count_parameters
from tests.conftest import make_colour_renderer


def picture(name: str, height: int = 96, width: int = 128) -> torch.Tensor:
    return torch.from_numpy(parity_photo(name, height, width))


def test_the_shipped_widths_keep_their_budgets() -> None:
    renderer, encoder = ColourRenderer(), Encoder()
    assert count_parameters(renderer) <= 50_000
    assert count_parameters(encoder) <= 300_000
    assert renderer.config.style_dimensions == encoder.config.style_dimensions <= 64
    small, large = (count_macs(renderer, *example_inputs(renderer.config, side, side)) for side in (512, 1024))
    assert (large - small) / (3 * 512 * 512) <= 150  # a pixel


@pytest.mark.parametrize("reference", ["alps", "chelsea"])
def test_a_new_renderer_puts_the_mean_and_spread_of_the_style_on(reference: str) -> None:
    torch.manual_seed(0)
    renderer, photo, palette = ColourRenderer(), picture("astronaut"), Palette()
    with torch.no_grad():
        wanted = torch.cat(palette(picture(reference)), 1)
        style = torch.cat([wanted, torch.zeros(1, renderer.config.style_dimensions - MEASURES)], 1)
        drawn = renderer(photo, style, torch.ones(1))
        reached, before = (torch.cat(palette(one), 1)[:, :6] for one in (drawn, photo))
    assert (reached - wanted[:, :6]).abs().mean() < 0.6 * (before - wanted[:, :6]).abs().mean()


def test_a_style_that_keeps_palettes_leaves_a_photo_as_it_is_and_another_gives_it_its_own() -> None:
    torch.manual_seed(0)
    renderer, photo = ColourRenderer(), picture("astronaut")
    style = torch.zeros(1, renderer.config.style_dimensions)
    style[:, 3:6] = torch.tensor(USUAL_SPREADS)
    kept, replaced = style.clone(), style.clone()
    kept[:, KEPT] = 1
    with torch.no_grad():
        assert (renderer(photo, kept, torch.ones(1)) - photo).abs().mean() < 0.01
        assert (renderer(photo, replaced, torch.ones(1)) - photo).abs().mean() > 0.03
        beyond = kept.clone()
        beyond[:, KEPT] = 9
        assert torch.equal(renderer(photo, beyond, torch.ones(1)), renderer(photo, kept, torch.ones(1)))


def test_strength_0_is_exact_and_strengths_beyond_are_clamped() -> None:
    renderer, photo, style = make_colour_renderer(), picture("astronaut"), torch.rand(1, 12)
    assert torch.equal(renderer(photo, style, torch.zeros(1)), photo)
    assert torch.equal(renderer(photo, style, torch.full((1,), 7.0)), renderer(photo, style, torch.ones(1)))
    assert torch.equal(renderer(photo, style, torch.full((1,), -1.0)), photo)


def test_a_map_that_is_seen_once_recolours_a_picture_strip_by_strip() -> None:
    renderer, photo, style, full = make_colour_renderer(), picture("alps"), torch.rand(1, 12), torch.ones(1, 1)
    torch.nn.init.zeros_(renderer.place.weight)  # places are drawn out over what is given: the same everywhere
    seen = renderer.see(photo, style, full)
    strips = torch.cat([renderer.recolour(strip, seen) for strip in photo.split(24, 2)], 2)
    assert torch.allclose(strips, renderer.residual(photo, style, full), atol=1e-5)


def test_places_can_go_different_ways() -> None:
    renderer, photo, style = make_colour_renderer(), torch.full((1, 3, 64, 64), 0.4), torch.rand(1, 12)
    photo[..., 32:, :] = 0.6
    torch.nn.init.normal_(renderer.place.weight)
    place = renderer.see(photo, style, torch.ones(1, 1)).place
    assert place.shape[2:] == (16, 16)
    assert (place[..., :4, :] - place[..., -4:, :]).abs().max() > 0.05


@pytest.mark.parametrize("level", [0.0, 0.5, 1.0])
def test_flat_photos_are_drawn_in_finite_numbers(level: float) -> None:
    drawn = make_colour_renderer()(torch.full((1, 3, 40, 40), level), torch.rand(1, 12), torch.ones(1))
    assert torch.isfinite(drawn).all()


@pytest.mark.parametrize("change", [{"hidden": 0}, {"style_dimensions": 9}, {"guide_blocks": -1}, {"context": 0}])
def test_impossible_widths_are_refused(change: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="widths from 1"):
        replace(ColourConfig(), **change)


@pytest.mark.parametrize("change", [{"hidden": 0}, {"style_dimensions": 9}, {"colour_channels": 0}])
def test_impossible_encoders_are_refused(change: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="widths from 1"):
        replace(EncoderConfig(), **change)


def test_a_vector_begins_with_the_references_palette_and_knows_no_mirror() -> None:
    torch.manual_seed(0)
    encoder, reference = Encoder(), picture("astronaut", 256, 256)
    with torch.no_grad():
        vector, mirrored = encoder(reference), encoder(reference.flip(3))
        palette = torch.cat(Palette()(torch.nn.functional.avg_pool2d(reference, 4)), 1)
    assert torch.allclose(vector[:, :MEASURES], palette, atol=1e-5)
    assert (vector - mirrored).abs().max() < 0.1
