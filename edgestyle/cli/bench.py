"""`edgestyle bench`."""

import math
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from edgestyle.cli.bench_options import (
    Accelerator,
    Binary,
    CoolDown,
    Cores,
    Files,
    Fleet,
    InTurns,
    Known,
    Output,
    Repeats,
    Report,
    Runs,
    Seconds,
    Size,
    SkipDamaged,
    SshConfig,
    Sustained,
    TargetName,
    Threads,
    Yes,
)  # fmt: skip
from edgestyle.errors import ArtifactError, ContractError

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.status import Status

    from edgestyle.bench.jobs import Job
    from edgestyle.bench.measuring import Plan
    from edgestyle.bench.results import Result

_REPEATS = 3


def bench(
    files: Files = None,
    target: TargetName = "host",
    threads: Threads = 1,
    size: Size = 512,
    accelerator: Accelerator = None,
    runs: Runs = 30,
    seconds: Seconds = 3.0,
    repeats: Repeats = None,
    in_turns: InTurns = False,
    sustained: Sustained = None,
    cool_down: CoolDown = "0s",
    cores: Cores = None,
    yes: Yes = False,
    ssh_config: SshConfig = None,
    binary: Binary = None,
    targets: Fleet = None,
    output: Output = None,
    known: Known = None,
    report: Report = None,
    skip_damaged: SkipDamaged = False,
) -> None:
    """Time exported files, after a warm-up: load, first run and steady state, with their uncertainty.

    How fast:  edgestyle bench phone/*.onnx phone/*.tflite -o latency.jsonl --report latency.html
    Which one: edgestyle bench old/a.onnx new/a.onnx --in-turns
    How long:  edgestyle bench phone/a.onnx --sustained 10m --report heat.html
    On a Pi:   edgestyle bench phone/*.onnx --target ssh://pi@raspberrypi -o pi.jsonl
    A phone:   edgestyle bench phone/*.onnx --target android
    Many:      edgestyle bench phone/*.onnx --targets fleet.toml -o fleet.jsonl
    """
    from edgestyle.bench.results import check_appendable, read_results
    from edgestyle.cli.bench_fleet import fleet_tasks, measure_fleet

    if not files and known is None and targets is None:
        raise ArtifactError("name files to measure, or results to show with --from")
    check_devices(target, targets, binary, ssh_config)
    write_reports = prepare_reports(report or [], in_turns)
    plan = make_plan(runs, seconds, in_turns, sustained, cool_down, cores)
    rows = read_results(known, skip_damaged) if known else []
    if output is not None:
        check_appendable(output)
    tasks = [] if targets is None else fleet_tasks(targets, files or [], size, threads, accelerator)
    jobs = make_jobs(files or [], size, threads, accelerator, target) if targets is None else []
    if in_turns and targets is None and len(jobs) < 2:
        raise ContractError("--in-turns compares files: name two or more")
    fresh: list[Result] = []
    try:
        often = repeats or (1 if in_turns or sustained else _REPEATS)
        if targets is None:
            measure(target, jobs, plan, often, output, fresh, yes, ssh_config, binary)
        else:
            measure_fleet(tasks, plan, often, output, fresh, yes)
    finally:  # Ctrl-C keeps what is finished
        show_rows([*rows, *fresh])
        if output is not None and fresh:
            print(output)
        write_reports([*rows, *fresh])
    refuse_failures(fresh)


def check_devices(target: str, fleet: Path | None, binary: Path | None, ssh_config: Path | None) -> None:
    """Raise ContractError where options name devices twice, or say of them what only a fleet file or another may."""
    scheme = target.partition(":")[0]
    if fleet is not None and (target != "host" or binary or ssh_config):
        raise ContractError(
            "--targets names the devices: leave --target, --binary and --ssh-config out, and write target, binary and "
            "ssh_config into the fleet file"
        )
    if fleet is None and binary is not None and scheme != "android":
        raise ContractError("--binary measures on Android phones: add --target android")


def prepare_reports(paths: list[Path], in_turns: bool) -> "Callable[[list[Result]], None]":
    """Make sure, before anything is measured, that reports can be written; give what writes them."""
    from edgestyle.cli.extras import needs

    if not paths and not in_turns:
        return lambda rows: None  # then NumPy is enough: a small device measures itself
    with needs("scipy", "bench"):
        from edgestyle.bench.report import check_names, write_reports
    check_names(paths)

    def write(rows: "list[Result]") -> None:
        for written in write_reports(rows, paths if rows else []):
            print(written)

    return write


def make_plan(
    runs: int, seconds: float, in_turns: bool, sustained: str | None, cool_down: str, cores: str | None
) -> "Plan":
    """The plan that the options ask for."""
    from edgestyle.bench.measuring import Plan
    from edgestyle.cli.quantities import parse_cores, parse_seconds

    if not math.isfinite(seconds):
        raise ContractError(f"--seconds {seconds} would never end: write a number such as 3")
    return Plan(
        min_runs=runs,
        min_seconds=seconds,
        sustained_seconds=parse_seconds(sustained) if sustained else 0.0,
        cool_down_seconds=parse_seconds(cool_down),
        interleaved=in_turns,
        pinned_cores=parse_cores(cores) if cores else (),
    )


def make_jobs(files: list[Path], size: int, threads: int, accelerator: str | None, target: str = "host") -> list["Job"]:
    """A job a file, on what files of its kind run on at the target."""
    from edgestyle.bench.jobs import make_job
    from edgestyle.bench.targets import ACCELERATORS_THERE
    from edgestyle.contract import check_size

    check_size(size, size)
    known = ACCELERATORS_THERE.get(target.partition(":")[0])
    return [make_job(file, size, threads, accelerator, known) for file in files]


def measure(
    target: str,
    jobs: list["Job"],
    plan: "Plan",
    repeats: int,
    output: Path | None,
    rows: list["Result"],
    yes: bool = False,
    ssh_config: Path | None = None,
    binary: Path | None = None,
) -> None:
    """Add rows to `rows`, and to the file, as they are finished."""
    from edgestyle.bench.results import append
    from edgestyle.bench.running import open_target, run
    from edgestyle.bench.targets import Dialogue
    from edgestyle.cli.screen import working

    if not jobs:
        return
    total = len(jobs) * repeats
    with working(f"measuring {jobs[0].path.name}") as status:
        opened = open_target(
            target, Dialogue(lambda question: yes or _agrees(question, status), status.update, ssh_config, binary)
        )
        with closing(run(opened, jobs, plan, repeats)) as finished:  # a full disk, too, ends what runs on a device
            for row in finished:
                if output is not None:
                    append(row, output)
                rows.append(row)
                if len(rows) < total:
                    following = jobs[len(rows) % len(jobs)].path.name
                    status.update(f"measuring {following} ({len(rows)} of {total} done)")


def _agrees(question: str, status: "Status") -> bool:
    """Ask whoever sits at the terminal; nobody there is a no."""
    if not sys.stdin.isatty():
        return False
    status.stop()
    try:
        return typer.confirm(question, err=True)
    finally:
        status.start()


def show_rows(rows: list["Result"]) -> None:
    """Print latencies, and comparisons of what was measured in turns."""
    from edgestyle.cli.extras import needs
    from edgestyle.cli.latencies import comparison_table, latency_table
    from edgestyle.cli.screen import show

    if rows:
        show(latency_table(rows))
    if not any(row.group for row in rows):
        return
    with needs("scipy", "bench"):
        from edgestyle.bench.comparing import compare_groups
    comparisons = compare_groups(rows)
    if comparisons:
        show(comparison_table(comparisons))


def refuse_failures(rows: list["Result"]) -> None:
    """Raise ArtifactError where a file failed, or none could be timed."""
    if rows and all(row.status == "unavailable" for row in rows):
        raise ArtifactError(f"no file can be timed on {rows[0].target}: {rows[0].error}")
    failed = [row for row in rows if row.status == "failed"]
    if failed:
        raise ArtifactError(f"{failed[0].artifact['name']} could not be measured: {failed[0].error}")
