"""Vectors of numbers: mixes, latencies and how they are taken, seeds."""

import math
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import numpy as np

from edgestyle.bench.measuring import Plan, Timed, measure_call
from edgestyle.bench.statistics import runs_needed, summarise
from edgestyle.packs.mixing import mixed_input, parse_mix
from edgestyle.packs.seeds import LARGEST_SEED, STREAM, draw_latent, draw_pcg32
from tests.vectors.writing import numbers

STYLES = {
    "cartoon": [0.5, -1.25, 3.0, 0.0],
    "oil": [-0.75, 0.5, 1e-3, 2.0],
    "ink": [1.0, 1.0, -1.0, 0.3],
}
_AS_IN_SIDECARS = {name: {"vector": vector} for name, vector in STYLES.items()}
BAD_MIXES = (
    ("", "empty_part"), ("cartoon,", "empty_part"), (":0.5", "empty_part"), ("oil:0.5,oil:0.5", "named_twice"),
    ("oil:much", "bad_weight"), ("oil:-1", "bad_weight"), ("oil:inf", "bad_weight"), ("oil:nan", "bad_weight"),
    ("oil:0,ink:0", "all_zero"), ("oil:0.5,paint:0.5", "unknown_style"),
)  # fmt: skip
GOOD_MIXES = (
    "cartoon", "cartoon:0.6,oil:0.4", "cartoon:3,oil:1", " cartoon : 0.5 , ink ", "oil:0,ink:2",
    "cartoon:1e300,oil:1e300", "cartoon,oil,ink", "oil:1e-300,ink:1e-300",
)  # fmt: skip
BAD_SEEDS = ("", " 1", "-1", "1.0", "1e3", "0x10", "seven", "9223372036854775808", "99999999999999999999")


def topics() -> dict[str, dict[str, Any]]:
    """All of them by name of their file."""
    return {"mixing": _mixing(), "statistics": _statistics(), "measuring": _measuring(), "seeds": _seeds()}


def _mixing() -> dict[str, Any]:
    return {
        "what": (
            "mixes of styles: weights are brought to a sum of 1 (divided by the largest first, so that nothing "
            "overflows); the vector is the weighted sum, added up in float64 and then rounded to float32; tolerance "
            "1e-6. error is why a text is no mix."
        ),
        "styles": STYLES,
        "good": [
            {"mix": mix, "weights": {name: numbers(weight) for name, weight in parse_mix(mix).items()},
             "vector": numbers(mixed_input(_AS_IN_SIDECARS, mix)[0])}
            for mix in GOOD_MIXES
        ],
        "bad": [{"mix": mix, "error": error} for mix, error in BAD_MIXES],
    }  # fmt: skip


def series() -> dict[str, list[float]]:
    """Latencies in milliseconds, in the order they were measured."""
    noise = _noise(7)
    quiet = [round(10 * math.exp(0.03 * next(noise)), 3) for _ in range(360)]
    spells = [round(value * (1.4 if index // 25 % 3 == 2 else 1), 3) for index, value in enumerate(quiet[:200])]
    slowed = [3 if index % 40 == 13 else 1.12 if index % 11 == 5 else 1 for index in range(80)]
    outliers = [round(value * factor, 3) for value, factor in zip(quiet, slowed, strict=False)]
    return {
        "one run": [12.5], "two runs": [12.5, 13.0], "three runs": [3.0, 1.0, 2.0], "all alike": [5.0] * 40,
        "few": quiet[:9], "thirty": quiet[:30], "quiet": quiet, "spells": spells, "outliers": outliers,
        "getting slower": [round(10 + 0.05 * index + value / 20, 3) for index, value in enumerate(quiet[:120])],
        "coarse clock": [float(round(value)) for value in quiet[:64]],
    }  # fmt: skip


def _noise(seed: int) -> Iterator[float]:
    """Standard normal numbers, by the sum of twelve uniform ones, so that no logarithm rounds them elsewhere."""
    draws = draw_pcg32(seed)
    while True:
        yield sum((next(draws) + 0.5) / 2**32 for _ in range(12)) - 6


def _statistics() -> dict[str, Any]:
    cases = []
    for name, samples in series().items():
        summary = asdict(summarise(samples))
        plain = {
            key: value if isinstance(value, dict | int | None) else numbers(value) for key, value in summary.items()
        }
        cases.append({"name": name, "samples_ms": samples, "summary": plain})
    return {
        "what": (
            "summaries of latencies as the harness makes them (edgestyle/bench/statistics.py). Percentiles by linear "
            "interpolation, null below runs_needed; p50_low and p50_high by the slowest cosine waves of the signs of "
            "log(sample) against their median: no random numbers, so the same everywhere. Tolerance 1e-6 of the "
            "value; counts exactly."
        ),
        "runs_needed": {str(percent): runs_needed(percent) for percent in (50, 90, 95, 99)},
        "cases": cases,
    }


PLANS = (
    ("steady", Plan(min_runs=30, min_seconds=0.5), [50.0, 20.0, 11.0, 10.4] + [10.0] * 4),
    ("fast", Plan(min_runs=12, min_seconds=0.02), [3.0, 2.0, 1.0]),
    ("slow", Plan(min_runs=3, min_seconds=1.0, max_warmup_seconds=5.0), [1500.0, 1400.0, 1400.0]),
    ("never settles", Plan(min_runs=5, min_seconds=0.1, max_warmup_seconds=1.0), [10.0 + 0.5 * n for n in range(200)]),
)


def measured(plan: Plan, durations_ms: list[float]) -> Timed:
    """What `measure_call` makes of calls that last so long, the last duration again and again."""
    now, calls = 0, 0

    def call() -> None:
        nonlocal now, calls
        now += round(durations_ms[min(calls, len(durations_ms) - 1)] * 1e6)
        calls += 1

    return measure_call(call, plan, lambda: now)


def _measuring() -> dict[str, Any]:
    cases = []
    for name, plan, durations in PLANS:
        timed = measured(plan, durations)
        cases.append({
            "name": name, "runs": plan.min_runs, "seconds": plan.min_seconds,
            "max_warmup_seconds": plan.max_warmup_seconds, "durations_ms": durations,
            "warm_up": asdict(timed.warm_up) | {"seconds": numbers(timed.warm_up.seconds)},
            "samples_ms": numbers(timed.samples_ms), "sample_starts_s": numbers(timed.starts_s),
        })  # fmt: skip
    answer = {
        "runtime": "a runtime 1.2", "load_ms": 21.5, "first_run_ms": 14.0, "samples_ms": [10.1, 10.0, 10.2],
        "sample_starts_s": [0.0, 0.01, 0.02], "warm_up": {"runs": 10, "seconds": 0.2, "settled": True},
        "peak_rss_bytes": 90000000,
    }  # fmt: skip
    return {
        "what": (
            "how a call is timed (edgestyle/bench/measuring.py), played on a clock that only the calls move: call n "
            "lasts durations_ms[n], the last again and again. The warm-up does min_warmup_runs and "
            "min_warmup_seconds, then ends when the medians of its last two windows of ten differ by at most settled "
            "of the earlier one, or at max_warmup_seconds (a window is then at most half the runs). Then come at "
            "least so many runs and seconds; the time is looked at after each run. answer is what an app writes, to "
            "be read back as it stands."
        ),
        "min_warmup_runs": Plan().min_warmup_runs,
        "min_warmup_seconds": Plan().min_warmup_seconds,
        "settled": 0.02,
        "cases": cases,
        "answer": answer,
    }


def _seeds() -> dict[str, Any]:
    draws, latents = draw_pcg32(42, 54), []
    for seed, length in ((0, 8), (1, 8), (7, 5), (42, 1), (2**53 + 1, 4), (LARGEST_SEED, 8)):
        latents.append({"seed": str(seed), "latent": numbers(draw_latent(seed, length))})
    many = draw_latent(20, 128).astype(np.float64)
    return {
        "what": (
            "seeds to latents: PCG32 of stream 54, uniform numbers (draw + 0.5) / 2^32, Box and Muller, float32; see "
            "edgestyle/packs/seeds.py. Seeds are text, because a JSON number is no whole number of 63 bits "
            "everywhere. Draws exactly, latents to 1e-6."
        ),
        "stream": STREAM,
        "pcg32": [
            {"seed": "42", "stream": "54", "draws": [next(draws) for _ in range(8)]},
            {"seed": str(2**64 - 1), "stream": "1", "draws": _first(draw_pcg32(2**64 - 1, 1), 4)},
            {"seed": "0", "stream": str(STREAM), "draws": _first(draw_pcg32(0), 4)},
        ],
        "latents": latents,
        "sums": {"seed": "20", "length": 128, "sum": numbers(many.sum()), "sum_of_squares": numbers((many**2).sum())},
        "texts": {"0": "0", "007": "7", "9223372036854775807": str(LARGEST_SEED), "00000000000000000000000001": "1"},
        "bad": list(BAD_SEEDS),
    }


def _first(draws: Iterator[int], count: int) -> list[int]:
    return [next(draws) for _ in range(count)]
