"""Whether what a machine had to do besides left enough cores to what was measured."""

import numpy as np

from edgestyle.bench.results import Result

_TAKEN = 0.1  # cores that others may take of those that are measured on: a clock's tick, the system itself
_TAKEN_BY_LOAD = 0.5  # the same where only the load of the minute before is known, which lags behind


def describe_other_work(rows: list[Result]) -> str | None:
    """What to say where there was not a free core for every measured thread in half of the repeats; else None."""
    lacks = [lack for row in rows if (lack := _lacking_cores(row)) is not None]
    if not lacks or float(np.median(lacks)) <= 0:
        return None
    return "other work left too few cores to it: measure when the machine is idle, or in turns"


def _lacking_cores(row: Result) -> float | None:
    """Cores that were wanted beyond those there are and what is allowed for; None where nothing is known."""
    threads = int(row.settings.get("threads") or 1)
    cores = len(row.settings.get("pinned_cores") or ()) or int(row.device.get("cores") or threads)
    wanted = min(threads, cores)
    if row.other_cpu_fraction is not None:
        return wanted + row.other_cpu_fraction * cores - cores - _TAKEN
    load = (row.environment_before or row.device).get("load_1min")
    return None if load is None else wanted + max(float(load) - threads, 0.0) - cores - _TAKEN_BY_LOAD
