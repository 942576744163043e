"""Summaries of known numbers."""

import numpy as np
import pytest

from edgestyle.bench import statistics
from edgestyle.bench.statistics import (
    Values,
    bootstrap_medians,
    classify_outliers,
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


def test_the_bootstrap_keeps_neighbours_together() -> None:
    """A slow spell makes the median less certain than as many slow runs in between."""
    spells = noisy(seed=1, count=400, spells=0.10)
    mixed = np.random.default_rng(0).permutation(spells)
    assert np.ptp(np.percentile(bootstrap_medians(spells, 500), [2.5, 97.5])) > 1.5 * np.ptp(
        np.percentile(bootstrap_medians(mixed, 500), [2.5, 97.5])
    )


@pytest.mark.parametrize(("count", "resamples"), [(600, 2000), (50_000, 400), (1_000_000, 200)])
def test_a_run_of_an_hour_is_summarised_before_anyone_loses_patience(
    count: int, resamples: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def bootstrap(values: Values, resamples: int) -> Values:
        asked.append(resamples)
        return np.asarray([1.0, 2.0])

    monkeypatch.setattr(statistics, "bootstrap_medians", bootstrap)
    statistics.summarise(np.ones(count).tolist())
    assert asked == [resamples]


def test_the_interval_of_the_median_holds_the_truth_in_most_of_100_samples() -> None:
    hits = 0
    for seed in range(100):
        summary = summarise(np.random.default_rng(seed).lognormal(0, 0.05, 200).tolist())
        hits += summary.p50_low <= 1.0 <= summary.p50_high
    assert hits >= 90
