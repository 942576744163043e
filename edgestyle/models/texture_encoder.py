"""The texture encoder: from a reference picture, such as a painting, to the style vector that draws its marks."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edgestyle.models.efficientnet_lite import EfficientNetLite0
from edgestyle.models.lite_features import channels

DEPTH = 5  # blocks of EfficientNet-Lite0
LAYERS = ("stem", "block0", "expand1", "block2", "expand3", "block4")  # from edges to small motifs
STATISTICS = 2 * (3 + sum(map(channels, LAYERS)))
_MEASURED_EXACTLY = ("stem", "depthwise0", "project0", "expand1", "expand3")
_NEVER_IN_A_PALETTE = ("project1",)  # costs 2.5 KB, and 64 values for its weights cost 9 dB
_FLOOR = 1e-4  # variance that even a channel of one value is said to have


@dataclass(frozen=True)
class TextureEncoderConfig:
    """Widths of a texture encoder; the defaults are the shipped `easel`.

    Attributes:
        style_dimensions: length D of the style vector.
        hidden: width of the layer before the vector.

    Raises:
        ValueError: a width below 1.
    """

    style_dimensions: int = 64
    hidden: int = 96

    def __post_init__(self) -> None:
        if min(self.style_dimensions, self.hidden) < 1:
            raise ValueError(f"a texture encoder needs widths from 1, not {self}")


class TextureEncoder(nn.Module):
    """Averages and spreads of a reference's features say how it is painted; two layers make them a style vector.

    That the mean and the standard deviation of each channel hold most of what a Gram matrix does: Huang and Belongie,
    "Arbitrary Style Transfer in Real-time with Adaptive Instance Normalization", ICCV 2017. The features are
    EfficientNet-Lite0's first five blocks, which training leaves as they are, so that they are measured once a picture.

    Attributes:
        exact_layers: first ones, and those whose outer values an integer's range would cut off: files of 8-bit recipes
            keep them in floats, or the vectors of pale references come out as others.
        float32_layers: those that float16 is too coarse for; the same. Where there are any, files in float16 compute
            whatever is no convolution in float32 in ONNX and Core ML: statistics are sums over the picture.
        unpalettized: layers whose weights no palette takes the place of, however many values it has.
        usual, spread: mean and standard deviation, `[S]`, of the statistics of the pictures it was trained on.
    """

    exact_layers = tuple(f"trunk.convolutions.{name}" for name in _MEASURED_EXACTLY)
    float32_layers = exact_layers
    unpalettized = tuple(f"trunk.convolutions.{name}" for name in _NEVER_IN_A_PALETTE)
    usual: Tensor
    spread: Tensor

    def __init__(self, config: TextureEncoderConfig | None = None) -> None:
        super().__init__()
        self.config = c = config or TextureEncoderConfig()
        self.trunk = EfficientNetLite0(DEPTH)
        self.hidden = nn.Linear(STATISTICS, c.hidden)
        self.style = nn.Linear(c.hidden, c.style_dimensions)
        self.register_buffer("usual", torch.zeros(STATISTICS))
        self.register_buffer("spread", torch.ones(STATISTICS))

    def forward(self, reference: Tensor) -> Tensor:
        """Encode pictures.

        Args:
            reference: `[N,3,256,256]`, sRGB in [0,1].

        Returns:
            style vectors `[N,D]`.
        """
        return self.from_statistics(self.statistics(reference))

    def statistics(self, reference: Tensor) -> Tensor:
        """Mean and standard deviation of every colour and feature of `[N,3,H,W]`: `[N,S]`."""
        maps = self.trunk(reference, LAYERS).values()
        return torch.cat([number for each in (reference, *maps) for number in _measure(each.float())], 1)

    def from_statistics(self, statistics: Tensor) -> Tensor:
        """The style vectors `[N,D]` of what `statistics` measured, `[N,S]`."""
        usual = (statistics - self.usual) / self.spread
        style: Tensor = self.style(F.relu(self.hidden(usual)))
        return style


def _measure(maps: Tensor) -> tuple[Tensor, Tensor]:
    """`[N,C,H,W]` to its means and standard deviations, `[N,C]` each."""
    means = maps.mean(3).mean(2)  # in two steps: one sum over a large map would overflow float16
    apart = maps - means[:, :, None, None]
    return means, ((apart * apart).mean(3).mean(2) + _FLOOR).sqrt()
