"""Files on a phone: where they go, and whether they arrived whole."""

import re
import secrets
from pathlib import Path

from edgestyle.bench.targets.adb import Adb
from edgestyle.errors import TargetError
from edgestyle.sidecar import file_sha256

FOLDER = "/data/local/tmp/edgestyle-bench"  # everything in it is removed before and after each file
PREFIX = "edgestyle-"  # of names in the app's folder
_SPARE_BYTES = 1_000_000
_NO_SUCH_TOOL = 127  # before Android 8 there is no sha256sum: then the size has to do


def name_there(path: Path) -> str:
    """A new name for a file, of letters that no shell minds, with the file's suffix."""
    stem = re.sub(r"[^A-Za-z0-9_-]", "_", path.stem)[:60]
    return f"{PREFIX}{secrets.token_hex(4)}-{stem}{path.suffix}"


def remove_all(adb: Adb) -> None:
    """End what still runs there, as after a connection that broke, and delete everything."""
    own = FOLDER[1:]
    adb.shell(f"pkill -9 -f '[/]{own}/'; rm -rf {FOLDER}")  # the brackets keep it from finding itself


def push_whole(adb: Adb, local: Path, name: str) -> None:
    """Copy a file into `FOLDER` and compare its sha256 there.

    Raises:
        TargetError: the storage is full, or something else arrived.
    """
    free = free_bytes(adb)
    needed = local.stat().st_size + _SPARE_BYTES
    if free is not None and free < needed:
        raise TargetError(f"the storage of {adb.serial} is full: {free / 1e6:.1f} MB free, {needed / 1e6:.1f} needed")
    adb.push(local, f"{FOLDER}/{name}")
    there = f"{FOLDER}/{name}"
    said = adb.shell(f"chmod 755 {FOLDER}; chmod 644 {there}; wc -c <{there}; sha256sum {there}", 60)
    size, _, digest = said.text.strip().partition("\n")
    whole = said.exit_code == _NO_SUCH_TOOL or file_sha256(local) in digest
    if not whole or size.strip() != str(local.stat().st_size):
        raise TargetError(f"{local.name} did not arrive whole on {adb.serial}: {said.last_line}")


def free_bytes(adb: Adb) -> int | None:
    """Room where files go; None where `df` says nothing that can be read."""
    found = re.search(r"\s(\d+)\s+(\d+)\s+(\d+)\s+\d+%", adb.shell("df -k /data/local/tmp").text)
    return int(found[3]) * 1024 if found and len(found[3]) < 15 else None
