"""Measure on many devices at once: a queue and a process for each, so that none waits for another."""

import asyncio
import contextlib
import json
import signal
import sys
import tempfile
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from edgestyle.bench.fleet_file import Entry
from edgestyle.bench.fleet_member import MODULE, question
from edgestyle.bench.jobs import Job, begin_row
from edgestyle.bench.measuring import Plan
from edgestyle.bench.results import Result, check_row
from edgestyle.bench.targets.tools import printable
from edgestyle.bench.targets.workers import failed_rows
from edgestyle.errors import ArtifactError

_LONGEST_LINE = 64_000_000  # a row with 20,000 runs has under a megabyte
_CLEANING_SECONDS = 45  # an interrupted device may take so long to clean up


@dataclass(frozen=True)
class Task:
    """A device with what is to be measured there."""

    entry: Entry
    jobs: list[Job]


@dataclass(frozen=True)
class Event:
    """What happened on a device: a row was finished, or it says something; `done` when nothing is left to do."""

    target: str
    row: Result | None = None
    say: str | None = None
    done: bool = False


def measure_fleet(
    tasks: list[Task], plan: Plan, repeats: int, on_event: Callable[[Event], None], yes: bool = False
) -> None:
    """Measure everything, all devices at once; tasks of one device wait for each other.

    A device that cannot be used is a failed row for each of its files, and holds up no other.

    Args:
        tasks: who measures what.
        plan: how long.
        repeats: how often.
        on_event: called as things happen, all from this thread; rows share a new `run_id`.
        yes: agree to environments on devices that lack a runtime.

    Raises:
        KeyboardInterrupt: Ctrl-C, once all devices have cleaned up.
    """
    run_id = uuid4().hex[:12]

    def tell(event: Event) -> None:
        on_event(event if event.row is None else replace(event, row=replace(event.row, run_id=run_id)))

    asyncio.run(_measure_all(tasks, plan, repeats, tell, yes))


async def _measure_all(tasks: list[Task], plan: Plan, repeats: int, tell: Callable[[Event], None], yes: bool) -> None:
    queues: dict[str, asyncio.Queue[Task]] = {}
    for task in tasks:
        queues.setdefault(task.entry.target, asyncio.Queue()).put_nowait(task)
    running = [
        asyncio.create_task(_measure_queue(target, queue, plan, repeats, tell, yes)) for target, queue in queues.items()
    ]
    try:
        done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_EXCEPTION)
        for one in done:
            one.result()
    finally:  # Ctrl-C, or an error here such as a full disk, ends what still runs, and waits until it is cleaned up
        for one in running:
            one.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def _measure_queue(
    target: str, queue: "asyncio.Queue[Task]", plan: Plan, repeats: int, tell: Callable[[Event], None], yes: bool
) -> None:
    """All tasks of one device, one after the other."""
    while not queue.empty():
        task = queue.get_nowait()
        asked = question(task.entry, task.jobs, plan, repeats, yes)
        finished = 0
        async with contextlib.aclosing(_lines(asked)) as lines:
            async for line in lines:
                for event in _events(line, task, plan, finished):
                    tell(event)
                finished += "row" in line
    tell(Event(target, done=True))


def _events(line: dict[str, Any], task: Task, plan: Plan, finished: int) -> list[Event]:
    """What a line tells after so many rows; an error is a row for each file that the device still had to measure."""
    target = task.entry.target
    if "row" in line:
        return [Event(target, _read_row(line["row"], task, plan))]
    if "error" in line:
        left = task.jobs[finished % len(task.jobs) :]
        rows = failed_rows([begin_row(job, plan, target, {}) for job in left], line["error"])
        return [Event(target, row) for row in rows]
    return [Event(target, say=str(line.get("say")))]


async def _lines(asked: str) -> AsyncGenerator[dict[str, Any], None]:
    """What a member's process tells; one that ends in disorder tells an error."""
    with tempfile.TemporaryFile() as said:
        process = await asyncio.create_subprocess_exec(
            sys.executable, *MODULE, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=said,
            start_new_session=True, limit=_LONGEST_LINE,
        )  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            with contextlib.suppress(ConnectionError):  # its exit code says why
                process.stdin.write(asked.encode())  # input stays open, as its end would end the member
                await process.stdin.drain()
            async for line in process.stdout:
                yield _read_line(line)
            if await process.wait() != 0:
                said.seek(0)
                yield {"error": _last_words(said.read(), process.returncode)}
        finally:
            await _end(process)


def _read_line(line: bytes) -> dict[str, Any]:
    """What a member tells. Anything else is some library's, which is no reason to stop."""
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        told = None
    return told if isinstance(told, dict) else {"say": printable(line.decode(errors="replace").strip())}


def _last_words(said: bytes, code: int | None) -> str:
    lines = said.decode(errors="replace").strip().splitlines()
    return printable(lines[-1]) if lines else f"its process ended with code {code}"


async def _end(process: asyncio.subprocess.Process) -> None:
    """Interrupt a member that still runs, and wait until it has cleaned up; in vain, it is ended."""
    if process.returncode is None:
        process.send_signal(signal.SIGINT)
    try:
        await asyncio.wait_for(process.communicate(), _CLEANING_SECONDS)
    except TimeoutError:
        process.kill()
        await process.communicate()


def _read_row(fields: dict[str, Any], task: Task, plan: Plan) -> Result:
    try:
        return check_row(fields, task.entry.target)
    except ArtifactError as error:
        return failed_rows([begin_row(task.jobs[0], plan, task.entry.target, {})], error)[0]
