"""One trial of `benchmarks.noise` in a process of its own: a file beside a copy that is slowed down on purpose.

python -m benchmarks.noise_trials FILE PERCENT     prints a JSON object
"""

import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from edgestyle.bench.comparing import TURNS_FLOOR, judge
from edgestyle.bench.jobs import make_job
from edgestyle.bench.measuring import Call, Plan, measure_in_turns
from edgestyle.bench.significance import compare_ranks, interleaved_interval
from edgestyle.runtime.runner import open_runner

SIZE = 256
SAME = 0.05


def time_pair(path: Path, percent: float) -> dict[str, Any]:
    """Measure both with the default settings and judge them as `edgestyle compare` does."""
    plan = Plan(interleaved=True)
    first, second = (_open(path) for _ in range(2))
    old, new = measure_in_turns([first, slowed(second, percent) if percent else second], plan)
    before, after = np.asarray(old.samples_ms), np.asarray(new.samples_ms)
    interval = interleaved_interval(before, after, plan.turn_runs)
    return {
        **asdict(interval),
        "verdict": judge(interval, TURNS_FLOOR, SAME),
        "mann_whitney_p": compare_ranks(before, after).p_value,
        "p50_ms": float(np.median(before)),
        "overhead_fraction": old.overhead_fraction,
        "turns": len(before) // plan.turn_runs,
    }


def slowed(call: Call, percent: float) -> Call:
    """The call and then, doing nothing, a share of the time that it took."""

    def slower() -> None:
        start = time.perf_counter_ns()
        call()
        busy((time.perf_counter_ns() - start) * percent / 1e8)

    return slower


def busy(milliseconds: float) -> None:
    """Keep the processor busy."""
    end = time.perf_counter_ns() + milliseconds * 1e6
    while time.perf_counter_ns() < end:
        pass


def _open(path: Path) -> Call:
    job = make_job(path, SIZE, 1)
    image = np.random.default_rng(0).random((1, 3, SIZE, SIZE), dtype=np.float32)
    return open_runner(path, 1).bind(image, np.asarray([job.style], dtype=np.float32), 1.0)


if __name__ == "__main__":
    print(json.dumps(time_pair(Path(sys.argv[1]), float(sys.argv[2]))))
