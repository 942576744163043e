"""The row's fields in what the demo app wrote; it may have written anything."""

import json
from dataclasses import asdict
from typing import Any

from edgestyle.bench.statistics import summarise
from edgestyle.bench.targets.tools import printable
from edgestyle.errors import TargetError

MOST_BYTES = 4_000_000
_KEPT = ("load_ms", "first_run_ms", "peak_rss_bytes", "samples_ms", "sample_starts_s")
_MOST_PLACES = 100
_MOST_COUNTED = 1_000_000_000  # operators, runs
_SHORTEST_MS, _LONGEST_MS = 1e-6, 1e9


def read_answer(text: str) -> dict[str, Any]:
    """Fields of `Result`, its latencies summarised here from `samples_ms`.

    Keys: `runtime` and `samples_ms` (milliseconds, in the order measured), or `error`; optional are `load_ms`,
    `first_run_ms`, `peak_rss_bytes`, `placement` (operators by what ran them), `warm_up` (runs, seconds, settled) and
    `sample_starts_s`. Others are passed over.

    Raises:
        TargetError: it is not such an object.
    """
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise TargetError(f"the app wrote no JSON but '{printable(text[:60])}'") from error
    if not isinstance(answer, dict):
        raise TargetError("the app wrote JSON that is no object")
    if isinstance(answer.get("error"), str):
        return {"status": "failed", "error": printable(answer["error"])}
    samples, runtime = _read_samples(answer.get("samples_ms")), answer.get("runtime")
    if not isinstance(runtime, str) or not samples:
        raise TargetError("the app wrote no 'runtime' and 'samples_ms' that can be believed")
    kept = {key: answer[key] for key in _KEPT if answer.get(key) is not None}
    kept |= {"placement": _read_placement(answer.get("placement")), "warm_up": _read_warm_up(answer.get("warm_up"))}
    latency = asdict(summarise(samples))
    return {"status": "measured", "runtime": printable(runtime), "latency_ms": latency, **kept}


def _read_placement(placement: object) -> dict[str, int] | None:
    """Counts by name; None where they are none."""
    if not isinstance(placement, dict) or not all(map(_is_count, placement.values())):
        return None
    return {printable(name): count for name, count in list(placement.items())[:_MOST_PLACES]} or None


def _read_warm_up(warm_up: object) -> dict[str, Any] | None:
    """Fields of `WarmUp`; None where they are not all there."""
    if not isinstance(warm_up, dict):
        return None
    runs, seconds, settled = (warm_up.get(key) for key in ("runs", "seconds", "settled"))
    if not _is_count(runs) or type(settled) is not bool or not isinstance(seconds, int | float):
        return None
    return {"runs": runs, "seconds": seconds, "settled": settled} if 0 <= seconds <= _LONGEST_MS else None


def _read_samples(samples: object) -> list[float]:
    """Milliseconds; none where something else stands among them."""
    if not isinstance(samples, list) or not {type(sample) for sample in samples} <= {int, float}:
        return []
    return [float(sample) for sample in samples] if all(map(_is_latency, samples)) else []


def _is_count(value: object) -> bool:
    return isinstance(value, int) and type(value) is int and 0 <= value <= _MOST_COUNTED


def _is_latency(sample: float) -> bool:
    return _SHORTEST_MS <= sample <= _LONGEST_MS
