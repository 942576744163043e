"""The same renderer for runtimes that keep the channels of a pixel together, as TFLite does."""

import copy

from torch import Tensor, nn

from edgestyle.models import AnyRenderer
from edgestyle.models.colour import ColourRenderer


def order_channels_last(renderer: AnyRenderer) -> AnyRenderer:
    """A copy that draws the same picture and whose pixel shuffles are one transposition in NHWC.

    A pixel shuffle lays the four values of a channel, which are neighbours, over two by two pixels. In NHWC that takes
    three transpositions, since the pixels of a row must lie beside each other with all their channels. So the
    convolutions before it hand out the first pixel's channels, then the second's and so on (TensorFlow's order for
    depth to space), and the shuffle moves them in runs. On one CPU that takes an eighth off the whole network's time.
    A colour renderer shuffles no pixels, and its copy is the same.
    """
    turned = copy.deepcopy(renderer)
    if isinstance(turned, ColourRenderer):
        return turned
    turned.shuffle = ShuffleInRuns()
    if turned.config.margin:
        turned.crop = CropInRuns(turned.config.margin)
    for name in ("up.weight", "up.bias", "head.weight", "head.bias"):
        parameter = turned.get_parameter(name)
        parameter.data = order_for_runs(parameter.data)
    return turned


def order_for_runs(parameter: Tensor) -> Tensor:
    """Weights or biases `[4C,...]` of a convolution before a pixel shuffle, ordered by pixel for `ShuffleInRuns`."""
    by_colour = parameter.reshape(-1, 4, *parameter.shape[1:])
    return by_colour.transpose(0, 1).flatten(0, 1).contiguous()


class ShuffleInRuns(nn.Module):
    """Pixel shuffle of channels that are ordered by pixel: `[1,4C,H,W] -> [1,C,2H,2W]`, of at most four axes."""

    def forward(self, x: Tensor) -> Tensor:
        x = x.permute(0, 2, 3, 1)
        _, height, width, channels = x.shape
        rows = x.reshape(height, width, 2, channels // 2).permute(0, 2, 1, 3)  # [H,2,W,2C]: two rows of pixels for one
        return rows.reshape(1, 2 * height, 2 * width, channels // 4).permute(0, 3, 1, 2)


class CropInRuns(nn.Module):
    """Cut off `margin` pixels on each side of `[N,C,H,W]`, sliced in NHWC."""

    def __init__(self, margin: int) -> None:
        super().__init__()
        self.margin = margin

    def forward(self, x: Tensor) -> Tensor:
        rows = x.permute(0, 2, 3, 1)
        return rows[:, self.margin : -self.margin, self.margin : -self.margin].permute(0, 3, 1, 2)
