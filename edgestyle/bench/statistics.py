"""Summaries of latencies, with NumPy alone: a small device makes its own rows. Tests are in `significance`."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
_STUDENT = {1: 12.706, 2: 4.303, 8: 2.306}  # 97.5% quantiles of Student's t by degrees of freedom
_SLOW, _FAST = slice(4), slice(8, 32)  # waves of a series whose strengths tell spells from noise
_SPELLS = 2.0  # slow waves so much stronger than fast ones mean spells
_SHORTEST_MS = 1e-6  # a clock's nanosecond
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
        p50_low, p50_high: 95% interval of the median (`median_interval`).
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
    low, high = np.exp(median_interval(np.log(np.maximum(values, _SHORTEST_MS))))
    p50 = float(np.median(values))
    p90, p95, p99 = (percentile(values, percent) for percent in (90, 95, 99))
    mad = float(np.median(np.abs(values - p50)))
    return LatencySummary(
        p50, p90, float(values.min()), float(low), float(high), len(values), p95, p99, mad, classify_outliers(values)
    )


def median_interval(values: Values) -> tuple[float, float]:
    """95% interval of the median of a series `[N]` in the order it was measured; never beyond its extremes.

    Runs next to each other are alike (a busy neighbour), and an interval that takes them for independent is too sure.
    How uncertain the share of values below the median is comes from the slowest cosine waves in the series of signs
    (Mueller 2007, "A theory of robust long-run variance estimation"; Lazarus et al. 2018, "HAR inference"), with
    Student's quantile for so few waves: 2 where slow waves are stronger than fast ones, else 8. Outliers weigh no more
    than other runs. A block bootstrap with the block length of Politis and White (2004) covered 32 to 60% of samples
    of 200 runs with spells of 50; this covers 90 to 93%.
    """
    count = len(values)
    middle = float(np.median(values))
    if count == 1:
        return middle, middle
    power = _wave_powers(np.sign(values - middle))
    spells = len(power) <= _FAST.start or float(power[_SLOW].mean()) > _SPELLS * float(power[_FAST].mean())
    waves = min(2 if spells else 8, count - 1)
    beyond = _STUDENT[waves] * float(np.sqrt(power[:waves].mean() / count)) / 2
    return _spread(values, middle, beyond)


def _wave_powers(signs: Values) -> Values:
    """Strengths of the slowest cosine waves, at most 32, in a series `[N]`; 1 on average for independent signs."""
    count = len(signs)
    angles = np.pi * (np.arange(count) + 0.5) / count
    waves = [signs @ np.cos(number * angles) for number in range(1, min(_FAST.stop, count - 1) + 1)]
    return 2 / count * np.square(waves)


def _spread(values: Values, middle: float, beyond: float) -> tuple[float, float]:
    """Values so far beyond the median as a share of the sample; past the quartiles in proportion to these."""
    share = min(beyond, 0.25)
    scale = beyond / share if share else 0.0
    low, high = np.quantile(values, [0.5 - share, 0.5 + share])
    return (
        max(float(values.min()), middle - scale * (middle - float(low))),
        min(float(values.max()), middle + scale * (float(high) - middle)),
    )


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
