"""Run a benchmark: jobs on a target, repeats of them, and every row kept as it is finished."""

import importlib
import time
from collections.abc import Callable, Generator
from dataclasses import replace
from uuid import uuid4

from edgestyle.bench.jobs import Job
from edgestyle.bench.measuring import Plan
from edgestyle.bench.results import Result
from edgestyle.bench.targets import TARGETS, Dialogue, Target
from edgestyle.errors import ContractError


def open_target(address: str, dialogue: Dialogue = Dialogue()) -> Target:  # noqa: B008  it cannot be changed
    """The target of that name, or for an address such as "ssh://user@pi" the one of its scheme.

    Raises:
        ContractError: there is none.
        TargetError: the address is none.
    """
    scheme = address.partition(":")[0]
    if scheme not in TARGETS:
        known = ", ".join(TARGETS)
        raise ContractError(f"no target '{address}': known are {known}, as in ssh://user@host or android:SERIAL")
    module, name = TARGETS[scheme]
    opener: Callable[[str, Dialogue], Target] = getattr(importlib.import_module(module), name)
    return opener(address, dialogue)


def run(target: Target, jobs: list[Job], plan: Plan, repeats: int) -> Generator[Result, None, None]:
    """Rows as they are finished, all with the same new `run_id`.

    Args:
        target: where.
        jobs: what; in turns within one process where the plan says so.
        plan: how long.
        repeats: measure all of it so often, each time in fresh processes. Repeats of a file are as far apart in time as
            can be, so that they show how much the machine itself changes.
    """
    run_id = uuid4().hex[:12]
    for repeat in range(repeats):
        if repeat:
            time.sleep(plan.cool_down_seconds)
        for row in target.measure(jobs, plan):
            yield replace(row, run_id=run_id)
