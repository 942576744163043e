"""What a device was like while it was measured, where that makes its numbers worse than they could be."""

from edgestyle.bench.results import Result

_HOT_BATTERY_C = 40.0  # a phone feels hot, and most hold back their processor
_COOL = (None, "none")


def conditions(row: Result) -> list[str]:
    """Sentences, or none: low power, heat, a mean where no median is known."""
    around = [row.device, row.environment_before or {}, row.environment_after or {}]
    found = ["in low-power mode"] if any(one.get("low_power_mode") is True for one in around) else []
    heat = [one["thermal_status"] for one in around if one.get("thermal_status") not in _COOL]
    warm = [one["temperature_c"] for one in around if isinstance(one.get("temperature_c"), int | float)]
    if heat:
        found.append(f"held back by heat ({heat[-1]})")
    elif row.device.get("kind") == "android" and warm and max(warm) >= _HOT_BATTERY_C:
        found.append(f"hot: {max(warm):.0f} degrees")
    if (row.latency_ms or {}).get("mean_in_place_of_median"):
        found.append("p50 is a mean: the program prints no median")
    return found
