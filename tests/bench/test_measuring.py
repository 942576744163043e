"""Timing with a clock that only moves when it is told to."""

import json
from collections.abc import Callable
from dataclasses import asdict

import pytest

from edgestyle.bench.measuring import (
    Plan,
    Timed,
    WarmUp,
    measure_call,
    measure_in_turns,
    measure_interleaved_ms,
    warm_up,
)

MS = 1_000_000


class FakeClock:
    """Nanoseconds that pass only inside of calls, and by `tick` whenever the clock is read."""

    def __init__(self, tick: int = 0) -> None:
        self.now, self.tick = 0, tick

    def __call__(self) -> int:
        self.now += self.tick
        return self.now

    def call(self, *milliseconds: float) -> Callable[[], object]:
        """A call that takes these times one after the other, then the last one for ever."""
        times = list(milliseconds)

        def run() -> None:
            self.now += int((times.pop(0) if len(times) > 1 else times[0]) * MS)

        return run


@pytest.mark.parametrize(("runs", "seconds", "expected"), [(20, 0.0, 20), (1, 0.1, 10), (20, 0.1, 20), (5, 0.1, 10)])
def test_both_bounds_of_the_plan_are_reached(runs: int, seconds: float, expected: int) -> None:
    clock = FakeClock()
    timed = measure_call(clock.call(10), Plan(min_runs=runs, min_seconds=seconds), clock)
    assert timed.samples_ms == [10.0] * expected
    assert timed.starts_s == pytest.approx([0.01 * index for index in range(expected)])
    assert "other_cpu_fraction" in timed.row_fields()


def test_warm_up_goes_on_until_the_running_median_settles() -> None:
    clock = FakeClock()
    falling = [100 - index for index in range(50)]
    warm = warm_up(clock.call(*falling, 50), Plan(max_warmup_seconds=60), clock)
    assert warm.settled
    assert 50 < warm.runs < 80


def test_warm_up_that_never_settles_ends_in_time_and_says_so() -> None:
    clock = FakeClock()
    warm = warm_up(clock.call(*(10 + index for index in range(1000))), Plan(max_warmup_seconds=5), clock)
    assert not warm.settled
    assert 5 <= warm.seconds < 5.2


@pytest.mark.parametrize(("later", "settled"), [(1000, True), (1100, False)])
def test_of_slow_calls_the_few_that_there_was_time_for_say_whether_it_settled(later: float, settled: bool) -> None:
    clock = FakeClock()
    warm = warm_up(clock.call(1000, 1000, 1000, later), Plan(max_warmup_seconds=5), clock)
    assert (warm.runs, warm.settled) == (5, settled)


@pytest.mark.parametrize(
    ("plan", "runs"),
    [
        (Plan(min_warmup_runs=70, min_warmup_seconds=0), 70),
        (Plan(min_warmup_runs=1, min_warmup_seconds=0.5), 50),
        (Plan(min_warmup_runs=3, min_warmup_seconds=0, max_warmup_seconds=0), 3),
    ],
)
def test_warm_up_takes_as_many_runs_and_as_long_as_asked(plan: Plan, runs: int) -> None:
    clock = FakeClock()
    assert warm_up(clock.call(10), plan, clock).runs == runs


def test_the_steady_state_is_without_the_warm_up() -> None:
    clock = FakeClock()
    timed = measure_call(clock.call(500, 400, 300, 5), Plan(min_seconds=0.1), clock)
    assert set(timed.samples_ms) == {5.0}
    assert timed.warm_up.runs >= 20


def test_a_sustained_run_takes_its_time() -> None:
    clock = FakeClock()
    timed = measure_call(clock.call(100), Plan(sustained_seconds=60), clock)
    assert len(timed.samples_ms) == 600


def test_turns_are_taken_forwards_and_backwards() -> None:
    clock, order = FakeClock(), []

    def named(name: str) -> Callable[[], object]:
        def run() -> None:
            order.append(name)
            clock.now += MS

        return run

    plan = Plan(min_runs=1, min_seconds=0, alternations=10, turn_runs=2)
    timed = measure_in_turns([named("a"), named("b")], plan, clock)
    assert "".join(order[-40:]) == "aabbbbaa" * 5
    assert [len(one.samples_ms) for one in timed] == [20, 20]


def test_a_slow_spell_hits_all_that_take_turns() -> None:
    clock = FakeClock()
    plan = Plan(min_runs=30, min_seconds=0, alternations=10, turn_runs=3)
    first, second = measure_in_turns([clock.call(10), clock.call(20)], plan, clock)
    assert (first.samples_ms, second.samples_ms) == ([10.0] * 30, [20.0] * 30)
    assert max(first.starts_s) < max(second.starts_s) + 0.1


@pytest.mark.parametrize("interrupted_at", [None, 250])
def test_overhead_is_the_time_between_runs_and_an_interruption_is_not_it(interrupted_at: int | None) -> None:
    class Clock(FakeClock):
        reads = 0

        def __call__(self) -> int:
            self.reads += 1
            if self.reads == interrupted_at:
                self.now += 1000 * MS
            return super().__call__()

    clock = Clock(tick=MS // 100)
    plan = Plan(min_runs=200, min_seconds=0, max_warmup_seconds=0)
    assert measure_call(clock.call(0.98), plan, clock).overhead_fraction == pytest.approx(0.01)
    assert clock.reads > 250


def test_overhead_of_a_single_run_is_not_known_to_be_any() -> None:
    plan = Plan(min_runs=1, min_seconds=0, max_warmup_seconds=0)
    assert measure_call(FakeClock().call(1), plan, FakeClock(tick=1)).overhead_fraction == 0


def test_a_long_run_keeps_an_even_part_of_its_samples_and_the_summary_of_all() -> None:
    samples = [float(index % 7) for index in range(50_000)]
    timed = Timed(samples, [index / 10 for index in range(50_000)], WarmUp(3, 0.5, True), 0.001)
    fields = timed.row_fields()
    assert len(fields["samples_ms"]) == len(fields["sample_starts_s"]) == 16_667
    assert fields["latency_ms"]["runs"] == 50_000
    assert fields["sample_starts_s"][:2] == [0.0, 0.3]
    assert fields["warm_up"] == {"runs": 3, "seconds": 0.5, "settled": True}


def test_latencies_by_name_for_other_tools() -> None:
    assert {name: len(samples) for name, samples in measure_interleaved_ms({"a": int, "b": int}, 4).items()} == {
        "a": 4,
        "b": 4,
    }


def test_a_plan_goes_through_json() -> None:
    plan = Plan(min_runs=7, pinned_cores=(0, 1))
    assert Plan.from_json(json.loads(json.dumps(asdict(plan)))) == plan
