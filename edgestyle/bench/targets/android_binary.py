"""Measure with TensorFlow's `benchmark_model`, a program that is copied to the phone; for `.tflite` files only.

Its words: https://github.com/tensorflow/tensorflow/blob/master/tensorflow/lite/tools/benchmark/benchmark_model.cc
"""

import math
import re
import shlex
from pathlib import Path
from typing import Any

from edgestyle.bench.jobs import Job
from edgestyle.bench.measuring import Plan
from edgestyle.bench.targets.adb import Adb
from edgestyle.bench.targets.android_files import FOLDER, push_whole
from edgestyle.bench.targets.tools import Said
from edgestyle.bench.targets.workers import timeout_seconds
from edgestyle.errors import TargetError
from edgestyle.sidecar import file_sha256

_PROGRAM = "benchmark_model"
_ACCELERATORS = {
    "cpu": "--use_xnnpack=true", "xnnpack": "--use_xnnpack=true", "cpu-plain": "--use_xnnpack=false",
    "gpu": "--use_gpu=true",
}  # fmt: skip
_RUN_BY = {"gpu": "Gpu", "xnnpack": "XNNPack"}  # in the names of delegates
_NUMBER = r"([\d.]+(?:e[+-]?\d+)?)"
_RUNS = re.compile(rf"count=(\d+)(?: first={_NUMBER})? curr={_NUMBER}(?: min={_NUMBER} max={_NUMBER} avg={_NUMBER} "
                   rf"std={_NUMBER})?(?: p5={_NUMBER} median={_NUMBER} p95={_NUMBER})?")  # fmt: skip
_TIMINGS = re.compile(rf"Inference timings in us: Init: {_NUMBER}, First inference: {_NUMBER}, ")
_PEAK = re.compile(rf"Overall peak memory footprint \(MB\) via periodic monitoring: {_NUMBER}")
_REPLACED = re.compile(r"Replacing (\d+) out of (\d+) node\(s\) with delegate \((\w+)\)")
_ENDED = (124, 137)  # exit codes: by `timeout`, by SIGKILL
_Z95 = 1.96


class BinaryWay:
    """`benchmark_model`, built for the phone.

    Args:
        binary: the program.

    Raises:
        TargetError: it is no file.
    """

    program = _PROGRAM
    suffixes = (".tflite",)

    def __init__(self, binary: Path) -> None:
        if not binary.is_file():
            raise TargetError(f"there is no program at {binary}: --binary takes a benchmark_model built for the phone")
        self._binary = binary

    def check(self, adb: Adb, plan: Plan) -> None:
        """See `Way.check`."""

    def measure(self, adb: Adb, job: Job, plan: Plan, name: str) -> dict[str, Any]:
        """See `Way.measure`."""
        if job.accelerator not in _ACCELERATORS:
            known = ", ".join(_ACCELERATORS)
            return {"status": "unavailable", "error": f"{_PROGRAM} runs on {known}, not on {job.accelerator}"}
        push_whole(adb, self._binary, _PROGRAM)
        push_whole(adb, job.path, name)
        most = timeout_seconds(1, plan)
        program = shlex.join(["timeout", "-s", "KILL", f"{most:.0f}", *command(job, plan, f"{FOLDER}/{name}")])
        said = adb.shell(f"chmod 755 {FOLDER}/{_PROGRAM} && cd {FOLDER} && {program}", most + 60)
        if said.exit_code != 0:
            raise TargetError(_failure(said, most))
        fields = read_output(said.text)
        fallback = _fallback(job.accelerator, fields["placement"])
        if fallback is not None:
            return {"status": "unavailable", "error": fallback, "placement": fields["placement"]}
        return {**fields, "runtime": f"{_PROGRAM} {file_sha256(self._binary)[:8]}"}

    def clean(self, adb: Adb) -> None:
        """See `Way.clean`: it leaves nothing elsewhere."""


def command(job: Job, plan: Plan, model: str) -> list[str]:
    """The program with its flags; seconds and runs are the plan's."""
    cores = [] if not plan.pinned_cores else ["taskset", f"{sum(1 << core for core in plan.pinned_cores):x}"]
    signature = [f"--signature_to_run_for=s{job.size}"] if job.component == "renderer" else []
    return [
        *cores, f"{FOLDER}/{_PROGRAM}", f"--graph={model}", f"--num_threads={job.threads}",
        f"--num_runs={plan.min_runs}", f"--min_secs={plan.steady_seconds:g}", "--max_secs=1000000",
        f"--warmup_runs={plan.min_warmup_runs}", f"--warmup_min_secs={plan.max_warmup_seconds / 2:g}",
        "--report_peak_memory_footprint=true", _ACCELERATORS[job.accelerator], *signature,
    ]  # fmt: skip


def read_output(said: str) -> dict[str, Any]:
    """Fields of `Result` from what the program printed, all in microseconds there.

    Older programs print no median: then `p50` is the mean, with the mean's interval, and
    `latency_ms` has `mean_in_place_of_median`.

    Raises:
        TargetError: its words are others than those that are known.
    """
    runs, timings = [match for match in _RUNS.finditer(said) if match[6]], _TIMINGS.search(said)
    if not runs or timings is None:
        lines = [line for line in said.splitlines() if line.strip()] or ["nothing"]
        raise TargetError(f"{_PROGRAM} says something else than it should: {lines[-1][:100]!r}")
    latency, peak = _latency_ms(runs[-1]), _PEAK.search(said)
    if not all(math.isfinite(value) for value in latency.values() if value is not None):
        raise TargetError(f"{_PROGRAM} gives latencies that cannot be: {runs[-1][0][:100]!r}")
    peak_bytes = _float(peak[1]) * 1e6 if peak else math.nan
    return {
        "status": "measured",
        "runtime": _PROGRAM,
        "load_ms": _float(timings[1]) / 1000,
        "first_run_ms": _float(timings[2]) / 1000,
        "latency_ms": latency,
        "peak_rss_bytes": int(peak_bytes) if math.isfinite(peak_bytes) else None,
        "placement": _placement(said),
    }


def _latency_ms(run: "re.Match[str]") -> dict[str, Any]:
    """Fields of `LatencySummary` as far as they are known; the interval is the mean's where there is no median."""
    count, shortest, average, deviation = int(run[1][:9]), *(_float(run[group]) / 1000 for group in (4, 6, 7))
    beyond = _Z95 * deviation / math.sqrt(max(count, 1))
    middle = average if run[9] is None else _float(run[9]) / 1000
    beyond *= 1 if run[9] is None else math.sqrt(math.pi / 2)  # a median of normal noise is so much less certain
    known = {"p50": middle, "p50_low": max(shortest, middle - beyond), "p50_high": middle + beyond, "min": shortest}
    rounded = {key: round(value, 4) for key, value in known.items()}
    p95 = None if run[10] is None else _float(run[10]) / 1000
    return {**rounded, "runs": count, "p90": None, "p95": p95, "mean_in_place_of_median": run[9] is None}


def _placement(said: str) -> dict[str, int] | None:
    """Operators by what ran them, of the last delegate that took some; None where none says so."""
    found = _REPLACED.findall(said)
    if not found:
        return None
    taken, of_all, delegate = int(found[-1][0][:9]), int(found[-1][1][:9]), found[-1][2]
    return {delegate[:60]: taken, "LiteRT kernels": max(of_all - taken, 0)}


def _fallback(accelerator: str, placement: dict[str, int] | None) -> str | None:
    """A line where what was asked for is known to have run nothing."""
    mark = _RUN_BY.get(accelerator)
    if mark is None or placement is None or any(mark in name and count for name, count in placement.items()):
        return None
    where = ", ".join(f"{count} on {name}" for name, count in placement.items())
    return f"asked for {accelerator}, but no operator ran there: {where}"


def _failure(said: Said, most_seconds: float) -> str:
    if said.exit_code in _ENDED:
        return f"no result after {most_seconds:.0f} s, or ended by the system: ask for fewer runs (--runs)"
    return f"{_PROGRAM} ended with code {said.exit_code}: {said.last_line}"


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
