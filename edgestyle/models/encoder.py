"""The encoder: from a reference picture to the style vector that draws its look."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edgestyle.contract import REFERENCE_SIDE as REFERENCE_SIDE
from edgestyle.models.layers import SeparableDown


@dataclass(frozen=True)
class EncoderConfig:
    """Widths of an encoder; the defaults are the shipped `lumen`.

    Attributes:
        style_dimensions: length D of the style vector.
        colour_channels: soft bins that every pixel's colour is counted in.
        channels, deep_channels: of the features at an eighth and a sixteenth.
        hidden: width of the layer before the vector.

    Raises:
        ValueError: a width below 1.
    """

    style_dimensions: int = 48
    colour_channels: int = 48
    channels: int = 48
    deep_channels: int = 96
    hidden: int = 192

    def __post_init__(self) -> None:
        widths = (self.style_dimensions, self.colour_channels, self.channels, self.deep_channels, self.hidden)
        if min(widths) < 1:
            raise ValueError(f"an encoder needs widths from 1, not {self}")


class Encoder(nn.Module):
    """Averages of a reference's colours and features, and no place of them, become its style vector."""

    def __init__(self, config: EncoderConfig | None = None) -> None:
        super().__init__()
        self.config = c = config or EncoderConfig()
        self.colours = nn.Conv2d(3, c.colour_channels, 1)
        self.stem = nn.Conv2d(3, 24, 4, stride=4)
        self.down = SeparableDown(24, c.channels)
        self.deep_down = SeparableDown(c.channels, c.deep_channels)
        self.hidden = nn.Linear(c.colour_channels + c.channels + c.deep_channels, c.hidden)
        self.style = nn.Linear(c.hidden, c.style_dimensions)

    def forward(self, reference: Tensor) -> Tensor:
        """Encode pictures.

        Args:
            reference: `[N,3,256,256]`, sRGB in [0,1].

        Returns:
            style vectors `[N,D]`.
        """
        image = reference - 0.5
        features = self.down(F.relu(self.stem(image)))  # [N,C,32,32]
        deep = self.deep_down(features)
        colours = F.relu(self.colours(F.avg_pool2d(image, 4)))
        averages = torch.cat([each.mean(3).mean(2) for each in (colours, features, deep)], 1)
        vector: Tensor = self.style(F.relu(self.hidden(averages)))
        return vector
