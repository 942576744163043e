"""What macOS tells about the machine, through its own tools. None stands for what it does not tell."""

import re
from collections.abc import Callable
from typing import Any

Run = Callable[[list[str]], str | None]


def describe(run: Run) -> dict[str, Any]:
    """What stays as it is; keys as in `environment.describe_host`."""
    chip, build = _sysctl(run, "machdep.cpu.brand_string"), run(["sw_vers", "-buildVersion"])
    memory, product = _sysctl(run, "hw.memsize"), run(["sw_vers", "-productVersion"])
    return {
        "model": _sysctl(run, "hw.model"),
        "soc": chip if chip and chip.startswith("Apple") else None,
        "processor": chip,
        "core_groups": _core_groups(run),
        "memory_bytes": int(memory) if memory else None,
        "hypervisor": {"0": False, "1": True}.get(_sysctl(run, "kern.hv_vmm_present") or ""),
        "os_build": f"macOS {product} {build}" if product and build else None,
        "low_power_mode": _low_power(run),
        "throttled": None,
    }


def take_snapshot(run: Run) -> dict[str, Any]:
    """What changes; keys as in `environment.take_snapshot`, without the load. Temperatures and clocks need root."""
    battery = run(["pmset", "-g", "batt"]) or ""
    percent = re.search(r"(\d+)%;", battery)
    return {
        "temperature_c": None,
        "frequency_mhz": None,
        "battery_percent": float(percent[1]) if percent else None,
        "on_battery": "'Battery Power'" in battery if percent else None,
    }


def _core_groups(run: Run) -> list[dict[str, Any]]:
    """Performance and efficiency cores, fast ones first; macOS tells no governor and no clocks."""
    groups: list[dict[str, Any]] = []
    for level in range(int(_sysctl(run, "hw.nperflevels") or 0)):
        count = int(_sysctl(run, f"hw.perflevel{level}.logicalcpu") or 0)
        name = _sysctl(run, f"hw.perflevel{level}.name")
        groups.append({"name": name, "count": count, "governor": None, "minimum_mhz": None, "maximum_mhz": None})
    return groups


def _low_power(run: Run) -> bool | None:
    found = re.search(r"lowpowermode\s+([01])", run(["pmset", "-g"]) or "")
    return found[1] == "1" if found else None


def _sysctl(run: Run, name: str) -> str | None:
    return run(["sysctl", "-n", name]) or None
