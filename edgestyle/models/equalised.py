"""Layers of style-based GANs: weights of unit size, scaled when used, and filters that resample without aliasing.

Written from Karras et al., "Progressive Growing of GANs", ICLR 2018 (equalised learning rate), "Analyzing and Improving
the Image Quality of StyleGAN", CVPR 2020 (modulation, demodulation), and "Alias-Free Generative Adversarial Networks",
NeurIPS 2021 (filtered nonlinearities). They are for training on a computer; phones get another network.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

SLOPE = 0.2
GAIN = math.sqrt(2.0)  # what a leaky ReLU takes from the spread of its input, nearly
_TAPS = (1.0, 3.0, 3.0, 1.0)
_EPSILON = 1e-8


class EqualLinear(nn.Module):
    """`[N,I] -> [N,O]` with equalised learning rate.

    Args:
        inputs, outputs: I and O.
        bias: its start.
        rate: learning rate by that of other layers.
    """

    def __init__(self, inputs: int, outputs: int, bias: float = 0.0, rate: float = 1.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs) / rate)
        self.bias = nn.Parameter(torch.full((outputs,), bias / rate))
        self.gain, self.rate = rate / math.sqrt(inputs), rate

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight * self.gain, self.bias * self.rate)


class EqualConv(nn.Module):
    """`[N,I,H,W] -> [N,O,H,W]` or, after a blur, `[N,O,H/2,W/2]`."""

    def __init__(self, inputs: int, outputs: int, kernel: int, down: bool = False, bias: bool = True) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(outputs)) if bias else None
        self.gain, self.down = 1 / math.sqrt(inputs * kernel * kernel), down

    def forward(self, x: Tensor) -> Tensor:
        padding = self.weight.shape[-1] // 2
        if self.down and not padding:
            return F.conv2d(halve(x), self.weight * self.gain, self.bias)
        if self.down:
            return F.conv2d(blur(x, 2), self.weight * self.gain, self.bias, stride=2)
        return F.conv2d(x, self.weight * self.gain, self.bias, padding=padding)


class ModulatedConv(nn.Module):
    """Convolution whose input channels the style scales: `x [N,I,H,W], w [N,D] -> [N,O,H,W]`, or twice the size.

    Scaling the input is scaling the weights, and dividing the output channels by the norm of the scaled weights is
    demodulating them (CVPR 2020, equations 1 and 3), so one ordinary convolution serves the whole batch.
    """

    def __init__(self, inputs: int, outputs: int, kernel: int, style: int, up: bool = False, demodulate: bool = True):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs, kernel, kernel))
        self.affine = EqualLinear(style, inputs, bias=1.0)
        self.gain, self.up, self.demodulate = 1 / math.sqrt(inputs * kernel * kernel), up, demodulate

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        """Features under their styles; shapes as above."""
        scale, weight = self.affine(w), self.weight * self.gain
        x = x * scale[:, :, None, None]
        if self.up:  # the filter's gain of 4 makes up for the zeros between pixels
            x = blur(F.conv_transpose2d(x, weight.transpose(0, 1), stride=2), 1, gain=4.0)
        else:
            x = F.conv2d(x, weight, padding=weight.shape[-1] // 2)
        if self.demodulate:
            energy = scale.square() @ weight.square().sum((2, 3)).T  # [N,O]
            x = x * (energy + _EPSILON).rsqrt()[:, :, None, None]
        return x


def blur(x: Tensor, padding: int, stride: int = 1, gain: float = 1.0) -> Tensor:
    """Filter each channel by [1,3,3,1] both ways: `[N,C,H,W] -> [N,C,H+2p-3,W+2p-3]`, by `stride` smaller."""
    taps = x.new_tensor(_TAPS)
    kernel = (taps[:, None] * taps * (gain / taps.sum() ** 2)).expand(x.shape[1], 1, 4, 4)
    return F.conv2d(x, kernel, stride=stride, padding=padding, groups=x.shape[1])


def halve(x: Tensor) -> Tensor:
    """Filter and keep every second pixel: `[N,C,H,W] -> [N,C,H/2,W/2]`."""
    return blur(x, 1, stride=2)


def double(x: Tensor) -> Tensor:
    """Put pixels between pixels, by the same filter: `[N,C,H,W] -> [N,C,2H,2W]`."""
    taps = x.new_tensor(_TAPS)
    kernel = (taps[:, None] * taps * (4 / taps.sum() ** 2)).expand(x.shape[1], 1, 4, 4)
    return F.conv_transpose2d(x, kernel, stride=2, padding=1, groups=x.shape[1])


def activate(x: Tensor) -> Tensor:
    """Leaky ReLU that keeps the spread of its input."""
    return F.leaky_relu(x, SLOPE) * GAIN


def activate_filtered(x: Tensor) -> Tensor:
    """The same at twice the resolution and back, so that the new high frequencies fold onto nothing (NeurIPS 2021)."""
    return halve(activate(double(x)))
