"""Measurements in words: cells of tables, on screen, in Markdown and in pages."""

from typing import TYPE_CHECKING

from edgestyle.bench.conditions import conditions
from edgestyle.bench.statistics import runs_needed
from edgestyle.bench.summary import Summary

if TYPE_CHECKING:
    from edgestyle.bench.comparing import Comparison
    from edgestyle.bench.significance import Drift

HEAD = ("file", "on", "p50 ms (95%)", "p90", "p99", "load ms", "first ms", "peak MB", "mJ", "runs", "notes")
COMPARISON_HEAD = ("file", "old ms", "new ms", "ratio (95%)", "verdict", "new slower in", "measured", "notes")
VERDICTS = {
    "slower": "slower",
    "faster": "faster",
    "same": "no difference",
    "inconclusive": "inconclusive",
}


def cells(summary: Summary) -> list[str]:
    """A line under `HEAD`; an absent number is a dash, and one that the sample is too small for says so."""
    if not summary.measured:
        return [summary.name, summary.where, summary.last.error or summary.last.status, *[""] * (len(HEAD) - 3)]
    peak = summary.median_of("peak_rss_bytes")
    return [
        summary.name,
        summary.where,
        f"{summary.p50:.2f} ({summary.low:.2f}-{summary.high:.2f})",
        percentile_cell(summary, 90),
        percentile_cell(summary, 99),
        number(summary.median_of("load_ms"), 0),
        number(summary.median_of("first_run_ms"), 1),
        number(None if peak is None else peak / 1e6, 0),
        number(summary.median_of("energy_mj_per_run"), 1, "absent"),
        str(summary.runs),
        "; ".join(notes(summary)),
    ]


def percentile_cell(summary: Summary, percent: int) -> str:
    """A percentile in milliseconds, or how many runs it needs."""
    value = summary.percentile(percent)
    return f"needs {runs_needed(percent)} runs" if value is None else f"{value:.2f}"


def notes(summary: Summary) -> list[str]:
    """What to know before believing a measured line."""
    found = []
    if len(summary.rows) > 1:
        medians = [float((row.latency_ms or {})["p50"]) for row in summary.rows]
        found.append(f"{len(summary.rows)} repeats, medians {min(medians):.2f} to {max(medians):.2f}")
    if summary.drift is not None:
        found += drift_words(summary.drift)
    if any(row.warm_up and not row.warm_up["settled"] for row in summary.rows):
        found.append("had not settled when warm-up ended")
    if any((row.overhead_fraction or 0) > 0.01 for row in summary.rows):
        found.append("measuring itself took over 1% of the time")
    return found + conditions(summary.last)


def drift_words(drift: "Drift") -> list[str]:
    """A sentence, or none."""
    if drift.kind == "slower":
        return [f"{100 * drift.change:.0f}% slower at the end than at the start: throttled, or disturbed by other work"]
    if drift.kind == "faster":
        return [f"still warming up: {-100 * drift.change:.0f}% faster at the end than at the start"]
    return []


def number(value: float | None, digits: int, absent: str = "-") -> str:
    """A number, or what stands for none."""
    return absent if value is None else f"{value:.{digits}f}"


def comparison_cells(one: "Comparison") -> list[str]:
    """A line under `COMPARISON_HEAD`."""
    interval = one.interval
    ratio = "-" if interval is None else f"{interval.ratio:.3f} ({interval.low:.3f}-{interval.high:.3f})"
    return [
        f"{one.name} on {one.where}",
        f"{one.old_ms:.2f}",
        f"{one.new_ms:.2f}",
        ratio,
        VERDICTS[one.verdict],
        "-" if one.ranks is None else f"{100 * one.ranks.effect:.0f}% of pairs",
        one.method,
        "; ".join(one.notes),
    ]


def changed_lines(comparisons: list["Comparison"]) -> list[tuple[str, str, str, str]]:
    """Every change with the files that it is of: what, before, after, files."""
    files: dict[tuple[str, str, str], list[str]] = {}
    for one in comparisons:
        for change in one.changes:
            files.setdefault(change, []).append(one.name)
    everywhere = len(comparisons) > 1
    return [
        (*change, "all" if everywhere and len(names) == len(comparisons) else ", ".join(dict.fromkeys(names)))
        for change, names in files.items()
    ]
