"""Summaries of known numbers."""

import time
from collections.abc import Callable

import numpy as np
import pytest

from edgestyle.bench.statistics import (
    Values,
    classify_outliers,
    median_interval,
    percentile_text,
    runs_needed,
    summarise,
)
from tests.bench.samples import noisy


def test_the_summary_of_known_numbers() -> None:
    values = np.random.default_rng(0).permutation(np.arange(1.0, 402.0)).tolist()
    summary = summarise(values)
    assert (summary.p50, summary.p90, summary.p95, summary.p99) == (201, 361, 381, 397)
    assert (summary.min, summary.runs, summary.mad) == (1, 401, 100)
    assert 170 < summary.p50_low < 201 < summary.p50_high < 232
    assert summarise([2.0]).p50_low == 2.0


@pytest.mark.parametrize(("percent", "runs"), [(90, 30), (95, 60), (99, 300)])
def test_a_percentile_of_too_small_a_sample_is_refused_in_words(percent: int, runs: int) -> None:
    assert runs_needed(percent) == runs
    for count in (runs - 1, runs):
        latency = vars(summarise([1.0 + index / 1000 for index in range(count)]))
        value = latency[f"p{percent}"]
        words = percentile_text(latency, percent)
        assert (value is None) == (count < runs)
        assert words == (f"needs {runs} runs, has {count}" if count < runs else f"{value:.2f}")


def test_outliers_are_classified_and_kept() -> None:
    values = [10.0, 10.5, 11.0, 11.5] * 10 + [14.5, 20.0, 7.0, 1.0]
    outliers = classify_outliers(np.asarray(values))
    assert (outliers.low, outliers.high, outliers.far_low, outliers.far_high) == (1, 1, 1, 1)
    summary = summarise(values)
    assert summary.runs == 44
    assert summary.min == 1.0


def test_equal_runs_have_no_outliers() -> None:
    assert sum(vars(classify_outliers(np.full(50, 3.0))).values()) == 0


def test_slow_spells_make_the_median_less_certain_than_as_many_slow_runs_in_between() -> None:
    spells = noisy(seed=1, count=400, spells=0.10)
    mixed = np.random.default_rng(0).permutation(spells)
    assert np.ptp(median_interval(spells)) > 2 * np.ptp(median_interval(mixed))


@pytest.mark.parametrize("count", [1, 2, 3, 9, 10, 33])
def test_an_interval_is_never_beyond_the_extremes(count: int) -> None:
    for values in (noisy(count, count), np.arange(1.0, count + 1), np.full(count, 3.0)):
        low, high = median_interval(values)
        assert values.min() <= low <= np.median(values) <= high <= values.max()


def test_outliers_do_not_widen_the_interval() -> None:
    values = np.random.default_rng(0).permutation(np.linspace(9.9, 10.1, 200))
    late = np.where(values > np.percentile(values, 97), 500.0, values)
    assert median_interval(late) == pytest.approx(median_interval(values))


def test_a_run_of_an_hour_is_summarised_before_anyone_loses_patience() -> None:
    start = time.process_time()
    summarise(np.random.default_rng(0).lognormal(0, 0.05, 120_000).tolist())
    assert time.process_time() - start < 2


def coverage(count: int, spells: float, interval: Callable[[Values], tuple[float, float]], trials: int = 300) -> float:
    """Share of noisy samples whose interval holds the median that the noise has in the long run."""
    rng, many = np.random.default_rng(0), 1_000_000
    late = (rng.random(many) < 0.02) * rng.exponential(0.5, many)
    truth = 10 * np.exp(np.median(rng.normal(0, np.hypot(spells, 0.02), many) + late))
    intervals = (interval(noisy(seed, count, spells)) for seed in range(trials))
    return float(np.mean([low <= truth <= high for low, high in intervals]))


@pytest.mark.parametrize("count", [200, 600])
@pytest.mark.parametrize(("spells", "least"), [(0.0, 0.93), (0.02, 0.90), (0.05, 0.90), (0.10, 0.90)])
def test_the_interval_holds_the_true_median(count: int, spells: float, least: float) -> None:
    def summarised(values: Values) -> tuple[float, float]:
        summary = summarise(values.tolist())
        return summary.p50_low, summary.p50_high

    assert least <= coverage(count, spells, summarised) <= 0.98


def test_a_bootstrap_of_short_blocks_would_be_too_sure() -> None:
    """Why the interval is none: slow spells of 50 runs are longer than its blocks of the cube root of 200."""

    def bootstrap(values: Values) -> tuple[float, float]:
        count, length = len(values), round(len(values) ** (1 / 3))
        starts = np.random.default_rng(0).integers(0, count, (300, -(-count // length), 1))
        rows = ((starts + np.arange(length)) % count).reshape(300, -1)[:, :count]
        low, high = np.percentile(np.median(values[rows], axis=1), [2.5, 97.5])
        return float(low), float(high)

    assert coverage(200, 0.05, bootstrap, trials=100) < 0.6
