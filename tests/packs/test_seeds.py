"""The same seed is the same face: what other languages are held to."""

import json
import math
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import edgestyle.packs.seeds as seeds
from edgestyle.errors import ContractError
from edgestyle.packs.seeds import LARGEST_SEED, check_seed, draw_latent, draw_pcg32, parse_seed

VECTORS: dict[str, Any] = json.loads(Path(seeds.__file__).with_name("seed_vectors.json").read_text())
PUBLISHED = [0xA15C02B7, 0x7B47F409, 0xBA1D3330, 0x83D2F293, 0xBFA4784B, 0xCBED606E]  # pcg32-demo of the reference


def test_the_draws_are_those_of_the_reference() -> None:
    assert list(islice(draw_pcg32(42, 54), 6)) == PUBLISHED
    told = VECTORS["pcg32"]
    assert told["draws"] == PUBLISHED
    assert list(islice(draw_pcg32(int(told["seed"]), int(told["stream"])), 6)) == told["draws"]


@pytest.mark.parametrize("told", VECTORS["latents"], ids=lambda told: told["seed"])
def test_latents_are_those_that_ship(told: dict[str, Any]) -> None:
    latent = draw_latent(int(told["seed"]), len(told["latent"]))
    assert np.allclose(latent, told["latent"], rtol=0, atol=1e-6)


def test_the_vectors_cover_the_ends_of_the_range() -> None:
    assert [int(told["seed"]) for told in VECTORS["latents"]] == [0, 1, 7, 2**63 - 1]


def latent_in_wrapping_integers(seed: int, length: int) -> list[float]:
    """The docstring once more, in integers that wrap by themselves, as other languages have them."""
    increment, multiplier, state = np.uint64(2 * 54 + 1), np.uint64(6364136223846793005), np.uint64(0)
    uniform: list[float] = []
    with np.errstate(over="ignore"):
        state = state * multiplier + increment
        state = (state + np.uint64(seed)) * multiplier + increment
        for _ in range(length + length % 2):
            mixed, turn = np.uint32((((state >> 18) ^ state) >> 27) & np.uint64(0xFFFFFFFF)), int(state >> 59)
            drawn = int(mixed >> turn) | int(np.uint32(mixed << (-turn & 31)))
            uniform.append((drawn + 0.5) / 4294967296.0)
            state = state * multiplier + increment
    latent = []
    for u, v in zip(uniform[::2], uniform[1::2], strict=True):
        radius = math.sqrt(-2.0 * math.log(u))
        latent += [radius * math.cos(2 * math.pi * v), radius * math.sin(2 * math.pi * v)]
    return latent[:length]


@pytest.mark.parametrize("seed", [0, 5, 2**32, 2**62 + 12345, LARGEST_SEED])
def test_what_the_docstring_says_is_what_is_drawn(seed: int) -> None:
    assert np.array_equal(draw_latent(seed, 33), np.array(latent_in_wrapping_integers(seed, 33), np.float32))


def test_a_shorter_latent_is_the_beginning_of_a_longer_one() -> None:
    assert draw_latent(3, 5).shape == (5,)
    assert draw_latent(3, 5).dtype == np.float32
    assert np.array_equal(draw_latent(3, 5), draw_latent(3, 96)[:5])


def test_latents_are_normal_and_neighbouring_seeds_have_nothing_in_common() -> None:
    latents = np.stack([draw_latent(seed, 64) for seed in range(500)])
    assert abs(latents.mean()) < 4 / math.sqrt(latents.size)
    assert latents.std() == pytest.approx(1, abs=0.02)
    assert (latents**4).mean() == pytest.approx(3, abs=0.15)
    between = float((latents[:-1] * latents[1:]).mean())
    assert abs(between) < 4 / math.sqrt(latents.size)


@pytest.mark.parametrize(("text", "seed"), [("0", 0), ("007", 7), ("9223372036854775807", LARGEST_SEED)])
def test_seeds_are_read(text: str, seed: int) -> None:
    assert parse_seed(text) == seed


@pytest.mark.parametrize(
    "text", ["", "seven", "-1", "1.5", "1e3", "0x7", "1_0", " 7", "\u0667", "9223372036854775808", "9" * 5000]
)
def test_what_is_no_seed_is_an_error(text: str) -> None:
    with pytest.raises(ContractError, match="whole number from 0 to 2\\^63-1"):
        parse_seed(text)


@pytest.mark.parametrize("seed", [-1, 2**63, 1.0, "7", True, None])
def test_what_is_no_whole_number_in_range_is_an_error(seed: Any) -> None:
    with pytest.raises(ContractError, match="whole number"):
        check_seed(seed)
