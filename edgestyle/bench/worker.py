"""The process that targets measure in: takes jobs and a plan as JSON, prints a JSON line for each job.

It and all it imports need NumPy and one runtime only, so that a small device can run it.
"""

import json
import sys
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from edgestyle.bench.counters import EnergyCounter, peak_rss_bytes, pin_to_cores
from edgestyle.bench.jobs import Job
from edgestyle.bench.measuring import Call, Plan, measure_call, measure_in_turns, time_once_ms
from edgestyle.errors import EdgestyleError
from edgestyle.runtime.runner import import_runtime, open_runner


@dataclass(frozen=True)
class Opened:
    """A file that was opened and run once."""

    call: Call
    fields: dict[str, Any]


def run_jobs(jobs: list[Job], plan: Plan) -> list[dict[str, Any]]:
    """Fields of `Result` for each job: one alone, or several in turns."""
    pin_to_cores(plan.pinned_cores)
    opened = [open_job(job) for job in jobs]
    if len(opened) > 1:
        timed = measure_in_turns([one.call for one in opened], plan)
        return [{**one.fields, **times.row_fields()} for one, times in zip(opened, timed, strict=True)]
    (alone,) = opened
    energy = EnergyCounter()
    times = measure_call(alone.call, plan)
    spent = energy.millijoules()
    per_run = None if spent is None else spent / (times.warm_up.runs + len(times.samples_ms))
    return [{**alone.fields, **times.row_fields(), "peak_rss_bytes": peak_rss_bytes(), "energy_mj_per_run": per_run}]


def open_job(job: Job) -> Opened:
    """Load the file and run it once. Opening does not count the import of the runtime."""
    import_runtime(job.path)
    start = time.perf_counter()
    runner = open_runner(job.path, job.threads)
    load_ms = (time.perf_counter() - start) * 1000
    image = np.random.default_rng(0).random((1, 3, job.size, job.size), dtype=np.float32)
    call = runner.bind(image, np.asarray([job.style], dtype=np.float32), 1.0)
    first_run_ms = time_once_ms(call)
    return Opened(call, {"runtime": runner.runtime, "load_ms": load_ms, "first_run_ms": first_run_ms})


def main() -> None:
    """Read one JSON object from standard input."""
    asked = json.load(sys.stdin)
    try:
        for fields in run_jobs([Job.from_json(job) for job in asked["jobs"]], Plan.from_json(asked["plan"])):
            print(json.dumps(fields), flush=True)
    except EdgestyleError as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main()
