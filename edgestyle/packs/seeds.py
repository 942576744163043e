"""The same seed is the same face everywhere: one generator of latents, said so exactly that any language can follow.

1. PCG32, which is PCG-XSH-RR 64/32 (O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically Good
   Algorithms for Random Number Generation", Harvey Mudd College HMC-CS-2014-0905, 2014), seeded as in its reference
   `pcg32_srandom_r(seed, stream)`. All sums and products are of unsigned 64-bit integers and wrap:

       increment = 2 * stream + 1
       state = 0;  step;  state += seed;  step          (a step: state = state * 6364136223846793005 + increment)
       to draw: x = state;  step;  y = the low 32 bits of (((x >> 18) ^ x) >> 27);  y rotated right by (x >> 59) bits

   Seeds of faces are whole numbers from 0 to 2^63 - 1; their stream is 54.
2. Uniform: a draw y is the number (y + 0.5) / 2^32, exact in float64, which is neither 0 nor 1.
3. Normal, by Box and Muller ("A Note on the Generation of Random Normal Deviates", Annals of Mathematical Statistics
   29, 1958), in float64: of two uniform numbers, u drawn first and v second, come two latents, in this order,

       sqrt(-2 ln u) * cos(2 pi v),   sqrt(-2 ln u) * sin(2 pi v)

   and of the last pair only the first where an odd number of latents is wanted.
4. Each is rounded to the nearest float32. Logarithms and cosines of different makers differ in their last bits, so two
   machines may round a latent to neighbouring float32 numbers; a picture does not show that.

`seed_vectors.json` beside this file holds what must come out: integers exactly, latents to 1e-6. Seeds in it are text,
because a JSON number is no whole number of 63 bits everywhere.
"""

import math
import operator
import re
from collections.abc import Iterator
from typing import SupportsIndex

import numpy as np

from edgestyle.arrays import Floats
from edgestyle.errors import ContractError

LARGEST_SEED = 2**63 - 1
STREAM = 54  # of faces; the one that the reference's demonstration draws from
_MULTIPLIER = 6364136223846793005
_MASK_64, _MASK_32 = 2**64 - 1, 2**32 - 1


def parse_seed(text: str) -> int:
    """A seed as it was typed. Raises ContractError for what is no whole number from 0 to 2^63 - 1."""
    if not re.fullmatch(r"[0-9]+", text, re.ASCII):
        raise ContractError(f"a seed is a whole number from 0 to 2^63-1, not '{text[:40]}'")
    digits = text.lstrip("0") or "0"
    return check_seed(int(digits) if len(digits) < 20 else LARGEST_SEED + 1)  # long texts are not worth reading


def check_seed(seed: SupportsIndex) -> int:
    """`seed` as an int; raise ContractError unless it is a whole number from 0 to 2^63 - 1."""
    try:
        number = operator.index(seed)
    except TypeError:
        raise ContractError(f"a seed is a whole number from 0 to 2^63-1, not {seed!r}") from None
    if isinstance(seed, bool) or not 0 <= number <= LARGEST_SEED:
        raise ContractError(f"a seed is a whole number from 0 to 2^63-1, not {seed!r}")
    return number


def draw_pcg32(seed: int, stream: int = STREAM) -> Iterator[int]:
    """The endless draws of PCG32, whole numbers of 32 bits.

    Args:
        seed: the initial state, 64 bits.
        stream: which sequence, 63 bits.
    """
    increment = (2 * stream + 1) & _MASK_64
    state = ((increment + seed) * _MULTIPLIER + increment) & _MASK_64
    while True:
        old, state = state, (state * _MULTIPLIER + increment) & _MASK_64
        mixed, turn = (((old >> 18) ^ old) >> 27) & _MASK_32, old >> 59
        yield (mixed >> turn | mixed << (32 - turn)) & _MASK_32


def draw_latent(seed: SupportsIndex, length: int) -> Floats:
    """The latent of a face, normally distributed.

    Args:
        seed: from 0 to 2^63 - 1.
        length: L, from 1 up.

    Returns:
        `float32 [L]`; a shorter latent is the beginning of a longer one.

    Raises:
        ContractError: the seed is no whole number, or out of range.
    """
    uniform = ((draw + 0.5) / 2**32 for draw in draw_pcg32(check_seed(seed)))
    latent: list[float] = []
    while len(latent) < length:
        radius, angle = math.sqrt(-2 * math.log(next(uniform))), 2 * math.pi * next(uniform)
        latent += [radius * math.cos(angle), radius * math.sin(angle)]
    return np.array(latent[:length], np.float32)
