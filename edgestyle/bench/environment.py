"""What a measurement is made on. Standard library only, so that any device with Python can be asked.

python -m edgestyle.bench.environment    prints it as JSON
"""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from edgestyle.bench import linux, macos

RUNTIMES = (
    "onnxruntime", "ai-edge-litert", "openvino", "torch", "coremltools", "numpy",
)  # fmt: skip
Run = Callable[[list[str]], str | None]


def run_tool(command: list[str]) -> str | None:
    """What a tool prints, or None where it is missing, fails or hangs."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def describe_host(root: Path = Path("/"), run: Run = run_tool) -> dict[str, Any]:
    """This machine; None stands for what it does not tell.

    Keys: `kind`, `model` (of the device), `soc`, `processor`, `architecture`, `cores`, `core_groups` (cores of one
    kind: cpus, governor, minimum_mhz, maximum_mhz), `memory_bytes`, `hypervisor` (runs in a virtual machine),
    `system`, `os_build`, `python`, `runtimes` (versions by package), `low_power_mode`, `throttled` (a Raspberry Pi's
    flags), `git` (commit and dirty flag of edgestyle's checkout), and all of `take_snapshot`.

    Args:
        root: where `/proc` and `/sys` are looked for; another folder stands in for another machine.
        run: how tools are called.
    """
    mac = sys.platform == "darwin"
    known = macos.describe(run) if mac else linux.describe(root, run)
    return {
        "kind": "host",
        **known,
        "architecture": platform.machine(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "runtimes": {name: found for name in RUNTIMES if (found := _version(name))},
        "git": describe_checkout(Path(__file__).resolve().parent, run),
        **take_snapshot(root, run),
    }


def take_snapshot(root: Path = Path("/"), run: Run = run_tool) -> dict[str, Any]:
    """What changes while one measures: `temperature_c`, `frequency_mhz` (mean over cores), `load_1min`,
    `battery_percent`, `on_battery`."""
    known = macos.take_snapshot(run) if sys.platform == "darwin" else linux.take_snapshot(root)
    return {**known, "load_1min": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None}


def describe_checkout(folder: Path, run: Run = run_tool) -> dict[str, Any] | None:
    """`commit` and `dirty` of the git checkout that `folder` is part of; None where git does not track it.

    An installed edgestyle may lie inside somebody else's checkout; that commit says nothing about it.
    """
    git = ["git", "-C", str(folder)]
    if not run([*git, "ls-files", "--error-unmatch", "__init__.py"]):
        return None
    commit, changes = run([*git, "rev-parse", "HEAD"]), run([*git, "status", "--porcelain", "-uno"])
    return {"commit": commit, "dirty": None if changes is None else bool(changes)}


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


if __name__ == "__main__":
    print(json.dumps(describe_host()))
