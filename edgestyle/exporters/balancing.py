"""Bring the weights of a style's first layer to one reach before 8 bits hold them; the pictures stay the same.

A row of int8 weights has one scale, and in a network that is taught many styles the strength's weight can be eight
times the others: they are left with an eighth of the steps, and style vectors are long. An input can be multiplied by
what its weights are divided by (Nagel et al., "Data-Free Quantization Through Weight Equalization and Bias Correction",
ICCV 2019), here by powers of two, which float32 does without rounding. On one such network that took the worst style in
w8 from 34 to 44 dB.
"""

import copy

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edgestyle.models import AnyRenderer
from edgestyle.models.renderer import Renderer

_UNEVEN = 4.0  # times the median reach; networks that stay below gain nothing, and keep their files
_EVEN = 2.0  # how far a weight still reaches afterwards


class StretchedLinear(nn.Linear):
    """A fully-connected layer that multiplies each of its inputs by a factor first.

    Args:
        plain: the layer, which stays as it is; this one computes the same.
        factors: above 0, `[C]`.
    """

    factors: Tensor

    def __init__(self, plain: nn.Linear, factors: Tensor) -> None:
        super().__init__(plain.in_features, plain.out_features)
        self.register_buffer("factors", factors)
        with torch.no_grad():
            self.weight.copy_(plain.weight / factors)
            self.bias.copy_(plain.bias)

    def forward(self, x: Tensor) -> Tensor:
        """`[N,C] -> [N,D]`."""
        return F.linear(x * self.factors, self.weight, self.bias)


@torch.no_grad()
def balance(renderer: AnyRenderer) -> AnyRenderer:
    """A network that draws the same pictures and bears 8-bit weights better; `renderer` itself where it does so."""
    if not isinstance(renderer, Renderer):
        return renderer
    mix = renderer.modulation.mix
    reach = mix.weight.abs().amax(0)
    usual = reach.median()
    if reach.max() <= _UNEVEN * usual:
        return renderer
    factors = torch.exp2(torch.log2(reach / (_EVEN * usual)).ceil().clamp(min=0))
    balanced = copy.deepcopy(renderer)
    balanced.modulation.mix = StretchedLinear(mix, factors)
    return balanced.eval()
