"""Run other people's tools, such as `adb`: with an end to how long they take and to how much they say."""

import contextlib
import os
import signal
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


def run_tool(
    command: list[str],
    timeout_s: float,
    most_bytes: int = MOST_BYTES,
    errors_too: bool = True,
    patience_s: float = 0.0,
) -> Said:
    """Run a command in a session of its own, so that Ctrl-C reaches this process only, which then ends it.

    Args:
        command: the program and its arguments.
        timeout_s: it may take.
        most_bytes: it may say.
        errors_too: what it says on standard error is taken for its words too, else it is lost.
        patience_s: one that has to be ended is told so, as by Ctrl-C, and then has so long to end itself.

    Raises:
        OSError: there is no such program.
        TargetError: it takes longer or says more, and was ended.
    """
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, start_new_session=True,
        stderr=subprocess.STDOUT if errors_too else subprocess.DEVNULL,
    )  # fmt: skip
    late = threading.Event()

    def end_late() -> None:
        late.set()
        _end(process, patience_s)

    timer = threading.Timer(timeout_s, end_late)
    timer.start()
    try:
        assert process.stdout is not None
        with process.stdout:
            said = process.stdout.read(most_bytes + 1)
        if len(said) > most_bytes:
            raise TargetError(f"{command[0]} passes on more than {most_bytes / 1e6:.0f} MB, which is no answer")
        process.wait()
    except BaseException:
        _end(process, patience_s)
        raise
    finally:
        timer.cancel()
    if late.is_set():
        raise TargetError(f"{command[0]} got no answer within {timeout_s:.0f} s")
    return Said(process.returncode, said.decode(errors="replace").replace("\r\n", "\n"))


def _end(process: "subprocess.Popen[bytes]", patience_s: float) -> None:
    """End a command with all that it started, which would else hold what it writes to open."""
    if os.name == "nt":  # it has no groups of processes
        process.kill()
        process.wait()
        return
    with contextlib.suppress(ProcessLookupError):  # all have ended
        if patience_s > 0:
            os.killpg(process.pid, signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(patience_s)
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def printable(text: str) -> str:
    """What a stranger said, without what could steer a terminal, and short enough for one line."""
    return "".join(mark if mark.isprintable() else "?" for mark in text[:300])
