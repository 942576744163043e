"""Which rows are compared, and what is said of them."""

from dataclasses import replace

import numpy as np
import pytest

from edgestyle.bench.comparing import compare_apart, compare_groups, failures, judge, only_in_one, regressions
from edgestyle.bench.results import Result
from edgestyle.bench.significance import Interval
from tests.bench.samples import in_turns, noisy, row


def day(seed: int, slower: float = 0.0, repeats: int = 3, day_noise: float = 0.015) -> list[Result]:
    """Repeats of one file on one day; the machine's speed differs a little from day to day."""
    speed = 10 ** np.random.default_rng(seed).normal(0, day_noise / np.log(10))
    return [row(noisy(1000 * seed + number, 200) * speed * (1 + slower)) for number in range(repeats)]


def test_the_same_file_on_20_pairs_of_days_fails_no_build() -> None:
    pairs = [compare_apart(day(seed), day(seed + 100), same=0.1) for seed in range(20)]
    assert sum(one.is_regression(0.10) for (one,) in pairs) <= 1


def test_a_file_that_became_half_as_fast_again_fails_the_build() -> None:
    found = [compare_apart(day(seed), day(seed + 100, slower=0.5), same=0.1)[0] for seed in range(20)]
    assert sum(one.is_regression(0.10) for one in found) >= 18
    assert all(one.method == "apart" for one in found)


def test_files_that_were_measured_once_each_cannot_be_told_apart() -> None:
    (one,) = compare_apart(day(1, repeats=1), day(2, slower=1.0, repeats=1))
    assert one.verdict == "inconclusive"
    assert one.interval is None
    assert not one.is_regression(0.1)
    assert "--repeats 3" in one.notes[-1]


def test_a_noisy_machine_is_inconclusive_and_not_a_regression() -> None:
    old = [row(noisy(1, 200) * speed) for speed in (1.0, 1.3, 0.8)]
    new = [row(noisy(2, 200) * speed) for speed in (1.2, 1.5, 0.9)]
    (one,) = compare_apart(old, new)
    assert one.verdict == "inconclusive"


def test_two_days_are_never_known_better_than_days_differ() -> None:
    steady = [row(np.full(100, 10.0)) for _ in range(9)]
    (one,) = compare_apart(steady, steady)
    assert one.interval is not None
    assert one.interval.high > 1.05


@pytest.mark.parametrize("busy_day", ["old", "new"])
def test_days_on_which_the_machine_had_other_work_prove_nothing(busy_day: str) -> None:
    """Two trainings beside it make every file twice as slow, and all repeats alike."""
    days = {"old": day(1), "new": day(2, slower=1.0)}
    assert compare_apart(days["old"], days["new"])[0].is_regression(0.1)
    days[busy_day] = [replace(one, environment_before={"load_1min": 3.1}) for one in days[busy_day]]
    (one,) = compare_apart(days["old"], days["new"])
    assert one.verdict == "inconclusive"
    assert not one.is_regression(0.1)
    assert "other work left too few cores" in one.notes[-1]


@pytest.mark.parametrize(
    ("fraction", "threads", "pinned", "known"),
    [
        (0.02, 1, [], True), (0.5, 1, [], True), (0.65, 1, [], False), (0.02, 2, [], True), (0.2, 2, [], False),
        (0.02, 4, [], True), (0.05, 1, [0], True), (0.5, 1, [0], False),
    ],
)  # fmt: skip
def test_days_count_where_each_measured_thread_had_a_core_to_itself(
    fraction: float, threads: int, pinned: list[int], known: bool
) -> None:
    """On two cores; the load of the minute before says nothing then."""

    def measured(one: Result) -> Result:
        settings = {**one.settings, "threads": threads, "pinned_cores": pinned}
        return replace(one, other_cpu_fraction=fraction, settings=settings, environment_before={"load_1min": 9.0})

    old, new = ([measured(one) for one in rows] for rows in (day(1), day(2, slower=1.0)))
    assert compare_apart(old, new)[0].is_regression(0.1) == known


def test_the_measuring_itself_is_no_other_work() -> None:
    old, new = ([replace(one, environment_before={"load_1min": 1.1}) for one in day(seed)] for seed in (1, 2))
    assert compare_apart(old, new)[0].notes == ()


def test_a_slower_file_below_the_limit_is_slower_but_fails_nothing() -> None:
    old, new = ([row(np.full(100, ms)) for _ in range(5)] for ms in (10.0, 10.8))
    (one,) = compare_apart(old, new, same=0.1)
    assert one.verdict == "slower"
    assert not one.is_regression(0.10)
    assert one.is_regression(0.05)


def noisy_days(name: str, seed: int, slower: float = 0.0) -> tuple[list[Result], list[Result]]:
    """Repeats of two days that differ among themselves by 15%."""
    speeds = 10 * np.exp(np.random.default_rng(seed).normal(0, 0.15, (2, 3))) * [[1.0], [1 + slower]]
    old, new = ([row(np.full(3, speed), name) for speed in day] for day in speeds)
    return old, new


def test_many_files_of_a_noisy_machine_fail_a_build_no_more_often_than_one() -> None:
    alone = builds = 0
    for build in range(20):
        days = [noisy_days(f"{number}.onnx", 100 * build + number) for number in range(50)]
        found = compare_apart([one for old, _ in days for one in old], [one for _, new in days for one in new], 0.1)
        alone += any(one.is_regression(0.1) for one in found)
        builds += bool(regressions(found, 0.1))
    assert builds == 0
    assert alone >= 2, "without a correction some would fail"


def test_the_one_of_many_files_that_became_much_slower_fails_the_build() -> None:
    days = [noisy_days(f"{number}.onnx", number, slower=2.0 * (number == 4)) for number in range(10)]
    found = compare_apart([one for old, _ in days for one in old], [one for _, new in days for one in new], 0.1)
    assert [one.name for one in regressions(found, 0.1)] == ["4.onnx"]


def test_one_file_alone_fails_the_build_by_its_interval() -> None:
    for seed in range(20):
        found = compare_apart(day(seed), day(seed + 100, slower=0.12), same=0.1)
        assert regressions(found, 0.1) == [one for one in found if one.is_regression(0.1)]


def group(slower: float, seed: int = 3) -> list[Result]:
    old, new = in_turns(seed, slower=slower)
    return [
        row(samples, name, group="g", position=position)
        for position, (samples, name) in enumerate(((old, "old.onnx"), (new, "new.onnx")))
    ]


@pytest.mark.parametrize(("slower", "verdict"), [(0.0, "same"), (0.1, "slower"), (-0.1, "faster")])
def test_files_in_turns_are_compared_with_the_first(slower: float, verdict: str) -> None:
    (one,) = compare_groups(group(slower)[::-1])
    assert one.name == "old.onnx -> new.onnx"
    assert (one.verdict, one.method) == (verdict, "in turns")
    assert one.ranks is not None
    assert abs(one.ranks.effect - 0.5) < 0.1 or one.verdict != "same"


def test_rows_of_no_group_and_failed_ones_are_passed_over() -> None:
    failed = replace(group(0.0)[1], status="failed", latency_ms=None, samples_ms=None)
    assert compare_groups([*day(1), group(0.0)[0], failed]) == []


def test_a_group_whose_first_failed_has_nothing_to_be_compared_with() -> None:
    first, second = group(0.0)
    broken = replace(first, status="failed", latency_ms=None, samples_ms=None)
    assert compare_groups([broken, second, replace(second, position=2)]) == []


def test_only_like_is_compared_with_like() -> None:
    (base,) = day(1, repeats=1)
    others = [
        replace(base, target="ssh://pi"),
        replace(base, accelerator="xnnpack"),
        replace(base, settings={**base.settings, "size": 512}),
        replace(base, settings={**base.settings, "threads": 2}),
        replace(base, artifact={**base.artifact, "name": "b.onnx"}),
        replace(base, group="g", position=0),
    ]
    assert compare_apart([base], others) == []
    old, new = only_in_one([base], others)
    assert (len(old), len(new)) == (1, 6)
    assert "a.onnx on host, onnxruntime 1.32.0, cpu, 256x256, threads 1" in old[0]


def test_of_a_file_that_was_exported_anew_the_last_version_counts() -> None:
    older = [replace(one, artifact={**one.artifact, "sha256": "older"}) for one in day(1, slower=9.0)]
    (one,) = compare_apart([*older, *day(2)], day(3))
    assert one.old_ms < 12


def test_what_changed_beside_the_time_is_told() -> None:
    old, new = day(1), day(2)
    new = [
        replace(
            one,
            runtime="onnxruntime 1.33.0",
            device={**one.device, "governor": "powersave", "load_1min": 3.5},
            artifact={**one.artifact, "size_bytes": 900},
        )
        for one in new
    ]
    (one,) = compare_apart(old, new)
    assert set(one.changes) == {
        ("runtime", "onnxruntime 1.32.0", "onnxruntime 1.33.0"),
        ("device.governor", "-", "powersave"),
        ("file.size_bytes", "1000", "900"),
    }


def test_throttling_is_noted() -> None:
    hot = row(np.linspace(10, 14, 600))
    (one,) = compare_apart([hot, hot], [hot, hot])
    assert "became 29% slower while it was measured" in one.notes[0]


def test_a_file_that_can_no_longer_be_measured_is_named() -> None:
    (fine,) = day(1, repeats=1)
    for status in ("failed", "unavailable"):
        broken = replace(fine, status=status, latency_ms=None, error="why")
        assert failures([fine], [broken]) == [broken]
        assert failures([broken], [broken]) == []
        assert failures([fine], [broken, fine]) == [], "one repeat failed, as by a lost connection"
        larger = replace(broken, settings={**broken.settings, "size": 4096})
        assert failures([fine], [larger]) == [], "it was never measured so large"


@pytest.mark.parametrize(
    ("interval", "verdict"),
    [
        (Interval(1.2, 1.1, 1.3), "slower"),
        (Interval(1.02, 1.005, 1.03), "same"),
        (Interval(0.8, 0.7, 0.9), "faster"),
        (Interval(1.0, 0.97, 1.03), "same"),
        (Interval(1.0, 0.9, 1.1), "inconclusive"),
        (Interval(1.2, 1.0, 1.4), "inconclusive"),
        (None, "inconclusive"),
    ],
)
def test_verdicts(interval: Interval | None, verdict: str) -> None:
    assert judge(interval, floor=0.01, same=0.05) == verdict
