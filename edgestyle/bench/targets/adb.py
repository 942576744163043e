"""A phone through the system's own `adb`: the list of devices, shell commands, files pushed."""

import re
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from edgestyle.bench.targets.tools import MOST_BYTES, Said, printable, run_tool
from edgestyle.errors import TargetError

_SLOWEST_BYTES_A_SECOND = 100_000  # of a push
_SETTLE_SECONDS = 2.0  # a phone that was just plugged in is ready by then
_START_ATTEMPTS = 5
_HOPELESS = "unauthorized"  # waiting does not help
_NETWORK = re.compile(r"[\w.-]+:\d{1,5}|\[[0-9A-Fa-f:.%\w]+\]:\d{1,5}", re.ASCII)
_REASONS = (
    ("unauthorized", "{serial} does not trust this computer: unlock it and allow USB debugging"),
    ("no permissions", "this computer may not use {serial}: https://developer.android.com/studio/run/device (udev)"),
    ("No space left on device", "the storage of {serial} is full: free some and measure again"),
    ("Read-only file system", "the storage of {serial} cannot be written"),
    ("offline", "{serial} is offline: plug it in again, or restart it"),
    ("not found", "{serial} is not connected"),
    ("no devices", "{serial} is not connected"),
    ("closed", "the connection to {serial} was lost"),
)  # fmt: skip


class LostError(TargetError):
    """A phone went away in the middle of something."""


@dataclass(frozen=True)
class Listed:
    """A line of `adb devices`: state is "device", "unauthorized", "offline", "no permissions", ..."""

    serial: str
    state: str


class Adb:
    """One phone.

    Args:
        serial: as `adb devices` lists it.
    """

    def __init__(self, serial: str) -> None:
        self.serial = serial

    def shell(self, script: str, timeout_s: float = 30, most_bytes: int = MOST_BYTES) -> Said:
        """Run a script in the phone's `sh` and wait for it.

        Marks that nobody can foresee stand round what it says, so that adb's own words and a torn connection are told
        apart from the script's, also on phones whose adb knows no exit codes (before Android 7).

        Raises:
            LostError: the phone went away meanwhile, or answers with something else than what was run.
            TargetError: it takes longer than `timeout_s`, or says more than `most_bytes`.
        """
        mark = secrets.token_hex(8)
        asked = f"exec </dev/null 2>&1; echo {mark}; ({script}\n); echo {mark}:$?"
        said = run_adb(["-s", self.serial, "shell", asked], timeout_s, most_bytes).text
        _, began, rest = said.partition(f"{mark}\n")
        text, ended, code = rest.rpartition(f"{mark}:")
        if not began or not ended or not code.strip().isdigit():
            raise LostError(explain(self.serial, said, "the connection to {serial} was lost"))
        return Said(int(code), text)

    def push(self, local: Path, remote: str) -> None:
        """Copy a file to the phone.

        Raises:
            LostError: the phone went away meanwhile.
            TargetError: its storage is full, or the file cannot be written there.
        """
        timeout_s = 60 + local.stat().st_size / _SLOWEST_BYTES_A_SECOND
        done = run_adb(["-s", self.serial, "push", str(local.absolute()), remote], timeout_s)
        if done.exit_code != 0:
            kind = TargetError if "failed to copy" in done.text and "No space" in done.text else LostError
            raise kind(explain(self.serial, done.text, f"{local.name} cannot be copied to {{serial}}: {{last}}"))

    def state(self) -> str | None:
        """The phone's state in a list of devices that is read anew; None where it is not in it."""
        return next((one.state for one in list_phones() if one.serial == self.serial), None)

    def wait(self, seconds: float) -> bool:
        """Whether the phone is there, or comes back in time; one in the network is called again."""
        end = time.monotonic() + seconds
        while (state := self.state()) != "device":
            if state == _HOPELESS or time.monotonic() > end:
                return False
            call(self.serial)
            time.sleep(0.3)
        return True


def list_phones() -> list[Listed]:
    """What `adb devices` lists. Raises TargetError where there is no adb, or its server does not start."""
    done = run_adb(["devices"], 30)
    for _ in range(_START_ATTEMPTS):  # several that start the server at once disturb each other
        if done.exit_code == 0:
            break
        time.sleep(1)
        done = run_adb(["devices"], 30)
    if done.exit_code != 0:
        raise TargetError(f"adb does not work: {done.last_line}")
    lines = [line.partition("\t") for line in done.text.splitlines() if "\t" in line]
    return [Listed(printable(serial), printable(state.strip())) for serial, _, state in lines]


def call(serial: str) -> None:
    """Connect to a phone in the network, `host:port`, anew; one at a cable is left alone."""
    if _NETWORK.fullmatch(serial):
        run_adb(["disconnect", serial], 15)  # else adb takes one that broke for connected
        run_adb(["connect", serial], 15)


def find_phone(serial: str | None = None) -> Adb:
    """The phone of that serial, or the only one there is.

    Raises:
        TargetError: there is none, there are several and no serial says which, or it cannot be used.
    """
    if serial is None:
        return _only_phone(list_phones())
    adb = Adb(serial)
    if not adb.wait(_SETTLE_SECONDS):
        listed = list_phones()
        state = next((one.state for one in listed if one.serial == serial), "not found")
        there = ", ".join(one.serial for one in listed if one.serial != serial)
        others = f" (connected are: {there})" if there and state == "not found" else ""
        raise TargetError(explain(serial, state, "{serial} cannot be used: it is in the state '{last}'") + others)
    return adb


def _only_phone(listed: list[Listed]) -> Adb:
    usable = [one.serial for one in listed if one.state == "device"]
    if len(usable) == 1:
        return Adb(usable[0])
    if usable:
        raise TargetError(
            f"{len(usable)} phones are connected: say which, as in android:{usable[0]} ({', '.join(usable)})"
        )
    if listed:
        raise TargetError(explain(listed[0].serial, listed[0].state, "{serial} cannot be used: it is '{last}'"))
    raise TargetError("no phone is connected: plug one in with USB debugging on, or name one in the network, "
                      "as in android:192.168.1.7:5555")  # fmt: skip


def run_adb(arguments: list[str], timeout_s: float, most_bytes: int = MOST_BYTES) -> Said:
    """Run the local `adb`; arguments as of `run_tool`. Raises TargetError too where there is no adb."""
    try:
        return run_tool(["adb", *arguments], timeout_s, most_bytes)
    except OSError as error:
        todo = "install it (Debian: apt-get install adb)"
        raise TargetError(f"adb cannot be started ({error.strerror}): {todo}") from error


def explain(serial: str, said: str, otherwise: str) -> str:
    """One line for what adb said in many."""
    lines = [line.strip() for line in said.splitlines() if line.strip()] or ["it says nothing"]
    reason = next((text for mark, text in _REASONS if mark in said), otherwise)
    return reason.format(serial=serial, last=printable(lines[-1]))
