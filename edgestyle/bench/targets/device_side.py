"""What is run on a device before edgestyle is there: look around, receive files, make an environment, clean up.

It is sent as text, so it has the standard library only, and any Python 3 can read it, to say that it is too old.
Every verb prints one JSON object; what went wrong is in `error`.

python3 -c TEXT probe | receive | install PACKAGE... | remove FOLDER
"""

import errno
import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from typing import IO, Any, cast

BASE = os.path.join(os.path.expanduser("~"), ".cache", "edgestyle")
VENV = os.path.join(BASE, "venv")
DAY_SECONDS = 86400


def probe() -> "dict[str, Any]":
    """What is here: Python, processor, room on the disk, packages, and an environment of an earlier time."""
    os.makedirs(BASE, exist_ok=True)
    for name in os.listdir(BASE):
        left = os.path.join(BASE, name)
        if name.startswith("run-") and time.time() - os.path.getmtime(left) > DAY_SECONDS:
            shutil.rmtree(left, ignore_errors=True)  # of a run whose connection was lost
    python = os.path.join(VENV, "bin", "python")
    return {
        "python": list(sys.version_info[:3]),
        "machine": platform.machine(),
        "system": platform.system(),
        "free_bytes": shutil.disk_usage(BASE).free,
        "packages": packages(),
        "can_make_venv": has("venv") and has("ensurepip"),
        "venv_python": python if os.path.exists(python) else None,
    }


def packages() -> "dict[str, str]":
    """Versions by name of what is installed for this Python."""
    try:
        from importlib.metadata import distributions
    except ImportError:  # before 3.8, which is too old anyway
        return {}
    named = [one for one in distributions() if "Name" in one.metadata]  # what is half removed has none
    return {one.metadata["Name"].lower().replace("_", "-"): one.version for one in named}


def has(module: str) -> bool:
    """Whether it can be imported; Debian leaves ensurepip out of python3."""
    try:
        __import__(module)
    except ImportError:
        return False
    return True


def receive() -> "dict[str, Any]":
    """Unpack a tar from standard input into a new folder, whole or not at all."""
    folder = tempfile.mkdtemp(prefix="run-", dir=BASE)
    try:
        with tarfile.open(fileobj=sys.stdin.buffer, mode="r|") as archive:
            for member in archive:
                path = os.path.join(folder, member.name)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "wb") as file:
                    shutil.copyfileobj(cast("IO[bytes]", archive.extractfile(member)), file)
    except (OSError, tarfile.TarError):
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return {"folder": folder}


def install(names: "list[str]") -> "dict[str, Any]":
    """Make the environment, or mend one that was left half made or is of an older Python, and install packages."""
    python = os.path.join(VENV, "bin", "python")
    run([sys.executable, "-m", "venv", VENV])
    run([python, "-m", "pip", "install", "--disable-pip-version-check", "--quiet", "--only-binary=:all:"] + names)
    return {"python": python}


def run(command: "list[str]") -> None:
    """Run a command; the last line that it says goes into the error."""
    done = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    said = done.communicate()[0].decode("utf-8", "replace").strip()
    if done.returncode != 0:
        lines = [line for line in said.splitlines() if line.strip()]
        full = "No space left on device" in said
        raise OSError(errno.ENOSPC if full else errno.EIO, lines[-1] if lines else "it failed without a word")


def remove(folder: str) -> "dict[str, Any]":
    """Delete a folder that `receive` made."""
    if os.path.basename(folder).startswith("run-"):
        shutil.rmtree(folder, ignore_errors=True)
    return {}


def main(verb: str, arguments: "list[str]") -> None:
    """Do what was asked and print what came of it."""
    found: "dict[str, Any]"
    try:
        if verb == "probe":
            found = probe()
        elif verb == "receive":
            found = receive()
        elif verb == "install":
            found = install(arguments)
        else:
            found = remove(arguments[0])
    except (OSError, tarfile.TarError) as error:
        found = {"error": getattr(error, "strerror", None) or str(error)}
        found["full"] = getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT)
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
