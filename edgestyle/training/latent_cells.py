"""Random numbers that mean something: which attributes a face has follows from where z lies.

A generator learns to turn normally distributed z into pictures. Where it is known what each picture shows, the space of
z is cut into cells beforehand, one for each combination of attributes and as large as that is frequent. Then every
picture of the data has a z, the generator can be taught by plain regression before any adversary, and it has learned
to turn normally distributed z into faces of the right frequencies. It also knows where z must go for other hair.
"""

import torch
from torch import Tensor

from edgestyle.models.mapping import CellMapping, axes_of
from edgestyle.training.picture_set import Attributes

_POOL = 20_000
_ROUNDS = 60  # of fitting


def cut_cells(mapping: CellMapping, attributes: Attributes, seed: int = 0) -> None:
    """Give `mapping` directions that keep apart, and borders that make each cell as large as its value is frequent."""
    random = torch.Generator().manual_seed(seed)
    for place, found in enumerate(attributes.values.values()):
        count = len(found)
        directions = _spread_directions(count, axes_of(count), random)
        frequencies = torch.bincount(attributes.indices[:, place], minlength=count) / len(attributes.indices)
        pool = torch.randn(_POOL, axes_of(count), generator=random)
        mapping.get_buffer(f"directions{place}").copy_(directions)
        mapping.get_buffer(f"offsets{place}").copy_(_fit_offsets(pool @ directions.T, frequencies))


def _spread_directions(count: int, axes: int, random: torch.Generator) -> Tensor:
    """Unit vectors `[K,d]` that keep away from each other, found by pushing them apart."""
    if axes == 1:
        return torch.tensor([[1.0], [-1.0]])[:count]
    directions = torch.nn.functional.normalize(torch.randn(count, axes, generator=random))
    for _ in range(200):
        towards = directions @ directions.T
        push = (4 * (towards - 1)).exp().fill_diagonal_(0) @ directions
        directions = torch.nn.functional.normalize(directions - 0.1 * push)
    return directions


def _fit_offsets(scores: Tensor, frequencies: Tensor) -> Tensor:
    """What to add to scores `[P,K]` so that each of K is the largest as often as it should be, and never not at all."""
    offsets, wanted = torch.zeros(len(frequencies)), frequencies.clamp(min=4 / _POOL)
    for done in range(_ROUNDS):
        found = torch.bincount((scores + offsets).argmax(1), minlength=len(offsets)) / len(scores)
        pace = 0.5 if done < _ROUNDS // 2 else 0.1
        offsets += pace * (wanted / found.clamp(min=0.2 / _POOL)).log().clamp(-1, 1)
    return offsets


class LatentCells:
    """Finds z for attributes.

    Args:
        mapping: its cells are cut.
        seed: of the z that are drawn from.
    """

    def __init__(self, mapping: CellMapping, seed: int = 0) -> None:
        random = torch.Generator().manual_seed(seed + 1)
        self.rest = mapping.latents - sum(mapping.axes)
        self._pools = []
        with torch.no_grad():
            pool = torch.randn(_POOL, mapping.latents, generator=random)
            parts = pool[:, : sum(mapping.axes)].split(mapping.axes, 1)
            scores = mapping.scores(pool.to(mapping.get_buffer("offsets0").device))
            for part, score in zip(parts, scores, strict=True):
                self._pools.append(_Pool(part, score.argmax(1).cpu(), score.shape[1]))

    def draw(self, indices: Tensor, random: torch.Generator) -> Tensor:
        """A z `[N,L]` for each row of attributes `[N,A]`: normally distributed, if the rows are those of the data."""
        parts = [pool.draw(indices[:, place], random) for place, pool in enumerate(self._pools)]
        return torch.cat([*parts, torch.randn(len(indices), self.rest, generator=random)], 1)


class _Pool:
    """Numbers `[P,d]` on the axes of one attribute, by the value `[P]` that each of them shows, of `count`."""

    def __init__(self, z: Tensor, values: Tensor, count: int) -> None:
        self._sizes = torch.bincount(values, minlength=count)
        self._starts = self._sizes.cumsum(0) - self._sizes
        self._sorted = z[values.argsort(stable=True)]

    def draw(self, values: Tensor, random: torch.Generator) -> Tensor:
        places = (torch.rand(len(values), generator=random) * self._sizes[values]).long()
        return self._sorted[self._starts[values] + places.minimum((self._sizes[values] - 1).clamp(min=0))]


def attributes_of(mapping: CellMapping, z: Tensor) -> Tensor:
    """What z `[N,L]` shows, `int64 [N,A]`."""
    return torch.stack([score.argmax(1) for score in mapping.scores(z)], 1)
