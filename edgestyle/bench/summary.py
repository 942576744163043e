"""Rows of one file under the same circumstances, as one."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from edgestyle.bench.results import Result
from edgestyle.bench.statistics import Values, percentile

if TYPE_CHECKING:
    from edgestyle.bench.significance import Drift

_DRIFT_REPEATS = 3


@dataclass(frozen=True)
class Summary:
    """One file on one target, over all repeats of it.

    Attributes:
        rows: the repeats, at least one; all measured, or one that was not.
    """

    rows: tuple[Result, ...]

    @property
    def last(self) -> Result:
        """The latest row."""
        return self.rows[-1]

    @property
    def measured(self) -> bool:
        """Whether there are numbers."""
        return self.last.status == "measured"

    @property
    def name(self) -> str:
        """Of the file."""
        return str(self.last.artifact["name"])

    @property
    def where(self) -> str:
        """Target, runtime, accelerator, size and threads."""
        row = self.last
        size = row.settings.get("size")
        parts = [row.target, row.runtime, row.accelerator, f"{size}x{size}", f"threads {row.settings.get('threads')}"]
        return ", ".join(part for part in parts if part)

    @cached_property
    def p50(self) -> float:
        """Median of the repeats' medians, milliseconds."""
        return float(np.median([row["p50"] for row in self._latencies]))

    @property
    def low(self) -> float:
        """Where the lowest interval of a repeat's median begins."""
        return float(min(row["p50_low"] for row in self._latencies))

    @property
    def high(self) -> float:
        """Where the highest interval of a repeat's median ends."""
        return float(max(row["p50_high"] for row in self._latencies))

    @property
    def fastest(self) -> float:
        """The fastest run."""
        return float(min(row["min"] for row in self._latencies))

    @property
    def runs(self) -> int:
        """Of all repeats."""
        return int(sum(row["runs"] for row in self._latencies))

    @property
    def outliers(self) -> int:
        """Runs outside of Tukey's fences, on either side; they are in all numbers."""
        return sum(sum((row.get("outliers") or {}).values()) for row in self._latencies)

    def median_of(self, field: str) -> float | None:
        """Median over the repeats of a number such as `load_ms`; None where no repeat has it."""
        values = [value for row in self.rows if (value := getattr(row, field)) is not None]
        return float(np.median(values)) if values else None

    def percentile(self, percent: int) -> float | None:
        """Of all kept runs of all repeats; None where they are too few."""
        if len(self.rows) == 1 or not self.has_samples:
            return self.last_latency(f"p{percent}")
        return percentile(self.samples_ms, percent)

    def last_latency(self, field: str) -> float | None:
        """A field of the last row's latencies."""
        return (self.last.latency_ms or {}).get(field)

    @property
    def has_samples(self) -> bool:
        """Whether the runs were kept."""
        return any(row.samples_ms for row in self.rows)

    @cached_property
    def samples_ms(self) -> Values:
        """All kept runs `[N]`, repeat after repeat."""
        return np.asarray([sample for row in self.rows for sample in row.samples_ms or ()], dtype=np.float64)

    @cached_property
    def drift(self) -> "Drift | None":
        """Of the last three repeats one that throttled, else the last; None without runs, or where they took turns.

        None too where SciPy is missing, as on a small device that measures itself.
        """
        try:
            from edgestyle.bench.significance import find_drift
        except ImportError:
            return None
        found = [
            find_drift(np.asarray(row.samples_ms), np.asarray(row.sample_starts_s))
            for row in self.rows[-_DRIFT_REPEATS:]
            if row.samples_ms and row.sample_starts_s and not row.group
        ]
        slower = [drift for drift in found if drift.kind == "slower"]
        return slower[-1] if slower else found[-1] if found else None

    @property
    def _latencies(self) -> list[dict[str, Any]]:
        return [row.latency_ms for row in self.rows if row.latency_ms is not None]


def summarise_rows(rows: list[Result]) -> list[Summary]:
    """Put repeats together, in the order in which files first appear; what was not measured stays by itself."""
    found: dict[tuple[object, ...], list[Result]] = {}
    for index, row in enumerate(rows):
        key: tuple[object, ...] = (
            row.artifact["name"], row.artifact.get("sha256"), row.target, row.runtime, row.accelerator,
            row.settings.get("size"), row.settings.get("threads"), row.position,
        )  # fmt: skip
        found.setdefault(key if row.status == "measured" else (index,), []).append(row)
    return [Summary(tuple(same)) for same in found.values()]
