"""The process that `targets.host` measures in: takes a job as JSON, prints what it measured as JSON."""

import json
import resource
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from edgestyle.bench.measuring import Plan, measure_ms, time_once_ms
from edgestyle.bench.statistics import summarise
from edgestyle.errors import EdgestyleError
from edgestyle.runtime.runner import import_runtime, open_runner


def run_job(job: dict[str, Any]) -> dict[str, Any]:
    """Load the file, run it once, then measure it. Opening does not count the import of the runtime."""
    path = Path(job["path"])
    import_runtime(path)
    start = time.perf_counter()
    runner = open_runner(path, job["threads"])
    load_ms = (time.perf_counter() - start) * 1000
    image = np.random.default_rng(0).random((1, 3, job["size"], job["size"]), dtype=np.float32)
    call = runner.bind(image, np.asarray([job["style"]], dtype=np.float32), 1.0)
    first_run_ms = time_once_ms(call)
    summary = summarise(measure_ms(call, Plan(**job["plan"])))
    unit = 1 if sys.platform == "darwin" else 1024  # ru_maxrss is in bytes on macOS, in KiB on Linux
    return {
        "runtime": runner.runtime,
        "load_ms": load_ms,
        "first_run_ms": first_run_ms,
        "latency_ms": asdict(summary),
        "peak_rss_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit,
    }


if __name__ == "__main__":
    try:
        print(json.dumps(run_job(json.loads(sys.argv[1]))))
    except EdgestyleError as problem:
        sys.exit(str(problem))
