"""The colour renderer: a photograph's light and palette, one pixel at a time, guided by the whole picture."""

from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edgestyle.models.layers import ModulatedBlock, Scales, SeparableDown, keep_signals_alive
from edgestyle.models.palette import (
    KEPT,
    MEASURES,
    OPPONENT,
    Palette,
    centred,
    measure_palette,
    opponent_axes,
    with_diagonals,
)
from edgestyle.models.renderer import blend

THUMBNAIL_SIDE = 256
PIXEL_LAYERS = ("axes", "rows", "total", "lift", "mix")  # of `ColourRenderer`, at full size
_STEM_CHANNELS = 24
USUAL_SPREADS = (3.0, 0.8, 0.5)  # about which photos lie along the opponent axes, their means being 0
_DIRECTIONS = 6  # of colour, along which a symmetric matrix can be put together


@dataclass(frozen=True)
class ColourConfig:
    """Widths of a colour renderer; the defaults are the shipped `lumen`.

    Attributes:
        style_dimensions: length D of the style vector: a `Palette`, how much of a picture's own stays, what is learned.
        hidden: planes that bend a pixel's colours, beside those that turn them.
        guide_channels, guide_blocks: of the features of the thumbnail, on a grid of 16 x 16; the last three are its
            colours, without their palette.
        modulation_hidden: width of the two layers between style and modulation.
        context: numbers about the whole picture that join the style in the modulation.

    Raises:
        ValueError: a width below 1, of guides below 4, a style too short for a palette, or `guide_blocks` below 0.
    """

    style_dimensions: int = 32
    hidden: int = 6
    guide_channels: int = 32
    guide_blocks: int = 1
    modulation_hidden: int = 96
    context: int = 24

    def __post_init__(self) -> None:
        widths = (self.hidden, self.guide_channels, self.modulation_hidden, self.context)
        if min(widths) < 1 or self.guide_channels < 4 or self.style_dimensions <= KEPT + 1 or self.guide_blocks < 0:
            raise ValueError(f"needs widths from 1, guides from 4 and a style above {KEPT + 1}, not {self}")


class ColourMap(NamedTuple):
    """What a colour renderer does to a pixel: `place` `[N,3,H,W]` on a coarse grid, all else `[N,C,1,1]`.

    `gain` and `place` take a palette off, `matrix` turns what is left, `weight` bends it, `shift` puts a palette on.
    """

    place: Tensor
    gain: Tensor
    matrix: Tensor
    weight: Tensor
    shift: Tensor


class ColourRenderer(nn.Module):
    """`image + strength * residual(image, style, strength)`, where the residual maps a pixel by its colour and place.

    First the picture's own palette is taken off, then the style's is put on: the two stages of Ke et al., "Neural
    Preset for Color Style Transfer", CVPR 2023, section 3, with static pointwise convolutions whose channels are
    weighed in place of predicted matrices, since phone accelerators take no weights that are computed. Palettes are
    measured and not guessed, along the axes of Reinhard et al. (see `Palette`), so that looks which no training showed
    come out right too; the network learns what the teachers do beyond: how channels go together, curves, and places.

    A reference gives every picture its own palette. A look by name moves a picture's colours from where they are, as a
    colourist's grade does: black stays black, a pale day pale. A number of the style says which: the palette that is
    taken off is the picture's own where it is 0, the usual one of photos where it is 1, and between them between.

    Places come from a coarse grid over a thumbnail of the whole picture, drawn out bilinearly (as the low-resolution
    coefficients of Gharbi et al., "Deep Bilateral Learning for Real-Time Image Enhancement", SIGGRAPH 2017, section 3):
    sky and skin can go different ways while edges stay untouched.

    Attributes:
        usual: spreads (see `measure_palette`), `[3]`, of the usual palette, whose means are mid-grey.
        exact_layers: those whose few weights make every colour; files of 8-bit recipes keep them in floats.
    """

    exact_layers = ("palette.axes", "modulation.spread", "modulation.mean", "place", *PIXEL_LAYERS)

    def __init__(self, config: ColourConfig | None = None) -> None:
        super().__init__()
        self.config = c = config or ColourConfig()
        self.palette = Palette()
        self.usual = nn.Parameter(torch.tensor(USUAL_SPREADS))
        self.stem = nn.Conv2d(3, _STEM_CHANNELS, 4, stride=4)
        self.down = SeparableDown(_STEM_CHANNELS, c.guide_channels)
        self.deep_down = SeparableDown(c.guide_channels, c.guide_channels - 3)
        self.summary = nn.Linear(_STEM_CHANNELS + c.guide_channels - 3 + MEASURES, c.context)
        self.blocks = nn.ModuleList(ModulatedBlock(c.guide_channels, 1.0) for _ in range(c.guide_blocks))
        self.place = nn.Conv2d(c.guide_channels, 3, 1)
        self.modulation = ColourModulation(c)
        self.axes = opponent_axes()
        self.rows = nn.Conv2d(3, _DIRECTIONS, 1)
        self.total = nn.Conv2d(_DIRECTIONS, 3, 1, bias=False)
        self.lift = nn.Conv2d(3, c.hidden, 1)
        self.mix = nn.Conv2d(c.hidden, 3, 1)
        self.line_up: nn.Module = nn.Identity()  # exporters may lay all pixels in a row
        self.above_zero: nn.Module = nn.Identity()  # and show a runtime that no divisor is zero
        self._start()

    def forward(self, image: Tensor, style: Tensor, strength: Tensor) -> Tensor:
        """Recolour pictures; arguments as for `Renderer.forward`."""
        strength = strength.clamp(0, 1).reshape(-1, 1)
        return blend(image, self.residual(image, style, strength), strength)

    def residual(self, image: Tensor, style: Tensor, strength: Tensor) -> Tensor:
        """What full strength would add to `image`, for `strength` `[N,1]` already in [0,1]: `[N,3,H,W]`."""
        return self.recolour(image, self.see(image, style, strength))

    def see(self, image: Tensor, style: Tensor, strength: Tensor) -> ColourMap:
        """The map for a picture, by a thumbnail of it; arguments as for `residual`."""
        size = (THUMBNAIL_SIDE, THUMBNAIL_SIDE)
        thumbnail = F.interpolate(image, size, mode="bilinear", align_corners=False)
        seen = F.relu(self.stem(centred(thumbnail)))  # [N,24,64,64]
        features = self.deep_down(self.down(seen))  # [N,G-3,16,16]
        colours = self.palette.axes(F.avg_pool2d(thumbnail, 4))  # [N,6,64,64]
        means, spreads = measure_palette(colours)
        averages = [each.mean(3).mean(2) for each in (seen, features)]
        context = F.relu(self.summary(torch.cat([*averages, means, spreads], 1)))
        guided, gain, offset, matrix, weight, shift, local = self.modulation(style, context, strength)
        replaced = F.relu(1 - F.relu(style[:, KEPT : KEPT + 1]))  # in [0,1]
        gain = gain * 8 / _planes(self.above_zero(self.usual + replaced * (spreads[:, :3] - self.usual)))
        off = _planes(means * replaced) / 4
        around = (F.avg_pool2d(colours[:, :3], 4) - off) * gain
        guide = torch.cat([features, around], 1)
        for block, scales in zip(self.blocks, guided, strict=True):
            guide = block(guide, scales)
        place = self.place(guide) + around * local + offset - gain * off
        return ColourMap(place, gain, matrix, weight, shift)

    def recolour(self, image: Tensor, seen: ColourMap) -> Tensor:
        """What a map adds to each pixel of a picture of any size: `[N,3,H,W]`."""
        place, gain, matrix, weight, shift = seen
        place = F.interpolate(place, image.shape[2:], mode="bilinear", align_corners=False)
        pixels = (image, place, gain, matrix, weight, shift)
        colours, place, gain, matrix, weight, shift = (self.line_up(each) for each in pixels)
        plain = self.axes(colours) * gain + place  # every palette the same
        turned = self.total(self.rows(plain) * matrix)
        bent = self.mix(F.relu(self.lift(plain)) * weight)
        drawn: Tensor = turned + bent + shift - colours
        return drawn if drawn.ndim == 4 else drawn.reshape(image.shape)

    @torch.no_grad()
    def _start(self) -> None:
        """Before training: put the style's means and spreads on, and little else."""
        keep_signals_alive(self.stem, self.down, self.deep_down, self.summary)
        self.rows.weight.copy_(with_diagonals(torch.eye(3))[:, :, None, None])
        self.total.weight.copy_(with_diagonals(torch.tensor(OPPONENT)).t()[:, :, None, None])
        self.lift.weight.normal_(std=0.7)
        assert self.lift.bias is not None
        self.lift.bias.uniform_(-1.5, 1.5)
        self.mix.weight.zero_()  # what features say at random, training would unlearn by killing them
        self.place.weight.zero_()
        for layer in (self.rows, self.mix, self.place):
            assert layer.bias is not None
            layer.bias.zero_()


class ColourModulation(nn.Module):
    """From style, context and strength to what the renderer's colours are weighed with.

    `style [N,D], context [N,K], strength [N,1]` -> the guide's scales and shifts; then, each `[N,C,1,1]`: gain (3) and
    offset (3) of colours without a palette, the parts (6) of a matrix that turns them, weights of the planes that bend
    them, a shift (3) of what is drawn, and how much of a pixel's surroundings (3) joins its colours, by which a teacher
    moves the light of whole regions and not their detail.
    """

    def __init__(self, config: ColourConfig) -> None:
        super().__init__()
        hidden, guides = config.modulation_hidden, (config.guide_channels,) * (2 * config.guide_blocks)
        self.sizes = [*guides, 3, 3, _DIRECTIONS, config.hidden, 3, 3]
        self.mix = nn.Linear(config.style_dimensions + config.context + 1, hidden)
        self.deepen = nn.Linear(hidden, hidden)
        self.predict = nn.Linear(hidden, sum(self.sizes))
        self.spread = nn.Linear(3, _DIRECTIONS, bias=False)
        self.mean = nn.Linear(3, 3, bias=False)
        with torch.no_grad():
            keep_signals_alive(self.mix, self.deepen)
            self.predict.weight.zero_()
            neutral = [*(1.0, 0.0) * config.guide_blocks, 1.0, 0.0, 0.0, 1.0, 0.5, 0.0]  # scales, gain and weights 1
            starts = [torch.full((size,), value) for size, value in zip(self.sizes, neutral, strict=True)]
            self.predict.bias.copy_(torch.cat(starts))
            self.spread.weight.copy_(torch.eye(_DIRECTIONS, 3) / 8)
            self.mean.weight.copy_(torch.tensor(OPPONENT).t() / 4)

    def forward(
        self, style: Tensor, context: Tensor, strength: Tensor
    ) -> tuple[list[Scales], Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]:
        """Predict; shapes and order as above, strength in [0,1]."""
        hidden = F.relu(self.deepen(F.relu(self.mix(torch.cat([style, context, strength], 1)))))
        parts = _planes(self.predict(hidden)).split(self.sizes, 1)  # split as planes: GPUs cut only 3 or 4 axes
        *guides, gain, offset, matrix, weight, shift, local = parts
        guided = list(zip(guides[0::2], guides[1::2], strict=True))
        matrix = matrix + _planes(self.spread(style[:, 3:6]))
        shift = shift + _planes(self.mean(style[:, :3]))
        return guided, gain, offset, matrix, weight, shift, local


def _planes(values: Tensor) -> Tensor:
    """`[N,C]` as `[N,C,1,1]`."""
    return values.unsqueeze(2).unsqueeze(3)
