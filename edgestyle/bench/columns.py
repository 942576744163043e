"""Columns of a report: what each is, how it reads, what it sorts by."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from edgestyle.bench.summary import Summary
from edgestyle.bench.words import number, percentile_cell


@dataclass(frozen=True)
class Column:
    """A column.

    Attributes:
        title: its head.
        meaning: one sentence.
        text: its cell.
        value: what it sorts by; None last.
        better: which way is better, or neither.
    """

    title: str
    meaning: str
    text: Callable[[Summary], str]
    value: Callable[[Summary], float | str | None]
    better: Literal["lower", "higher", ""] = "lower"


def _plain(
    title: str, meaning: str, value: Callable[[Summary], float | None], digits: int, absent: str = "-"
) -> Column:
    return Column(title, meaning, lambda one: number(value(one), digits, absent), value)


def _percentile(percent: int) -> Column:
    meaning = f"{percent} of 100 runs were no slower; left out where the sample is too small to know."
    return Column(
        f"p{percent} ms", meaning, lambda one: percentile_cell(one, percent), lambda one: one.percentile(percent)
    )


def _db(one: Summary) -> float | None:
    value = one.last.artifact.get("mean_psnr_db")
    return float(value) if isinstance(value, int | float) else None


def _kilobytes(one: Summary) -> float | None:
    value = one.last.artifact.get("size_bytes")
    return value / 1000 if isinstance(value, int | float) else None


def _megabytes(one: Summary) -> float | None:
    value = one.median_of("peak_rss_bytes")
    return None if value is None else value / 1e6


def _placement(one: Summary) -> str:
    placement = one.last.placement or {}
    return ", ".join(f"{name} {count}" for name, count in placement.items()) or "-"


COLUMNS = (
    Column("file", "The exported file.", lambda one: one.name, lambda one: one.name, ""),
    Column(
        "p50 ms (95%)",
        "Median of the steady state; from the lowest to the highest end of the repeats' intervals.",
        lambda one: f"{one.p50:.2f} ({one.low:.2f}-{one.high:.2f})",
        lambda one: one.p50,
    ),
    _percentile(90),
    _percentile(95),
    _percentile(99),
    _plain("min ms", "The fastest run.", lambda one: one.fastest, 2),
    _plain("MAD ms", "Median distance of a run from the median, last repeat.", lambda one: one.last_latency("mad"), 3),
    _plain("load ms", "Opening the file, without importing the runtime.", lambda one: one.median_of("load_ms"), 0),
    _plain("first ms", "The first run.", lambda one: one.median_of("first_run_ms"), 1),
    _plain("peak MB", "Highest memory of the process, Python included; absent where files shared one.", _megabytes, 0),
    _plain(
        "mJ a run",
        "Energy of the processor package, idle power included; absent where no counter can be read.",
        lambda one: one.median_of("energy_mj_per_run"),
        1,
        "absent",
    ),
    _plain("KB", "Size of the file.", _kilobytes, 0),
    Column(
        "PSNR dB", "Closeness to the float32 network, of the sidecar.", lambda one: number(_db(one), 1), _db, "higher"
    ),
    Column("runs", "Of all repeats.", lambda one: str(one.runs), lambda one: one.runs, ""),
    Column(
        "outliers",
        "Runs outside of Tukey's fences. They are kept in all numbers.",
        lambda one: str(one.outliers),
        lambda one: one.outliers,
    ),
    Column("operators ran on", "How many operators each provider or delegate really ran.", _placement, _placement, ""),
    Column("on", "Target, runtime, accelerator, picture, threads.", lambda one: one.where, lambda one: one.where, ""),
)
