"""`edgestyle bench --targets`: many devices at once, in a live table."""

from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.live import Live
from rich.table import Table

from edgestyle.cli.screen import add_row
from edgestyle.errors import ArtifactError, ContractError, EdgestyleError, FleetError

if TYPE_CHECKING:
    from edgestyle.bench.fleet import Event, Task
    from edgestyle.bench.measuring import Plan
    from edgestyle.bench.results import Result

_MOST_LINES = 40


def fleet_tasks(fleet: Path, files: list[Path], size: int, threads: int, accelerator: str | None) -> list["Task"]:
    """What each device is to measure: what the fleet file says, and the command line where it says nothing.

    Raises:
        FleetError: the file has a typo, or a device's files do not run on what it names; names the line.
        ArtifactError: there is no file to measure on some device.
    """
    from edgestyle.bench.fleet import Task
    from edgestyle.bench.fleet_file import read_fleet
    from edgestyle.cli.bench import make_jobs

    tasks = []
    for entry in read_fleet(fleet):
        paths = list(entry.files) or files
        if not paths:
            raise ArtifactError(f"name files for {entry.target}, on the command line or as files = [...] in {fleet}")
        asked = entry.accelerator or accelerator
        try:
            jobs = make_jobs(paths, entry.size or size, entry.threads or threads, asked, entry.target)
        except EdgestyleError as error:
            raise FleetError(f"{entry.place}: {error}") from error
        tasks.append(Task(entry, jobs))
    return tasks


def measure_fleet(
    tasks: list["Task"], plan: "Plan", repeats: int, output: Path | None, rows: list["Result"], yes: bool
) -> None:
    """Add rows to `rows`, and to the file, as they are finished, and show how far each device is."""
    from edgestyle.bench import fleet
    from edgestyle.bench.results import append

    if plan.interleaved:
        raise ContractError("a fleet measures files one by one: leave --in-turns out")
    board = Board(tasks, repeats)
    with Live(board.table(), console=Console(stderr=True), auto_refresh=False) as live:

        def on_event(event: "Event") -> None:
            if event.row is not None:
                if output is not None:
                    append(event.row, output)
                rows.append(event.row)
            board.take(event)
            live.update(board.table(), refresh=live.console.is_terminal)

        fleet.measure_fleet(tasks, plan, repeats, on_event, yes)
    if not live.console.is_terminal:  # there the table ends without the end of its line
        live.console.line()


class Board:
    """How far each device is.

    Args:
        tasks: of the fleet.
        repeats: of each file.
    """

    def __init__(self, tasks: list["Task"], repeats: int) -> None:
        self._todo: dict[str, int] = {}
        for task in tasks:
            self._todo[task.entry.target] = self._todo.get(task.entry.target, 0) + repeats * len(task.jobs)
        self._rows: dict[str, list[Result]] = {target: [] for target in self._todo}
        self._now = dict.fromkeys(self._todo, "waiting")

    def take(self, event: "Event") -> None:
        """Note what happened."""
        if event.row is not None:
            self._rows[event.target].append(event.row)
        if event.say is not None:
            self._now[event.target] = event.say.removeprefix(f"{event.target}: ")
        if event.done:
            failed = [row for row in self._rows[event.target] if row.status != "measured"]
            self._now[event.target] = f"done; {failed[-1].error}" if failed else "done"

    def table(self) -> Table:
        """A line for each device, those that are at work first; at most forty."""
        table = Table("device", "rows", "last p50 ms", "now", title="fleet")
        targets = sorted(self._todo, key=lambda target: self._now[target].startswith("done"))
        for target in targets[:_MOST_LINES]:
            rows = self._rows[target]
            last = next((row.latency_ms["p50"] for row in reversed(rows) if row.latency_ms), None)
            speed = "" if last is None else f"{last:.2f}"
            add_row(table, target, f"{len(rows)} of {self._todo[target]}", speed, self._now[target])
        if len(targets) > _MOST_LINES:
            table.caption = f"and {len(targets) - _MOST_LINES} more, not shown"
        return table
