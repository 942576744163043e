"""The same renderer for runtimes that keep the channels of a pixel together, as TFLite does."""

import copy

from torch import Tensor, nn

from edgestyle.exporters.pixels import clamp_to_one
from edgestyle.models import AnyRenderer
from edgestyle.models.colour import ColourRenderer
from edgestyle.models.upscaler import SteadyUpscaler


def order_channels_last(renderer: AnyRenderer) -> AnyRenderer:
    """A copy that draws the same picture and whose pixel shuffles are one transposition in NHWC.

    A pixel shuffle lays the four values of a channel, which are neighbours, over two by two pixels. In NHWC that takes
    three transpositions, since the pixels of a row must lie beside each other with all their channels. So the
    convolutions before it hand out the first pixel's channels, then the second's and so on (TensorFlow's order for
    depth to space), and the shuffle moves them in runs. On one CPU that takes an eighth off the whole network's time.
    A colour renderer shuffles no pixels; its copy divides as graphics cards want it, see `AboveZero`.
    """
    turned = copy.deepcopy(renderer)
    if isinstance(turned, ColourRenderer):
        turned.above_zero = AboveZero()
        return turned
    turned.shuffle = ShuffleInRuns()
    if turned.config.margin:
        turned.crop = CropInRuns(turned.config.margin)
    for name in ("up.weight", "up.bias", "head.weight", "head.bias"):
        parameter = turned.get_parameter(name)
        parameter.data = order_for_runs(parameter.data)
    return turned


def order_for_runs(values: Tensor, factor: int = 2) -> Tensor:
    """Weights or biases `[F*F*C,...]` before a pixel shuffle, ordered by pixel for `ShuffleInRuns`."""
    by_colour = values.reshape(-1, factor**2, *values.shape[1:])
    return by_colour.transpose(0, 1).flatten(0, 1).contiguous()


def order_upscaler_channels_last(upscaler: SteadyUpscaler) -> SteadyUpscaler:
    """The same for an upscaler, whose pixel shuffles and bounds become what TFLite's GPU delegate takes."""
    turned, factor = copy.deepcopy(upscaler), upscaler.config.factor
    turned.shuffle = turned.network.shuffle = ShuffleInRuns(factor)
    turned.bound = BoundToOne()
    for name in ("network.head.weight", "network.head.bias"):
        parameter = turned.get_parameter(name)
        parameter.data = order_for_runs(parameter.data, factor)
    turned.enlarge = order_for_runs(turned.enlarge, factor)
    return turned


class BoundToOne(nn.Module):
    """Cut values off below 0 and above 1."""

    def forward(self, x: Tensor) -> Tensor:
        return clamp_to_one(x)


class AboveZero(nn.Module):
    """Lift divisors to at least 0.001, which spreads of colours (see `measure_palette`) always have: nothing changes.

    Graphics cards keep channels in fours. LiteRT's WebGPU divides the fourth of three channels too, zero by zero, and
    the convolution behind adds what came of it, not a number, with weight zero to all: the whole picture was black.
    """

    def forward(self, x: Tensor) -> Tensor:
        return x.clamp_min(0.001)


class ShuffleInRuns(nn.Module):
    """Pixel shuffle of channels that are ordered by pixel: `[1,F*F*C,H,W] -> [1,C,F*H,F*W]`, of at most four axes."""

    def __init__(self, factor: int = 2) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:
        factor, x = self.factor, x.permute(0, 2, 3, 1)
        _, height, width, channels = x.shape
        rows = x.reshape(height, width, factor, channels // factor).permute(0, 2, 1, 3)  # [H,F,W,F*C]: F rows for one
        return rows.reshape(1, factor * height, factor * width, channels // factor**2).permute(0, 3, 1, 2)


class CropInRuns(nn.Module):
    """Cut off `margin` pixels on each side of `[N,C,H,W]`, sliced in NHWC."""

    def __init__(self, margin: int) -> None:
        super().__init__()
        self.margin = margin

    def forward(self, x: Tensor) -> Tensor:
        rows = x.permute(0, 2, 3, 1)
        return rows[:, self.margin : -self.margin, self.margin : -self.margin].permute(0, 3, 1, 2)
