"""StyleGAN2's parts do what the papers say."""

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import save_file

from edgestyle.errors import ArtifactError
from edgestyle.models.discriminator import Discriminator, DiscriminatorConfig, append_deviation, grow_discriminator
from edgestyle.models.equalised import ModulatedConv, activate, activate_filtered, blur, double, halve
from edgestyle.models.generator_files import load_generator, save_generator
from edgestyle.models.mapping import CellMapping
from edgestyle.models.stylegan import Generator, GeneratorConfig, StyledLayer, grow

TINY = GeneratorConfig(
    size=16, latent_dimensions=8, style_dimensions=8, mapping_layers=2, mapping_hidden=8, widths=(8, 8, 4, 4)
)


def explicit_modulation(layer: ModulatedConv, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
    """Equations 1 and 3 of the paper, with a weight of its own for each picture."""
    drawn = []
    for picture, scale in zip(x, layer.affine(w), strict=True):
        weight = layer.weight * layer.gain * scale[None, :, None, None]
        if layer.demodulate:
            weight = weight / (weight.square().sum((1, 2, 3), keepdim=True) + 1e-8).sqrt()
        if layer.up:
            drawn.append(blur(F.conv_transpose2d(picture[None], weight.transpose(0, 1), stride=2), 1, gain=4.0))
        else:
            drawn.append(F.conv2d(picture[None], weight, padding=1))
    return torch.cat(drawn)


@pytest.mark.parametrize("up", [False, True])
@pytest.mark.parametrize("demodulate", [False, True])
def test_modulation_equals_that_of_weights(up: bool, demodulate: bool) -> None:
    torch.manual_seed(0)
    layer = ModulatedConv(5, 7, 3, style=6, up=up, demodulate=demodulate)
    x, w = torch.randn(3, 5, 8, 8), torch.randn(3, 6)
    assert torch.allclose(layer(x, w), explicit_modulation(layer, x, w), atol=1e-5)


def test_demodulation_keeps_the_spread_whatever_the_style() -> None:
    torch.manual_seed(0)
    layer = ModulatedConv(64, 64, 3, style=4)
    x = torch.randn(1, 64, 32, 32)
    spreads = [float(layer(x, factor * torch.ones(1, 4)).detach().std()) for factor in (0.1, 1.0, 30.0)]
    assert spreads == pytest.approx([1.0] * 3, abs=0.1)


def test_filters_keep_flat_pictures_flat() -> None:
    flat = torch.full((1, 2, 16, 16), 0.7)
    for filtered in (halve(flat), double(flat)):
        assert torch.allclose(filtered[..., 3:-3, 3:-3], torch.tensor(0.7))
    assert halve(flat).shape[-1] == 8
    assert double(flat).shape[-1] == 32


def shifted(x: torch.Tensor, pixels: float) -> torch.Tensor:
    """Move rows of `[N,C,H,W]` sideways by a part of a pixel, exactly for periodic ones."""
    turn = torch.exp(-2j * torch.pi * torch.fft.fftfreq(x.shape[-1]) * pixels)
    return torch.fft.ifft(torch.fft.fft(x) * turn).real


def test_filtered_nonlinearities_follow_a_shift_better() -> None:
    columns = torch.arange(64) / 64
    x = torch.sin(2 * torch.pi * 19 * columns).expand(1, 1, 64, 64)
    errors = []
    for nonlinearity in (activate, activate_filtered):
        moved, drawn = nonlinearity(shifted(x, 0.5)), shifted(nonlinearity(x), 0.5)
        errors.append(float((moved - drawn)[..., 8:-8, 8:-8].square().mean() / drawn.square().mean()))
    assert errors[1] < 0.5 * errors[0]


def test_strength_leads_from_the_mean_face_to_the_full_one() -> None:
    torch.manual_seed(0)
    generator = Generator(TINY).eval()
    generator.get_buffer("mean_style").copy_(torch.randn(8))
    z = torch.randn(2, 8)
    with torch.no_grad():
        none, half, full = (generator(z, torch.full((2,), strength)) for strength in (0.0, 0.5, 1.0))
        assert torch.allclose(none[0], none[1])
        assert torch.allclose(full, generator(z), atol=1e-5)
        assert (half - none).square().mean() < (full - none).square().mean()


@pytest.mark.parametrize("alias_free", [False, True])
def test_noise_is_only_where_it_belongs(alias_free: bool) -> None:
    config = GeneratorConfig(**{**vars(TINY), "alias_free": alias_free})
    generator = Generator(config)
    for layer in generator.modules():
        if isinstance(layer, StyledLayer) and layer.noise_strength is not None:
            torch.nn.init.ones_(layer.noise_strength)
    w = torch.randn(1, 8)
    first, second = (generator.synthesis(w, fresh_noise=True) for _ in range(2))
    assert torch.equal(first, second) == alias_free
    assert torch.equal(generator.synthesis(w), generator.synthesis(w))


def test_a_grown_generator_starts_as_the_smaller_one_enlarged() -> None:
    torch.manual_seed(0)
    small = Generator(TINY)
    large = grow(small, 32)
    w = torch.randn(2, 8)
    assert torch.allclose(large.synthesis(w) * 2 - 1, double(small.synthesis(w) * 2 - 1), atol=1e-5)
    with pytest.raises(ValueError, match="does not grow"):
        grow(large, 16)


def test_a_grown_discriminator_keeps_what_it_learned() -> None:
    small = Discriminator(DiscriminatorConfig(16, (8, 8, 4, 4)))
    large = grow_discriminator(small, 32)
    assert torch.equal(large.score.weight, small.score.weight)
    assert large(torch.rand(4, 3, 32, 32)).shape == (4,)


def test_deviation_gives_equal_pictures_away() -> None:
    same, different = torch.randn(1, 3, 4, 4).expand(4, -1, -1, -1), torch.randn(4, 3, 4, 4)
    assert append_deviation(same, 4)[:, 3].max() < 1e-3
    assert append_deviation(different, 4)[:, 3].min() > 0.3
    # groups are every second picture here; each gets its own number
    mixed = append_deviation(torch.cat([same[:1], different[:1], same[:1], different[1:2]]), 2)[:, 3, 0, 0]
    assert mixed[0] < 1e-3 < 0.1 < mixed[1]


def test_cells_need_enough_latent_dimensions() -> None:
    mapping = CellMapping((3, 2), latents=5, sizes=(8,), rate=1.0)
    assert mapping(torch.randn(4, 5)).shape == (4, 8)
    with pytest.raises(ValueError, match="need 3 latent dimensions, not 2"):
        CellMapping((3, 2), latents=2, sizes=(8,), rate=1.0)


@pytest.mark.parametrize("wrong", [{"size": 48}, {"size": 64}, {"widths": (8, 0, 4)}, {"mapping_rate": 0.0}])
def test_impossible_sizes_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="a generator"):
        GeneratorConfig(**{**vars(TINY), **wrong})


def test_a_generator_comes_back_from_its_file(tmp_path: Path) -> None:
    generator = Generator(TINY).eval()
    save_generator(generator, tmp_path / "g.safetensors", {"step": 3})
    again, notes = load_generator(tmp_path / "g.safetensors")
    z = torch.randn(1, 8)
    assert torch.equal(again(z), generator(z))
    assert notes == {"step": 3}


def test_files_of_something_else_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "g.safetensors"
    for write in (
        lambda: path.write_bytes(b"no tensors"),
        lambda: save_file({"a": torch.zeros(1)}, path),
        lambda: save_file({"a": torch.zeros(1)}, path, {"generator": '{"config": {"size": 9}, "notes": {}}'}),
        lambda: save_file({"a": torch.zeros(1)}, path, {"generator": '{"config": {}, "notes": {}}'}),
    ):
        write()
        with pytest.raises(ArtifactError):
            load_generator(path)
