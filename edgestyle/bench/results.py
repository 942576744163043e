"""Results as JSON lines: one row a measurement, units in the keys, null for what was not measured."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from edgestyle.errors import ArtifactError
from edgestyle.images import whole_file

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Result:
    """One measured file, or the reason why it was not.

    Attributes:
        status: "measured", "failed" or "unavailable" (no runtime for it on the device).
        artifact: name, sha256, size_bytes, format and recipe of the file.
        device: from `environment`.
        runtime: name and version, null where none opened the file.
        settings: threads and picture size.
        load_ms, first_run_ms: opening the file; the first inference.
        latency_ms: fields of `LatencySummary`.
        peak_rss_bytes: highest memory of the measuring process.
        error: one line, null when measured.
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


def write_results(results: list[Result], path: Path) -> None:
    """Write rows as JSON lines, whole or not at all."""
    rows = [json.dumps({"schema_version": SCHEMA_VERSION, **asdict(result)}) + "\n" for result in results]
    with whole_file(path) as temporary:
        temporary.write_text("".join(rows), encoding="utf-8")


def read_results(path: Path) -> list[Result]:
    """Read rows. Raises ArtifactError for a missing file, another schema version or a damaged row."""
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
        for row in rows:
            if row.pop("schema_version") != SCHEMA_VERSION:
                raise ArtifactError(f"{path} holds results of another schema than {SCHEMA_VERSION}")
        return [Result(**row) for row in rows]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ArtifactError(f"{path} is not a file of results: {error}") from error
