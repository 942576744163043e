"""Run `edgestyle.bench.worker`, here or through a connection, and bring back what it measured."""

import json
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import IO, Any
from uuid import uuid4

from edgestyle.bench.jobs import Job, begin_row
from edgestyle.bench.measuring import Plan
from edgestyle.bench.results import Result, check_row
from edgestyle.errors import ArtifactError, TargetError

MODULE = ["-P", "-m", "edgestyle.bench.worker"]  # -P: a numpy.py beside a downloaded model must not be imported
_STARTUP_SECONDS = 120
_SLOWEST_RUN_SECONDS = 10
_NAMES = {9: "ended by the system, as when memory runs out", 11: "a crash in the runtime", 6: "an abort in the runtime"}


class WorkerFailedError(TargetError):
    """The process ended before it gave a row for every job.

    Attributes:
        exit_code: of the process.
    """

    def __init__(self, reason: str, worker_exit_code: int) -> None:
        super().__init__(reason)
        self.worker_exit_code = worker_exit_code


def in_groups(jobs: list[Job], plan: Plan) -> Iterator[list[Job]]:
    """What is measured in one go: all jobs where they take turns, else one after another, with rests between."""
    for index, group in enumerate([jobs] if plan.interleaved else [[job] for job in jobs]):
        if index:
            time.sleep(plan.cool_down_seconds)
        yield group


def begin_rows(jobs: list[Job], plan: Plan, target: str, device: dict[str, Any]) -> list[dict[str, Any]]:
    """What is known of the rows of jobs that share a process, before they are measured."""
    rows = [begin_row(job, plan, target, device) for job in jobs]
    if not plan.interleaved:
        return rows
    group = uuid4().hex[:12]
    return [{**row, "group": group, "position": position} for position, row in enumerate(rows)]


def failed_rows(rows: list[dict[str, Any]], reason: object) -> list[Result]:
    """The rows of jobs that were not measured, all for one reason."""
    return [Result(status="failed", error=str(reason), **row) for row in rows]


def finish_row(begun: dict[str, Any], measured: dict[str, Any]) -> Result:
    """A row from what is known of it and what was answered, which changes none of that; an odd answer is a failure."""
    try:
        return check_row({**measured, **begun, "runtime": measured.get("runtime")}, "the measuring process")
    except ArtifactError as error:
        return Result(status="failed", error=str(error), **begun)


def run_worker(command: list[str], jobs: list[Job], plan: Plan) -> list[dict[str, Any]]:
    """Fields of each job's row, in their order.

    The process has a session of its own, so that Ctrl-C reaches only this one, which ends it.

    Args:
        command: starts the worker.
        jobs: with paths as the worker sees them.
        plan: how to measure.

    Raises:
        WorkerFailedError: the worker crashed, or takes far too long.
    """
    asked = json.dumps({"jobs": [job.to_json() for job in jobs], "plan": asdict(plan)}) + "\n"
    timeout = timeout_seconds(len(jobs), plan)
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, start_new_session=True,
            encoding="utf-8", errors="replace",
        )  # fmt: skip
        timer = threading.Timer(timeout, process.kill)
        timer.start()
        try:
            lines = _exchange(process, asked)
            process.wait()
        finally:  # Ctrl-C, too
            late = not timer.is_alive()
            timer.cancel()
            _end(process)
        said.seek(0)
        words = said.read().decode(errors="replace").strip().splitlines()
    if len(lines) == len(jobs) and process.returncode == 0:
        return [_read_answer(line) for line in lines]
    if late:
        todo = "ask for fewer runs (--runs) or a smaller picture (--size)"
        raise WorkerFailedError(f"no result after {timeout:.0f} s: {todo}", process.returncode)
    raise WorkerFailedError(words[-1] if words else _unsaid(process.returncode), process.returncode)


def _read_answer(line: str) -> dict[str, Any]:
    """An object, or one that `finish_row` refuses."""
    try:
        answer = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _exchange(process: "subprocess.Popen[str]", asked: str) -> list[str]:
    """Hand the question over, and read the answer; input stays open, as its end would end the worker."""
    stdin: IO[str] | None = process.stdin
    stdout: IO[str] | None = process.stdout
    assert stdin is not None
    assert stdout is not None
    try:
        stdin.write(asked)
        stdin.flush()
    except BrokenPipeError:  # it ended at once; its exit code and last words say why
        return []
    return [line for line in stdout if line.startswith("{")]


def _end(process: "subprocess.Popen[str]") -> None:
    """End a process that has not ended, and close what leads to it."""
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            try:
                pipe.close()
            except BrokenPipeError:
                continue


def timeout_seconds(jobs: int, plan: Plan) -> float:
    """How long a process may take for so many jobs before it counts as hanging."""
    fewest = max(plan.min_runs, plan.alternations * plan.turn_runs) if plan.interleaved else plan.min_runs
    runs = max(plan.steady_seconds, fewest * _SLOWEST_RUN_SECONDS)
    return _STARTUP_SECONDS + jobs * (plan.max_warmup_seconds + runs)


def _unsaid(exit_code: int) -> str:
    """Why a process ended that said nothing."""
    if exit_code >= 0:
        return f"the measuring process ended with code {exit_code}"
    return f"the measuring process ended by signal {-exit_code}: {_NAMES.get(-exit_code, 'somebody stopped it')}"
