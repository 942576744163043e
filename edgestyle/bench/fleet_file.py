"""Fleets of devices in a TOML file: who they are, and what is to be measured on each."""

import difflib
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edgestyle.bench.running import open_target
from edgestyle.bench.targets import Dialogue
from edgestyle.contract import check_size
from edgestyle.errors import EdgestyleError, FleetError

_MOST_BYTES = 1_000_000
_DEVICE = "device"
_HEAD = re.compile(r"\s*\[\[\s*device\s*\]\]")
_PATHS = ("binary", "app", "ssh_config")
_KINDS: dict[str, type] = {
    "target": str, "files": list, "size": int, "threads": int, "accelerator": str, "binary": str, "app": str,
    "ssh_config": str, "project": str, "bucket": str,
}  # fmt: skip
_SHARED = ("files", "size", "threads", "accelerator")  # keys that may stand above all devices


@dataclass(frozen=True)
class Entry:
    """What is to be measured on one device.

    Attributes:
        target: its address, as `--target` takes it.
        files: patterns of exported files; none leaves them to the command line.
        size, threads, accelerator: None leaves them to the command line.
        dialogue: what the target needs besides its address.
        place: where the file names it, for errors: the file, and the line.
    """

    target: str
    files: tuple[Path, ...] = ()
    size: int | None = None
    threads: int | None = None
    accelerator: str | None = None
    dialogue: Dialogue = field(default_factory=Dialogue)
    place: str = ""


def read_fleet(path: Path) -> list[Entry]:
    """Read a fleet: tables `[[device]]` with `target`, one address or a list of them.

    All keys are in docs/measure-on-your-phone.md. Paths in it are relative to the file.

    Raises:
        FleetError: it cannot be read, or something in it is unknown or of a wrong kind; names the line.
    """
    try:
        with path.open("rb") as file:
            text = file.read(_MOST_BYTES + 1).decode()
        if len(text) > _MOST_BYTES:
            raise FleetError(f"{path} has more than {_MOST_BYTES / 1e6:.0f} MB: that is no fleet file")
        data = tomllib.loads(text)
    except OSError as error:
        raise FleetError(f"no fleet file can be read at {path}: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise FleetError(f"{path} is no TOML: {error}") from error
    return list(_Reader(path, text).entries(data))


class _Reader:
    """Checks what a file says, and knows where it says it."""

    def __init__(self, path: Path, text: str) -> None:
        self._path, self._lines = path, text.splitlines()

    def entries(self, data: dict[str, Any]) -> Iterator[Entry]:
        """The devices of a parsed file, in its order. Raises FleetError for the first thing that is wrong."""
        devices = data.pop(_DEVICE, None)
        self._check(data, -1, _SHARED)
        if not isinstance(devices, list) or not all(isinstance(one, dict) for one in devices):
            raise FleetError(f'{self._path} names no device: write [[device]], and target = "android" below it')
        for index, device in enumerate(devices):
            self._check({key: value for key, value in device.items() if key != "target"}, index, tuple(_KINDS))
            addresses = device.get("target")
            several = addresses if isinstance(addresses, list) else [addresses]
            if not several or not all(isinstance(address, str) for address in several):
                raise self._error(index, "target", 'a device needs a target, as in target = "android"')
            for address in several:
                one = {**data, **device, "target": address}
                self._check(one, index, tuple(_KINDS))
                yield self._entry(one, index)

    def _entry(self, one: dict[str, Any], index: int) -> Entry:
        folder = self._path.parent
        paths = {key: folder / one[key] for key in _PATHS if key in one}
        named = {key: one[key] for key in ("project", "bucket") if key in one}
        dialogue = Dialogue(**paths, **named)
        try:
            open_target(one["target"], dialogue)
        except EdgestyleError as error:
            raise self._error(index, "target", str(error), one["target"]) from error
        files = tuple(file for pattern in one.get("files", ()) for file in self._expand(pattern, index))
        place = self._place(index, "accelerator" if "accelerator" in one else "target")
        return Entry(one["target"], files, one.get("size"), one.get("threads"), one.get("accelerator"), dialogue, place)

    def _check(self, table: dict[str, Any], index: int, known: tuple[str, ...]) -> None:
        for key, value in table.items():
            if key not in known:
                suggestion = _suggest(key, known if index >= 0 else (*known, _DEVICE))
                raise self._error(index, key, f"unknown '{key}'{suggestion}")
            kind = _KINDS[key]
            if type(value) is not kind or (isinstance(value, list) and not all(type(part) is str for part in value)):
                raise self._error(index, key, f"'{key}' is to be {_WORDS[kind]}")
            if isinstance(value, int) and value < 1:
                raise self._error(index, key, f"'{key}' is to be 1 or more")
            if key == "size":
                self._check_size(value, index)

    def _check_size(self, side: Any, index: int) -> None:
        try:
            check_size(side, side)
        except EdgestyleError as error:
            raise self._error(index, "size", str(error)) from error

    def _expand(self, pattern: str, index: int) -> list[Path]:
        """Files of a pattern such as phone/*.onnx, in order."""
        whole = self._path.parent / pattern
        found = sorted(whole.parent.glob(whole.name)) if "*" in whole.name else [whole]
        if not found or not all(path.exists() for path in found):
            raise self._error(index, "files", f"there is no file {pattern}", pattern)
        return [path for path in found if path.suffix != ".json"]

    def _error(self, index: int, key: str, reason: str, value: str = "") -> FleetError:
        return FleetError(f"{self._place(index, key, value)}: {reason}")

    def _place(self, index: int, key: str, value: str = "") -> str:
        return f"{self._path}, line {self._line(index, key, value)}"

    def _line(self, index: int, key: str, value: str) -> int:
        """Where a key of the so-many-th device stands, or the value in it; a device's own line where it does not."""
        starts = re.compile(rf"\s*\[*\s*[\"']?{re.escape(key)}[\"']?\s*[=\]]")
        heads = [number for number, line in enumerate(self._lines) if _HEAD.match(line)]
        first = heads[index] if 0 <= index < len(heads) else 0
        end = heads[index + 1] if index + 1 < len(heads) else len(self._lines)
        for begin, stop in ((first, end), (0, heads[0] if heads else end)):
            keyed = next((at for at in range(begin, stop) if starts.match(self._lines[at])), None)
            if keyed is not None:
                return next((at for at in range(keyed, stop) if value and value in self._lines[at]), keyed) + 1
        return first + 1


_WORDS = {str: 'a text in "quotes"', int: "a whole number", list: 'a list of texts, as in ["phone/*.onnx"]'}


def _suggest(key: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(key, known, 1)
    return f": did you mean '{near[0]}'?" if near else f": known are {', '.join(known)}"
