"""The process of one device of a fleet: a line of JSON says what to measure, and each row is printed when finished.

It ends, and cleans up on its device, when it is interrupted, and when its standard input does: when the fleet has gone.
"""

import json
import signal
import sys
import threading
from collections.abc import Generator
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

from edgestyle.bench.fleet_file import Entry
from edgestyle.bench.jobs import Job
from edgestyle.bench.measuring import Plan
from edgestyle.bench.results import Result
from edgestyle.bench.running import open_target, run
from edgestyle.bench.targets import Dialogue
from edgestyle.errors import EdgestyleError

MODULE = ["-P", "-m", "edgestyle.bench.fleet_member"]
_PATHS = ("ssh_config", "binary", "app")
_TEXTS = ("project", "bucket")


def question(entry: Entry, jobs: list[Job], plan: Plan, repeats: int, yes: bool) -> str:
    """The line that this process reads."""
    paths = {name: str(value) for name in _PATHS if (value := getattr(entry.dialogue, name)) is not None}
    texts = {name: getattr(entry.dialogue, name) for name in _TEXTS}
    return json.dumps(
        {
            "target": entry.target, "jobs": [job.to_json() for job in jobs], "plan": asdict(plan), "repeats": repeats,
            "yes": yes, "paths": paths, "texts": texts,
        }
    ) + "\n"  # fmt: skip


def measure(asked: dict[str, Any]) -> Generator[Result, None, None]:
    """Rows of what a `question` asks for. Raises EdgestyleError where the device cannot be used."""
    more: dict[str, Any] = {name: Path(path) for name, path in asked["paths"].items()} | asked["texts"]
    dialogue = Dialogue(lambda question: bool(asked["yes"]), lambda text: tell(say=text), **more)
    target = open_target(asked["target"], dialogue)
    jobs = [Job.from_json(job) for job in asked["jobs"]]
    with closing(run(target, jobs, Plan.from_json(asked["plan"]), asked["repeats"])) as rows:
        yield from rows


def tell(**what: Any) -> None:
    """Print a line for the fleet."""
    print(json.dumps(what), flush=True)


def interrupt_with_input() -> None:
    """Wait for the end of standard input, then do as Ctrl-C does."""
    sys.stdin.read()
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)


def main() -> None:
    """See the module."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it otherwise
    asked = json.loads(sys.stdin.readline())
    threading.Thread(target=interrupt_with_input, daemon=True).start()
    try:
        with closing(measure(asked)) as rows:
            for row in rows:
                tell(row=asdict(row))
    except EdgestyleError as error:
        tell(error=str(error))
    except (KeyboardInterrupt, BrokenPipeError):
        sys.exit(130)


if __name__ == "__main__":
    main()
