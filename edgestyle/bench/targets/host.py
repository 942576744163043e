"""Measure on this machine, each file in a process of its own so that memory and load time are its own."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from edgestyle.bench.environment import describe_host
from edgestyle.bench.measuring import Plan
from edgestyle.bench.results import Result
from edgestyle.errors import EdgestyleError
from edgestyle.runtime.runner import can_time
from edgestyle.sidecar import read_sidecar

_STARTUP_SECONDS = 120
_SLOWEST_RUN_SECONDS = 10


def measure_on_host(path: Path, threads: int, size: int, plan: Plan) -> Result:
    """Measure an exported file.

    Args:
        path: the file, with its sidecar beside it.
        threads: CPU threads.
        size: side of the square picture.
        plan: how long to measure.

    Returns:
        A row; a failure is a row too.

    Raises:
        ArtifactError: the file or its sidecar is missing, or they do not belong together.
    """
    sidecar = read_sidecar(path)
    artifact = {"name": path.name, **{key: sidecar[key] for key in ("sha256", "size_bytes", "format", "recipe")}}
    row: dict[str, Any] = {
        "artifact": artifact,
        "device": describe_host(),
        "settings": {"threads": threads, "size": size},
        "runtime": None,
    }
    if not can_time(path):
        return Result(status="unavailable", error="Core ML runs on Apple devices only", **row)
    style = next(iter(sidecar["styles"].values()))["vector"]
    job = {"path": str(path), "threads": threads, "size": size, "style": style, "plan": vars(plan)}
    try:
        return Result(status="measured", **(row | _run_worker(job)))
    except EdgestyleError as error:
        return Result(status="failed", error=str(error), **row)


def _run_worker(job: dict[str, Any]) -> dict[str, Any]:
    """Run `edgestyle.bench.worker` on a job; raise EdgestyleError with its last line if it fails."""
    # -P: a file called numpy.py beside a downloaded model must not be imported
    command = [sys.executable, "-P", "-m", "edgestyle.bench.worker", json.dumps(job)]
    plan = job["plan"]
    runs_seconds = max(plan["min_seconds"], plan["min_runs"] * _SLOWEST_RUN_SECONDS)
    timeout = _STARTUP_SECONDS + plan["max_warmup_seconds"] + runs_seconds
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)
    except subprocess.TimeoutExpired as error:
        raise EdgestyleError(f"no result after {timeout:.0f} s") from error
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or [f"the measuring process ended with code {done.returncode}"]
        raise EdgestyleError(lines[-1])
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return measured
