"""How far the benchmark can be believed: false alarms, what it finds, its own overhead, other tools beside it.

python -m benchmarks.noise                     go on from what is in results/noise.jsonl; about 70 minutes
python -m benchmarks.noise --fresh             begin anew
python -m benchmarks.noise --only turns        one part: turns, pairs, agreement, overhead or loading
python -m benchmarks.noise --share 0.1         a tenth of the trials, to try it
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.noise_trials import busy
from benchmarks.other_tools import TOOLS
from benchmarks.rows import RESULTS, append_row, read_rows
from edgestyle.bench.comparing import Comparison, compare_apart
from edgestyle.bench.environment import describe_host
from edgestyle.bench.jobs import make_job
from edgestyle.bench.measuring import Plan, measure_call
from edgestyle.bench.results import Result, read_results, write_results
from edgestyle.bench.running import open_target, run
from edgestyle.exporters.bundle import export_pack
from edgestyle.packs.loading import load_pack

Row = dict[str, Any]
SIZE = 256
SLOWDOWNS = {0: 200, 2: 50, 5: 50, 10: 50, 20: 50}  # percent -> trials
PAIRS, REPEATS, LIMIT = 20, 3, 0.10
ALTERNATIONS = 10
LOADED_ROWS = 10_000
PACKAGES = ("edgestyle", "onnxruntime", "ai-edge-litert", "scipy")


@dataclass(frozen=True)
class Bench:
    """What trials share: exported files by suffix, the share of the trials to make, and how many are there already."""

    files: dict[str, Path]
    share: float
    done: list[Row]

    def missing(self, wanted: int, **fields: object) -> range:
        """Numbers of the trials that are still to make."""
        there = sum(all(row.get(key) == value for key, value in fields.items()) for row in self.done)
        return range(there, max(1, round(wanted * self.share)))


def main() -> None:
    """Make the missing trials; each is kept at once."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=PARTS)
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--fresh", action="store_true")
    options = parser.parse_args()
    path = RESULTS / "noise.jsonl"
    if options.fresh:
        path.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as name:
        exported = export_pack(load_pack("atelier"), Path(name), ["onnx", "tflite"], ["float32"], [SIZE])
        files = {one.path.suffix: one.path for one in exported}
        bench = Bench(files, options.share, read_rows("noise") if path.exists() else [])
        for part in [options.only] if options.only else PARTS:
            for row in PARTS[part](bench):
                append_row("noise", {"part": part, **row, "device": describe_host()}, PACKAGES)
                print(part, json.dumps({key: value for key, value in row.items() if key != "device"}), flush=True)
    print(path)


def turns(bench: Bench) -> Iterator[Row]:
    """Two copies of a file in turns with the default settings, the second slowed down on purpose."""
    for percent, trials in SLOWDOWNS.items():
        for _ in bench.missing(trials, part="turns", slower_percent=percent):
            command = [sys.executable, "-m", "benchmarks.noise_trials", str(bench.files[".onnx"]), str(percent)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            yield {"slower_percent": percent, **json.loads(done.stdout.splitlines()[-1])}


def pairs(bench: Bench) -> Iterator[Row]:
    """Two files of results of the same exported file, as `edgestyle compare --fail-above 10%` takes them."""
    for _ in bench.missing(PAIRS, part="pairs"):
        old, new = (_measure(bench.files[".onnx"], Plan(), REPEATS) for _ in range(2))
        (comparison,) = compare_apart(old, new, LIMIT)
        yield {**_fields(comparison), "fails": comparison.is_regression(LIMIT)}


def agreement(bench: Bench) -> Iterator[Row]:
    """The runtimes' own tools beside this one, all on one core, processes in turns."""
    for tool in TOOLS:
        file = bench.files[tool.suffix]
        for _ in bench.missing(ALTERNATIONS, part="agreement", tool=tool.name):
            with one_core():
                theirs = tool.measure(file, SIZE)
                (row,) = _measure(file, Plan(), 1)
            yield {"tool": tool.name, "statistic": tool.statistic, "theirs_ms": theirs, "ours_ms": tool.ours(row)}


@contextmanager
def one_core() -> Iterator[None]:
    """Everything that is started inside stays on the last core."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def overhead(bench: Bench) -> Iterator[Row]:
    """What measuring adds to a call of 5 ms."""
    for _ in bench.missing(5, part="overhead"):
        timed = measure_call(lambda: busy(5.0), Plan())
        yield {"call_ms": 5.0, "overhead_fraction": timed.overhead_fraction, "runs": len(timed.samples_ms)}


def loading(bench: Bench) -> Iterator[Row]:
    """Reading 10,000 rows of default runs and writing their page, in a process of its own with its start."""
    for _ in bench.missing(3, part="loading"):
        (row,) = _measure(bench.files[".onnx"], Plan(), 1, size=512)
        with tempfile.TemporaryDirectory() as name:
            path, page = Path(name) / "rows.jsonl", Path(name) / "page.html"
            names = ({**row.artifact, "name": f"{index % 50}.onnx"} for index in range(LOADED_ROWS))
            write_results([replace(row, artifact=artifact) for artifact in names], path)
            command = [sys.executable, "-m", "edgestyle", "bench", "--from", str(path), "--report", str(page)]
            start = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            seconds = time.perf_counter() - start
            size = path.stat().st_size
            assert len(read_results(path)) == LOADED_ROWS
        yield {"rows": LOADED_ROWS, "size_bytes": size, "seconds": seconds}


def _measure(file: Path, plan: Plan, repeats: int, size: int = SIZE) -> list[Result]:
    rows = list(run(open_target("host"), [make_job(file, size, 1)], plan, repeats))
    failed = [row.error for row in rows if row.status != "measured"]
    if failed:
        raise SystemExit(f"{file.name} could not be measured: {failed[0]}")
    return rows


def _fields(comparison: Comparison) -> Row:
    interval = asdict(comparison.interval) if comparison.interval else {}
    return {**interval, "verdict": comparison.verdict, "p50_ms": comparison.old_ms}


PARTS: dict[str, Callable[[Bench], Iterator[Row]]] = {
    "overhead": overhead, "loading": loading, "agreement": agreement, "pairs": pairs, "turns": turns,
}  # fmt: skip


if __name__ == "__main__":
    main()
