"""What the demo app on an iPhone says of the phone, beside what it measured."""

import json
from typing import Any

from edgestyle.bench.targets.tools import printable

_COOL = ("nominal", "fair")  # of `ProcessInfo.ThermalState`: a phone that is "fair" does not hold back yet


def read_environment(text: str) -> dict[str, Any]:
    """`environment_before` and `environment_after` of a row, where the app wrote `environment` with `before`, `after`.

    Each has `battery_percent`, `low_power_mode` and `thermal_status` ("none" where the phone is cool, else Apple's
    word); None for what was not written, or cannot be.

    Args:
        text: JSON that `read_answer` read.
    """
    told = json.loads(text).get("environment")
    if not isinstance(told, dict):
        return {}
    return {f"environment_{when}": _read_moment(told.get(when)) for when in ("before", "after")}


def _read_moment(told: object) -> dict[str, Any]:
    moment = told if isinstance(told, dict) else {}
    battery, low, heat = (moment.get(key) for key in ("battery_percent", "low_power_mode", "thermal_state"))
    heat = printable(heat) if isinstance(heat, str) else None
    return {
        "temperature_c": None,  # Apple does not tell
        "frequency_mhz": None,
        "load_1min": None,
        "battery_percent": battery if isinstance(battery, int | float) and 0 <= battery <= 100 else None,
        "low_power_mode": low if isinstance(low, bool) else None,
        "thermal_status": "none" if heat in _COOL else heat,
    }
