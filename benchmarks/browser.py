"""Exported files in headless Chromium beside the same files in their native runtime, in turns on one thread.

python -m benchmarks.browser
"""

import argparse
import tempfile
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from benchmarks.rows import RESULTS
from edgestyle.bench.browsing.finding import PACKAGES, find_tools
from edgestyle.bench.browsing.serving import serve
from edgestyle.bench.browsing.session import PAGE, open_page
from edgestyle.bench.browsing.worker import Bench, Opened
from edgestyle.bench.environment import describe_host
from edgestyle.bench.jobs import Job, make_job
from edgestyle.bench.measuring import Plan, time_once_ms, warm_up
from edgestyle.bench.results import Result, write_results
from edgestyle.bench.statistics import summarise
from edgestyle.bench.targets import ACCELERATORS_THERE
from edgestyle.bench.targets.workers import begin_rows, finish_row
from edgestyle.bench.worker import make_inputs
from edgestyle.exporters.bundle import export_pack
from edgestyle.packs.loading import load_pack
from edgestyle.quiet import quiet
from edgestyle.runtime.component import open_component
from edgestyle.runtime.runner import open_runner

SIZE = 256
PACKS = ("atelier", "lumen", "museum")
_WARM = Plan(min_runs=1, min_seconds=1.0)
_TURN = Plan(min_seconds=0.0, max_warmup_seconds=0.0, min_warmup_runs=1, min_warmup_seconds=0.0)


def main() -> None:
    """Measure and write `results/browser.jsonl`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40)
    options = parser.parse_args()
    plan = Plan(interleaved=True, alternations=options.rounds)
    with tempfile.TemporaryDirectory() as name:
        exported = []
        for pack in PACKS:
            exported += export_pack(load_pack(pack), Path(name), ["onnx", "tflite"], ["float32"], [SIZE])
        rows = [row for file in exported for row in measure_file(file.path, plan)]
    path = RESULTS / "browser.jsonl"
    write_results(rows, path)
    print(path)


def measure_file(path: Path, plan: Plan) -> list[Result]:
    """A file's row in its native runtime, and its row in a new browser, of one group."""
    job = make_job(path, SIZE, 1, None, ACCELERATORS_THERE["browser"])
    tools = find_tools(set(PACKAGES))
    with (
        tempfile.TemporaryDirectory() as folder,
        serve({"": PAGE, "packages": tools.packages, "files": Path(folder)}) as site,
        open_page(tools.chromium, site.address, job.accelerator) as page,
    ):
        bench = Bench(page, site, tools, Path(folder), job.accelerator)
        runtime, call = open_natively(job)
        native, there = begin_rows([job, job], plan, "host", describe_host())
        there |= {"target": "browser", "device": {**there["device"], "browser": page.describe()}}
        opened = bench.try_to_open(0, job)
        if not isinstance(opened, Opened):
            raise SystemExit(opened["error"])
        here_ms, there_ms = take_turns(bench, opened, call, plan)
        answer = bench.finish(opened, _fields(there_ms))
    return [
        finish_row({**native, "accelerator": "cpu"}, {"status": "measured", "runtime": runtime, **_fields(here_ms)}),
        finish_row(there, answer),
    ]


def open_natively(job: Job) -> tuple[str, Callable[[], object]]:
    """The format's own runtime on one thread, and a call on the job's inputs."""
    with quiet():
        runner: Any = (
            open_runner(job.path, 1) if job.component == "renderer" else open_component(job.path, job.component, 1)
        )
        call = runner.bind(*make_inputs(job))
        call()
    return runner.runtime, call


def take_turns(bench: Bench, opened: Opened, call: Callable[[], object], plan: Plan) -> tuple[list[float], list[float]]:
    """Milliseconds of the native call and of the page's, `plan.turn_runs` runs a turn, in the order A B B A.

    Each turn begins with a run that does not count: what ran meanwhile has taken the caches.
    """
    turn = replace(_TURN, min_runs=plan.turn_runs)
    bench.page.measure([opened.index], _WARM)
    warm_up(call, _WARM)

    def natively() -> None:
        call()
        here_ms.extend(time_once_ms(call) for _ in range(plan.turn_runs))

    def in_the_page() -> None:
        there_ms.extend(bench.page.measure([opened.index], turn)[0].samples_ms)

    here_ms: list[float] = []
    there_ms: list[float] = []
    for number in range(plan.alternations):
        for one in (natively, in_the_page) if number % 2 == 0 else (in_the_page, natively):
            one()
    return here_ms, there_ms


def _fields(samples_ms: list[float]) -> dict[str, Any]:
    kept = [round(sample, 3) for sample in samples_ms]
    return {"latency_ms": asdict(summarise(kept)), "samples_ms": kept}


if __name__ == "__main__":
    main()
