"""Compare measurements, in turns or of different days: slower, faster, the same, or it cannot be told."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from edgestyle.bench.other_work import describe_other_work
from edgestyle.bench.results import Result
from edgestyle.bench.significance import (
    Interval,
    RankTest,
    compare_ranks,
    find_drift,
    interleaved_interval,
    reject_by_holm,
    repeats_interval,
    slower_p_value,
)
from edgestyle.bench.statistics import Values

Verdict = Literal["slower", "faster", "same", "inconclusive"]
Place = tuple[str, str, str | None, int, int]
Change = tuple[str, str, str]  # what, before, after

SAME = 0.05  # an interval inside of this is "the same", unless another limit is asked for
TURNS_FLOOR = 0.01  # two copies of one file in one process differ by so much at most: memory, caches
DAYS_FLOOR = 0.02  # standard deviation of a machine's speed from day to day, which repeats of one day do not show
_LEVEL = 0.025  # of a test that a file is slower: one side of a 95% interval
_DRIFTING = ("load", "temperature", "battery_percent", "frequency_mhz", "available", "free", "uptime")


@dataclass(frozen=True)
class Comparison:
    """One file before and after.

    Attributes:
        name, where: the file or files, and on what they ran.
        old_ms, new_ms: medians.
        interval: the ratio; None where one of them was measured once only, so that nothing is known of the noise.
        verdict: "slower" and "faster" are beyond doubt and beyond the noise floor.
        method: how they were measured.
        ranks: Mann-Whitney on all runs; None where no runs were kept.
        notes: what to know before believing it.
        changes: fields of the rows that differ.
        p_value: one-sided, of being no slower; None in turns and where nothing can be told.
    """

    name: str
    where: str
    old_ms: float
    new_ms: float
    interval: Interval | None
    verdict: Verdict
    method: Literal["in turns", "apart"]
    ranks: RankTest | None
    notes: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    p_value: float | None = None

    def is_regression(self, above: float) -> bool:
        """Whether the new file, taken alone, is slower beyond doubt, and by more than this fraction."""
        return self.verdict == "slower" and self.interval is not None and self.interval.ratio > 1 + above


def compare_groups(rows: list[Result], same: float = SAME) -> list[Comparison]:
    """Each file that was measured in turns against the first of its group.

    Args:
        rows: any; those of no group, those not measured, and groups whose first was not measured are passed over.
        same: half the width of what counts as no difference, a fraction.
    """
    groups: dict[str, list[Result]] = {}
    for row in rows:
        if row.group and row.status == "measured" and row.samples_ms:
            groups.setdefault(row.group, []).append(row)
    ordered = (sorted(group, key=lambda row: row.position or 0) for group in groups.values())
    return [_compare_turns(group[0], row, same) for group in ordered if not group[0].position for row in group[1:]]


def compare_apart(old: list[Result], new: list[Result], same: float = SAME) -> list[Comparison]:
    """Rows of two files of results that are of the same exported file under the same circumstances."""
    before, after = _by_key(old), _by_key(new)
    noise = _pooled_noise([*before.values(), *after.values()])
    return [_compare_repeats(before[key], after[key], noise, same) for key in before if key in after]


def regressions(comparisons: list[Comparison], above: float) -> list[Comparison]:
    """Those that are slower beyond doubt by more than this fraction, however many files were tested.

    Tests of two days are corrected by Holm's method. Those in turns have no need: an interval that lies beyond their
    noise floor by chance is rarer than 1 in 100, and a ratio above 1.05 far rarer still.
    """
    tested = [one for one in comparisons if one.p_value is not None]
    doubted = reject_by_holm([one.p_value for one in tested if one.p_value is not None], _LEVEL)
    certain = [one for one, slower in zip(tested, doubted, strict=True) if slower]
    return [one for one in comparisons if one.is_regression(above) and (one.p_value is None or one in certain)]


def only_in_one(old: list[Result], new: list[Result]) -> tuple[list[str], list[str]]:
    """What the old rows alone have measured, and what the new ones alone have."""
    before, after = _by_key(old), _by_key(new)
    return (
        [_where(before[key][0], named=True) for key in before if key not in after],
        [_where(after[key][0], named=True) for key in after if key not in before],
    )


def failures(old: list[Result], new: list[Result]) -> list[Result]:
    """New rows of files that could be measured before in the same way, and now cannot: not even in another repeat."""
    before, after = ({_place(row) for row in rows if row.status == "measured"} for rows in (old, new))
    return [row for row in new if _place(row) in before - after]


def judge(interval: Interval | None, floor: float, same: float) -> Verdict:
    """What an interval of the ratio says.

    Args:
        interval: None knows nothing.
        floor: a difference that is not beyond this fraction for certain may be the machine's.
        same: see `compare_groups`.
    """
    if interval is None:
        return "inconclusive"
    if interval.low > 1 + floor:
        return "slower"
    if interval.high < 1 / (1 + floor):
        return "faster"
    return "same" if interval.low >= 1 / (1 + same) and interval.high <= 1 + same else "inconclusive"


def _compare_turns(old: Result, new: Result, same: float) -> Comparison:
    runs = int(old.settings.get("turn_runs", 1))
    count = min(len(old.samples_ms or ()), len(new.samples_ms or ())) // runs * runs
    before, after = (np.asarray((row.samples_ms or [])[:count]) for row in (old, new))
    interval = interleaved_interval(before, after, runs)
    name = f"{old.artifact['name']} -> {new.artifact['name']}"
    notes = tuple(_drift_notes([old, new]))
    verdict, ranks = judge(interval, TURNS_FLOOR, same), compare_ranks(before, after)
    where = _where(new) if _where(old) == _where(new) else f"{_where(old)} -> {_where(new)}"
    return Comparison(
        name, where, _p50(old), _p50(new), interval, verdict, "in turns", ranks, notes, _changes(old, new)
    )


def _compare_repeats(old: list[Result], new: list[Result], pooled: float, same: float) -> Comparison:
    """Repeats of one file on two days; the noise is the larger of its own and that of all files."""
    before, after = (np.log([_p50(row) for row in rows]) for rows in (old, new))
    freedom, interval, p_value = len(before) + len(after) - 2, None, None
    notes = [*_drift_notes([*old, *new])]
    if freedom:
        own = math.sqrt((_squares(before) + _squares(after)) / freedom)
        measured = repeats_interval(np.exp(before), np.exp(after), max(own, pooled), freedom)
        interval = _widen(measured, 1.96 * math.sqrt(2) * DAYS_FLOOR)
        p_value = slower_p_value(measured, freedom, math.sqrt(2) * DAYS_FLOOR)
    else:
        notes.append("measured once each, so nothing is known of the noise: measure with --repeats 3")
    verdict = judge(interval, 0.0, same)
    busy = describe_other_work(old) or describe_other_work(new)
    if busy:
        notes.append(busy)
        verdict, p_value = "inconclusive", None
    samples = [_samples(rows) for rows in (old, new)]
    ranks = compare_ranks(*samples) if all(map(len, samples)) else None
    old_ms, new_ms = (float(np.exp(values.mean())) for values in (before, after))
    return Comparison(
        new[-1].artifact["name"], _where(new[-1]), old_ms, new_ms, interval, verdict, "apart", ranks,
        tuple(notes), _changes(old[-1], new[-1]), p_value,
    )  # fmt: skip


def _widen(interval: Interval, by: float) -> Interval:
    """Add an independent uncertainty of the logarithm, half an interval wide."""
    half = math.hypot(math.log(interval.high / interval.ratio), by)
    return Interval(interval.ratio, interval.ratio * math.exp(-half), interval.ratio * math.exp(half))


def _place(row: Result) -> Place:
    """A file, and where and how it was measured."""
    size, threads = row.settings.get("size", 0), row.settings.get("threads", 0)
    return row.artifact["name"], row.target, row.accelerator, size, threads


def _by_key(rows: list[Result]) -> dict[tuple[Place, bool], list[Result]]:
    """Measured rows by what makes them comparable; of a file that changed on the way, those of its last version."""
    found: dict[tuple[Place, bool], list[Result]] = {}
    for row in rows:
        if row.status == "measured":
            found.setdefault((_place(row), row.group is not None), []).append(row)
    return {key: [row for row in same if _sha(row) == _sha(same[-1])] for key, same in found.items()}


def _pooled_noise(groups: list[list[Result]]) -> float:
    """Standard deviation of a repeat's logarithm over all files; 0 where nothing was repeated."""
    logs = [np.log([_p50(row) for row in rows]) for rows in groups]
    freedom = sum(len(values) - 1 for values in logs)
    return math.sqrt(sum(map(_squares, logs)) / freedom) if freedom else 0.0


def _squares(values: Values) -> float:
    return float(((values - values.mean()) ** 2).sum())


def _samples(rows: list[Result]) -> Values:
    return np.asarray([sample for row in rows for sample in row.samples_ms or []])


def _drift_notes(rows: list[Result]) -> Iterator[str]:
    for row in rows:
        if row.samples_ms and row.sample_starts_s and not row.group:
            drift = find_drift(np.asarray(row.samples_ms), np.asarray(row.sample_starts_s))
            if drift.kind == "slower":
                yield f"{row.artifact['name']} became {100 * drift.change:.0f}% slower while it was measured"


def _changes(old: Result, new: Result) -> tuple[Change, ...]:
    before, after = (dict(_flat(_facts(row))) for row in (old, new))
    names = dict.fromkeys([*before, *after])
    pairs = ((name, before.get(name, "-"), after.get(name, "-")) for name in names)
    return tuple(change for change in pairs if change[1] != change[2])


def _facts(row: Result) -> dict[str, Any]:
    """What may explain a difference."""
    artifact = {key: value for key, value in row.artifact.items() if key != "name"}
    artifact["sha256"] = str(artifact.get("sha256"))[:12]
    return {
        "file": artifact,
        "runtime": row.runtime,
        "accelerator": row.accelerator,
        "placement": row.placement,
        "settings": row.settings,
        "device": row.device,
    }


def _flat(data: dict[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    """Leaves by their dotted path, without what changes from minute to minute."""
    for key, value in data.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{key}.")
        elif not any(word in key for word in _DRIFTING):
            yield f"{before}{key}", "-" if value is None else str(value)


def _where(row: Result, named: bool = False) -> str:
    size, threads = row.settings.get("size"), row.settings.get("threads")
    name = f"{row.artifact['name']} on " if named else ""
    return f"{name}{row.target}, {row.runtime}, {row.accelerator}, {size}x{size}, threads {threads}"


def _p50(row: Result) -> float:
    assert row.latency_ms is not None
    return float(row.latency_ms["p50"])


def _sha(row: Result) -> object:
    return row.artifact.get("sha256")
