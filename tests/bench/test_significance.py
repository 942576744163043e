"""Tests on synthetic latencies: rare false alarms, real slowdowns found, throttling seen."""

import numpy as np
import pytest

from edgestyle.bench.comparing import SAME, TURNS_FLOOR, judge
from edgestyle.bench.significance import (
    compare_ranks,
    find_drift,
    interleaved_interval,
    reject_by_holm,
    repeats_interval,
    slower_p_value,
)
from tests.bench.samples import in_turns, noisy

TRIALS = 60


def alarms(slower: float) -> int:
    """How many of `TRIALS` comparisons call the second file slower or faster."""
    intervals = (interleaved_interval(*in_turns(seed, slower=slower), turn_runs=3) for seed in range(TRIALS))
    return sum(judge(interval, TURNS_FLOOR, SAME) in ("slower", "faster") for interval in intervals)


def test_a_file_against_itself_raises_hardly_any_alarm() -> None:
    assert alarms(0.0) <= 0.05 * TRIALS


@pytest.mark.parametrize("slower", [0.10, 0.20, -0.10])
def test_a_slowdown_is_found(slower: float) -> None:
    assert alarms(slower) >= 0.9 * TRIALS


@pytest.mark.parametrize("turns", [20, 100])
def test_the_interval_of_a_ratio_is_one_of_95_percent(turns: int) -> None:
    found = [interleaved_interval(*in_turns(seed, turns, slower=0.1), turn_runs=3) for seed in range(300)]
    assert 0.93 <= np.mean([one.low <= 1.1 <= one.high for one in found]) <= 0.98


def test_one_file_after_the_other_would_raise_many_alarms_by_ranks() -> None:
    """Why files take turns, and why no verdict rests on Mann-Whitney."""
    pairs = [np.array_split(noisy(seed, 600), 2) for seed in range(TRIALS)]
    assert sum(compare_ranks(old, new).p_value < 0.05 for old, new in pairs) > TRIALS / 2


def test_the_ratio_is_new_by_old_and_its_interval_holds_it() -> None:
    interval = interleaved_interval(*in_turns(seed=5, slower=0.3), turn_runs=3)
    assert 1.25 < interval.low < interval.ratio < interval.high < 1.35


def test_the_effect_is_how_often_a_new_run_is_slower() -> None:
    old, new = np.asarray([1.0, 2.0, 3.0]), np.asarray([2.5, 3.5, 9.0])
    assert compare_ranks(old, new).effect == pytest.approx(8 / 9)
    assert compare_ranks(old, old).effect == 0.5


def test_repeats_are_compared_by_their_spread() -> None:
    old, new = np.asarray([10.0, 10.0, 10.0]), np.asarray([12.0, 12.0, 12.0])
    sure, unsure = (repeats_interval(old, new, noise, freedom=4) for noise in (0.01, 0.1))
    assert sure.ratio == unsure.ratio == pytest.approx(1.2)
    assert sure.low > 1.15
    assert unsure.low < 1 < unsure.high


def test_the_p_value_is_that_at_which_the_interval_begins_at_1() -> None:
    old, new = np.asarray([10.0, 10.1, 9.9]), np.asarray([11.0, 11.1, 10.9])
    interval = repeats_interval(old, new, noise=0.042, freedom=4)
    p_value = slower_p_value(interval, 4, floor=0.0)
    assert 0.02 < p_value < 0.025
    assert 1 < interval.low < 1.001
    assert slower_p_value(interval, 4, floor=0.03) > p_value
    assert slower_p_value(repeats_interval(new, old, 0.042, 4), 4, 0.0) == 1


def test_holm_lets_the_smallest_fall_first_and_stops_at_the_first_that_stands() -> None:
    assert reject_by_holm([0.04, 0.01, 0.03, 0.005], 0.05) == [False, True, False, True]
    assert reject_by_holm([], 0.05) == []


SERIES = {
    "steady": (lambda t: 0 * t, "none"),
    "hot from the middle on": (lambda t: 0.2 * (t > 30), "slower"),
    "slowly hotter": (lambda t: 0.15 * t / 60, "slower"),
    "hardly hotter": (lambda t: 0.02 * t / 60, "none"),
    "warming up": (lambda t: 0.3 * np.exp(-t / 15), "faster"),
}


@pytest.mark.parametrize("name", SERIES)
def test_throttling_is_flagged_and_noise_is_not(name: str) -> None:
    curve, expected = SERIES[name]
    for seed in range(10):
        starts = np.linspace(0, 60, 3000)
        samples = 10 * np.exp(np.random.default_rng(seed).normal(0, 0.03, 3000)) * (1 + curve(starts))
        drift = find_drift(samples, starts)
        assert drift.kind == expected, (seed, drift)
        if expected == "slower":
            assert drift.change > 0.05
            assert (drift.change_per_minute or 0) > 0
            assert (drift.p_value or 1) < 0.01


def test_one_late_outlier_is_no_throttling() -> None:
    samples = np.full(300, 10.0)
    samples[-5:] = 100
    assert find_drift(samples, np.arange(300.0)).kind == "none"


def test_too_few_runs_say_nothing_of_drift() -> None:
    assert find_drift(np.arange(1.0, 24.0), np.arange(23.0)).kind == "unknown"
    assert find_drift(np.ones(100), np.zeros(100)).kind == "unknown"
