"""The colour renderer: a photograph's light and palette, one pixel at a time, guided by the whole picture."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edgestyle.models.layers import ModulatedBlock, SeparableDown, StyleModulation
from edgestyle.models.renderer import blend

THUMBNAIL_SIDE = 256
GRID_SIDE = THUMBNAIL_SIDE // 16


@dataclass(frozen=True)
class ColourConfig:
    """Widths of a colour renderer; the defaults are the shipped `lumen`.

    Attributes:
        style_dimensions: length D of the style vector.
        hidden: planes that a pixel's three colours are lifted to.
        guide_channels, guide_blocks: of the features of the thumbnail on their grid.
        modulation_hidden: width of the layer between style and modulation.
        context: numbers about the whole picture that join the style in the modulation.

    Raises:
        ValueError: a width below 1, or `guide_blocks` below 0.
    """

    style_dimensions: int = 48
    hidden: int = 16
    guide_channels: int = 48
    guide_blocks: int = 2
    modulation_hidden: int = 96
    context: int = 32

    def __post_init__(self) -> None:
        widths = (self.style_dimensions, self.hidden, self.guide_channels, self.modulation_hidden, self.context)
        if min(widths) < 1 or self.guide_blocks < 0:
            raise ValueError(f"a colour renderer needs widths from 1, not {self}")


class ColourRenderer(nn.Module):
    """`image + strength * residual(image, style, strength)`; the residual maps each pixel by its colour and place.

    A pixel is lifted to `hidden` planes, which the style weighs, and mixed back to three colours: the deterministic
    neural colour mapping of Ke et al., "Neural Preset for Color Style Transfer", CVPR 2023, section 3.2, with static
    pointwise convolutions in place of predicted matrices, since phone accelerators take no weights that are computed.
    What moves the colours before they are lifted comes from a coarse grid over a thumbnail of the whole picture, drawn
    out bilinearly (as the low-resolution coefficients of Gharbi et al., "Deep Bilateral Learning for Real-Time Image
    Enhancement", SIGGRAPH 2017, section 3), so that sky and skin can go different ways while edges stay untouched.
    """

    def __init__(self, config: ColourConfig | None = None) -> None:
        super().__init__()
        self.config = c = config or ColourConfig()
        self.stem = nn.Conv2d(3, 16, 4, stride=4)
        self.down = SeparableDown(16, 32)
        self.deep_down = SeparableDown(32, c.guide_channels)
        self.summary = nn.Linear(c.guide_channels, c.context)
        self.blocks = nn.ModuleList(ModulatedBlock(c.guide_channels, 1.0) for _ in range(c.guide_blocks))
        widths = (*(c.guide_channels,) * c.guide_blocks, 3, c.hidden)
        self.modulation = StyleModulation(c.style_dimensions + c.context, c.modulation_hidden, widths)
        self.place = nn.Conv2d(c.guide_channels, 3, 1)
        self.lift = nn.Conv2d(3, c.hidden, 1)
        self.mix = nn.Conv2d(c.hidden, 3, 1)
        nn.init.zeros_(self.mix.weight)  # an untrained renderer leaves the picture alone
        assert self.mix.bias is not None
        nn.init.zeros_(self.mix.bias)

    def forward(self, image: Tensor, style: Tensor, strength: Tensor) -> Tensor:
        """Recolour pictures; arguments as for `Renderer.forward`."""
        strength = strength.clamp(0, 1).reshape(-1, 1)
        return blend(image, self.residual(image, style, strength), strength)

    def residual(self, image: Tensor, style: Tensor, strength: Tensor) -> Tensor:
        """What full strength would add to `image`, for `strength` `[N,1]` already in [0,1]: `[N,3,H,W]`."""
        size = (THUMBNAIL_SIDE, THUMBNAIL_SIDE)
        thumbnail = F.interpolate(image, size, mode="bilinear", align_corners=False)
        guide = self.deep_down(self.down(F.relu(self.stem(thumbnail - 0.5))))  # [N,G,16,16]
        context = F.relu(self.summary(guide.mean(3).mean(2)))
        *guided, (gain, offset), (weight, _) = self.modulation(torch.cat([style, context], 1), strength)
        for block, scales in zip(self.blocks, guided, strict=True):
            guide = block(guide, scales)
        place = F.interpolate(self.place(guide) + offset, image.shape[2:], mode="bilinear", align_corners=False)
        drawn: Tensor = self.mix(F.relu(self.lift(image * gain + place)) * weight)
        return drawn
