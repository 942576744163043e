"""Summaries of latencies, with NumPy alone: a small device makes its own rows. Tests are in `significance`."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
_RESAMPLES, _FEWEST_RESAMPLES = 2000, 200
_MOST_DRAWN = 20_000_000  # runs drawn for an interval; a long sample, whose interval is narrow, is resampled less often
_AT_ONCE = 500_000  # numbers in memory during a bootstrap
_RUNS_BEYOND = 3  # a percentile is stated where at least so many runs lie beyond it


@dataclass(frozen=True)
class Outliers:
    """Runs outside of Tukey's fences (1977), counted and kept: 1.5 quartile ranges away, and 3 for `far`."""

    low: int = 0
    high: int = 0
    far_low: int = 0
    far_high: int = 0


@dataclass(frozen=True)
class LatencySummary:
    """What a sample of latencies says, milliseconds.

    Attributes:
        p50: median.
        p90, p95, p99: percentiles; None where the sample is too small to know them (`runs_needed`).
        min: fastest run.
        p50_low, p50_high: 95% bootstrap interval of the median.
        runs: sample size.
        mad: median absolute deviation from the median.
        outliers: counts.
    """

    p50: float
    p90: float | None
    min: float
    p50_low: float
    p50_high: float
    runs: int
    p95: float | None = None
    p99: float | None = None
    mad: float = 0.0
    outliers: Outliers = Outliers()


def summarise(samples_ms: list[float]) -> LatencySummary:
    """Summarise latencies in the order they were measured."""
    values = np.asarray(samples_ms, dtype=np.float64)
    resamples = min(_RESAMPLES, max(_FEWEST_RESAMPLES, _MOST_DRAWN // len(values)))
    low, high = np.percentile(bootstrap_medians(values, resamples), [2.5, 97.5])
    p50 = float(np.median(values))
    p90, p95, p99 = (percentile(values, percent) for percent in (90, 95, 99))
    mad = float(np.median(np.abs(values - p50)))
    return LatencySummary(
        p50, p90, float(values.min()), float(low), float(high), len(values), p95, p99, mad, classify_outliers(values)
    )


def bootstrap_medians(values: Values, resamples: int, seed: int = 0) -> Values:
    """Medians `[resamples]` of resamples of a series `[N]`, by a bootstrap that keeps neighbours together.

    Runs next to each other are alike (a busy neighbour, a warm chip), and a bootstrap of single runs would be too sure.
    Circular blocks (Politis and Romano 1992) of the cube root of the sample's size (Hall, Horowitz and Jing 1995).
    """
    count, rng = len(values), np.random.default_rng(seed)
    length = max(1, round(count ** (1 / 3)))
    blocks, steps = -(-count // length), np.arange(length)
    at_once = max(1, _AT_ONCE // count)
    medians = []
    for done in range(0, resamples, at_once):
        starts = rng.integers(0, count, (min(at_once, resamples - done), blocks, 1))
        rows = ((starts + steps) % count).reshape(len(starts), -1)[:, :count]
        medians.append(np.median(values[rows], axis=1))
    return np.concatenate(medians)


def percentile(values: Values, percent: int) -> float | None:
    """A percentile of a sample `[N]`; None where it is too small to know it."""
    return float(np.percentile(values, percent)) if len(values) >= runs_needed(percent) else None


def runs_needed(percent: int) -> int:
    """How many runs a percentile needs: 300 for the 99th."""
    return -(-_RUNS_BEYOND * 100 // (100 - percent))


def percentile_text(latency_ms: dict[str, Any], percent: int) -> str:
    """A percentile of a row in milliseconds, or in words why there is none."""
    value = latency_ms.get(f"p{percent}")
    if value is None:
        return f"needs {runs_needed(percent)} runs, has {latency_ms['runs']}"
    return f"{value:.2f}"


def classify_outliers(values: Values) -> Outliers:
    """Count Tukey's outliers of a sample `[N]`; none is ever left out."""
    first, third = np.percentile(values, [25, 75])
    below, above = (first - values) / max(third - first, 1e-12), (values - third) / max(third - first, 1e-12)
    return Outliers(
        low=int(((below > 1.5) & (below <= 3)).sum()),
        high=int(((above > 1.5) & (above <= 3)).sum()),
        far_low=int((below > 3).sum()),
        far_high=int((above > 3).sum()),
    )
