"""The small generator: what strength does, wavelets, and how much it computes."""

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from edgestyle.models.inversion import InversionConfig, InversionEncoder
from edgestyle.models.mobile_stylegan import MobileConfig, MobileGenerator, WaveletHeads, haar

TINY = MobileConfig(8, (8, 8, 4))


def make_generator(config: MobileConfig = TINY) -> MobileGenerator:
    """A random one whose mean style is not zero."""
    torch.manual_seed(0)
    generator = MobileGenerator(config)
    generator.get_buffer("mean_style").normal_()
    return generator.eval().requires_grad_(False)


def test_it_draws_pictures_of_its_size() -> None:
    drawn = make_generator()(torch.randn(3, 8), torch.ones(3))
    assert drawn.shape == (3, 3, TINY.size, TINY.size) == (3, 3, 32, 32)
    assert 0 <= drawn.min() < drawn.max() <= 1


def test_strength_0_is_the_mean_face_exactly_whatever_the_style() -> None:
    generator = make_generator()
    mean = generator(generator.get_buffer("mean_style")[None], torch.ones(1))
    for style in 100 * torch.randn(3, 1, 8):
        assert torch.equal(generator(style, torch.zeros(1)), mean)


def test_the_distance_from_the_mean_face_grows_with_strength() -> None:
    generator = make_generator()
    style = torch.randn(1, 8).expand(6, -1)
    faces = generator(style, torch.tensor([0.0, 0.2, 0.4, 0.6, 0.8, 1.0]))
    distances = [float((face - faces[0]).square().mean()) for face in faces]
    assert distances == sorted(distances)
    assert distances[1] > 0


@pytest.mark.parametrize(("strength", "taken_for"), [(-1.0, 0.0), (7.0, 1.0)])
def test_strengths_outside_are_taken_for_the_nearest_inside(strength: float, taken_for: float) -> None:
    generator, style = make_generator(), torch.randn(1, 8)
    drawn = [generator(style, torch.tensor([value])) for value in (strength, taken_for)]
    assert torch.equal(*drawn)


def test_wavelets_there_and_back_are_the_same_picture() -> None:
    image = torch.rand(2, 3, 16, 16)
    bands = haar(image)
    assert bands.shape == (2, 12, 8, 8)
    assert torch.allclose(make_generator().picture(bands), image, atol=1e-6)
    flat = haar(torch.full((1, 3, 4, 4), 0.75))
    assert torch.equal(flat[:, 0::4], torch.full((1, 3, 2, 2), 0.5))  # averages, of 0 at mid-grey, twice as large
    assert flat[:, [1, 2, 3, 5, 6, 7, 9, 10, 11]].abs().max() == 0


def test_the_inverse_transform_is_not_trained() -> None:
    learned = [name for name, weight in MobileGenerator(TINY).named_parameters() if weight.requires_grad]
    assert not any(name.startswith("merge") for name in learned)
    assert "to_bands.weight" in learned


def test_heads_predict_every_coarser_scale() -> None:
    generator = make_generator()
    found = WaveletHeads(TINY)(generator.features(torch.randn(2, 8)))
    assert [each.shape for each in found] == [(2, 12, 4, 4), (2, 12, 8, 8)]


def test_the_shipped_size_keeps_its_budget() -> None:
    generator = make_generator(MobileConfig())
    with FlopCounterMode(display=False) as counter:
        generator(torch.randn(1, 128), torch.ones(1))
    assert generator.config.size == 128
    assert sum(weight.numel() for weight in generator.parameters()) <= 1_500_000
    assert counter.get_total_flops() / 2 <= 200e6


@pytest.mark.parametrize(
    ("config", "arguments", "said"),
    [
        (MobileConfig, {"widths": (8,)}, "2 to 7 widths"),
        (MobileConfig, {"widths": (8, 0)}, "widths from 1"),
        (InversionConfig, {"size": 64}, "do not lead from 64"),
        (InversionConfig, {"hidden": 0}, "widths from 1"),
    ],
)
def test_impossible_widths_are_refused(config: type, arguments: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        config(**arguments)


def test_the_encoder_tells_places_apart() -> None:
    torch.manual_seed(0)
    encoder = InversionEncoder(InversionConfig(32, 8, (8, 8), 16))
    picture = torch.rand(1, 3, 32, 32)
    found = encoder(torch.cat([picture, picture.flip(3)]))
    assert found.shape == (2, 8)
    assert (found[0] - found[1]).abs().max() > 0.01
