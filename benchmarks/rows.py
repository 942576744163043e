"""Rows of benchmark results, one JSON object a line."""

import json
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


def write_rows(name: str, rows: Sequence[Mapping[str, Any]], tools: tuple[str, ...]) -> Path:
    """Write `results/NAME.jsonl`; every row says which tools made it, older ones that are kept too."""
    versions = {tool: version(tool) for tool in tools}
    path = RESULTS / f"{name}.jsonl"
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        "".join(json.dumps({**row, "tools": row.get("tools", versions)}) + "\n" for row in rows), encoding="utf-8"
    )
    return path


def append_row(name: str, row: Mapping[str, Any], tools: tuple[str, ...]) -> None:
    """Add a row to `results/NAME.jsonl` at once, so that a long benchmark can be stopped and gone on with."""
    RESULTS.mkdir(exist_ok=True)
    with (RESULTS / f"{name}.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps({**row, "tools": {tool: version(tool) for tool in tools}}) + "\n")


def read_rows(name: str) -> list[dict[str, Any]]:
    """Read `results/NAME.jsonl`."""
    return [json.loads(line) for line in (RESULTS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]
