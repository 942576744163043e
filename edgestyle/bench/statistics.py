"""Summaries of latencies."""

from dataclasses import dataclass

import numpy as np

_RESAMPLES = 2000


@dataclass(frozen=True)
class LatencySummary:
    """What a sample of latencies says, milliseconds.

    Attributes:
        p50, p90, min: median, 90th percentile, fastest run.
        p50_low, p50_high: 95% bootstrap interval of the median.
        runs: sample size.
    """

    p50: float
    p90: float
    min: float
    p50_low: float
    p50_high: float
    runs: int


def summarise(samples_ms: list[float]) -> LatencySummary:
    """Summarise latencies; the interval is the percentile bootstrap (Efron 1979) with a fixed seed."""
    values = np.asarray(samples_ms)
    resamples = np.random.default_rng(0).choice(values, (_RESAMPLES, len(values)))
    low, high = np.percentile(np.median(resamples, axis=1), [2.5, 97.5])
    p50, p90 = np.percentile(values, [50, 90])
    return LatencySummary(float(p50), float(p90), float(values.min()), float(low), float(high), len(values))
