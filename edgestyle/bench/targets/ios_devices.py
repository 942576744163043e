"""iPhones and iPads, as `devicectl list devices` tells of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from edgestyle.bench.targets.tools import printable
from edgestyle.errors import TargetError


@dataclass(frozen=True)
class Phone:
    """A device that this Mac knows.

    Attributes:
        identifier: of devicectl.
        udid: of the hardware.
        name: that its owner gave it.
        facts: for rows: model, product_type, architecture, system, os_build; None for what is not told.
        reachable, trusted, developer_mode: what measuring takes; True where nothing is told.
    """

    identifier: str
    udid: str | None
    name: str
    facts: dict[str, Any]
    reachable: bool
    trusted: bool
    developer_mode: bool


def read_phones(result: dict[str, Any]) -> list[Phone]:
    """Real iPhones and iPads in the `result` of `devicectl list devices`, in either of its shapes.

    Raises:
        TargetError: it is no list of devices.
    """
    devices = result.get("devices")
    if not isinstance(devices, list) or not all(isinstance(one, dict) for one in devices):
        raise TargetError("devicectl gave no list of devices")
    found = [_flatten(one) for one in devices]
    return [_read_phone(one) for one in found if one.get("platform") == "iOS" and one.get("reality") != "simulated"]


def choose_phone(phones: list[Phone], wanted: str | None) -> Phone:
    """The phone of that identifier, UDID or name, or the only one that is reachable.

    Raises:
        TargetError: there is none, or several; it is away, does not trust this Mac, or has Developer Mode off.
    """
    known = [one for one in phones if wanted in (one.identifier, one.udid, one.name)] if wanted else phones
    near = [one for one in known if one.reachable]
    if wanted and not known:
        raise TargetError(f"no iPhone '{wanted}': this Mac knows {_names(phones) or 'none'}")
    if not near:
        raise TargetError(f"no iPhone is connected{_aside(known)}: plug it in, unlock it, and tap Trust")
    if len(near) > 1:
        raise TargetError(
            f"{len(near)} iPhones are connected: say which, as in --target ios:{near[0].udid or near[0].identifier}"
        )
    (phone,) = near
    if not phone.trusted:
        raise TargetError(f"{phone.name} does not trust this Mac: unlock it and tap Trust")
    if not phone.developer_mode:
        raise TargetError(f"{phone.name}: turn on Developer Mode in Settings, Privacy & Security")
    return phone


def _flatten(device: dict[str, Any]) -> dict[str, Any]:
    """All that is told of a device in one dictionary: newer Xcodes put it under `properties`."""
    properties = device.get("properties")
    groups: Iterable[Any] = device.values() if not isinstance(properties, dict) else properties.values()
    flat: dict[str, Any] = {"identifier": device.get("identifier")}
    for group in groups:
        flat |= group if isinstance(group, dict) else {}
    return flat


def _read_phone(told: dict[str, Any]) -> Phone:
    model, version = _text(told.get("marketingName")), _text(told.get("osVersionNumber"))
    state = _text(told.get("tunnelState")) or _text(told.get("state"))
    return Phone(
        identifier=_text(told.get("identifier")) or "",
        udid=_text(told.get("udid")),
        name=_text(told.get("name")) or model or "the iPhone",
        facts={
            "model": model,
            "product_type": _text(told.get("productType")),
            "architecture": _text(told.get("cpuType")),
            "system": f"iOS {version}" if version else None,
            "os_build": _text(told.get("osBuildUpdate")) or _text(told.get("osBuildVersions")),
        },
        reachable=state != "unavailable",
        trusted=_text(told.get("pairingState")) in (None, "paired"),
        developer_mode=_text(told.get("developerModeStatus")) in (None, "enabled"),
    )


def _text(value: object) -> str | None:
    """A word that is told as such, or as `{"stringValue": "27.0"}`, `{"name": "arm64e"}` or `{"enabled": {...}}`."""
    if isinstance(value, str):
        return printable(value)
    if not isinstance(value, dict) or not value:
        return None
    for key in ("stringValue", "name"):
        if key in value:
            return _text(value[key])
    key, inner = next(iter(value.items()))
    return _text(inner["name"]) if isinstance(inner, dict) and "name" in inner else printable(str(key))


def _names(phones: list[Phone]) -> str:
    return ", ".join(one.name for one in phones)


def _aside(phones: list[Phone]) -> str:
    return f" ({_names(phones)} is known and away)" if phones else ""
