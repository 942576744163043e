"""What the system counts of a process: peak memory, energy, the cores it may run on, what others take."""

import importlib.util
import os
import sys
import time
from pathlib import Path

from edgestyle.errors import ContractError

_POWERCAP = Path("/sys/class/powercap")
_STATUS = Path("/proc/self/status")
_STAT = Path("/proc/stat")
_IDLE = (3, 4)  # of the columns of /proc/stat: idle, and waiting for a disk
_COLUMNS = 8  # user, nice, system, idle, iowait, irq, softirq, steal; guests after them are in user already
_FEWEST_TICKS = 100  # a second of one core; shorter times are too coarse in hundredths


def peak_rss_bytes(status: Path = _STATUS) -> int | None:
    """Highest resident memory of this process so far; None on Windows.

    On Linux from `/proc`: what `getrusage` says there is also that of the process which started this one.
    """
    if status.is_file():
        line = next((line for line in status.read_text().splitlines() if line.startswith("VmHWM:")), None)
        if line is not None:
            return int(line.split()[1]) * 1024
    if importlib.util.find_spec("resource") is None:
        return None
    import resource

    unit = 1 if sys.platform == "darwin" else 1024  # ru_maxrss is in bytes on macOS, in KiB elsewhere
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def pin_to_cores(cores: tuple[int, ...]) -> None:
    """Let this process, and the threads it will start, run on these cores only; none leaves it as it is.

    Raises:
        ContractError: the system cannot pin, or has no such core.
    """
    if not cores:
        return
    if not hasattr(os, "sched_setaffinity"):
        raise ContractError(f"a process cannot be pinned to cores on {sys.platform}: leave --cores out")
    try:
        os.sched_setaffinity(0, cores)
    except (OSError, ValueError, OverflowError) as error:
        allowed = ", ".join(map(str, sorted(os.sched_getaffinity(0))))
        raise ContractError(f"cannot run on cores {', '.join(map(str, cores))}: there are {allowed}") from error


class OtherWork:
    """What the cores that this process may run on do beside it, from Linux's `/proc/stat`.

    Time that a hypervisor gave to other machines ("steal") is other work too.
    https://www.kernel.org/doc/html/latest/filesystems/proc.html#miscellaneous-kernel-statistics-in-proc-stat

    Args:
        stat: where the kernel counts.
    """

    def __init__(self, stat: Path = _STAT) -> None:
        self._stat = stat
        self._before = self._read()

    def cpu_fraction(self) -> float | None:
        """Share of all time of these cores since the counter was made, 0 to 1; None where unknown, as on macOS."""
        now = self._read()
        if now is None or self._before is None:
            return None
        total, busy, own = (after - before for after, before in zip(now, self._before, strict=True))
        return None if total < _FEWEST_TICKS else round(min(max((busy - own) / total, 0.0), 1.0), 4)

    def _read(self) -> tuple[float, float, float] | None:
        """Hundredths of a second: of all these cores, of what they were busy, and of this process."""
        try:
            lines = self._stat.read_text().splitlines()
            names = {f"cpu{core}" for core in os.sched_getaffinity(0)}
            counts = [list(map(int, line.split()[1 : 1 + _COLUMNS])) for line in lines if line.split(" ")[0] in names]
            ticks = os.sysconf("SC_CLK_TCK")
            total, idle = sum(map(sum, counts)), sum(one[column] for one in counts for column in _IDLE)
        except (AttributeError, OSError, ValueError, IndexError):
            return None
        return float(total), float(total - idle), time.process_time() * ticks


class EnergyCounter:
    """The energy of all processor packages by RAPL, of Linux's powercap interface; it counts idle power too.

    https://www.kernel.org/doc/html/latest/power/powercap/powercap.html

    Args:
        root: where the kernel shows it.
    """

    def __init__(self, root: Path = _POWERCAP) -> None:
        self._zones = [zone for zone in sorted(root.glob("intel-rapl:*")) if zone.name.count(":") == 1]
        self._before = self._read()

    def millijoules(self) -> float | None:
        """Since the counter was made; None where no counter can be read (none there, or only root may)."""
        now = self._read()
        if not now or len(now) != len(self._before):
            return None
        return sum((end - start) % span for (start, span), (end, _) in zip(self._before, now, strict=True)) / 1e3

    def _read(self) -> list[tuple[int, int]]:
        """Microjoules of each package, and where its counter wraps; empty where it cannot be read."""
        try:
            return [
                (int((zone / "energy_uj").read_text()), int((zone / "max_energy_range_uj").read_text()) + 1)
                for zone in self._zones
            ]
        except (OSError, ValueError):
            return []
