"""From random numbers z to a style w: StyleGAN's mapping network, and one that knows the cells of z."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from edgestyle.models.equalised import EqualLinear, activate

_MOST_AXES = 16
SHARPNESS = 40.0  # at a distance of 0.05 from a border a face shows 88% of one value
REST = 0.1  # by which the axes that mean nothing yet are scaled


class Mapping(nn.Module):
    """`z [N,L] -> w [N,D]`; z is brought to unit spread first. Karras et al., CVPR 2019, section 2.

    Attributes:
        latents: L.
    """

    def __init__(self, sizes: Sequence[int], rate: float) -> None:
        super().__init__()
        self.latents, pairs = sizes[0], pairwise(sizes)
        self.layers = nn.ModuleList(EqualLinear(inputs, outputs, rate=rate) for inputs, outputs in pairs)

    def forward(self, z: Tensor) -> Tensor:
        x = z * (z.square().mean(1, keepdim=True) + 1e-8).rsqrt()
        for layer in self.layers:
            x = activate(layer(x))
        return x


class CellMapping(Mapping):
    """The same where the space of z is cut into cells, by what a face shows there.

    Each attribute of K values has axes of z of its own, and shows the value whose direction z goes furthest in; a
    sharp softmax says which, and at the borders how much of two. The layers see that, and the axes that are
    left, if any.

    Args:
        counts: values of each attribute.
        latents: length of z.
        sizes: of the layers from the first hidden one on.
        rate: learning rate of the layers by others'.

    Raises:
        ValueError: z is too short for these attributes.
    """

    def __init__(self, counts: Sequence[int], latents: int, sizes: Sequence[int], rate: float) -> None:
        axes = [axes_of(count) for count in counts]
        if sum(axes) > latents:
            raise ValueError(f"attributes of {list(counts)} values need {sum(axes)} latent dimensions, not {latents}")
        super().__init__([sum(counts) + latents - sum(axes), *sizes], rate)
        self.counts, self.axes, self.latents = list(counts), axes, latents
        for place, (count, width) in enumerate(zip(counts, axes, strict=True)):
            self.register_buffer(f"directions{place}", torch.zeros(count, width))
            self.register_buffer(f"offsets{place}", torch.zeros(count))

    def scores(self, z: Tensor) -> list[Tensor]:
        """How far z `[N,L]` goes toward each value, a tensor `[N,K]` for each attribute."""
        parts = z[:, : sum(self.axes)].split(self.axes, 1)
        return [
            part @ self.get_buffer(f"directions{place}").T + self.get_buffer(f"offsets{place}")
            for place, part in enumerate(parts)
        ]

    def forward(self, z: Tensor) -> Tensor:
        parts, taken = [(score * SHARPNESS).softmax(1) for score in self.scores(z)], sum(self.axes)
        if taken < self.latents:  # a tensor without a column is nothing that phones run
            parts.append(REST * z[:, taken:])
        return super().forward(torch.cat(parts, 1))


def axes_of(count: int) -> int:
    """How many axes of z an attribute of `count` values gets."""
    return max(1, min(count - 1, _MOST_AXES))
