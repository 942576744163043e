"""The encoder: from a reference picture to the style vector that draws its look."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edgestyle.contract import REFERENCE_SIDE as REFERENCE_SIDE
from edgestyle.models.layers import SeparableDown, keep_signals_alive
from edgestyle.models.palette import KEPT, MEASURES, Palette, centred


@dataclass(frozen=True)
class EncoderConfig:
    """Widths of an encoder; the defaults are the shipped `lumen`.

    Attributes:
        style_dimensions: length D of the style vector.
        colour_channels: soft bins that every pixel's colour is counted in.
        channels, deep_channels: of the features at an eighth and a sixteenth.
        hidden: width of the layer before the vector.

    Raises:
        ValueError: a width below 1, or a style too short for a palette.
    """

    style_dimensions: int = 32
    colour_channels: int = 48
    channels: int = 48
    deep_channels: int = 96
    hidden: int = 192

    def __post_init__(self) -> None:
        widths = (self.colour_channels, self.channels, self.deep_channels, self.hidden)
        if min(widths) < 1 or self.style_dimensions <= KEPT + 1:
            raise ValueError(f"an encoder needs widths from 1 and a style above {KEPT + 1}, not {self}")


class Encoder(nn.Module):
    """A reference's palette, and what is learned from averages of its colours and features, are its style vector.

    A reference's palette takes the place of a picture's own, of which none is kept (see `ColourRenderer`).

    Averages know no places, so the look of a picture hardly changes when it is mirrored or cut into pieces.

    Attributes:
        exact_layers: those whose few weights make every colour; files of 8-bit recipes keep them in floats.
        float32_layers: those that float16 is too coarse for: none. With any, nothing but convolutions would be float16
            in ONNX and Core ML.
        unpalettized: layers whose weights no palette takes the place of, however many values it has: none.
    """

    exact_layers = ("palette.axes",)
    float32_layers: tuple[str, ...] = ()
    unpalettized: tuple[str, ...] = ()

    def __init__(self, config: EncoderConfig | None = None) -> None:
        super().__init__()
        self.config = c = config or EncoderConfig()
        self.palette = Palette()
        self.colours = nn.Conv2d(3, c.colour_channels, 1)
        self.stem = nn.Conv2d(3, 24, 4, stride=4)
        self.down = SeparableDown(24, c.channels)
        self.deep_down = SeparableDown(c.channels, c.deep_channels)
        self.hidden = nn.Linear(c.colour_channels + c.channels + c.deep_channels + MEASURES, c.hidden)
        self.style = nn.Linear(c.hidden, c.style_dimensions - KEPT - 1)
        keep_signals_alive(self.stem, self.down, self.deep_down, self.colours, self.hidden)

    def forward(self, reference: Tensor) -> Tensor:
        """Encode pictures.

        Args:
            reference: `[N,3,256,256]`, sRGB in [0,1].

        Returns:
            style vectors `[N,D]`.
        """
        small = F.avg_pool2d(reference, 4)
        palette = torch.cat(self.palette(small), 1)
        features = self.down(F.relu(self.stem(centred(reference))))  # [N,C,32,32]
        maps = (F.relu(self.colours(centred(small))), features, self.deep_down(features))
        averages = [each.mean(3).mean(2) for each in maps]
        learned = self.style(F.relu(self.hidden(torch.cat([*averages, palette], 1))))
        return torch.cat([palette, torch.zeros_like(palette[:, :1]), learned], 1)
