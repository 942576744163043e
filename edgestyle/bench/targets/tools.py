"""Run other people's tools, such as `adb`: with an end to how long they take and to how much they say."""

import subprocess
import threading
from dataclasses import dataclass

from edgestyle.errors import TargetError

MOST_BYTES = 1_000_000  # that a tool may say; what it passes on can be anything


@dataclass(frozen=True)
class Said:
    """How a command ended, and what it said."""

    exit_code: int
    text: str

    @property
    def last_line(self) -> str:
        """Its last words."""
        lines = [line.strip() for line in self.text.splitlines() if line.strip()]
        return printable(lines[-1]) if lines else "it says nothing"


def run_tool(command: list[str], timeout_s: float, most_bytes: int = MOST_BYTES, errors_too: bool = True) -> Said:
    """Run a command in a session of its own, so that Ctrl-C reaches this process only, which then ends it.

    Args:
        command: the program and its arguments.
        timeout_s: it may take.
        most_bytes: it may say.
        errors_too: what it says on standard error is taken for its words too, else it is lost.

    Raises:
        OSError: there is no such program.
        TargetError: it takes longer or says more, and was ended.
    """
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, start_new_session=True,
        stderr=subprocess.STDOUT if errors_too else subprocess.DEVNULL,
    )  # fmt: skip
    timer = threading.Timer(timeout_s, process.kill)
    timer.start()
    try:
        assert process.stdout is not None
        with process.stdout:
            said = process.stdout.read(most_bytes + 1)
        if len(said) > most_bytes:
            raise TargetError(f"{command[0]} passes on more than {most_bytes / 1e6:.0f} MB, which is no answer")
        process.wait()
        late = not timer.is_alive()
    finally:
        timer.cancel()
        process.kill()
        process.wait()
    if late:
        raise TargetError(f"{command[0]} got no answer within {timeout_s:.0f} s")
    return Said(process.returncode, said.decode(errors="replace").replace("\r\n", "\n"))


def printable(text: str) -> str:
    """What a stranger said, without what could steer a terminal, and short enough for one line."""
    return "".join(mark if mark.isprintable() else "?" for mark in text[:300])
