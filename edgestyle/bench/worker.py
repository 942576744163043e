"""The process that targets measure in: takes jobs and a plan as a line of JSON, prints a line of JSON for each job.

It and all it imports need NumPy and one runtime only, so that a small device can run it. It ends when its standard
input does: when whoever asked has gone, or the connection to it is lost.
"""

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from edgestyle.bench.counters import EnergyCounter, peak_rss_bytes, pin_to_cores
from edgestyle.bench.environment import take_snapshot
from edgestyle.bench.jobs import Job, is_pack
from edgestyle.bench.measuring import Call, Plan, Timed, measure_call, measure_in_turns, time_once_ms
from edgestyle.errors import AcceleratorError, ArtifactError, EdgestyleError, MissingExtraError
from edgestyle.runtime.accelerators import describe_fallback, find_accelerator
from edgestyle.runtime.component import import_component_runtime, open_component
from edgestyle.runtime.runner import import_runtime, open_runner
from edgestyle.sidecar import file_sha256, file_size_bytes

_SNAPSHOT = ("temperature_c", "frequency_mhz", "load_1min", "battery_percent")


@dataclass(frozen=True)
class Opened:
    """A file that was opened and run once.

    Attributes:
        call: one inference.
        place: counts operators by what ran them.
        fields: of its row, so far.
    """

    job: Job
    call: Call
    place: Callable[[], dict[str, int] | None]
    fields: dict[str, Any]


def run_jobs(jobs: list[Job], plan: Plan) -> list[dict[str, Any]]:
    """Fields of `Result` for each job: one alone, or several in turns.

    One that cannot be opened does not stop the others.
    """
    pin_to_cores(plan.pinned_cores)
    tried = [_try(job) for job in jobs]
    ready = [one for one in tried if isinstance(one, Opened)]
    before = snapshot()
    energy = EnergyCounter()
    if len(jobs) > 1:
        timed = measure_in_turns([one.call for one in ready], plan) if ready else []
        more: dict[str, Any] = {}
    else:
        timed = [measure_call(one.call, plan) for one in ready]
        more = {"peak_rss_bytes": peak_rss_bytes(), "energy_mj_per_run": _per_run(energy, timed)}
    more |= {"environment_before": before, "environment_after": snapshot()}
    finished = iter([finish_row(one, times, more) for one, times in zip(ready, timed, strict=True)])
    return [next(finished) if isinstance(one, Opened) else one for one in tried]


def open_job(job: Job) -> Opened:
    """Load the file and run it once. Opening does not count the import of the runtime.

    Raises:
        ArtifactError: the file is not the one that was to be measured, or the runtime cannot load or run it.
        AcceleratorError, MissingExtraError: it cannot be run on what was asked for, here.
    """
    size_bytes = file_size_bytes(job.path) if job.path.exists() else 0
    if size_bytes != job.artifact["size_bytes"] or file_sha256(job.path) != job.artifact["sha256"]:
        sizes = f"{size_bytes} of {job.artifact['size_bytes']} bytes are there"
        raise ArtifactError(f"{job.path.name} was changed or cut short: {sizes}")
    opener = _import(job)
    start = time.perf_counter()
    runner = opener()
    load_ms = (time.perf_counter() - start) * 1000
    inputs = make_inputs(job)
    call = runner.bind(*inputs)
    try:
        first_run_ms = time_once_ms(call)
    except Exception as error:  # each runtime has classes of its own for a graph that does not work out
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise ArtifactError(f"{runner.runtime} cannot run {job.path.name}: {reason}") from error
    fields = {"runtime": runner.runtime, "load_ms": load_ms, "first_run_ms": first_run_ms}
    return Opened(job, call, lambda: runner.placement(*inputs), fields)


def finish_row(one: Opened, times: Timed, more: dict[str, Any]) -> dict[str, Any]:
    """The row of a job that was timed. One that ran elsewhere than it was asked to is no measurement, and says so."""
    placement = _place(one)
    if not is_pack(one.job.path):
        accelerator = find_accelerator(one.job.path.suffix, one.job.accelerator)
        fallback = describe_fallback(accelerator, one.job.accelerator, placement)
        if fallback:
            about = {"runtime": one.fields["runtime"], "placement": placement}
            return {"status": "unavailable", "error": fallback, **about}
    return {"status": "measured", **one.fields, **times.row_fields(), **more, "placement": placement}


def _import(job: Job) -> Callable[[], Any]:
    """Import the runtime and give what opens the file."""
    if is_pack(job.path):
        from edgestyle.packs.torch_runner import TorchRunner

        return lambda: TorchRunner(job.path, job.threads)
    if job.component == "renderer":
        import_runtime(job.path, job.accelerator)
        return lambda: open_runner(job.path, job.threads, job.accelerator)
    import_component_runtime(job.path, job.component, job.accelerator)
    return lambda: open_component(job.path, job.component, job.threads, job.accelerator)


def make_inputs(job: Job) -> tuple[Any, ...]:
    """What the file's runner binds: the same random numbers in every process, full strength."""
    random, style = np.random.default_rng(0), np.asarray([job.style], dtype=np.float32)
    image = random.random((1, 3, job.size, job.size), dtype=np.float32)
    by_component: dict[str, tuple[Any, ...]] = {
        "renderer": (image, style, 1.0),
        "encoder": ({"reference": image},),
        "generator": ({"style": style, "strength": np.ones(1, np.float32)},),
        "mapping": ({"latent": random.standard_normal((1, job.latents), np.float32)},),
        "inverter": ({"picture": image},),
    }
    return by_component[job.component]


def _try(job: Job) -> Opened | dict[str, Any]:
    """An opened file, or the row that says why there is none."""
    try:
        return open_job(job)
    except (AcceleratorError, MissingExtraError) as error:
        return {"status": "unavailable", "error": str(error)}
    except EdgestyleError as error:
        return {"status": "failed", "error": str(error)}


def _place(one: Opened) -> dict[str, int] | None:
    """Operators by what ran them; None where that cannot be found out, which takes no measurement away."""
    try:
        return one.place()
    except Exception:  # the runtimes' own classes, a full disk for ONNX Runtime's profile
        return None


def snapshot() -> dict[str, Any]:
    """What changes of the machine, as rows keep it."""
    found = take_snapshot()
    return {key: found[key] for key in _SNAPSHOT}


def _per_run(energy: EnergyCounter, timed: list[Timed]) -> float | None:
    spent, runs = energy.millijoules(), sum(one.warm_up.runs + len(one.samples_ms) for one in timed)
    return None if spent is None or not runs else spent / runs


def _end_with_input() -> None:
    """Wait for the end of standard input, then leave at once, whatever runs."""
    sys.stdin.read()
    os._exit(1)


def work(run: Callable[[list[Job], Plan], list[dict[str, Any]]]) -> None:
    """Read jobs and a plan as a JSON object from the first line of standard input, print a line for each row, end."""
    asked = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_input, daemon=True).start()
    try:
        for fields in run([Job.from_json(job) for job in asked["jobs"]], Plan.from_json(asked["plan"])):
            print(json.dumps(fields), flush=True)
    except EdgestyleError as problem:
        sys.exit(str(problem))
    sys.stdout.flush()
    os._exit(0)  # the thread that waits for input would keep Python from ending in order


if __name__ == "__main__":
    work(run_jobs)
