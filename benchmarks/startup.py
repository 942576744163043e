"""How long a user waits before anything happens.

python -m benchmarks.startup
"""

import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from benchmarks.rows import write_rows
from edgestyle.bench.measuring import time_once_ms
from edgestyle.bench.statistics import summarise

RUNS = 15


def main() -> None:
    """Measure and write `results/startup.jsonl`."""
    commands = {
        "edgestyle --help": [str(Path(sys.executable).parent / "edgestyle"), "--help"],
        "import edgestyle": [sys.executable, "-c", "import edgestyle"],
        "python alone": [sys.executable, "-c", "pass"],
    }
    rows = []
    for name, command in commands.items():

        def call(command: list[str] = command) -> None:
            subprocess.run(command, check=True, capture_output=True)

        call()
        rows.append({"what": name, "latency_ms": asdict(summarise([time_once_ms(call) for _ in range(RUNS)]))})
    print(write_rows("startup", rows, ("edgestyle", "typer", "rich")))


if __name__ == "__main__":
    main()
