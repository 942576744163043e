"""The process that measures in a browser: like `edgestyle.bench.worker`, which see.

python -m edgestyle.bench.browsing.worker BACKEND CHROMIUM NODE_MODULES FOLDER
"""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgestyle.bench.browsing.finding import Tools, read_runtime
from edgestyle.bench.browsing.laying_out import lay_out
from edgestyle.bench.browsing.serving import LocalSite, serve
from edgestyle.bench.browsing.session import PAGE, BenchPage, open_page
from edgestyle.bench.browsing.tensors import compare_with_native, describe_disagreement, read_output
from edgestyle.bench.counters import pin_to_cores
from edgestyle.bench.jobs import Job
from edgestyle.bench.measuring import Plan
from edgestyle.bench.worker import snapshot, work
from edgestyle.errors import EdgestyleError
from edgestyle.sidecar import read_sidecar

_PROVIDERS = {"wasm": "CPUExecutionProvider", "webgpu": "WebGpuExecutionProvider"}  # ONNX Runtime's, by backend


@dataclass(frozen=True)
class Opened:
    """A file that the page opened and ran once.

    Attributes:
        request: what the page was told.
        index: the page's number for it.
        fields: of its row, so far.
    """

    job: Job
    request: dict[str, Any]
    index: int
    fields: dict[str, Any]


@dataclass(frozen=True)
class Bench:
    """A page, and what measuring in it takes.

    Attributes:
        site: that serves the page.
        folder: that the site shows as `files`.
        backend: the runtimes' name of it.
    """

    page: BenchPage
    site: LocalSite
    tools: Tools
    folder: Path
    backend: str

    def try_to_open(self, number: int, job: Job) -> Opened | dict[str, Any]:
        """An opened file, or the row that says why there is none."""
        runtime = read_runtime(self.tools.packages, job.path.suffix)
        try:
            request = {**lay_out(job, self.folder / str(number)), "backend": self.backend, "threads": job.threads}
            found = self.page.open(request)
        except EdgestyleError as error:
            return {"status": "failed", "error": f"{runtime} cannot run {job.path.name}: {error}", "runtime": runtime}
        return Opened(job, request, found.pop("index"), {"runtime": runtime, **found})

    def measure(self, tried: list[Opened | dict[str, Any]], plan: Plan) -> list[dict[str, Any]]:
        """Rows of the files that were tried, in their order."""
        ready = [one for one in tried if isinstance(one, Opened)]
        before = snapshot()
        timed = self.page.measure([one.index for one in ready], plan) if ready else []
        more: dict[str, Any] = {"environment_before": before, "environment_after": snapshot()}
        if len(tried) == 1:
            more["peak_rss_bytes"] = self.page.peak_rss_bytes()
        finished = iter(
            [self.finish(one, {**times.row_fields(), **more}) for one, times in zip(ready, timed, strict=True)]
        )
        return [next(finished) if isinstance(one, Opened) else one for one in tried]

    def finish(self, one: Opened, timed: dict[str, Any]) -> dict[str, Any]:
        """The row of a file that was timed. One that ran elsewhere, or drew something else, is no measurement.

        Args:
            one: the file.
            timed: what was measured, in fields of its row.
        """
        about = {"runtime": one.fields["runtime"], "placement": self._place(one), "agreement": self._compare(one)}
        elsewhere = _describe_fallback(about["placement"], self.backend)
        if elsewhere is not None:
            return {"status": "unavailable", "error": elsewhere, **about}
        wrong = describe_disagreement(about["agreement"], one.job.artifact["recipe"])
        if wrong is not None:
            return {"status": "failed", "error": wrong, **about}
        return {"status": "measured", **one.fields, **timed, **about}

    def _place(self, one: Opened) -> dict[str, int] | None:
        """Operators by what ran them; None where that cannot be found out, which takes no measurement away."""
        if one.job.path.suffix != ".onnx":
            return None
        try:
            return self.page.place(one.request) or None
        except EdgestyleError:
            return None

    def _compare(self, one: Opened) -> dict[str, Any] | None:
        """How close what the page draws is to what the format's own runtime draws here."""
        path = f"/drawn/{one.index}"
        self.page.send(one.index, path)
        drawn = read_output(self.site.received.pop(path), read_sidecar(one.job.path), one.job)
        return compare_with_native(drawn, one.job)


def run_jobs(jobs: list[Job], plan: Plan, tools: Tools, backend: str, folder: Path) -> list[dict[str, Any]]:
    """Fields of `Result` for each job, and `browser`: what it says of itself.

    Args:
        jobs: one alone, or several in turns.
        backend: a name in `session.BACKENDS`.
        folder: an empty one, for what the browser is to see of this machine.
    """
    pin_to_cores(plan.pinned_cores)
    folders = {"": PAGE, "packages": tools.packages, "files": folder}
    with serve(folders) as site, open_page(tools.chromium, site.address, backend) as page:
        browser = page.describe()
        reason = _reason_against(backend, browser["webgpu_adapter"])
        if reason is not None:
            return [{"status": "unavailable", "error": reason, "browser": browser} for _ in jobs]
        bench = Bench(page, site, tools, folder, backend.partition("-")[0])
        rows = bench.measure([bench.try_to_open(number, job) for number, job in enumerate(jobs)], plan)
    return [{**row, "browser": browser} for row in rows]


def _reason_against(backend: str, adapter: dict[str, Any] | None) -> str | None:
    """Why nothing can be measured on a backend, in one line; None where it can."""
    if backend == "wasm":
        return None
    if adapter is None:
        return "this browser finds no WebGPU adapter here: measure on --accelerator wasm"
    if backend == "webgpu" and adapter["software"]:
        return (
            "the only WebGPU adapter here is software, whose times say nothing of a graphics card: measure on "
            "--accelerator wasm, or see whether files work with --accelerator webgpu-software"
        )
    return None


def _describe_fallback(placement: dict[str, int] | None, backend: str) -> str | None:
    """One line where none of the operators ran on what was asked for, None where some did or nobody knows."""
    if placement is None or _PROVIDERS[backend] in placement:
        return None
    where = ", ".join(f"{count} on {place}" for place, count in placement.items())
    return f"asked for {backend}, but no operator ran there: {where}"


def main() -> None:
    """Measure what the first line of standard input asks for."""
    backend, chromium, packages, folder = sys.argv[1:]
    tools = Tools(Path(chromium), Path(packages))
    work(lambda jobs, plan: run_jobs(jobs, plan, tools, backend, Path(folder)))


if __name__ == "__main__":
    main()
