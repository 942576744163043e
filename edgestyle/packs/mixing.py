"""Mixes of styles: `cartoon:0.6,oil:0.4` is a weighted sum of style vectors of one pack."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from edgestyle.errors import MixError, PackError

if TYPE_CHECKING:
    from edgestyle.packs.pack import Style


def parse_mix(text: str) -> dict[str, float]:
    """Read a style or a mix such as `cartoon:0.6,oil:0.4`.

    Args:
        text: names with weights, separated by commas; a name without weight counts 1.

    Returns:
        Weights by name, in the order given; none is negative, and they sum to 1.

    Raises:
        MixError: a part is empty, a name comes twice, a weight is no number from 0 up, or all of them are 0.
    """
    weights: dict[str, float] = {}
    for part in text.split(","):
        name, colon, weight = (piece.strip() for piece in part.partition(":"))
        if not name:
            raise MixError(f"'{text}' has a part without a style: write cartoon, or cartoon:0.6,oil:0.4")
        if name in weights:
            raise MixError(f"'{text}' names '{name}' twice: give each style one weight")
        weights[name] = parse_weight(weight, name) if colon else 1.0
    return _normalised(weights, text)


def mix_styles(styles: Mapping[str, "Style"], weights: Mapping[str, float]) -> "Style":
    """The weighted sum of some of a pack's styles, as a style of its own; a single one comes back as it is.

    Args:
        styles: of one pack; styles of different packs belong to different networks.
        weights: of names in `styles`, summing to 1. Default strength and detail are weighted like the vectors.
    """
    chosen = [styles[name] for name in weights]
    if len(chosen) == 1:
        return chosen[0]
    parts = list(weights.values())
    return replace(
        chosen[0],
        name=",".join(f"{name}:{weight:g}" for name, weight in weights.items()),
        vector=_weighted_sum([style.vector for style in chosen], parts),
        default_strength=_mean([style.default_strength for style in chosen], parts),
        title=" + ".join(style.title for style in chosen),
        licence=" AND ".join(dict.fromkeys(style.licence for style in chosen)),
        credit="; ".join(dict.fromkeys(style.credit for style in chosen if style.credit)),
        preview="",
        detail=_mean([style.detail for style in chosen], parts),
    )


def mixed_input(styles: Mapping[str, Mapping[str, Any]], mix: str) -> NDArray[np.float32]:
    """The style input of an exported file for a style or a mix; runs without torch.

    >>> session.run(None, {"image": image, "style": mixed_input(sidecar["styles"], "cartoon:0.6,oil:0.4"), ...})

    Args:
        styles: the sidecar's `styles`: a "vector" by name.
        mix: as for `parse_mix`.

    Returns:
        `float32 [1,D]`.

    Raises:
        MixError: as for `parse_mix`.
        PackError: a style is not among `styles`; the message lists those that are.
    """
    weights = parse_mix(mix)
    unknown = [name for name in weights if name not in styles]
    if unknown:
        raise PackError(f"there is no style '{unknown[0]}'; there are {', '.join(styles)}")
    vectors = [styles[name]["vector"] for name in weights]
    return np.asarray([_weighted_sum(vectors, list(weights.values()))], dtype=np.float32)


def parse_weight(text: str, name: str) -> float:
    """The weight of `name` in a mix. Raises MixError for what is no number from 0 up."""
    try:
        weight = float(text)
    except ValueError:
        weight = math.nan
    if not math.isfinite(weight) or weight < 0:
        raise MixError(f"the weight of '{name}' must be a number from 0 up, not '{text}'")
    return weight


def _normalised(weights: dict[str, float], text: str) -> dict[str, float]:
    largest = max(weights.values())
    if largest == 0:
        raise MixError(f"all weights in '{text}' are 0: give at least one style a weight")
    shares = {name: weight / largest for name, weight in weights.items()}  # no sum of these overflows
    total = math.fsum(shares.values())
    return {name: share / total for name, share in shares.items()}


def _weighted_sum(vectors: Sequence[Sequence[float]], weights: Sequence[float]) -> tuple[float, ...]:
    columns = zip(*vectors, strict=True)
    return tuple(math.fsum(w * v for w, v in zip(weights, values, strict=True)) for values in columns)


def _mean(values: Sequence[float], weights: Sequence[float]) -> float:
    """Weighted mean of numbers in [0,1], kept there whatever rounding does."""
    return min(1.0, math.fsum(w * v for w, v in zip(weights, values, strict=True)))
