"""Time a call: warm up until it settles, then enough runs and enough seconds."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

_SETTLED = 0.02  # two halves of the warm-up window whose medians differ by less are settled
_WINDOW = 10


@dataclass(frozen=True)
class Plan:
    """How long to measure.

    Attributes:
        min_runs, min_seconds: both are reached.
        max_warmup_seconds: warm-up ends here even if the latency has not settled.
    """

    min_runs: int = 30
    min_seconds: float = 3.0
    max_warmup_seconds: float = 5.0


def measure_ms(call: Callable[[], object], plan: Plan) -> list[float]:
    """Latencies of `call` in milliseconds, in the order they were measured, after a warm-up."""
    warm_up(call, plan.max_warmup_seconds)
    samples: list[float] = []
    end = time.perf_counter() + plan.min_seconds
    while len(samples) < plan.min_runs or time.perf_counter() < end:
        samples.append(time_once_ms(call))
    return samples


def warm_up(call: Callable[[], object], max_seconds: float) -> None:
    """Run `call` until the running median settles, or `max_seconds` have passed."""
    samples: list[float] = []
    end = time.perf_counter() + max_seconds
    while time.perf_counter() < end:
        samples.append(time_once_ms(call))
        if len(samples) < 2 * _WINDOW:
            continue
        earlier, later = median(samples[-2 * _WINDOW : -_WINDOW]), median(samples[-_WINDOW:])
        if abs(later - earlier) <= _SETTLED * earlier:
            return


def time_once_ms(call: Callable[[], object]) -> float:
    """Milliseconds one call takes by the monotonic clock."""
    start = time.perf_counter_ns()
    call()
    return (time.perf_counter_ns() - start) / 1e6


def measure_interleaved_ms(calls: dict[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Time several calls in turns, A B C A B C ..., so that a slow spell of the machine hits all alike."""
    for call in calls.values():
        warm_up(call, 3.0)
    samples: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            samples[name].append(time_once_ms(call))
    return samples
