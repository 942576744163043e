"""Tests on latencies: is one faster, does it drift?

They need SciPy, so they run where rows are read, not on the device that makes them. SciPy's larger parts take as long
to import as a thousand rows to read: each is imported where it is needed.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import ndtri, stdtrit

from edgestyle.bench.statistics import Values, median_interval

_SMALLEST_P = 1e-12
_DRIFT_BLOCKS = 30
_FEWEST_BLOCKS = 8
_DRIFT_P = 0.01
_DRIFT_CHANGE = 0.05  # a smaller change from the first quarter to the last is no throttling, however certain


@dataclass(frozen=True)
class Interval:
    """A ratio of latencies, new by old, with its 95% interval; 1.1 is 10% slower."""

    ratio: float
    low: float
    high: float


@dataclass(frozen=True)
class Drift:
    """Whether latencies change while they are measured.

    Attributes:
        kind: "slower" is throttling, "faster" a warm-up that was too short.
        change: from the first quarter's median to the last quarter's, 0.1 is 10% slower. Below 5% nothing is tested.
        change_per_minute: Theil-Sen slope by the median; None where nothing was tested.
        p_value: Mann-Kendall's; None where nothing was tested.
    """

    kind: Literal["none", "slower", "faster", "unknown"]
    change: float
    change_per_minute: float | None = None
    p_value: float | None = None


@dataclass(frozen=True)
class RankTest:
    """Mann-Whitney's test that two samples come from one distribution.

    Attributes:
        p_value: two-sided. It takes runs for independent, which neighbours are not, so it comes out too small and no
            verdict rests on it.
        effect: how often a new run is slower than an old one, 0.5 is no difference (Vargha and Delaney's A, 2000).
    """

    p_value: float
    effect: float


def interleaved_interval(old_ms: Values, new_ms: Values, turn_runs: int) -> Interval:
    """The ratio of two files measured in turns.

    Each turn's median is divided by that of the other's turn in the same round, so a slow spell cancels out; the ratio
    is the median of these, its interval that of `median_interval`.

    Args:
        old_ms, new_ms: `[N]` in the order they were measured, equally many.
        turn_runs: runs in a turn.
    """
    turns = [np.median(values.reshape(-1, turn_runs), axis=1) for values in (old_ms, new_ms)]
    logs = np.log(turns[1] / turns[0])
    return Interval(*(math.exp(value) for value in (float(np.median(logs)), *median_interval(logs))))


def repeats_interval(old_ms: Values, new_ms: Values, noise: float, freedom: int) -> Interval:
    """The ratio of two files measured at different times, by the spread of repeated measurements.

    Args:
        old_ms, new_ms: medians of repeats, `[N]` and `[M]`.
        noise: standard deviation of a repeat's logarithm.
        freedom: degrees of freedom that `noise` was estimated with.
    """
    ratio = float(np.mean(np.log(new_ms)) - np.mean(np.log(old_ms)))
    half = _students_t(0.975, freedom) * noise * math.sqrt(1 / len(old_ms) + 1 / len(new_ms))
    return Interval(*(math.exp(value) for value in (ratio, ratio - half, ratio + half)))


def slower_p_value(interval: Interval, freedom: int, floor: float) -> float:
    """One-sided p-value of a file being no slower, from the interval of `repeats_interval`; 1 where it is no slower.

    Args:
        interval: not widened.
        freedom: see `repeats_interval`.
        floor: standard deviation of the ratio's logarithm that repeats do not show.
    """
    shift = math.log(interval.ratio)
    error = math.log(interval.high / interval.ratio) / _students_t(0.975, freedom)

    def excess(p_value: float) -> float:
        return math.hypot(_students_t(p_value, freedom) * error, float(ndtri(p_value)) * floor) - shift

    if shift <= 0:
        return 1.0
    from scipy.optimize import brentq

    return _SMALLEST_P if excess(_SMALLEST_P) < 0 else float(brentq(excess, _SMALLEST_P, 0.5))


def reject_by_holm(p_values: list[float], level: float) -> list[bool]:
    """Which hypotheses fall, so that the chance of any wrong one is below `level` (Holm 1979)."""
    rejected = [False] * len(p_values)
    for rank, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        if p_values[index] > level / (len(p_values) - rank):
            break
        rejected[index] = True
    return rejected


def compare_ranks(old_ms: Values, new_ms: Values) -> RankTest:
    """Mann-Whitney on all runs."""
    from scipy.stats import mannwhitneyu

    u, p_value = mannwhitneyu(new_ms, old_ms)
    return RankTest(float(p_value), float(u) / (len(old_ms) * len(new_ms)))


def find_drift(samples_ms: Values, starts_s: Values) -> Drift:
    """Mann-Kendall's test and Theil-Sen's slope (Sen 1968) on medians of blocks, which are less alike than runs.

    Args:
        samples_ms: `[N]` in the order they were measured.
        starts_s: `[N]`, when each began.
    """
    count = min(_DRIFT_BLOCKS, len(samples_ms) // 3)
    if count < _FEWEST_BLOCKS or starts_s[-1] <= starts_s[0]:
        return Drift("unknown", 0.0)
    quarter = len(samples_ms) // 4
    change = float(np.median(samples_ms[-quarter:]) / np.median(samples_ms[:quarter])) - 1
    if abs(change) < _DRIFT_CHANGE:
        return Drift("none", change)
    from scipy.stats import kendalltau, theilslopes

    medians = np.asarray([np.median(block) for block in np.array_split(samples_ms, count)])
    minutes = np.asarray([np.median(block) for block in np.array_split(starts_s, count)]) / 60
    p_value = float(kendalltau(minutes, medians).pvalue)
    slope = float(theilslopes(medians, minutes).slope) / float(np.median(medians))
    kind: Literal["none", "slower", "faster"] = "none"
    if p_value < _DRIFT_P:
        kind = "slower" if change > 0 else "faster"
    return Drift(kind, change, slope, p_value)


def _students_t(probability: float, freedom: int) -> float:
    """The value that Student's t stays below with this probability."""
    return float(stdtrit(freedom, probability))
