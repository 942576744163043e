"""Measure in headless Chromium on this machine: ONNX Runtime Web and LiteRT.js, on WebAssembly or WebGPU."""

import importlib.util
import sys
import tempfile
from collections.abc import Iterator
from typing import Any

from edgestyle.bench.browsing.finding import PACKAGES, Tools, find_tools
from edgestyle.bench.environment import describe_host
from edgestyle.bench.jobs import Job, is_pack
from edgestyle.bench.measuring import Plan
from edgestyle.bench.results import Result
from edgestyle.bench.targets import ACCELERATORS_THERE, Dialogue
from edgestyle.bench.targets.workers import (
    WorkerFailedError,
    begin_rows,
    failed_rows,
    finish_row,
    in_groups,
    run_worker,
)
from edgestyle.errors import MissingExtraError, TargetError

_MODULE = ["-P", "-m", "edgestyle.bench.browsing.worker"]


class BrowserTarget:
    """A new Chromium, without a window or a profile, for each file. It sees no site but this machine's.

    Accelerators are "wasm", "webgpu" where there is a graphics adapter, and "webgpu-software", which pretends one on
    the processor: slow, to see whether a file works there.

    Args:
        address: only "browser".
        dialogue: not needed here.

    Raises:
        TargetError: it is another address.
    """

    def __init__(self, address: str = "browser", dialogue: Dialogue | None = None) -> None:
        if address != "browser":
            raise TargetError(f"'{address}' is no address: write browser, and --accelerator webgpu for WebGPU")
        self.name = address
        self._browser: dict[str, Any] | None = None

    def describe(self) -> dict[str, Any]:
        """See `Target.describe`: this machine, and as `browser` what the last one said of itself."""
        return {**describe_host(), "kind": "browser", "browser": self._browser}

    def measure(self, jobs: list[Job], plan: Plan) -> Iterator[Result]:
        """See `Target.measure`. What browsers do not run is a row that says so.

        Raises:
            TargetError: before the first row: Chromium or the npm packages are missing.
            MissingExtraError: Playwright is.
        """
        suffixes = {job.path.suffix for job in jobs if _reason_against(job) is None}
        if suffixes and importlib.util.find_spec("playwright") is None:
            raise MissingExtraError("playwright", "browser")
        tools = find_tools(suffixes) if suffixes else None
        for group in in_groups(jobs, plan):
            yield from self._measure_group(group, plan, tools)

    def _measure_group(self, jobs: list[Job], plan: Plan, tools: Tools | None) -> list[Result]:
        """Rows of the jobs that share a browser."""
        against = [_reason_against(job) for job in jobs]
        able = [job for job, reason in zip(jobs, against, strict=True) if reason is None]
        rows = begin_rows(jobs, plan, self.name, self.describe())
        try:
            answers = iter(self._ask_browser(able, plan, tools) if tools and able else [])
        except WorkerFailedError as error:
            return failed_rows(rows, error)
        return [
            self._finish(row, next(answers) if reason is None else {"status": "unavailable", "error": reason})
            for row, reason in zip(rows, against, strict=True)
        ]

    def _ask_browser(self, jobs: list[Job], plan: Plan, tools: Tools) -> list[dict[str, Any]]:
        with tempfile.TemporaryDirectory() as folder:  # made here, so that Ctrl-C removes it
            command = [sys.executable, *_MODULE, jobs[0].accelerator, str(tools.chromium), str(tools.packages), folder]
            return run_worker(command, jobs, plan)

    def _finish(self, row: dict[str, Any], answer: dict[str, Any]) -> Result:
        """A row, whose device is the browser too."""
        self._browser = answer.pop("browser", None) or self._browser
        return finish_row({**row, "device": {**row["device"], "browser": self._browser}}, answer)


def _reason_against(job: Job) -> str | None:
    """Why browsers do not run a job, in one line; None where they do."""
    if is_pack(job.path) or job.path.suffix not in PACKAGES:
        return f"browsers run {' and '.join(PACKAGES)} files only"
    if job.accelerator not in (known := ACCELERATORS_THERE["browser"][job.path.suffix]):
        return f"browsers run files on {', '.join(known)}, not on '{job.accelerator}'"
    return None
