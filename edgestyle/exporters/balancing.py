"""Bring the weights of a style's first layer to one reach before 8 bits hold them; the pictures stay the same.

A row of int8 weights has one scale, and in a network that is taught many styles the strength's weight can be eight
times the others: they are left with an eighth of the steps, and style vectors are long. An input can be multiplied by
what its weights are divided by (Nagel et al., "Data-Free Quantization Through Weight Equalization and Bias Correction",
ICCV 2019), here by powers of two, which float32 does without rounding. On one such network that took the worst style in
w8 from 34 to 44 dB. Palettes, as in Core ML, have values where weights are, and gain a decibel at most.
"""

import copy

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edgestyle.models import AnyRenderer
from edgestyle.models.renderer import Renderer

# reach of an input's weights, in medians over all inputs
_UNEVEN = 4.0  # where balancing begins: at 3 it gained 0.4 dB of 54, at 2 nothing, and such files stay as they were
_EVENED = 2.0  # what is left of it


class InputScaledLinear(nn.Linear):
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
    """A network that draws the same pictures and bears 8-bit weights better.

    Returned as it is where its weights are even, or where it is a colour renderer. Quantization-aware training does not
    know of this: where it trained an uneven network, that one meets other steps in a file than in training.
    """
    if not isinstance(renderer, Renderer):
        return renderer
    mix = renderer.modulation.mix
    reach = mix.weight.abs().amax(0)
    used = reach[reach > 0]
    if not len(used) or used.max() <= _UNEVEN * used.median():
        return renderer
    factors = torch.exp2(torch.log2(reach / (_EVENED * used.median())).ceil().clamp(min=0))
    balanced = copy.deepcopy(renderer)
    balanced.modulation.mix = InputScaledLinear(mix, factors)
    return balanced.eval()
