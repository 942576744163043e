"""StyleGAN2: a network that draws a picture from random numbers, and the teacher of the small one for phones.

Written from Karras et al., "Analyzing and Improving the Image Quality of StyleGAN", CVPR 2020: mapping network,
modulated convolutions with demodulation, noise, RGB outputs that add up from one resolution to the next. `alias_free`
takes two ideas of "Alias-Free Generative Adversarial Networks", NeurIPS 2021: nonlinearities filtered, no noise.
"""

from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn

from edgestyle.models.equalised import ModulatedConv, activate, activate_filtered, double
from edgestyle.models.mapping import CellMapping, Mapping

SIZES = (8, 16, 32, 64, 128, 256, 512)


@dataclass(frozen=True)
class GeneratorConfig:
    """Widths and depths of a generator; the defaults are made for one CPU core.

    Attributes:
        size: side of the pictures in pixels.
        latent_dimensions: length of z, the random numbers.
        style_dimensions: length of w, the style.
        mapping_layers, mapping_hidden: of the network from z to w.
        mapping_rate: learning rate of that network by the others'.
        cells: number of values of each attribute that z stands for, see `CellMapping`; empty where nothing is known.
        widths: channels at 4, 8, 16, ... pixels; those beyond `size` wait for growth.
        alias_free: filtered nonlinearities and no noise.

    Raises:
        ValueError: a size that is not known or a width that is missing or below 1.
    """

    size: int = 64
    latent_dimensions: int = 96
    style_dimensions: int = 128
    mapping_layers: int = 3
    mapping_hidden: int = 256
    mapping_rate: float = 0.1
    cells: tuple[int, ...] = ()
    widths: tuple[int, ...] = (128, 128, 80, 48, 24, 16)
    alias_free: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "widths", tuple(self.widths))  # JSON has lists
        object.__setattr__(self, "cells", tuple(self.cells))
        if self.size not in SIZES or self.size > 4 * 2 ** (len(self.widths) - 1):
            raise ValueError(f"a generator's size is one of {SIZES} with a width for each resolution, not {self.size}")
        numbers = (self.latent_dimensions, self.style_dimensions, self.mapping_layers, self.mapping_hidden)
        if min(*numbers, *self.widths, *self.cells) < 1 or self.mapping_rate <= 0:
            raise ValueError(f"a generator needs widths, depths and rates above 0, not {asdict(self)}")

    @property
    def resolutions(self) -> tuple[int, ...]:
        """4, 8, ... up to `size`."""
        return tuple(4 * 2**i for i in range(len(self.widths)) if 4 * 2**i <= self.size)


def make_mapping(config: GeneratorConfig) -> Mapping:
    """The network from z to w, untrained."""
    hidden = [config.mapping_hidden] * (config.mapping_layers - 1)
    if config.cells:
        sizes = [*hidden, config.style_dimensions]
        return CellMapping(config.cells, config.latent_dimensions, sizes, config.mapping_rate)
    return Mapping([config.latent_dimensions, *hidden, config.style_dimensions], config.mapping_rate)


class StyledLayer(nn.Module):
    """Modulated convolution, noise, bias, nonlinearity: `[N,I,H,W] -> [N,O,H,W]`, or twice the size."""

    def __init__(self, inputs: int, outputs: int, side: int, up: bool, config: GeneratorConfig) -> None:
        super().__init__()
        self.convolution = ModulatedConv(inputs, outputs, 3, config.style_dimensions, up)
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.noise_strength = None if config.alias_free else nn.Parameter(torch.zeros(()))
        self.register_buffer("noise", torch.randn(1, 1, side, side))
        self.activate = activate_filtered if config.alias_free else activate

    def forward(self, x: Tensor, w: Tensor, fresh_noise: bool) -> Tensor:
        x = self.convolution(x, w)
        if self.noise_strength is not None:
            noise = torch.randn_like(x[:, :1]) if fresh_noise else self.get_buffer("noise")
            x = x + self.noise_strength * noise
        return self.activate(x + self.bias[:, None, None])


class SynthesisBlock(nn.Module):
    """All at one resolution: the layers, and what they add to the picture."""

    def __init__(self, inputs: int, outputs: int, side: int, config: GeneratorConfig) -> None:
        super().__init__()
        self.first = StyledLayer(inputs, outputs, side, True, config) if side > 4 else None
        self.second = StyledLayer(outputs, outputs, side, False, config)
        self.to_rgb = ModulatedConv(outputs, 3, 1, config.style_dimensions, demodulate=False)
        self.rgb_bias = nn.Parameter(torch.zeros(3))

    def forward(self, x: Tensor, rgb: Tensor | None, w: Tensor, fresh_noise: bool) -> tuple[Tensor, Tensor]:
        if self.first is not None:
            x = self.first(x, w, fresh_noise)
        x = self.second(x, w, fresh_noise)
        added: Tensor = self.to_rgb(x, w) + self.rgb_bias[:, None, None]
        return x, added if rgb is None else double(rgb) + added


class Synthesis(nn.Module):
    """`w [N,D] -> [N,3,S,S]`, sRGB around [0,1] and not clamped, as training wants it."""

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        self.constant = nn.Parameter(torch.randn(1, config.widths[0], 4, 4))
        inputs = (config.widths[0], *config.widths)
        self.blocks = nn.ModuleDict(
            {str(side): SynthesisBlock(inputs[i], inputs[i + 1], side, config)
             for i, side in enumerate(config.resolutions)}
        )  # fmt: skip

    def forward(self, w: Tensor, fresh_noise: bool = False) -> Tensor:
        x, rgb = self.constant.expand(len(w), -1, -1, -1), None
        for block in self.blocks.values():
            x, rgb = block(x, rgb, w, fresh_noise)
        assert rgb is not None
        drawn: Tensor = 0.5 + 0.5 * rgb
        return drawn


class Generator(nn.Module):
    """Draws pictures: `z [N,L]`, `strength [N]` -> `[N,3,S,S]`, sRGB in [0,1]. 0 is the mean face, 1 the full one."""

    def __init__(self, config: GeneratorConfig | None = None) -> None:
        super().__init__()
        self.config = config or GeneratorConfig()
        self.mapping = make_mapping(self.config)
        self.synthesis = Synthesis(self.config)
        self.register_buffer("mean_style", torch.zeros(self.config.style_dimensions))

    def forward(self, z: Tensor, strength: Tensor | None = None) -> Tensor:
        return self.draw(self.mapping(z), strength)

    def draw(self, w: Tensor, strength: Tensor | None = None) -> Tensor:
        """The pictures of styles `[N,D]`, drawn toward the mean style by the truncation trick (CVPR 2019)."""
        if strength is not None:
            mean = self.get_buffer("mean_style")
            w = mean + strength.clamp(0, 1).reshape(-1, 1) * (w - mean)
        drawn: Tensor = self.synthesis(w).clamp(0, 1)
        return drawn


@torch.no_grad()
def grow(generator: Generator, size: int) -> Generator:
    """A generator of larger pictures that starts as the smaller one, enlarged: what is new adds nothing yet.

    Raises:
        ValueError: the size is not larger, or has no width in the configuration.
    """
    config = GeneratorConfig(**asdict(generator.config) | {"size": size})
    if size <= generator.config.size:
        raise ValueError(f"a generator of {generator.config.size} pixels does not grow to {size}")
    grown = Generator(config)
    grown.load_state_dict(generator.state_dict(), strict=False)
    for side, block in grown.synthesis.blocks.items():
        if int(side) > generator.config.size:
            assert isinstance(block, SynthesisBlock)
            block.to_rgb.weight.zero_()
    return grown
