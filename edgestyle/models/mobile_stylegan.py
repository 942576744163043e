"""MobileStyleGAN: the small network that draws on phones what a StyleGAN draws on a computer.

Written from Belousov, "MobileStyleGAN: A Lightweight Convolutional Neural Network for High-Fidelity Image Synthesis",
arXiv 2104.04767, 2021. Pictures are predicted as wavelet coefficients, at half their size, and put together by the
inverse transform (section 3.1); convolutions are depthwise separable (3.2); demodulation is gone, its factors being
part of weights that are constant when the network runs (3.3); one head predicts coefficients, and those of the coarser
scales are there for training alone.
"""

from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edgestyle.models.layers import keep_signals_alive

_BANDS = 4  # of a wavelet transform: averages, and differences across, down and both ways
_HAAR = (  # band by pixel of a block of 2 x 2; its own inverse, transposed
    (0.5, 0.5, 0.5, 0.5),
    (0.5, -0.5, 0.5, -0.5),
    (0.5, 0.5, -0.5, -0.5),
    (0.5, -0.5, -0.5, 0.5),
)


@dataclass(frozen=True)
class MobileConfig:
    """Widths of a small generator; the defaults are the shipped `faces`.

    Attributes:
        style_dimensions: length D of the style vector.
        widths: channels at 4, 8, 16, ... pixels; pictures are twice as large as the last of these.
        fine_layers: that add to what is there at the last of these; the others have one each.

    Raises:
        ValueError: a number is below 1, or there are not 2 to 7 resolutions or 1 to 4 fine layers.
    """

    style_dimensions: int = 128
    widths: tuple[int, ...] = (160, 160, 160, 128, 96)
    fine_layers: int = 2

    def __post_init__(self) -> None:
        object.__setattr__(self, "widths", tuple(self.widths))  # JSON has lists
        if not 2 <= len(self.widths) <= 7 or min(*self.widths, self.style_dimensions) < 1:
            raise ValueError(f"a generator needs 2 to 7 widths from 1, not {asdict(self)}")
        if not 1 <= self.fine_layers <= 4:
            raise ValueError(f"a generator has 1 to 4 fine layers, not {self.fine_layers}")

    @property
    def size(self) -> int:
        """Side of the pictures in pixels."""
        return 4 << len(self.widths)


class MobileLayer(nn.Module):
    """Scale, pointwise, depthwise, shift, ReLU: `[N,I,H,W] -> [N,O,H,W]`, or twice the size.

    The pointwise convolution comes before the enlargement, where it costs a quarter; the depthwise one then smooths.
    """

    def __init__(self, inputs: int, outputs: int, style: int, up: bool) -> None:
        super().__init__()
        self.scale = nn.Linear(style, inputs)
        self.shift = nn.Linear(style, outputs)
        self.pointwise = nn.Conv2d(inputs, outputs, 1)
        self.depthwise = nn.Conv2d(outputs, outputs, 3, padding=1, groups=outputs, bias=False)
        self.up = up

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        x = self.pointwise(x * self.scale(style)[:, :, None, None])
        if self.up:
            x = F.interpolate(x, scale_factor=2.0, mode="nearest")
        return F.relu(self.depthwise(x) + self.shift(style)[:, :, None, None])


class MobileBlock(nn.Module):
    """All at one resolution: a layer that enlarges, but for the first block, and some that add to what is there."""

    def __init__(self, inputs: int, outputs: int, style: int, up: bool, refinements: int = 1) -> None:
        super().__init__()
        self.enlarge = MobileLayer(inputs, outputs, style, True) if up else None
        self.refine = nn.ModuleList(MobileLayer(outputs, outputs, style, False) for _ in range(refinements))

    def layers(self) -> dict[str, MobileLayer]:
        """By name, in the order in which they run."""
        return {name: layer for name, layer in self.named_modules() if isinstance(layer, MobileLayer)}

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        if self.enlarge is not None:
            x = self.enlarge(x, style)
        for layer in self.refine:
            x = x + layer(x, style)
        return x


class MobileGenerator(nn.Module):
    """Draws pictures: `style [N,D]`, `strength [N]` -> `[N,3,S,S]`, sRGB in [0,1].

    Strength is truncation (Karras et al., CVPR 2019, appendix B): 0 draws the mean style's picture, whatever the style,
    1 the style's own.

    Attributes:
        mean_style: `[D]`.
        exact_layers: those that files of 8-bit recipes keep in floats.
    """

    exact_layers: tuple[str, ...] = ("to_bands", "merge")

    def __init__(self, config: MobileConfig | None = None) -> None:
        super().__init__()
        self.config = c = config or MobileConfig()
        self.register_buffer("mean_style", torch.zeros(c.style_dimensions))
        self.constant = nn.Parameter(torch.randn(1, c.widths[0], 4, 4))
        counts = [1] * (len(c.widths) - 1) + [c.fine_layers]
        inputs = (c.widths[0], *c.widths)
        self.blocks = nn.ModuleList(
            MobileBlock(inputs[place], width, c.style_dimensions, place > 0, counts[place])
            for place, width in enumerate(c.widths)
        )
        self.to_bands = nn.Conv2d(c.widths[-1], 3 * _BANDS, 3, padding=1)
        self._start()
        self.merge = inverse_haar()

    def forward(self, style: Tensor, strength: Tensor) -> Tensor:
        """Draw; strengths outside [0,1] are taken for the nearest inside."""
        features = self.features(self.truncated(style, strength))[-1]
        drawn: Tensor = self.picture(self.to_bands(features)).clamp(0, 1)
        return drawn

    def truncated(self, style: Tensor, strength: Tensor) -> Tensor:
        """Styles `[N,D]` moved toward the mean, for strengths `[N]`; at 0 they are the mean exactly."""
        mean = self.get_buffer("mean_style")
        moved: Tensor = mean + strength.clamp(0, 1).reshape(-1, 1) * (style - mean)
        return moved

    def features(self, style: Tensor, blocks: int | None = None) -> list[Tensor]:
        """What the first `blocks`, or all, see for styles that are truncated already: `[N,C,4,4]`, `[N,C,8,8]`, ..."""
        x, found = self.constant, []
        for block in self.blocks[:blocks]:
            x = block(x, style)
            found.append(x)
        return found

    def picture(self, bands: Tensor) -> Tensor:
        """Coefficients `[N,12,H,W]` as a picture `[N,3,2H,2W]` around [0,1], not clamped."""
        merged: Tensor = F.pixel_shuffle(self.merge(bands), 2)
        return merged + 0.5

    @torch.no_grad()
    def _start(self) -> None:
        """Before training: layers keep the spread of what they see, and the style changes little."""
        keep_signals_alive(self)
        for module in self.modules():
            if isinstance(module, MobileLayer):
                module.scale.weight.mul_(0.3)
                module.scale.bias.fill_(1)
                module.shift.weight.mul_(0.3)
                smooth = torch.tensor([1.0, 2.0, 1.0])
                module.depthwise.weight.mul_(0.3).add_(smooth[:, None] * smooth / 16)
            if isinstance(module, MobileBlock):
                for name, layer in module.layers().items():
                    layer.pointwise.weight.mul_(1.0 if name == "enlarge" else 0.3)
        self.to_bands.weight.mul_(0.1)


class WaveletHeads(nn.Module):
    """Predict the coefficients of every coarser scale, for training: features `[N,C,H,W]` -> `[N,12,H,W]` each."""

    def __init__(self, config: MobileConfig) -> None:
        super().__init__()
        self.heads = nn.ModuleList(nn.Conv2d(width, 3 * _BANDS, 1) for width in config.widths[:-1])

    def forward(self, features: list[Tensor]) -> list[Tensor]:
        return [head(each) for head, each in zip(self.heads, features, strict=False)]  # the finest has its own


def inverse_haar() -> nn.Conv2d:
    """The inverse wavelet transform before its pixels are shuffled into place: a convolution that is not trained."""
    return _fixed(torch.tensor(_HAAR).t())


def haar(image: Tensor) -> Tensor:
    """The wavelet transform of pictures: `[N,3,2H,2W]` -> `[N,12,H,W]`, by channel then band (Mallat, PAMI 1989)."""
    blocks = F.pixel_unshuffle(image - 0.5, 2)
    return F.conv2d(blocks, _matrix(torch.tensor(_HAAR)).to(image))


def _fixed(bands: Tensor) -> nn.Conv2d:
    convolution = nn.Conv2d(3 * _BANDS, 3 * _BANDS, 1, bias=False)
    convolution.weight = nn.Parameter(_matrix(bands), requires_grad=False)
    return convolution


def _matrix(bands: Tensor) -> Tensor:
    """The same `[4,4]` for each colour, as the weights `[12,12,1,1]` of a pointwise convolution."""
    matrix: Tensor = torch.block_diag(bands, bands, bands)
    return matrix[:, :, None, None]
