"""`edgestyle bench`."""

from pathlib import Path
from typing import Annotated

import typer

from edgestyle.errors import ArtifactError


def bench(
    files: Annotated[list[Path], typer.Argument(help="Exported files, with their sidecars beside them.")],
    threads: Annotated[int, typer.Option(help="CPU threads.", min=1)] = 1,
    size: Annotated[int, typer.Option(help="Side of the square picture.", min=8)] = 512,
    runs: Annotated[int, typer.Option(help="Measure at least so many runs ...", min=1)] = 30,
    seconds: Annotated[float, typer.Option(help="... and at least so many seconds.", min=0)] = 3.0,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Also write JSON lines to this file.")] = None,
) -> None:
    """Time exported files on this machine, each in its own process, after a warm-up."""
    from edgestyle.bench.measuring import Plan
    from edgestyle.bench.results import write_results
    from edgestyle.bench.targets.host import measure_on_host
    from edgestyle.cli.screen import latency_table, show, working
    from edgestyle.contract import check_size

    check_size(size, size)
    plan = Plan(min_runs=runs, min_seconds=seconds)
    results = []
    with working("measuring") as status:
        for file in files:
            status.update(f"measuring {file.name}")
            results.append(measure_on_host(file, threads, size, plan))
    show(latency_table(results))
    if output is not None:
        write_results(results, output)
        print(output)
    if all(row.status == "unavailable" for row in results):
        raise ArtifactError(f"no file can be timed on this machine: {results[0].error}")
    failed = [row for row in results if row.status == "failed"]
    if failed:
        raise ArtifactError(f"{failed[0].artifact['name']} could not be measured: {failed[0].error}")
