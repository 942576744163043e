"""Results as JSON lines: one row a measurement, units in the keys, null for what was not measured."""

import json
import math
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import orjson

from edgestyle.errors import ArtifactError, OutputError
from edgestyle.images import whole_file

SCHEMA_VERSION = 2
STATUSES = ("measured", "failed", "unavailable")


@dataclass(frozen=True)
class Result:
    """One measured file on one target, or the reason why it was not.

    Attributes:
        status: "measured", "failed" or "unavailable" (the target has no runtime for it).
        artifact: name, sha256, size_bytes, format, recipe and pack of the file; mean_psnr_db from its parity.
        device: the target's environment; null for what is not known.
        runtime: name and version, null where none opened the file.
        settings: size in pixels, threads, pinned_cores, and the fields of the plan.
        load_ms, first_run_ms: opening the file; the first inference.
        latency_ms: fields of `LatencySummary`, of the steady state.
        peak_rss_bytes: highest memory of the measuring process; null where several files shared it.
        error: one line, null when measured.
        run_id, started_at: the call of `bench` that made the row; when the row was begun, ISO 8601 in UTC.
        target: "host", "ssh://user@pi".
        accelerator: what was asked for, such as "cpu" or "xnnpack".
        placement: operators that each provider or delegate really ran.
        warm_up: runs, seconds, and whether the median settled.
        samples_ms: steady-state latencies in the order they were measured, to 1 us.
        sample_starts_s: when each began, in seconds after the first, to 1 ms.
        overhead_fraction: share of the steady state that was spent outside of the measured calls.
        other_cpu_fraction: share (0 to 1) of the time of the cores it might run on that other processes used during the
            steady state; null where that is not known (macOS, less than a second, older rows).
        energy_mj_per_run: of the whole package, with what it idles at; null where no counter can be read.
        environment_before, environment_after: temperature_c, frequency_mhz, load_1min, battery_percent.
        agreement: with what the format's own runtime draws on the machine that asked, same file and inputs: its name,
            psnr_db (null for equal outputs), max_difference; null where that was not looked at.
        group, position: rows that were measured in turns share a group; the first has position 0.
    """

    status: str
    artifact: dict[str, Any]
    device: dict[str, Any]
    runtime: str | None
    settings: dict[str, Any]
    load_ms: float | None = None
    first_run_ms: float | None = None
    latency_ms: dict[str, Any] | None = None
    peak_rss_bytes: int | None = None
    error: str | None = None
    run_id: str | None = None
    started_at: str | None = None
    target: str = "host"
    accelerator: str | None = None
    placement: dict[str, int] | None = None
    warm_up: dict[str, Any] | None = None
    samples_ms: list[float] | None = None
    sample_starts_s: list[float] | None = None
    overhead_fraction: float | None = None
    other_cpu_fraction: float | None = None
    energy_mj_per_run: float | None = None
    environment_before: dict[str, Any] | None = None
    environment_after: dict[str, Any] | None = None
    agreement: dict[str, Any] | None = None
    group: str | None = None
    position: int | None = None


_FIELDS = {field.name for field in fields(Result)}
_NEEDED = ("status", "artifact", "device", "runtime", "settings")
_NUMBERS = ("load_ms", "first_run_ms", "peak_rss_bytes", "overhead_fraction", "other_cpu_fraction", "energy_mj_per_run")
_OBJECTS = ("placement", "warm_up", "environment_before", "environment_after", "agreement")
_TEXTS = ("runtime", "error", "run_id", "started_at", "accelerator", "group")
_MOST = 1e18  # milliseconds, bytes, whatever
_LATENCIES = ("p50", "p50_low", "p50_high", "min", "runs")


def append(result: Result, path: Path) -> None:
    """Add one row to a file, whole or not at all, so that an interrupted benchmark keeps what it finished.

    Raises:
        OutputError: it cannot be written, or the disk is full.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+b", buffering=0) as file:
            end = file.seek(0, os.SEEK_END)
            line = _line(result).encode()
            if end and file.seek(end - 1) >= 0 and file.read(1) != b"\n":
                line = b"\n" + line  # the row before lost its line end alone
            try:
                if file.write(line) != len(line):
                    raise OSError("the disk is full")
                os.fsync(file.fileno())
            except OSError:
                file.truncate(end)
                raise
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror or error}") from error


def check_appendable(path: Path) -> None:
    """Raise unless rows may be added to `path`: it does not exist yet, or holds whole rows of this schema.

    Raises:
        ArtifactError: the file holds something else, or its last line is cut.
    """
    if path.exists():
        read_results(path)


def write_results(results: list[Result], path: Path) -> None:
    """Write rows as JSON lines, whole or not at all."""
    with whole_file(path) as temporary:
        temporary.write_text("".join(map(_line, results)), encoding="utf-8")


def read_results(path: Path, skip_damaged: bool = False) -> list[Result]:
    """Read rows.

    Args:
        path: a file of JSON lines.
        skip_damaged: leave out a last line that was cut in the middle, as a computer that is switched off leaves it.

    Raises:
        ArtifactError: the file is missing, a row is damaged, or it is of another schema version; names the line.
    """
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise ArtifactError(f"no file of results can be read at {path}: {error.strerror or error}") from error
    results = []
    for number, line in enumerate(lines, 1):
        last = number == len(lines)  # what stands after the last line's end: nothing, in a whole file
        if last and line and skip_damaged and not _is_whole(line):
            break
        if line.strip():
            results.append(_read_row(line, f"{path}, line {number}", cut=last))
    return results


def _line(result: Result) -> str:
    return json.dumps({"schema_version": SCHEMA_VERSION, **asdict(result)}, allow_nan=False) + "\n"


def _is_whole(line: bytes) -> bool:
    try:
        orjson.loads(line)
    except ValueError:
        return False
    return True


def _read_row(line: bytes, where: str, cut: bool) -> Result:
    """One row; `cut` says that the line has no end."""
    try:
        row = orjson.loads(line)  # a third of the time that Python's own takes
    except ValueError as error:
        if cut:
            raise ArtifactError(
                f"{where}: the row is cut in the middle; the rows before it are whole: delete it, or read with "
                "--skip-damaged"
            ) from error
        raise ArtifactError(f"{where}: the row is damaged ({error}): delete it or measure again") from error
    if not isinstance(row, dict) or "schema_version" not in row:
        raise ArtifactError(f"{where}: this is no row of benchmark results: it has no schema_version")
    version = row.pop("schema_version")
    if version != SCHEMA_VERSION:
        newer = type(version) is int and version > SCHEMA_VERSION
        todo = "update edgestyle to read it" if newer else "measure again with 'edgestyle bench'"
        raise ArtifactError(f"{where}: the row is of schema {version}, this edgestyle reads {SCHEMA_VERSION}: {todo}")
    return check_row(row, where)


def check_row(row: dict[str, Any], where: str) -> Result:
    """A row of unknown origin: a file may be damaged, a device may send anything.

    Args:
        row: fields of `Result`.
        where: it came from, for the error.

    Raises:
        ArtifactError: it is no sound row.
    """
    odd, missing = sorted(row.keys() - _FIELDS), [name for name in _NEEDED if name not in row]
    if odd or missing:
        reason = f"missing {', '.join(missing)}" if missing else f"unknown {', '.join(odd)}"
        raise ArtifactError(f"{where}: the row is damaged ({reason})")
    dictionaries = all(isinstance(row[name], dict) for name in ("artifact", "device", "settings"))
    if row["status"] not in STATUSES or not dictionaries or not isinstance(row["artifact"].get("name"), str):
        raise ArtifactError(f"{where}: the row is damaged: it names no file, or its status is none of {STATUSES}")
    if row["status"] == "measured" and not _has_latency(row.get("latency_ms")):
        raise ArtifactError(f"{where}: the row is damaged: it says 'measured' and has no latency_ms")
    wrong = _find_wrong(row)
    if wrong is not None:
        raise ArtifactError(f"{where}: the row is damaged: {wrong} cannot be what it says")
    return Result(**row)


def _find_wrong(row: dict[str, Any]) -> str | None:
    """The first field whose value is of a wrong kind."""
    sound: list[tuple[tuple[str, ...], Callable[[Any], bool]]] = [
        (_NUMBERS, _is_amount),
        (_OBJECTS, lambda value: isinstance(value, dict)),
        (_TEXTS, lambda value: isinstance(value, str)),
        (("samples_ms",), lambda value: _is_series(value) and min(value, default=1) > 0),
        (("sample_starts_s",), lambda value: _is_series(value) and len(value) == len(row.get("samples_ms") or ())),
    ]
    for names, is_sound in sound:
        for name in names:
            if row.get(name) is not None and not is_sound(row[name]):
                return name
    return None


def _has_latency(latency: object) -> bool:
    return isinstance(latency, dict) and all(_is_amount(latency.get(key)) and latency[key] > 0 for key in _LATENCIES)


def _is_amount(value: object) -> bool:
    """Whether it is a number that can be measured; Python's whole numbers have no end, other readers' have."""
    return isinstance(value, (int, float)) and 0 <= value <= _MOST


def _is_series(values: object) -> bool:
    try:
        return isinstance(values, list) and math.isfinite(sum(values))  # one that is not spoils the sum
    except (TypeError, OverflowError):
        return False
