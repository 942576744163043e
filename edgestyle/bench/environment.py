"""What a measurement was made on."""

import os
import platform
from pathlib import Path
from typing import Any


def describe_host() -> dict[str, Any]:
    """This machine: processor, cores, system, Python, and its load over the last minute (null where unknown)."""
    return {
        "kind": "host",
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load_1min": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
    }


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()
