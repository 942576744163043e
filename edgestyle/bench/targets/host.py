"""Measure on this machine, each file in a process of its own so that memory and load time are its own."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from edgestyle.bench.environment import describe_host
from edgestyle.bench.jobs import Job, make_job
from edgestyle.bench.measuring import Plan
from edgestyle.bench.results import Result
from edgestyle.bench.targets import Dialogue
from edgestyle.bench.targets.workers import (
    MODULE,
    WorkerFailedError,
    begin_rows,
    failed_rows,
    finish_row,
    in_groups,
    run_worker,
)
from edgestyle.errors import TargetError
from edgestyle.runtime.runner import can_time


class HostTarget:
    """This machine.

    Args:
        address: only "host".
        dialogue: not needed here.

    Raises:
        TargetError: it is another address.
    """

    def __init__(self, address: str = "host", dialogue: Dialogue | None = None) -> None:
        if address != "host":
            raise TargetError(f"'{address}' is no address: this machine is called host")
        self.name = address

    def describe(self) -> dict[str, Any]:
        """See `Target.describe`."""
        return describe_host()

    def measure(self, jobs: list[Job], plan: Plan) -> Iterator[Result]:
        """See `Target.measure`."""
        for group in in_groups(jobs, plan):
            yield from self._measure_group(group, plan)

    def _measure_group(self, jobs: list[Job], plan: Plan) -> list[Result]:
        """Rows of the jobs that share a process."""
        rows = begin_rows(jobs, plan, self.name, self.describe())
        can = [can_time(job.path) for job in jobs]
        try:
            here = [job for job, able in zip(jobs, can, strict=True) if able]
            measured = iter(run_worker([sys.executable, *MODULE], here, plan) if here else [])
        except WorkerFailedError as error:
            return failed_rows(rows, error)
        elsewhere = {"status": "unavailable", "error": "Core ML runs on Apple devices only"}
        return [finish_row(row, next(measured) if able else elsewhere) for row, able in zip(rows, can, strict=True)]


def measure_on_host(path: Path, threads: int, size: int, plan: Plan) -> Result:
    """Measure one exported file on its format's first accelerator.

    Args:
        path: the file, with its sidecar beside it.
        threads: CPU threads.
        size: side of the square picture.
        plan: how long to measure.

    Returns:
        A row; a failure is a row too.

    Raises:
        ArtifactError: the file or its sidecar is missing, or they do not belong together.
    """
    return next(HostTarget().measure([make_job(path, size, threads)], plan))
