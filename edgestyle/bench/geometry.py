"""Curves and points of measurements, and where they lie in a picture: what pages draw as SVG."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edgestyle.bench.statistics import Values
from edgestyle.bench.summary import Summary

Point = tuple[float, float]
_CURVE_POINTS = 200
_MOST_REPEATS = 8
_LOG_FROM = 8  # an axis whose ends are this many times apart is logarithmic


@dataclass(frozen=True)
class Axis:
    """One side of a picture.

    Attributes:
        low, high: values at its ends, high above low.
        start, end: where these are, in the picture's units.
        log: whether steps are factors.
    """

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def place(self, value: float) -> float:
        """Where a value lies."""
        low, high, value = (math.log(v) if self.log else v for v in (self.low, self.high, value))
        return round(self.start + (value - low) / (high - low) * (self.end - self.start), 1)

    def ticks(self) -> list[tuple[float, str]]:
        """Where round numbers lie, and how they are written."""
        values = log_ticks(self.low, self.high) if self.log else round_ticks(self.low, self.high)
        return [(self.place(value), f"{value:g}") for value in values]


def fit_axis(values: Sequence[float], start: float, end: float, room: float = 0.05, log: bool = True) -> Axis:
    """An axis that holds all values with some room, logarithmic where they are very different and `log` allows it."""
    low, high = min(values), max(values)
    if log and low > 0 and high / low >= _LOG_FROM:
        factor = (high / low) ** room
        return Axis(low / factor, high * factor, start, end, log=True)
    if high == low:
        half = abs(high) * 0.1 or 1.0
        return Axis(low - half, high + half, start, end)
    return Axis(low - room * (high - low), high + room * (high - low), start, end)


def round_ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Multiples of 1, 2 or 5 times a power of ten between two numbers, at most `most` and a few."""
    raw = (high - low) / most
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw)
    return [round(index * step, 10) for index in range(math.ceil(low / step), math.floor(high / step) + 1)]


def log_ticks(low: float, high: float) -> list[float]:
    """1, 2 and 5 times powers of ten between two numbers."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    return [value for power in powers for factor in (1, 2, 5) if low <= (value := factor * 10.0**power) <= high]


def ecdf(samples: Values) -> list[Point]:
    """The share of runs at or below each latency, at no more than 200 places: (milliseconds, share)."""
    ordered = np.sort(samples)
    places = np.unique(np.linspace(0, len(ordered) - 1, min(len(ordered), _CURVE_POINTS)).round().astype(int))
    return [(float(ordered[place]), (place + 1) / len(ordered)) for place in places]


def time_curves(summary: Summary) -> list[list[Point]]:
    """For each of the last eight repeats its latencies over time, at most 200 medians: (seconds, milliseconds)."""
    return [
        _thin(np.asarray(row.sample_starts_s), np.asarray(row.samples_ms))
        for row in summary.rows[-_MOST_REPEATS:]
        if row.samples_ms and row.sample_starts_s
    ]


def _thin(starts: Values, samples: Values) -> list[Point]:
    """Medians of equally many neighbours; the few that are left over at the end are left out."""
    step = -(-len(samples) // _CURVE_POINTS)
    count = len(samples) // step
    medians = np.median(samples[: count * step].reshape(count, step), axis=1)
    return list(zip(starts[: count * step : step].tolist(), medians.tolist(), strict=True))


def svg_points(curve: list[Point], x: Axis, y: Axis) -> str:
    """A curve as SVG's `points`."""
    return " ".join(f"{x.place(a):g},{y.place(b):g}" for a, b in curve)
