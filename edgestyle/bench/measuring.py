"""Time a call: warm up until it settles, then enough runs and enough seconds. Standard library and NumPy alone."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from statistics import median
from typing import Any

from edgestyle.bench.counters import OtherWork
from edgestyle.bench.statistics import summarise

Call = Callable[[], object]
Clock = Callable[[], int]  # monotonic nanoseconds
_SETTLED = 0.02  # two windows of the warm-up whose medians differ by less are settled
_WINDOW = 10
_MOST_SAMPLES = 20_000  # kept in a row; an hour's run keeps every so-many-th


@dataclass(frozen=True)
class Plan:
    """How long to measure, and how.

    Attributes:
        min_runs, min_seconds: of the steady state; both are reached.
        max_warmup_seconds: warm-up ends here even if the latency has not settled.
        min_warmup_runs, min_warmup_seconds: of the warm-up; both are reached before it may settle.
        sustained_seconds: measure so long instead of `min_seconds`, to see the device heat; 0 does not.
        cool_down_seconds: rest between files.
        interleaved: all files in one process, in turns.
        alternations: turns of each file at least, when interleaved.
        turn_runs: runs of a file in one turn.
        pinned_cores: the only cores to run on; empty leaves it to the system.
    """

    min_runs: int = 30
    min_seconds: float = 3.0
    max_warmup_seconds: float = 5.0
    min_warmup_runs: int = 5
    min_warmup_seconds: float = 0.2
    sustained_seconds: float = 0.0
    cool_down_seconds: float = 0.0
    interleaved: bool = False
    alternations: int = 20
    turn_runs: int = 3
    pinned_cores: tuple[int, ...] = ()

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Plan":
        """The plan whose `asdict` went through JSON."""
        return cls(**{**data, "pinned_cores": tuple(data["pinned_cores"])})

    @property
    def steady_seconds(self) -> float:
        """How long the steady state is measured at least."""
        return self.sustained_seconds or self.min_seconds


@dataclass(frozen=True)
class WarmUp:
    """What came before the steady state, and whether its running median settled."""

    runs: int
    seconds: float
    settled: bool


@dataclass(frozen=True)
class Timed:
    """The steady state of one call.

    Attributes:
        samples_ms: latencies in the order they were measured.
        starts_s: when each run began, after the first one did.
        warm_up: before it.
        overhead_fraction: share of the steady state that passes outside of calls: clocks, lists, the loop.
        other_cpu_fraction: see `OtherWork`; over the steady state of all calls that took turns.
    """

    samples_ms: list[float]
    starts_s: list[float]
    warm_up: WarmUp
    overhead_fraction: float
    other_cpu_fraction: float | None = None

    def row_fields(self) -> dict[str, Any]:
        """Fields of `Result`: the summary of all runs, and at most 20,000 runs, evenly left out."""
        step = -(-len(self.samples_ms) // _MOST_SAMPLES)
        return {
            "warm_up": asdict(replace(self.warm_up, seconds=round(self.warm_up.seconds, 3))),
            "latency_ms": asdict(summarise(self.samples_ms)),
            "samples_ms": [round(sample, 3) for sample in self.samples_ms[::step]],
            "sample_starts_s": [round(start, 3) for start in self.starts_s[::step]],
            "overhead_fraction": self.overhead_fraction,
            "other_cpu_fraction": self.other_cpu_fraction,
        }


def measure_call(call: Call, plan: Plan, clock: Clock = time.perf_counter_ns) -> Timed:
    """Warm a call up and time its steady state."""
    (timed,) = _measure([call], plan, 1, plan.min_runs, plan.steady_seconds, clock)
    return timed


def measure_in_turns(calls: list[Call], plan: Plan, clock: Clock = time.perf_counter_ns) -> list[Timed]:
    """Time several calls in turns, so that a slow spell of the machine hits all alike.

    The order is turned round every time, A B C C B A A B C ...: on a busy machine the first of a round was 1% slower
    than its own copy. Each turn is `plan.turn_runs` runs; there are at least `plan.alternations` turns of each call,
    and as many more as `plan.min_runs` and `plan.min_seconds` ask of each.
    """
    rounds = max(plan.alternations, -(-plan.min_runs // plan.turn_runs))
    return _measure(calls, plan, plan.turn_runs, rounds, plan.steady_seconds * len(calls), clock)


def _measure(calls: list[Call], plan: Plan, runs: int, rounds: int, seconds: float, clock: Clock) -> list[Timed]:
    """At least `rounds` rounds and `seconds` seconds, each round `runs` runs of every call."""
    warm_ups = [warm_up(call, plan, clock) for call in calls]
    spans: list[list[tuple[int, int]]] = [[] for _ in calls]
    pairs = list(zip(calls, spans, strict=True))
    orders = pairs, pairs[::-1]
    others, begin, done = OtherWork(), clock(), 0
    while done < rounds or clock() - begin < seconds * 1e9:
        for call, mine in orders[done % 2]:
            for _ in range(runs):
                start = clock()
                call()
                mine.append((start, clock()))
        done += 1
    beside = others.cpu_fraction()
    outside = overhead_fraction([span for mine in spans for span in mine])
    return [
        Timed(
            [(end - start) / 1e6 for start, end in mine], [(start - begin) / 1e9 for start, _ in mine], warm, outside,
            beside,
        )
        for mine, warm in zip(spans, warm_ups, strict=True)
    ]  # fmt: skip


def overhead_fraction(spans: list[tuple[int, int]]) -> float:
    """Share of time between runs: the median gap, so that being interrupted there by others does not count.

    Args:
        spans: of the steady state, all calls: when each began and ended, nanoseconds.
    """
    ordered = sorted(spans)
    if len(ordered) < 2:
        return 0.0
    gap = median(after[0] - before[1] for before, after in pairwise(ordered))
    return gap / max(gap + median(end - start for start, end in ordered), 1)


def warm_up(call: Call, plan: Plan, clock: Clock = time.perf_counter_ns) -> WarmUp:
    """Run `call` at least so often and so long, then until the running median settles or time is up."""
    begin = clock()
    samples: list[float] = []
    while True:
        start = clock()
        call()
        now = clock()
        samples.append((now - start) / 1e6)
        seconds, runs = (now - begin) / 1e9, len(samples)
        enough = runs >= plan.min_warmup_runs and seconds >= plan.min_warmup_seconds
        if enough and _is_settled(samples, _WINDOW):
            return WarmUp(runs, seconds, True)
        if seconds >= plan.max_warmup_seconds and runs >= plan.min_warmup_runs:
            return WarmUp(runs, seconds, _is_settled(samples, min(_WINDOW, runs // 2)))  # of slow calls there are few


def _is_settled(samples: list[float], window: int) -> bool:
    """Whether the medians of the last two windows agree."""
    if window == 0 or len(samples) < 2 * window:
        return False
    earlier, later = median(samples[-2 * window : -window]), median(samples[-window:])
    return abs(later - earlier) <= _SETTLED * earlier


def time_once_ms(call: Call, clock: Clock = time.perf_counter_ns) -> float:
    """Milliseconds one call takes by the monotonic clock."""
    start = clock()
    call()
    return (clock() - start) / 1e6


def measure_interleaved_ms(calls: dict[str, Call], rounds: int) -> dict[str, list[float]]:
    """Latencies by name of so many rounds in turns, one run a turn."""
    plan = Plan(min_runs=rounds, min_seconds=0, max_warmup_seconds=3, alternations=rounds, turn_runs=1)
    timed = measure_in_turns(list(calls.values()), plan)
    return {name: one.samples_ms for name, one in zip(calls, timed, strict=True)}
