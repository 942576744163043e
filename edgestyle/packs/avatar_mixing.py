"""Faces changed a little: `--seed 7 --mix 9:0.3` is 0.7 of one and 0.3 of the other."""

import math
from collections.abc import Iterable, Sequence

import numpy as np

from edgestyle.errors import MixError
from edgestyle.images import Floats
from edgestyle.packs.avatar_pack import AvatarPack, Face
from edgestyle.packs.mixing import parse_weight


def parse_parts(texts: Iterable[str]) -> list[tuple[str, float]]:
    """Read what is mixed into a face.

    Args:
        texts: a seed or a name each, with its share of the whole, such as `9:0.3` or `mira:0.5`.

    Returns:
        Seeds and names as they were typed, with shares that sum to at most 1.

    Raises:
        MixError: one lacks its share, a share is no number from 0 to 1, or together they are more than the whole.
    """
    parts = []
    for text in texts:
        face, colon, share = (piece.strip() for piece in text.rpartition(":"))
        if not colon or not face:
            raise MixError(f"'{text}' says nothing of how much: write a seed or a name and a share, such as 9:0.3")
        parts.append((face, parse_weight(share, face)))
    total = math.fsum(share for _, share in parts)
    if total > 1 + 1e-9:
        raise MixError(f"shares to mix in sum to {total:g}: 1 is the whole face, so leave some for the first")
    return parts


def mix_into(pack: AvatarPack, face: Face, parts: Sequence[tuple[Face, float]]) -> Floats:
    """A face `float32 [D]` with parts of others in it, each with its share of the whole; see `AvatarPack.mix`."""
    left = max(0.0, 1 - math.fsum(share for _, share in parts))
    return pack.mix([(face, left), *parts])


def between(pack: AvatarPack, first: Floats, last: Floats, count: int) -> list[Floats]:
    """`count` faces `float32 [D]` on the way from one to another, both ends among them."""
    return [pack.mix([(first, 1 - share), (last, share)]) for share in np.linspace(0, 1, count).tolist()]
