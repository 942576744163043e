"""The discriminator of StyleGAN2: tells drawn pictures from those of the data, so that a generator learns to draw.

Written from Karras et al., CVPR 2020 (residual blocks), and "Progressive Growing of GANs", ICLR 2018, section 3
(minibatch standard deviation).
"""

import math
from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn

from edgestyle.models.equalised import EqualConv, EqualLinear, activate


@dataclass(frozen=True)
class DiscriminatorConfig:
    """Widths of a discriminator.

    Attributes:
        size: side of the pictures in pixels.
        widths: channels at 4, 8, 16, ... pixels; those beyond `size` wait for growth.
        group: pictures among which deviation is measured, at most; it must divide the batch, or the whole batch counts.
    """

    size: int = 64
    widths: tuple[int, ...] = (96, 96, 64, 48, 24, 16)
    group: int = 4

    def __post_init__(self) -> None:
        object.__setattr__(self, "widths", tuple(self.widths))
        if self.size not in [4 * 2**i for i in range(1, len(self.widths))] or min(*self.widths, self.group) < 1:
            raise ValueError(f"a discriminator needs a size with a width for each resolution, not {asdict(self)}")


class ResidualBlock(nn.Module):
    """`[N,I,H,W] -> [N,O,H/2,W/2]`."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.first = EqualConv(inputs, inputs, 3)
        self.second = EqualConv(inputs, outputs, 3, down=True)
        self.skip = EqualConv(inputs, outputs, 1, down=True, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        deep = activate(self.second(activate(self.first(x))))
        skip: Tensor = self.skip(x)
        return (deep + skip) / math.sqrt(2)


class Discriminator(nn.Module):
    """`[N,3,S,S]` sRGB in [0,1] -> `[N]`: how much a picture looks like the data's, without limits."""

    def __init__(self, config: DiscriminatorConfig | None = None) -> None:
        super().__init__()
        self.config = c = config or DiscriminatorConfig()
        widths = c.widths[: int(math.log2(c.size)) - 1]
        self.from_rgb = EqualConv(3, widths[-1], 1)
        sides = [4 * 2**i for i in range(len(widths))]
        self.blocks = nn.ModuleDict(
            {str(sides[i]): ResidualBlock(widths[i], widths[i - 1]) for i in range(len(widths) - 1, 0, -1)}
        )
        self.last = EqualConv(widths[0] + 1, widths[0], 3)
        self.hidden = EqualLinear(16 * widths[0], widths[0])
        self.score = EqualLinear(widths[0], 1)

    def forward(self, image: Tensor) -> Tensor:
        x = activate(self.from_rgb(image * 2 - 1))
        for block in self.blocks.values():
            x = block(x)
        x = activate(self.last(append_deviation(x, self.config.group)))
        score: Tensor = self.score(activate(self.hidden(x.flatten(1))))
        return score.squeeze(1)


def append_deviation(x: Tensor, group: int) -> Tensor:
    """Add a channel that says how much the pictures of a group differ: `[N,C,H,W] -> [N,C+1,H,W]`.

    A generator that draws the same picture again and again gives itself away by it.
    """
    count = len(x)
    group = group if count % group == 0 else count
    groups = x.reshape(group, count // group, *x.shape[1:])
    deviation = (groups.var(0, correction=0) + 1e-8).sqrt().mean((1, 2, 3))  # [N/group]
    plane = deviation.repeat(group).reshape(count, 1, 1, 1).expand(-1, 1, *x.shape[2:])
    return torch.cat([x, plane], 1)


@torch.no_grad()
def grow_discriminator(discriminator: Discriminator, size: int) -> Discriminator:
    """A discriminator of larger pictures that keeps what the smaller one learned below its own size."""
    config = DiscriminatorConfig(**asdict(discriminator.config) | {"size": size})
    if size <= discriminator.config.size:
        raise ValueError(f"a discriminator of {discriminator.config.size} pixels does not grow to {size}")
    grown = Discriminator(config)
    kept = {name: value for name, value in discriminator.state_dict().items() if not name.startswith("from_rgb")}
    grown.load_state_dict(kept, strict=False)
    return grown
