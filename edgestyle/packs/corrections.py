"""Low-rank corrections: a little more than a vector, for a style that the network alone does not reach.

Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", ICLR 2022, section 4.1, on one layer, which turns
a style into scales and shifts. A correction belongs to one style; folded into the weights it costs nothing.
"""

import copy
import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from edgestyle.errors import PackError
from edgestyle.models import AnyRenderer

LAYER = "modulation.predict"
MAX_RANK = 16
_DIGITS = 6  # significant ones, as text


class Corrected(nn.Module):
    """`linear(x) + up @ down @ x`; starts as `linear` alone, or as what was learned before.

    Attributes:
        down, up: `[r,I]` and `[O,r]`, the factors.
    """

    def __init__(self, linear: nn.Linear, rank: int, generator: torch.Generator) -> None:
        super().__init__()
        if not 1 <= rank <= MAX_RANK:
            raise PackError(f"the rank of a correction is from 1 to {MAX_RANK}, not {rank}")
        self.linear = linear
        width = linear.in_features
        self.down = nn.Parameter(torch.randn(rank, width, generator=generator) / math.sqrt(width))
        self.up = nn.Parameter(torch.zeros(linear.out_features, rank))

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.linear(x) + x @ self.down.T @ self.up.T
        return result

    def start_from(self, correction: dict[str, Any], name: str) -> None:
        """Take the factors of a correction over, and its rank. Raises PackError as `fold` does."""
        down, up = _factors(self.linear, correction, name)
        self.down, self.up = nn.Parameter(down), nn.Parameter(up)

    def to_json(self) -> dict[str, Any]:
        """For a style file."""
        return {"layer": LAYER, "rank": len(self.down), "down": _listed(self.down), "up": _listed(self.up)}


@contextmanager
def correcting(renderer: AnyRenderer, rank: int, seed: int) -> Iterator[Corrected]:
    """Put a correction into a renderer while it is learned; afterwards the renderer is as it was."""
    plain = renderer.modulation.predict
    corrected = Corrected(plain, rank, torch.Generator().manual_seed(seed))
    renderer.modulation.predict = corrected  # type: ignore[assignment]  # a layer that calls the one it stands for
    try:
        yield corrected
    finally:
        renderer.modulation.predict = plain


def fold(renderer: AnyRenderer, correction: dict[str, Any], name: str) -> AnyRenderer:
    """A copy of a renderer with a style's correction in its weights.

    Args:
        renderer: of the pack that the style was learned with.
        correction: as it stands in a style file.
        name: of the style, for the error.

    Raises:
        PackError: it is of another layer or shape, or holds anything but finite numbers.
    """
    down, up = _factors(renderer.modulation.predict, correction, name)
    folded = copy.deepcopy(renderer)
    with torch.no_grad():
        weight = folded.modulation.predict.weight.add_(up @ down)
    if not torch.isfinite(weight).all():
        raise PackError(f"the correction of style '{name}' makes weights that are not finite")
    return folded


def _factors(linear: nn.Linear, correction: dict[str, Any], name: str) -> tuple[Tensor, Tensor]:
    """`down` `[r,I]` and `up` `[O,r]` for a layer; errors as for `fold`."""
    rows, columns = linear.weight.shape
    rank = correction.get("rank")
    if correction.get("layer") != LAYER or type(rank) is not int or not 1 <= rank <= MAX_RANK:
        raise PackError(f"the correction of style '{name}' is of no layer that is known")
    return _read(correction, "down", (rank, columns), name), _read(correction, "up", (rows, rank), name)


def _read(correction: dict[str, Any], key: str, shape: tuple[int, int], name: str) -> Tensor:
    values = correction.get(key)
    rows: list[Any] = values if isinstance(values, list) and len(values) == shape[0] else [None]
    if not all(isinstance(row, list) and len(row) == shape[1] for row in rows):
        raise PackError(f"the correction of style '{name}' does not fit the network: '{key}' is not {list(shape)}")
    if not all(type(value) in (int, float) for row in rows for value in row):
        raise PackError(f"the correction of style '{name}' is damaged: '{key}' holds something else than numbers")
    try:
        tensor = torch.tensor(rows, dtype=torch.float32)
    except (TypeError, ValueError, OverflowError) as error:
        raise PackError(f"the correction of style '{name}' is damaged: {error}") from error
    if not torch.isfinite(tensor).all():
        raise PackError(f"the correction of style '{name}' holds numbers that are not finite")
    return tensor


def _listed(values: Tensor) -> list[list[float]]:
    return [[float(f"{value:.{_DIGITS}g}") for value in row] for row in values.detach().tolist()]
