"""The renderer: one small network for many styles at any strength."""

from dataclasses import dataclass
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edgestyle.contract import SIZE_MULTIPLE, SMALLEST_SIDE, STYLE_DIMENSIONS
from edgestyle.models.layers import Crop, ModulatedBlock, SeparableDown, StyleModulation, modulate


@dataclass(frozen=True)
class RendererConfig:
    """Widths and depths of a renderer; the defaults are the shipped `atelier`.

    Attributes:
        style_dimensions: length D of the style vector.
        stem_channels: at half the resolution, where edges are seen and drawn.
        channels, blocks: at a quarter.
        deep_channels, deep_blocks: at an eighth, for a wide view at little cost.
        expansion: hidden channels of a block at a quarter by its channels. Fast kernels want multiples of 16 hidden
            ones: three blocks of 90 take ONNX Runtime 9 ms longer at 384 pixels than three of 96.
        deep_expansion: the same at an eighth.
        modulation_hidden: width of the layer between style and modulation.
        context: numbers about the whole picture that join the style in the modulation; 0 for a renderer that sees
            neighbourhoods only.
        down_filters: depthwise filters per channel on the way to a quarter; 4 let texture move with the scene by single
            pixels, 1 ties it to a grid of four.
        margin: pixels by which the picture is mirrored outwards, a multiple of 8 below 32, drawn and cut off again.
            Convolutions see the zeros beyond their input, and a network that learns texture draws a frame there.

    Raises:
        ValueError: a width below 1, a depth, context or margin below 0, or a margin that is no such multiple.
    """

    style_dimensions: int = STYLE_DIMENSIONS
    stem_channels: int = 16
    channels: int = 32
    blocks: int = 2
    deep_channels: int = 48
    deep_blocks: int = 2
    expansion: float = 1.5
    deep_expansion: float = 1.5
    modulation_hidden: int = 128
    context: int = 0
    down_filters: int = 1
    margin: int = 0

    def __post_init__(self) -> None:
        widths = (self.style_dimensions, self.stem_channels, self.channels, self.deep_channels, self.modulation_hidden)
        if (
            min(*widths, self.down_filters) < 1
            or min(self.blocks, self.deep_blocks, self.context, self.margin) < 0
            or min(self.expansion, self.deep_expansion) <= 0
        ):
            raise ValueError(f"a renderer needs widths from 1 and depths from 0, not {self}")
        if type(self.margin) is not int or self.margin % SIZE_MULTIPLE or self.margin >= SMALLEST_SIDE:
            raise ValueError(
                f"a renderer's margin is a multiple of {SIZE_MULTIPLE} below {SMALLEST_SIDE}, not {self.margin}"
            )


NETWORK_SIZES = {
    "small": RendererConfig(),
    "large": RendererConfig(
        channels=64,
        blocks=3,
        deep_channels=88,
        deep_blocks=4,
        expansion=1.0,
        deep_expansion=1.1,
        context=16,
        down_filters=2,
        margin=16,
    ),
}


class Renderer(nn.Module):
    """`image + strength * residual(image, style, strength)`.

    At strength 0 the picture comes back bit for bit, whatever the weights. Strength is also an input of the residual,
    so that half strength is a milder picture and not a double exposure.

    With `context`, the averages of the deepest features over the whole picture join the style, in the place of the
    instance normalisation that painting networks lean on: it tells a night from a beach, at the price of one reduction.
    """

    exact_layers: tuple[str, ...] = ()  # none that 8-bit recipes keep in floats

    def __init__(self, config: RendererConfig | None = None) -> None:
        super().__init__()
        self.config = c = config or RendererConfig()
        self.stem = nn.Conv2d(3, c.stem_channels, 3, stride=2, padding=1)
        self.down = SeparableDown(c.stem_channels, c.channels, c.down_filters)
        self.deep_down = SeparableDown(c.channels, c.deep_channels)
        self.deep_blocks = nn.ModuleList(
            ModulatedBlock(c.deep_channels, c.deep_expansion) for _ in range(c.deep_blocks)
        )
        self.deep_up = nn.Conv2d(c.deep_channels, c.channels, 1)
        self.blocks = nn.ModuleList(ModulatedBlock(c.channels, c.expansion) for _ in range(c.blocks))
        self.up = nn.Conv2d(c.channels, 4 * c.stem_channels, 1)
        self.head = nn.Conv2d(c.stem_channels, 12, 3, padding=1)
        self.shuffle: nn.Module = nn.PixelShuffle(2)
        self.crop: nn.Module = Crop(c.margin)
        widths = (c.deep_channels,) * c.deep_blocks + (c.channels,) * (c.blocks + 1)
        self.modulation = StyleModulation(c.style_dimensions + c.context, c.modulation_hidden, widths)
        self.summary = nn.Linear(c.deep_channels, c.context) if c.context else None
        nn.init.zeros_(self.head.weight)  # an untrained renderer leaves the picture alone

    def forward(self, image: Tensor, style: Tensor, strength: Tensor) -> Tensor:
        """Stylize pictures.

        Args:
            image: `[N,3,H,W]`, sRGB in [0,1], sides multiples of 8 from 32 up.
            style: `[N,D]`.
            strength: `[N]`; values outside [0,1] are clamped.

        Returns:
            `[N,3,H,W]` in [0,1].
        """
        strength = strength.clamp(0, 1).reshape(-1, 1)
        return blend(image, self.residual(image, style, strength), strength)

    def residual(self, image: Tensor, style: Tensor, strength: Tensor) -> Tensor:
        """What full strength would add to `image`, for `strength` `[N,1]` already in [0,1]: `[N,3,H,W]`."""
        margin = self.config.margin
        if margin:  # the one reflection in the graph, before everything that an accelerator runs
            image = F.pad(image, (margin,) * 4, mode="reflect")
        edges = F.relu(self.stem(image - 0.5))  # [N,S,H/2,W/2], with the margin here and below
        x = self.down(edges)  # [N,C,H/4,W/4]
        deep = self.deep_down(x)  # [N,E,H/8,W/8]
        if self.summary is not None:
            averages = deep.mean(3).mean(2)  # in two steps: one sum over a large picture would overflow float16
            style = torch.cat([style, F.relu(self.summary(averages))], 1)
        scales = iter(self.modulation(style, strength))
        for block in self.deep_blocks:
            deep = block(deep, next(scales))
        x = x + F.interpolate(self.deep_up(deep), scale_factor=2.0, mode="nearest")
        for block in self.blocks:
            x = block(x, next(scales))
        x = self.shuffle(self.up(modulate(x, next(scales)))) + edges
        drawn: Tensor = self.crop(self.shuffle(self.head(F.relu(x))))
        return drawn


def blend(image: Tensor, residual: Tensor, strength: Tensor, top: float = 1.0) -> Tensor:
    """The contract's last step, float32 in every recipe: `clamp(image + strength * residual, 0, top)`.

    `image` and `residual` are `[N,3,H,W]`, `strength` is `[N,1]` in [0,1]; `top` is the white of `image`.
    """
    return add_residual(image, residual, strength).clamp(0, top)


def add_residual(image: Tensor, residual: Tensor, strength: Tensor) -> Tensor:
    """`blend` before its clamp, for exporters that clamp by operators of their own."""
    return image + strength.reshape(-1, 1, 1, 1) * residual


class StyleConfig(Protocol):
    """The configuration of any network that takes a style."""

    @property
    def style_dimensions(self) -> int:
        """Length of the style vector."""
        ...


def example_inputs(config: StyleConfig, height: int, width: int) -> tuple[Tensor, Tensor, Tensor]:
    """A picture of random numbers, a zero style and strength 1, for tracing and counting."""
    generator = torch.Generator().manual_seed(0)
    image = torch.rand(1, 3, height, width, generator=generator)
    return image, torch.zeros(1, config.style_dimensions), torch.ones(1)
