"""What Linux tells about the machine under `/proc` and `/sys`. None stands for what it does not tell."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import fmean
from typing import Any

_CPU = "sys/devices/system/cpu"
_CPU_ZONES = re.compile(r"cpu|soc|pkg|core", re.IGNORECASE)
_PROCESSORS = re.compile(r"^(?:model name|Hardware)\s*:\s*(.+)$", re.MULTILINE)
_PARTS = re.compile(r"^CPU part\s*:\s*(0x[0-9a-f]+)$", re.MULTILINE)
_ARM_CORES = {
    0xD03: "Cortex-A53", 0xD05: "Cortex-A55", 0xD07: "Cortex-A57", 0xD08: "Cortex-A72", 0xD09: "Cortex-A73",
    0xD0A: "Cortex-A75", 0xD0B: "Cortex-A76", 0xD0C: "Neoverse-N1", 0xD0D: "Cortex-A77", 0xD40: "Neoverse-V1",
    0xD41: "Cortex-A78", 0xD44: "Cortex-X1", 0xD46: "Cortex-A510", 0xD47: "Cortex-A710", 0xD48: "Cortex-X2",
    0xD49: "Neoverse-N2", 0xD4D: "Cortex-A715", 0xD4E: "Cortex-X3", 0xD4F: "Neoverse-V2", 0xD80: "Cortex-A520",
    0xD81: "Cortex-A720", 0xD82: "Cortex-X4",
}  # fmt: skip  # "MIDR_EL1 part numbers", Arm's Technical Reference Manuals
_NO_MODELS = {"", "System Product Name", "To Be Filled By O.E.M.", "None", "Default string"}


def describe(root: Path, run: Callable[[list[str]], str | None]) -> dict[str, Any]:
    """What stays as it is; keys as in `environment.describe_host`."""
    cpuinfo = _text(root / "proc/cpuinfo") or ""
    throttled = run(["vcgencmd", "get_throttled"])  # only a Raspberry Pi has it
    release = _text(root / "etc/os-release") or ""
    name = re.search(r'^PRETTY_NAME="?([^"\n]*)', release, re.MULTILINE)
    return {
        "model": _model(root),
        "soc": _soc(root),
        "processor": _processor(cpuinfo),
        "core_groups": core_groups(root),
        "memory_bytes": _memory_bytes(root),
        "hypervisor": re.search(r"^flags\s*:.*\bhypervisor\b", cpuinfo, re.MULTILINE) is not None if cpuinfo else None,
        "os_build": " ".join(filter(None, (name[1] if name else None, _kernel_build(root)))) or None,
        "low_power_mode": _low_power(root),
        "throttled": throttled.partition("=")[2] if throttled else None,
    }


def take_snapshot(root: Path) -> dict[str, Any]:
    """What changes; keys as in `environment.take_snapshot`, without the load."""
    battery = next(_batteries(root), None)
    percent = _number(battery / "capacity") if battery else None
    status = _text(battery / "status") if battery else None
    return {
        "temperature_c": temperature_c(root),
        "frequency_mhz": frequency_mhz(root),
        "battery_percent": percent,
        "on_battery": status == "Discharging" if status else None,
    }


def core_groups(root: Path) -> list[dict[str, Any]]:
    """Cores that share a clock, as the kernel's frequency policies say; none in most virtual machines."""
    groups = []
    for policy in sorted((root / _CPU / "cpufreq").glob("policy*"), key=lambda path: int(path.name[6:])):
        low, high = _number(policy / "cpuinfo_min_freq"), _number(policy / "cpuinfo_max_freq")
        groups.append(
            {
                "cpus": [int(cpu) for cpu in (_text(policy / "related_cpus") or "").split()],
                "governor": _text(policy / "scaling_governor"),
                "minimum_mhz": None if low is None else low / 1000,
                "maximum_mhz": None if high is None else high / 1000,
            }
        )
    return groups


def frequency_mhz(root: Path) -> float | None:
    """What the cores run at now, their mean."""
    policies = (root / _CPU).glob("cpu[0-9]*/cpufreq/scaling_cur_freq")
    clocks = [value / 1000 for path in policies if (value := _number(path)) is not None]
    if not clocks:
        lines = re.findall(r"^cpu MHz\s*:\s*([0-9.]+)", _text(root / "proc/cpuinfo") or "", re.MULTILINE)
        clocks = [float(line) for line in lines]
    return round(fmean(clocks), 1) if clocks else None


def temperature_c(root: Path) -> float | None:
    """The hottest of the processor's sensors, or of all where none says that it is the processor's."""
    zones = [
        (_text(zone / "type") or "", value / 1000)
        for zone in (root / "sys/class/thermal").glob("thermal_zone*")
        if (value := _number(zone / "temp")) is not None
    ]
    sensors = [value for kind, value in zones if _CPU_ZONES.search(kind)] or [value for _, value in zones]
    return round(max(sensors), 1) if sensors else None


def _processor(cpuinfo: str) -> str | None:
    """A PC's by name; ARM's by their part numbers, each kind of core once."""
    parts = dict.fromkeys(int(part, 16) for part in _PARTS.findall(cpuinfo))
    if any(part in _ARM_CORES for part in parts):
        return " + ".join(_ARM_CORES.get(part, f"part {part:#x}") for part in parts)
    named = _PROCESSORS.search(cpuinfo)
    return named[1].strip() if named else None


def _model(root: Path) -> str | None:
    """A board's device tree, or a PC's firmware."""
    tree = _text(root / "proc/device-tree/model") or _text(root / "sys/firmware/devicetree/base/model")
    if tree:
        return tree
    names = [_text(root / "sys/class/dmi/id" / key) for key in ("sys_vendor", "product_name")]
    return " ".join(name for name in names if name and name not in _NO_MODELS) or None


def _soc(root: Path) -> str | None:
    """The chip: its driver's name, else the last entry that the device tree is compatible with."""
    machine = _text(root / "sys/devices/soc0/machine") or _text(root / "sys/devices/soc0/soc_id")
    compatible = (_text(root / "proc/device-tree/compatible") or "").split("\0")
    return machine or compatible[-1] or None


def _kernel_build(root: Path) -> str | None:
    return _text(root / "proc/sys/kernel/version")


def _memory_bytes(root: Path) -> int | None:
    found = re.search(r"^MemTotal:\s+(\d+) kB", _text(root / "proc/meminfo") or "", re.MULTILINE)
    return int(found[1]) * 1024 if found else None


def _low_power(root: Path) -> bool | None:
    profile = _text(root / "sys/firmware/acpi/platform_profile")
    return profile in ("low-power", "quiet") if profile else None


def _batteries(root: Path) -> Iterator[Path]:
    """Those of the machine itself; a mouse has one too, with the scope of a device."""
    for supply in sorted((root / "sys/class/power_supply").glob("*")):
        if _text(supply / "type") == "Battery" and _text(supply / "scope") != "Device":
            yield supply


def _text(path: Path) -> str | None:
    """A file without what ends it; some sensors cannot be read though they are there."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip().strip("\0") or None
    except OSError:
        return None


def _number(path: Path) -> float | None:
    text = _text(path)
    try:
        return None if text is None else float(text)
    except ValueError:
        return None
