"""Building blocks made only of operators that phone accelerators run."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Scales = tuple[Tensor, Tensor]  # (scale, shift), each [N,C,1,1]


class SeparableDown(nn.Module):
    """Halve the picture: depthwise 3x3 of stride 2, then pointwise. `[N,I,H,W] -> [N,O,H/2,W/2]`.

    Args:
        in_channels, out_channels: I and O.
        filters: depthwise ones per channel. A single one cannot tell by how much a picture moved within the coarser
            grid; with four, as many as pixels that become one, what is drawn from it can move along.
    """

    def __init__(self, in_channels: int, out_channels: int, filters: int = 1) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(in_channels, filters * in_channels, 3, stride=2, padding=1, groups=in_channels)
        self.pointwise = nn.Conv2d(filters * in_channels, out_channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.pointwise(self.depthwise(x)))


class ModulatedBlock(nn.Module):
    """Inverted residual (Sandler et al., "MobileNetV2", CVPR 2018) whose input the style scales and shifts.

    `[N,C,H,W], (scale, shift) -> [N,C,H,W]`. The scale and shift are conditional normalisation's gamma and beta
    (Dumoulin et al., "A Learned Representation for Artistic Style", ICLR 2017) without the normalisation.
    """

    def __init__(self, channels: int, expansion: float) -> None:
        super().__init__()
        hidden = int(channels * expansion)
        self.expand = nn.Conv2d(channels, hidden, 1)
        self.depthwise = nn.Conv2d(hidden, hidden, 3, padding=1, groups=hidden)
        self.project = nn.Conv2d(hidden, channels, 1)

    def forward(self, x: Tensor, scales: Scales) -> Tensor:
        hidden = F.relu(self.expand(modulate(x, scales)))
        result: Tensor = x + self.project(F.relu(self.depthwise(hidden)))
        return result


class Crop(nn.Module):
    """Cut off `margin` pixels on each side of `[N,C,H,W]`."""

    def __init__(self, margin: int) -> None:
        super().__init__()
        self.margin = margin

    def forward(self, x: Tensor) -> Tensor:
        return x[..., self.margin : -self.margin, self.margin : -self.margin] if self.margin else x


class StyleModulation(nn.Module):
    """Predict every block's scale and shift from the style vector and the strength.

    `style [N,D], strength [N,1] -> [(scale, shift), ...]`, one pair for each entry of `widths`.
    """

    def __init__(self, style_dimensions: int, hidden: int, widths: tuple[int, ...]) -> None:
        super().__init__()
        self.sizes = [width for width in widths for _ in ("scale", "shift")]
        self.mix = nn.Linear(style_dimensions + 1, hidden)
        self.predict = nn.Linear(hidden, sum(self.sizes))
        with torch.no_grad():  # start close to "scale 1, shift 0"
            self.predict.weight.mul_(0.3)
            self.predict.bias.zero_()

    def forward(self, style: Tensor, strength: Tensor) -> list[Scales]:
        hidden = F.relu(self.mix(torch.cat([style, strength], 1)))
        predicted = self.predict(hidden).unsqueeze(2).unsqueeze(3)  # before the split: GPUs cut only 3 or 4 axes
        parts = predicted.split(self.sizes, 1)
        return [(scale + 1, shift) for scale, shift in zip(parts[0::2], parts[1::2], strict=True)]


def modulate(x: Tensor, scales: Scales) -> Tensor:
    """Scale and shift the channels of `[N,C,H,W]`."""
    scale, shift = scales
    return x * scale + shift


@torch.no_grad()
def keep_signals_alive(*parts: nn.Module) -> None:
    """Start layers so that features keep their spread from one to the next, with biases of 0.

    He et al., "Delving Deep into Rectifiers", ICCV 2015, section 2.2. PyTorch's own start lets them shrink by a factor
    of 5 a layer until biases are all that is left, and training then lets the features die.
    """
    for part in parts:
        for layer in part.modules():
            if isinstance(layer, nn.Conv2d | nn.Linear):
                depthwise = isinstance(layer, nn.Conv2d) and layer.groups > 1
                nn.init.kaiming_normal_(layer.weight, nonlinearity="linear" if depthwise else "relu")
                if layer.bias is not None:
                    layer.bias.zero_()
