"""The same colour renderer for runtimes that are slow at few channels, with all pixels in one row."""

import copy
from typing import TypeVar

from torch import Tensor, nn

from edgestyle.models.colour import PIXEL_LAYERS

T = TypeVar("T", bound=nn.Module)


def lay_pixels_in_a_row(network: T) -> T:
    """A copy that draws the same picture, where convolutions of single pixels have one dimension.

    On x86 ONNX Runtime packs the channels of a two-dimensional convolution in blocks of 8 or 16. Where there are three,
    most of a block is empty, and packing and unpacking takes two thirds of the time. It leaves one-dimensional
    convolutions as they are; their names and weights stay. A network without such layers is copied as it is.
    """
    laid = copy.deepcopy(network)
    if not hasattr(laid, "line_up"):
        return laid
    laid.line_up = _Row()
    for name in PIXEL_LAYERS:
        wide = laid.get_submodule(name)
        assert isinstance(wide, nn.Conv2d)
        row = nn.Conv1d(wide.in_channels, wide.out_channels, 1, bias=wide.bias is not None)
        row.weight, row.bias = nn.Parameter(wide.weight.detach().squeeze(3)), wide.bias
        setattr(laid, name, row.train(wide.training))
    return laid


class _Row(nn.Module):
    """`[N,C,H,W] -> [N,C,H*W]`; traced as one operator, since it asks for no size but that of what is fixed."""

    def forward(self, x: Tensor) -> Tensor:
        pictures, channels = map(int, x.shape[:2])
        return x.reshape(pictures, channels, -1)
