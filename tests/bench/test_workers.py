"""What a measuring process answers is checked: it may run on a device that sends anything."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgestyle.bench.jobs import Job
from edgestyle.bench.measuring import Plan
from edgestyle.bench.targets.workers import WorkerFailedError, finish_row, run_worker, timeout_seconds
from tests.bench.samples import row

JOB = Job(Path("a.onnx"), 32, 1, "cpu", (0.0,), {"name": "a.onnx"})
BEGUN = {"artifact": {"name": "a.onnx"}, "device": {}, "runtime": None, "settings": {"size": 32}, "target": "ssh://pi"}


def measured() -> dict[str, Any]:
    fields = asdict(row(np.full(40, 10.0)))
    return {key: value for key, value in fields.items() if key not in BEGUN or key == "runtime"}


def answering(text: str) -> list[str]:
    return [sys.executable, "-c", f"import sys; sys.stdin.readline(); sys.stdout.buffer.write({text.encode()!r})"]


def test_a_sound_answer_is_a_measured_row() -> None:
    done = finish_row(BEGUN, measured())
    assert (done.status, done.runtime, done.target) == ("measured", "onnxruntime 1.32.0", "ssh://pi")


@pytest.mark.parametrize(
    "odd",
    [
        {"latency_ms": None},
        {"latency_ms": {"p50": float("nan"), "p50_low": 1, "p50_high": 1, "min": 1, "runs": 1}},
        {"samples_ms": ["fast"] * 40},
        {"samples_ms": [10.0] * 39},
        {"samples_ms": [0.0] * 40},
        {"first_run_ms": -1},
        {"load_ms": float("inf")},
        {"placement": ["CPU"]},
        {"peak_rss_bytes": "90 MB"},
        {"status": "fine"},
        {"surprise": 1},
    ],
    ids=str,
)
def test_an_odd_answer_is_a_failed_row(odd: dict[str, Any]) -> None:
    done = finish_row(BEGUN, {**measured(), **odd})
    assert done.status == "failed"
    assert "the measuring process" in (done.error or "")


def test_an_answer_does_not_change_what_was_asked_for() -> None:
    done = finish_row(BEGUN, {**measured(), "artifact": {"name": "other"}, "target": "host"})
    assert (done.artifact["name"], done.target) == ("a.onnx", "ssh://pi")


@pytest.mark.parametrize("line", ["{no json\n", '{"status": 3}\n', "{" * 100_000 + "\n"], ids=["cut", "odd", "deep"])
def test_garbage_in_place_of_an_answer_is_a_failed_row(line: str) -> None:
    (fields,) = run_worker(answering(line), [JOB], Plan())
    assert finish_row(BEGUN, fields).status == "failed"


def test_what_a_login_says_in_any_encoding_is_passed_over() -> None:
    greeting = b"Willkommen zur\xfcck\n" + json.dumps(measured()).encode() + b"\n"
    command = [sys.executable, "-c", f"import sys; sys.stdin.readline(); sys.stdout.buffer.write({greeting!r})"]
    assert run_worker(command, [JOB], Plan())[0]["status"] == "measured"


def test_a_worker_that_hangs_is_ended_and_it_is_said_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edgestyle.bench.targets.workers.timeout_seconds", lambda jobs, plan: 0.5)
    with pytest.raises(WorkerFailedError, match=r"no result after 0 s: ask for fewer runs \(--runs\)"):
        run_worker([sys.executable, "-c", "import time; time.sleep(60)"], [JOB], Plan())


def test_turns_have_the_time_that_their_runs_may_take() -> None:
    plan = Plan(interleaved=True, alternations=20, turn_runs=3, min_runs=30)
    assert timeout_seconds(2, plan) >= 2 * 60 * 10
