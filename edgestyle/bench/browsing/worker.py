"""The process that measures in a browser: like `edgestyle.bench.worker`, which see.

python -m edgestyle.bench.browsing.worker BACKEND CHROMIUM NODE_MODULES
"""

import json
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgestyle.bench.browsing.finding import Tools, read_runtime
from edgestyle.bench.browsing.serving import LocalSite, serve
from edgestyle.bench.browsing.session import PAGE, BenchPage, open_page
from edgestyle.bench.browsing.tensors import compare_with_native, make_tensors, read_output
from edgestyle.bench.counters import pin_to_cores
from edgestyle.bench.jobs import Job
from edgestyle.bench.measuring import Plan
from edgestyle.bench.worker import snapshot, work
from edgestyle.contract import SIGNATURES
from edgestyle.errors import EdgestyleError
from edgestyle.sidecar import read_sidecar, sidecar_path


@dataclass(frozen=True)
class Opened:
    """A file that the page opened and ran once.

    Attributes:
        index: the page's number for it.
        fields: of its row, so far.
    """

    job: Job
    index: int
    fields: dict[str, Any]


def run_jobs(jobs: list[Job], plan: Plan, tools: Tools, backend: str) -> list[dict[str, Any]]:
    """Fields of `Result` for each job, and `browser`: what it says of itself."""
    pin_to_cores(plan.pinned_cores)
    with (
        tempfile.TemporaryDirectory() as name,
        serve({"": PAGE, "packages": tools.packages, "files": Path(name)}) as site,
        open_page(tools.chromium, site.address, backend) as page,
    ):
        browser = page.describe()
        if backend != "wasm" and browser["webgpu_adapter"] is None:
            return [{"status": "unavailable", "error": NO_ADAPTER, "browser": browser} for _ in jobs]
        tried = [_try(page, job, tools, backend, Path(name, str(number))) for number, job in enumerate(jobs)]
        rows = _measure(page, tried, plan, site)
    return [{**row, "browser": browser} for row in rows]


NO_ADAPTER = "this browser finds no WebGPU adapter on this machine: measure WebAssembly with --target browser"


def _try(page: BenchPage, job: Job, tools: Tools, backend: str, folder: Path) -> Opened | dict[str, Any]:
    """An opened file, or the row that says why there is none."""
    runtime = read_runtime(tools.packages, job.path.suffix)
    try:
        found = page.open({**_lay_out(job, folder), "backend": backend.partition("-")[0], "threads": job.threads})
    except EdgestyleError as error:
        return {"status": "failed", "error": f"{runtime} cannot run {job.path.name}: {error}", "runtime": runtime}
    return Opened(job, found.pop("index"), {"runtime": runtime, **found})


def _lay_out(job: Job, folder: Path) -> dict[str, Any]:
    """Put a file, its sidecar and inputs where the site shows them; what the page has to be told of them."""
    sidecar = read_sidecar(job.path)
    folder.mkdir()
    file = Path(shutil.copyfile(job.path, folder / job.path.name))
    shutil.copyfile(sidecar_path(job.path), sidecar_path(file))
    inputs = {}
    for name, value in make_tensors(job, sidecar).items():
        value.tofile(folder / f"{name}.bin")
        inputs[name] = {"url": f"files/{folder.name}/{name}.bin", "shape": list(value.shape)}
    address = f"files/{folder.name}/{file.name}"
    signature = SIGNATURES.get(job.component, f"s{job.size}")
    return {"file": address, "sidecar": f"{address}.json", "inputs": inputs, "signature": signature}


def _measure(
    page: BenchPage, tried: list[Opened | dict[str, Any]], plan: Plan, site: LocalSite
) -> list[dict[str, Any]]:
    ready = [one for one in tried if isinstance(one, Opened)]
    before = snapshot()
    timed = page.measure([one.index for one in ready], plan) if ready else []
    around = {"environment_before": before, "environment_after": snapshot()}
    rows = iter(
        {
            "status": "measured", **one.fields, **times.row_fields(), **around, "agreement": _agreement(page, one, site)
        }
        for one, times in zip(ready, timed, strict=True)
    )  # fmt: skip
    return [next(rows) if isinstance(one, Opened) else one for one in tried]


def _agreement(page: BenchPage, one: Opened, site: LocalSite) -> dict[str, Any] | None:
    """How close what the page draws is to what the format's own runtime draws here."""
    path = f"/drawn/{one.index}"
    page.send(one.index, path)
    return compare_with_native(read_output(site.received.pop(path), read_sidecar(one.job.path), one.job), one.job)


def main() -> None:
    """Measure what the first line of standard input asks for."""
    backend, chromium, packages = sys.argv[1:]
    tools = Tools(Path(chromium), Path(packages))
    work(lambda jobs, plan: run_jobs(jobs, plan, tools, backend))


if __name__ == "__main__":
    main()
