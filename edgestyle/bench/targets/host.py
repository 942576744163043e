"""Measure on this machine, each file in a process of its own so that memory and load time are its own."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import uuid4

from edgestyle.bench.environment import describe_host
from edgestyle.bench.jobs import Job, begin_row, make_job
from edgestyle.bench.measuring import Plan
from edgestyle.bench.results import Result
from edgestyle.errors import EdgestyleError
from edgestyle.runtime.runner import can_time

_STARTUP_SECONDS = 120
_SLOWEST_RUN_SECONDS = 10


class HostTarget:
    """This machine."""

    name = "host"

    def describe(self) -> dict[str, Any]:
        """See `Target.describe`."""
        return describe_host()

    def measure(self, jobs: list[Job], plan: Plan) -> Iterator[Result]:
        """See `Target.measure`."""
        groups = [jobs] if plan.interleaved else [[job] for job in jobs]
        for index, group in enumerate(groups):
            if index:
                time.sleep(plan.cool_down_seconds)
            yield from self._measure_group(group, plan)

    def _measure_group(self, jobs: list[Job], plan: Plan) -> list[Result]:
        """Rows of the jobs that share a process."""
        rows = [begin_row(job, plan, self.name, self.describe()) for job in jobs]
        if plan.interleaved:
            group = uuid4().hex[:12]
            rows = [{**row, "group": group, "position": position} for position, row in enumerate(rows)]
        if not all(can_time(job.path) for job in jobs):
            return [Result(status="unavailable", error="Core ML runs on Apple devices only", **row) for row in rows]
        try:
            measured = _run_worker(jobs, plan)
        except EdgestyleError as error:
            return [Result(status="failed", error=str(error), **row) for row in rows]
        return [Result(status="measured", **(row | one)) for row, one in zip(rows, measured, strict=True)]


def measure_on_host(path: Path, threads: int, size: int, plan: Plan) -> Result:
    """Measure one exported file on the CPU.

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
    return next(HostTarget().measure([make_job(path, size, threads)], plan))


def _run_worker(jobs: list[Job], plan: Plan) -> list[dict[str, Any]]:
    """Run `edgestyle.bench.worker` on jobs; raise EdgestyleError with its last line if it fails."""
    # -P: a file called numpy.py beside a downloaded model must not be imported
    command = [sys.executable, "-P", "-m", "edgestyle.bench.worker"]
    asked = json.dumps({"jobs": [job.to_json() for job in jobs], "plan": asdict(plan)})
    runs_seconds = max(plan.steady_seconds, plan.min_runs * _SLOWEST_RUN_SECONDS)
    timeout = _STARTUP_SECONDS + len(jobs) * (plan.max_warmup_seconds + runs_seconds)
    try:
        done = subprocess.run(command, input=asked, capture_output=True, text=True, timeout=timeout, check=False)
    except subprocess.TimeoutExpired as error:
        raise EdgestyleError(f"no result after {timeout:.0f} s") from error
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or [f"the measuring process ended with code {done.returncode}"]
        raise EdgestyleError(lines[-1])
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
