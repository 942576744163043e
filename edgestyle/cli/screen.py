"""What commands print: tables on stdout, progress on stderr."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from time import perf_counter
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.status import Status
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from edgestyle.bench.results import Result
    from edgestyle.exporters.describing import Exported
    from edgestyle.exporters.weight_sets import Comparison


@contextmanager
def separate_stderr() -> Iterator[Console]:
    """A console on stderr with a descriptor of its own, which `quiet` around a converter does not hold back."""
    with os.fdopen(os.dup(2), "w", encoding="utf-8") as stderr:
        yield Console(file=stderr)


@contextmanager
def working(text: str) -> Iterator[Status]:
    """A spinner on stderr, also while a converter is kept quiet."""
    with separate_stderr() as console, console.status(text) as status:
        yield status


@contextmanager
def video_progress(
    text: str,
) -> Iterator[tuple[Callable[[Fraction, Fraction | None], None], Callable[[str], None]]]:
    """A bar on stderr with frames a second and the time left, which appears with the first frame.

    Yields what to call after each frame, with the seconds done and to do, and what to call with a note to show above.
    """
    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[speed]}")
    progress = Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True))
    task = progress.add_task(text, total=None, speed="")
    began, frames = perf_counter(), 0

    def on_frame(done: Fraction, total: Fraction | None) -> None:
        nonlocal frames
        frames += 1
        progress.start()
        speed = f"{frames / (perf_counter() - began):.1f} frames/s"
        progress.update(task, completed=float(done), total=float(total) if total else None, speed=speed)

    def on_note(note: str) -> None:
        progress.console.print(Text(f"note: {note}"), soft_wrap=True)

    try:
        yield on_frame, on_note
        progress.update(task, completed=progress.tasks[0].total)
    finally:
        if frames:
            progress.stop()


@contextmanager
def picture_progress(pictures: int, enlarges: bool) -> Iterator[tuple[Callable[[], None], Callable[[int, int], None]]]:
    """Bars on stderr: one over several pictures, and one over the tiles of the picture that is being enlarged.

    Yields what to call after each picture, and what to call after each tile with how many are done and to do.
    """
    with Progress(console=Console(stderr=True), disable=pictures == 1 and not enlarges) as progress:
        over_all = progress.add_task("stylizing", total=pictures, visible=pictures > 1)
        over_tiles = progress.add_task("enlarging", total=None, visible=False)

        def on_tile(done: int, total: int) -> None:
            progress.update(over_tiles, completed=done, total=total, visible=True)

        yield lambda: progress.advance(over_all), on_tile


def show(table: Table) -> None:
    """Print a table; where the output is no terminal it gets the width it needs."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=160)
    console.print(table)


def exported_table(exported: list["Exported"]) -> Table:
    """Files that passed the parity gate."""
    columns = "file", "KB", "largest difference", "worst PSNR", "strength 0", "mean PSNR", "promised"
    table = Table(*columns, title="parity with the network")
    for one in exported:
        mean = min(one.parity.mean_psnr_db, one.parity.mean_half_psnr_db)
        promised = "" if one.promised_db is None else f"{one.promised_db:g} dB"
        add_row(table, *_parity_cells(one), f"{mean:.1f} dB", promised)
    return table


def weights_table(comparison: "Comparison", recipe: str) -> Table:
    """What a second set of weights gains in one format, style by style; means over photos and strengths 0.5 and 1."""
    title = f"{recipe} in {comparison.format}: PSNR to the float32 network, photos held out, strengths 0.5 and 1"
    table = Table("style", "without", "with", "gain", title=title)
    gains = comparison.style_gains_db()
    means = tuple(sum(pair[side] for pair in gains.values()) / len(gains) for side in (0, 1))
    for style, (without, trained) in [*gains.items(), ("all styles", means)]:
        add_row(table, style, f"{without:.2f} dB", f"{trained:.2f} dB", f"{trained - without:+.2f} dB")
    return table


def add_row(table: Table, *cells: str | None) -> None:
    """Add a row of plain text: names and credits come from strangers and must not be read as markup."""
    table.add_row(*(Text(cell or "") for cell in cells))


def demo_table(files: list["Exported"], results: list["Result"]) -> Table:
    """Size, parity and latency of each file in one table."""
    table = Table(
        "file", "KB", "largest difference", "worst PSNR", "strength 0", "p50 ms, 1 thread (95%)", "runtime",
        title="512x512: parity with the network, and latency on this machine",
    )  # fmt: skip
    for one, row in zip(files, results, strict=True):
        latency = row.latency_ms
        timed = f"{latency['p50']:.1f} ({latency['p50_low']:.1f}-{latency['p50_high']:.1f})" if latency else "-"
        add_row(table, *_parity_cells(one), timed, row.runtime or row.error)
    return table


def _parity_cells(one: "Exported") -> list[str]:
    parity = one.parity
    return [
        one.path.name,
        f"{one.size_bytes / 1000:.0f}",
        f"{parity.max_difference:.1e}",
        f"{parity.min_psnr_db:.1f} dB",
        "exact" if parity.identity_difference == 0 else f"within {parity.identity_difference:.2g}",
    ]
