"""What an Android phone tells about itself: properties, battery, heat. None stands for what it does not tell."""

import re
from typing import Any

from edgestyle.bench.targets.adb import Adb
from edgestyle.bench.targets.tools import printable

# https://developer.android.com/reference/android/os/PowerManager#THERMAL_STATUS_NONE
THERMAL_STATUSES = ("none", "light", "moderate", "severe", "critical", "emergency", "shutdown")
_SKIN, _CPU = 3, 0  # android.os.Temperature's types
_SNAPSHOT = """
echo; echo =battery; dumpsys battery
echo; echo =thermal; dumpsys thermalservice
echo; echo =low_power; settings get global low_power
echo; echo =load; cat /proc/loadavg
echo; echo =clocks; cat /sys/devices/system/cpu/cpu[0-9]*/cpufreq/scaling_cur_freq
"""
_FACTS = f"""
echo; echo =properties; getprop
echo; echo =memory; cat /proc/meminfo
echo; echo =cores; cat /sys/devices/system/cpu/present
{_SNAPSHOT}"""
_SLOWEST_SECONDS = 60
_PROPERTY = re.compile(r"^\[([\w.-]+)\]: \[(.*)\]$", re.MULTILINE)
_TEMPERATURE = re.compile(r"Temperature\{mValue=(-?[\d.]+), mType=(-?\d+)")


def describe_phone(adb: Adb) -> dict[str, Any]:
    """What kind of phone it is; keys as in `environment.describe_host`, and `thermal_status`.

    Raises:
        TargetError: it went away, or does not answer in a minute.
    """
    return read_facts(adb.shell(_FACTS, _SLOWEST_SECONDS).text)


def take_snapshot(adb: Adb) -> dict[str, Any]:
    """What changes: keys as in `environment.take_snapshot`, and `low_power_mode`, `throttled`, `thermal_status`.

    Raises:
        TargetError: it went away, or does not answer in a minute.
    """
    return read_snapshot(adb.shell(_SNAPSHOT, _SLOWEST_SECONDS).text)


def read_facts(said: str) -> dict[str, Any]:
    """Facts from what the phone said to all questions; any of them may be garbage."""
    parts = _parts(said)
    properties = {name: printable(value) for name, value in _PROPERTY.findall(parts.get("properties", ""))}
    memory = re.search(r"^MemTotal:\s+(\d{1,15}) kB", parts.get("memory", ""), re.MULTILINE)
    cores = re.fullmatch(r"0-(\d{1,4})", parts.get("cores", "").strip())
    maker, model = properties.get("ro.product.manufacturer"), properties.get("ro.product.model")
    chip = [properties.get(f"ro.soc.{part}") for part in ("manufacturer", "model")]
    release = properties.get("ro.build.version.release")
    return {
        "kind": "android",
        "model": _joined(maker, model),
        "soc": _joined(*chip) or properties.get("ro.board.platform") or None,
        "architecture": properties.get("ro.product.cpu.abi"),
        "cores": int(cores[1]) + 1 if cores else None,
        "memory_bytes": int(memory[1]) * 1024 if memory else None,
        "system": f"Android {release}" if release else None,
        "os_build": properties.get("ro.build.fingerprint"),
        **_snapshot(parts),
    }


def read_snapshot(said: str) -> dict[str, Any]:
    """The changing part from what the phone said."""
    return _snapshot(_parts(said))


def _snapshot(parts: dict[str, str]) -> dict[str, Any]:
    battery, status = parts.get("battery", ""), thermal_status(parts.get("thermal", ""))
    tenths, level = _field(battery, "temperature"), _field(battery, "level")
    warm = None if tenths is None else tenths / 10
    clocks = [int(clock) / 1000 for clock in re.findall(r"^(\d{4,9})$", parts.get("clocks", ""), re.MULTILINE)]
    load = re.match(r"\s*(\d{1,6}\.\d+) ", parts.get("load", ""))
    powered = re.findall(r"^\s*\w+(?: \w+)? powered: (true|false)$", battery, re.MULTILINE)
    return {
        "temperature_c": _hottest(parts.get("thermal", ""), _SKIN, _CPU) if warm is None else warm,
        "processor_temperature_c": _hottest(parts.get("thermal", ""), _CPU),
        "frequency_mhz": round(sum(clocks) / len(clocks), 1) if clocks else None,
        "load_1min": float(load[1]) if load else None,
        "battery_percent": level,
        "on_battery": "true" not in powered if powered else None,
        "low_power_mode": {"0": False, "1": True}.get(parts.get("low_power", "").strip()),
        "thermal_status": status,
        "throttled": None if status is None else status not in THERMAL_STATUSES[:2],
    }


def thermal_status(said: str) -> str | None:
    """How hard Android holds the phone back, of `THERMAL_STATUSES`; from `dumpsys thermalservice` (Android 10)."""
    found = re.search(r"^\s*Thermal Status: (\d)$", said, re.MULTILINE)
    return THERMAL_STATUSES[int(found[1])] if found and int(found[1]) < len(THERMAL_STATUSES) else None


def _hottest(said: str, *kinds: int) -> float | None:
    """The hottest sensor of the first kind that there is, Celsius."""
    readings = [(float(value), int(kind)) for value, kind in _TEMPERATURE.findall(said) if value.count(".") < 2]
    for kind in kinds:
        found = [value for value, its in readings if its == kind and 0 < value < 150]
        if found:
            return max(found)
    return None


def _field(battery: str, name: str) -> int | None:
    found = re.search(rf"^\s*{name}: (-?\d{{1,6}})$", battery, re.MULTILINE)
    return int(found[1]) if found else None


def _joined(*parts: str | None) -> str | None:
    return " ".join(part for part in parts if part and part != "unknown") or None


def _parts(said: str) -> dict[str, str]:
    """Answers by the name of their question."""
    pieces = re.split(r"^=(\w+)$\n?", said, flags=re.MULTILINE)
    return dict(zip(pieces[1::2], pieces[2::2], strict=True))
