"""Style networks of others, written from their papers, with random weights: speed does not depend on them."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class AnimeGenerator(nn.Module):
    """AnimeGANv2's generator, 2.15 million parameters: `image [N,3,H,W] -> [N,3,H,W]`.

    Chen, Liu and Chen, "AnimeGAN: A Novel Lightweight GAN for Photo Animation", ISICA 2019; in its second version
    instance normalisation became layer normalisation, here a group normalisation of one group.
    """

    def __init__(self) -> None:
        super().__init__()
        self.down = nn.Sequential(
            *_anime(3, 32, 7), *_anime(32, 64, 3, 2), *_anime(64, 64, 3), *_anime(64, 128, 3, 2), *_anime(128, 128, 3)
        )
        middle = [_Inverted(128, 256), *(_Inverted(256, 256) for _ in range(3))]
        self.middle = nn.Sequential(*_anime(128, 128, 3), *middle, *_anime(256, 128, 3))
        self.at_half = nn.Sequential(*_anime(128, 128, 3), *_anime(128, 128, 3))
        self.at_full = nn.Sequential(
            *_anime(128, 64, 3), *_anime(64, 64, 3), *_anime(64, 32, 7), nn.Conv2d(32, 3, 1, bias=False)
        )

    def forward(self, image: Tensor) -> Tensor:
        half = self.at_half(_twice(self.middle(self.down(image)), "bilinear"))
        return torch.tanh(self.at_full(_twice(half, "bilinear")))


class MultiStyle(nn.Module):
    """The network of 26 and more styles: `image [N,3,H,W], styles [1,26] -> [N,3,H,W]`.

    Dumoulin, Shlens and Kudlur, "A Learned Representation for Artistic Style", ICLR 2017, table 1: Johnson's layers,
    with a scale and a shift of each channel that belong to the style, mixed by the weights in `styles`.
    """

    def __init__(self, styles: int = 26) -> None:
        super().__init__()
        self.convolutions, self.norms = nn.ModuleList(), nn.ModuleList()
        shapes = [(3, 32, 9, 1), (32, 64, 3, 2), (64, 128, 3, 2), *[(128, 128, 3, 1)] * 10]
        for inputs, outputs, kernel, stride in [*shapes, (128, 64, 3, 1), (64, 32, 3, 1), (32, 3, 9, 1)]:
            padding = nn.ReflectionPad2d(kernel // 2)
            self.convolutions.append(nn.Sequential(padding, nn.Conv2d(inputs, outputs, kernel, stride)))
            self.norms.append(_ConditionalNorm(outputs, styles))

    def forward(self, image: Tensor, styles: Tensor) -> Tensor:
        layers = [_Layer(*pair) for pair in zip(self.convolutions, self.norms, strict=True)]
        x = image
        for layer in layers[:3]:
            x = F.relu(layer(x, styles))
        for first, second in zip(layers[3:13:2], layers[4:13:2], strict=True):
            x = x + second(F.relu(first(x, styles)), styles)
        for layer in layers[13:15]:
            x = F.relu(layer(_twice(x, "nearest"), styles))
        return torch.sigmoid(layers[15](x, styles))


class MicroAst(nn.Module):
    """MicroAST without its style encoder: `image [N,3,H,W], style [1,512] -> [N,3,H,W]`.

    Wang et al., "MicroAST: Towards Super-Fast Ultra-Resolution Arbitrary Style Transfer", AAAI 2023. What the style
    encoder and the modulator make of a painting is worked out once, and is the input `style`: scales and shifts of
    filters and of features, 64 channels each, at two depths.
    """

    def __init__(self) -> None:
        super().__init__()
        self.encode = nn.Sequential(
            *_reflected(3, 16, 9), nn.ReLU(), *_separable(16, 32, 2), *_separable(32, 64, 2), _Plain(64)
        )
        self.deeper = _Plain(64)
        self.first, self.second = _Modulated(64), _Modulated(64)
        self.decode_half = nn.Sequential(*_separable(64, 32, 1))
        self.decode_full = nn.Sequential(*_separable(32, 16, 1), *_reflected(16, 3, 9))

    def forward(self, image: Tensor, style: Tensor) -> Tensor:
        shallow = self.encode(image)
        parts = style.reshape(-1, 8, 64, 1, 1).unbind(1)
        x = self.first(_adapt(self.deeper(shallow), parts[0], parts[1]), parts[2], parts[3])
        x = self.second(_adapt(x, parts[4], parts[5]), parts[6], parts[7])
        stylized: Tensor = self.decode_full(_twice(self.decode_half(_twice(x, "nearest")), "nearest"))
        return stylized


class _Inverted(nn.Module):
    """AnimeGANv2's inverted residual block."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        hidden = 2 * inputs
        self.keeps = inputs == outputs
        last = [nn.Conv2d(hidden, outputs, 1, bias=False), nn.GroupNorm(1, outputs)]
        self.layers = nn.Sequential(*_anime(inputs, hidden, 1), *_anime(hidden, hidden, 3, groups=hidden), *last)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.layers(x)
        return x + y if self.keeps else y


class _ConditionalNorm(nn.Module):
    """Instance normalisation with a scale and a shift for each style."""

    def __init__(self, channels: int, styles: int) -> None:
        super().__init__()
        self.norm = nn.InstanceNorm2d(channels)
        self.scale, self.shift = nn.Linear(styles, channels, bias=False), nn.Linear(styles, channels, bias=False)

    def forward(self, x: Tensor, styles: Tensor) -> Tensor:
        y: Tensor = self.norm(x) * self.scale(styles)[..., None, None] + self.shift(styles)[..., None, None]
        return y


class _Layer:
    """A convolution and its normalisation, called as one."""

    def __init__(self, convolution: nn.Module, norm: nn.Module) -> None:
        self._convolution, self._norm = convolution, norm

    def __call__(self, x: Tensor, styles: Tensor) -> Tensor:
        y: Tensor = self._norm(self._convolution(x), styles)
        return y


class _Plain(nn.Module):
    """MicroAST's residual block."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(*_reflected(channels, channels, 3), nn.ReLU(), *_reflected(channels, channels, 3))

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = x + self.layers(x)
        return y


class _Modulated(_Plain):
    """The same with a style's scale and shift of its filters' results."""

    def forward(self, x: Tensor, scale: Tensor, shift: Tensor) -> Tensor:  # type: ignore[override]  # two inputs more
        y: Tensor = x + self.layers(x) * scale + shift
        return y


def _adapt(x: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
    """Adaptive instance normalisation (Huang and Belongie 2017)."""
    return F.instance_norm(x) * scale + shift


def _twice(x: Tensor, mode: str) -> Tensor:
    aligned = False if mode == "bilinear" else None
    return F.interpolate(x, scale_factor=2.0, mode=mode, align_corners=aligned)


def _anime(inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> list[nn.Module]:
    pad = kernel // 2
    padding = nn.ReflectionPad2d((0, 1, 0, 1) if stride == 2 else (pad, pad, pad, pad))
    convolution = nn.Conv2d(inputs, outputs, kernel, stride, groups=groups, bias=False)
    return [*([padding] if pad else []), convolution, nn.GroupNorm(1, outputs), nn.LeakyReLU(0.2)]


def _reflected(inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> list[nn.Module]:
    return [nn.ReflectionPad2d(kernel // 2), nn.Conv2d(inputs, outputs, kernel, stride, groups=groups)]


def _separable(inputs: int, outputs: int, stride: int) -> list[nn.Module]:
    """A grouped convolution that changes the number of channels, and a pointwise one."""
    groups = min(inputs, outputs)
    return [*_reflected(inputs, outputs, 3, stride, groups), nn.ReLU(), nn.Conv2d(outputs, outputs, 1), nn.ReLU()]
