"""A network that enlarges pictures two or four times, and what holds its picture to the small one."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edgestyle.contract import FACTORS

_STEPS = 2  # of adding what is missing; a third gains a tenth of a decibel


@dataclass(frozen=True)
class UpscalerConfig:
    """Widths of an upscaler; the defaults are those of the networks that come with edgestyle.

    Attributes:
        factor: how many times longer a side gets, one of `FACTORS`.
        channels, growth: of the features, and what a dense block adds to them.
        wide, narrow: of the two layers before the colours.

    Raises:
        ValueError: another factor, or a width below 1.
    """

    factor: int = 2
    channels: int = 64
    growth: int = 4
    wide: int = 64
    narrow: int = 32

    def __post_init__(self) -> None:
        if self.factor not in FACTORS or min(self.channels, self.growth, self.wide, self.narrow) < 1:
            raise ValueError(f"an upscaler needs a factor of 2 or 4 and widths from 1, not {self}")


class DenseBlock(nn.Module):
    """A residual dense block with one layer (Zhang et al., CVPR 2018, section 3.2): `[N,C,H,W] -> [N,C,H,W]`."""

    def __init__(self, channels: int, growth: int) -> None:
        super().__init__()
        self.grow = nn.Conv2d(channels, growth, 3, padding=1)
        self.fuse = nn.Conv2d(channels + growth, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        fused: Tensor = self.fuse(torch.cat([x, F.relu(self.grow(x))], 1))
        return fused + x


class EsrganSlim(nn.Module):
    """The network of the npm package @upscalerjs/esrgan-slim, layer by layer.

    A residual dense network (Zhang et al., "Residual Dense Network for Image Super-Resolution", CVPR 2018) of two
    blocks, trained like an ESRGAN (Wang et al., ECCV 2018 workshops). Its last layer looks at features whose every
    pixel was repeated `factor` times each way; here the same sums are made before the pixels are laid out, which takes
    less memory. What is beyond the picture counts as black, so a picture needs `UPSCALER_MARGIN` pixels around it.

    `image [N,3,H,W]`, sRGB in [0,1] -> `[N,3,factor*H,factor*W]`, which may go a little beyond [0,1].
    """

    def __init__(self, config: UpscalerConfig | None = None) -> None:
        super().__init__()
        self.config = c = config or UpscalerConfig()
        colours = 3 * c.factor**2
        self.shallow = nn.Conv2d(3, c.channels, 3, padding=1)
        self.deeper = nn.Conv2d(c.channels, c.channels, 3, padding=1)
        self.blocks = nn.ModuleList(DenseBlock(c.channels, c.growth) for _ in range(2))
        self.fuse = nn.Conv2d(2 * c.channels, c.channels, 1)
        self.settle = nn.Conv2d(c.channels, c.channels, 3, padding=1)
        self.wide = nn.Conv2d(c.channels, c.wide, 5, padding=2)
        self.narrow = nn.Conv2d(c.wide, c.narrow, 3, padding=1)
        self.colours = nn.Conv2d(c.narrow, colours, 3, padding=1)
        self.head = nn.Conv2d(colours, colours, 3, padding=1)
        self.shuffle: nn.Module = nn.PixelShuffle(c.factor)

    def forward(self, image: Tensor) -> Tensor:
        """Enlarge pictures; shapes as above."""
        shallow = self.shallow(image)
        x, found = self.deeper(shallow), []
        for block in self.blocks:
            x = block(x)
            found.append(x)
        deep = self.settle(self.fuse(torch.cat(found, 1))) + shallow
        features = F.relu(self.narrow(F.relu(self.wide(deep))))
        enlarged: Tensor = self.shuffle(self.head(self.colours(features)))
        return enlarged


class SteadyUpscaler(nn.Module):
    """An `EsrganSlim` whose picture, shrunk again, comes closer to the one that went in.

    What is missing after shrinking is enlarged and added, twice (Irani and Peleg, "Improving Resolution by Image
    Registration", CVGIP 1991), both by cubic interpolation. Of the four pixels that a side of the network's picture
    has for one at factor 4 the middle two are always equal, which shows as steps along edges; so there its picture is
    smoothed first.

    `image [N,3,H,W]`, sRGB in [0,1] -> `[N,3,factor*H,factor*W]` in [0,1].
    """

    smooth: Tensor
    shrink: Tensor
    enlarge: Tensor

    def __init__(self, network: EsrganSlim) -> None:
        super().__init__()
        self.network, self.config = network, network.config
        factor = network.config.factor
        smooth, shrink = (_by_channel(taps) for taps in (torch.tensor([[0.25, 0.5, 0.25]]), shrinking_taps(factor)))
        self.register_buffer("smooth", smooth, persistent=False)
        self.register_buffer("shrink", shrink, persistent=False)
        self.register_buffer("enlarge", _apart(_by_channel(enlarging_taps(factor))), persistent=False)
        self.shuffle: nn.Module = nn.PixelShuffle(factor)
        self.bound: nn.Module = Bound()

    def forward(self, image: Tensor) -> Tensor:
        return self.steady(self.network(image), image)

    def steady(self, drawn: Tensor, image: Tensor) -> Tensor:
        """What is made of the network's picture of `image`."""
        if self.config.factor == 4:
            drawn = F.conv2d(drawn, self.smooth, padding=1, groups=3)
        bounded: Tensor = self.bound(drawn)
        return self.add_missing(bounded, image)

    def add_missing(self, drawn: Tensor, image: Tensor) -> Tensor:
        """An enlarged picture in [0,1], however it was drawn, with what it lacks of `image` when it is shrunk."""
        factor = self.config.factor
        for _ in range(_STEPS):
            missing = image - F.conv2d(drawn, self.shrink, stride=factor, padding=3 * factor // 2, groups=3)
            drawn = self.bound(drawn + self.shuffle(F.conv2d(missing, self.enlarge, padding=2)))
        return drawn


class Bound(nn.Module):
    """Cut values off below 0 and above 1."""

    def forward(self, x: Tensor) -> Tensor:
        return x.clamp(0, 1)


def shrinking_taps(factor: int) -> Tensor:
    """How much each of the `4*factor` pixels around one of the small picture counts for it: `[1,4*factor]`."""
    places = (torch.arange(4 * factor) + 0.5) / factor - 2
    taps = cubic(places)
    return (taps / taps.sum())[None]


def enlarging_taps(factor: int) -> Tensor:
    """How much each of five pixels counts for each of the `factor` that the middle one becomes: `[factor,5]`."""
    offsets = (torch.arange(factor) + 0.5) / factor - 0.5
    return cubic(torch.arange(-2, 3)[None] - offsets[:, None])


def cubic(x: Tensor) -> Tensor:
    """Cubic convolution's kernel (Keys, IEEE TASSP 1981, with a = -0.5), as Pillow has it."""
    x = x.abs()
    near, far = (1.5 * x - 2.5) * x * x + 1, ((-0.5 * x + 2.5) * x - 4) * x + 2
    return torch.where(x < 1, near, torch.where(x < 2, far, torch.zeros_like(x)))


def _by_channel(taps: Tensor) -> Tensor:
    """Kernels that do to rows and columns of each of three channels what `taps [K,T]` say: `[3*K*K,1,T,T]`."""
    both = torch.einsum("it,ju->ijtu", taps, taps).flatten(0, 1)
    return both[:, None].repeat(3, 1, 1, 1)


def _apart(kernels: Tensor) -> Tensor:
    """The same for kernels that see all three channels: `[3*N,1,T,T] -> [3*N,3,T,T]`, the other two count nothing."""
    apart = kernels.new_zeros(3, len(kernels) // 3, 3, *kernels.shape[2:])
    for channel, mine in enumerate(kernels[:, 0].chunk(3)):
        apart[channel, :, channel] = mine
    return apart.flatten(0, 1)
