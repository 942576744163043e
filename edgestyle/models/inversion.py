"""The inversion encoder: from a picture of an avatar back to the style vector that draws it."""

from dataclasses import asdict, dataclass
from itertools import pairwise

import torch.nn.functional as F
from torch import Tensor, nn

from edgestyle.models.layers import SeparableDown, keep_signals_alive
from edgestyle.models.palette import centred

_STRIDE = 4  # of the first layer
_SQUEEZED = 32  # channels whose places are told apart


@dataclass(frozen=True)
class InversionConfig:
    """Widths of an inversion encoder; the defaults are the shipped `faces`.

    Attributes:
        size: side of the pictures in pixels.
        style_dimensions: length D of the style vector.
        widths: channels at a quarter of the size, at an eighth, ..., the last of them at 4 pixels.
        hidden: width of the layer before the vector.

    Raises:
        ValueError: a width is below 1, or the widths do not lead from the size to 4 pixels.
    """

    size: int = 128
    style_dimensions: int = 128
    widths: tuple[int, ...] = (32, 64, 96, 128)
    hidden: int = 192

    def __post_init__(self) -> None:
        object.__setattr__(self, "widths", tuple(self.widths))  # JSON has lists
        if min(*self.widths, self.style_dimensions, self.hidden) < 1:
            raise ValueError(f"an inversion encoder needs widths from 1, not {asdict(self)}")
        if self.size != 4 * _STRIDE * 2 ** (len(self.widths) - 1):
            raise ValueError(f"{len(self.widths)} widths do not lead from {self.size} to 4 pixels")


class InversionEncoder(nn.Module):
    """`[N,3,S,S]`, sRGB in [0,1] -> style vectors `[N,D]`, for generators to draw the picture again.

    Unlike the encoder of looks it tells places apart: where the hair ends is what makes the face.

    Attributes:
        exact_layers: those that files of 8-bit recipes keep in floats: none.
        float32_layers: those that files in float16 keep in float32: none.
    """

    exact_layers: tuple[str, ...] = ()
    float32_layers: tuple[str, ...] = ()

    def __init__(self, config: InversionConfig | None = None) -> None:
        super().__init__()
        self.config = c = config or InversionConfig()
        self.stem = nn.Conv2d(3, c.widths[0], _STRIDE, stride=_STRIDE)
        self.downs = nn.ModuleList(SeparableDown(inputs, outputs) for inputs, outputs in pairwise(c.widths))
        self.squeeze = nn.Conv2d(c.widths[-1], _SQUEEZED, 1)
        self.hidden = nn.Linear(16 * _SQUEEZED, c.hidden)
        self.style = nn.Linear(c.hidden, c.style_dimensions)
        keep_signals_alive(self)

    def forward(self, picture: Tensor) -> Tensor:
        """Encode pictures; shapes and ranges as above."""
        x = F.relu(self.stem(centred(picture)))
        for down in self.downs:
            x = down(x)
        places = F.relu(self.squeeze(x)).flatten(1)
        style: Tensor = self.style(F.relu(self.hidden(places)))
        return style
