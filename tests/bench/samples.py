"""Latencies like those of a shared machine, from fixed seeds."""

from dataclasses import asdict
from typing import Any

import numpy as np

from edgestyle.bench.measuring import Plan
from edgestyle.bench.results import Result
from edgestyle.bench.statistics import Values, summarise


def noisy(seed: int, count: int, spells: float = 0.05, single: float = 0.02) -> Values:
    """Milliseconds around 10 `[count]`: each run its own noise, slow spells of about 50 runs, and a few outliers."""
    rng = np.random.default_rng(seed)
    slow = np.zeros(count)
    for index in range(1, count):
        slow[index] = 0.98 * slow[index - 1] + rng.normal(0, spells * np.sqrt(1 - 0.98**2))
    late = (rng.random(count) < 0.02) * rng.exponential(0.5, count)
    return 10 * np.exp(slow + rng.normal(0, single, count) + late)


def in_turns(seed: int, turns: int = 100, runs: int = 3, slower: float = 0.0) -> tuple[Values, Values]:
    """Two files in turns A B B A on such a machine, the second slower by a fraction."""
    all_runs = noisy(seed, 2 * turns * runs).reshape(turns, 2, runs)
    all_runs[1::2] = all_runs[1::2, ::-1]
    return all_runs[:, 0].ravel(), all_runs[:, 1].ravel() * (1 + slower)


def row(samples: Values, name: str = "a.onnx", **fields: Any) -> Result:
    """A measured row."""
    kept = samples.round(3).tolist()
    starts = (np.cumsum(samples) / 1000).round(3).tolist()
    base: dict[str, Any] = {
        "status": "measured",
        "artifact": {
            "name": name, "sha256": "abc", "size_bytes": 1000, "format": "onnx", "recipe": "float32", "pack": "p",
            "mean_psnr_db": 60.0,
        },
        "device": {"kind": "host", "cores": 2, "load_1min": 0.5},
        "runtime": "onnxruntime 1.32.0",
        "settings": {"size": 256, "threads": 1, **asdict(Plan())},
        "load_ms": 20.0, "first_run_ms": 15.0, "latency_ms": asdict(summarise(kept)), "peak_rss_bytes": 90_000_000,
        "run_id": "r", "started_at": "2026-01-02T03:04:05+00:00", "accelerator": "cpu",
        "warm_up": {"runs": 20, "seconds": 0.3, "settled": True}, "samples_ms": kept, "sample_starts_s": starts,
        "overhead_fraction": 0.0004, "placement": {"CPUExecutionProvider": 87},
    }  # fmt: skip
    return Result(**(base | fields))
