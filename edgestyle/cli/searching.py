"""What `edgestyle export` does where precisions are to be searched."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from edgestyle.cli.screen import add_row, separate_stderr, show
from edgestyle.errors import ExportError

if TYPE_CHECKING:
    from edgestyle.exporters.budgets import Budget
    from edgestyle.exporters.calibration import Calibration
    from edgestyle.exporters.describing import Exported
    from edgestyle.exporters.layer_recipes import LayerRecipe
    from edgestyle.exporters.searching import Searched
    from edgestyle.packs.pack import Pack

_ROWS = 14  # of the table
_ROUNDS = 30  # of timing


def wanted_budget(quality: str | None, max_size: str | None, fastest: bool) -> "Budget | None":
    """What the options ask for; None where they ask for no search."""
    from edgestyle.exporters.budgets import Budget, parse_quality, parse_size

    if quality is None and max_size is None and not fastest:
        return None
    least_db = None if quality is None else parse_quality(quality)
    return Budget(least_db, None if max_size is None else parse_size(max_size), fastest)


def read_recipes(
    recipes: list[str] | None, formats: list[str] | None, budget: "Budget | None"
) -> tuple[list[str], list["LayerRecipe"]]:
    """Names of recipes, and those by layer that were read from files.

    Raises:
        ExportError: a file is no recipe, or the options do not go together.
    """
    from edgestyle.exporters.layer_recipes import read_layer_recipe
    from edgestyle.exporters.recipes import DEFAULT_RECIPES

    if budget is not None and recipes:
        raise ExportError("a search finds its own recipe: --recipe goes with none of --quality, --max-size, --fastest")
    named = [recipe for recipe in recipes or DEFAULT_RECIPES if not recipe.endswith(".json")]
    by_layer = [read_layer_recipe(Path(recipe)) for recipe in recipes or [] if recipe.endswith(".json")]
    for one in by_layer:
        if formats and one.format not in formats:
            raise ExportError(f"the recipe '{one.name}' is for {one.format}, not for {', '.join(formats)}")
    return named, by_layer


def formats_for(budget: "Budget | None", io: str) -> list[str]:
    """Formats to export where none is named: all for such pictures, or those that can be timed here."""
    from edgestyle.exporters.formats import FORMATS, IO
    from edgestyle.runtime.runner import can_time

    known = IO.get(io, FORMATS)
    if budget is not None and budget.fastest:
        return [name for name, one in known.items() if can_time(Path(f"file{one.suffix}"))]
    return list(known)


def calibrates(recipes: list[str] | None) -> bool:
    """Whether photos are needed for any of these names and recipe files."""
    from edgestyle.exporters.recipes import RECIPES

    return any(name.endswith(".json") or (name in RECIPES and RECIPES[name].calibrated) for name in recipes or [])


def export_searched(
    pack: "Pack",
    output: Path,
    formats: list[str],
    budget: "Budget",
    sizes: list[int],
    calibration: "Calibration",
    io: str,
) -> list["Exported"]:
    """Search in each format, export, and print what was found."""
    from edgestyle.exporters.layers import minimum_system
    from edgestyle.exporters.searching import search_pack

    def time_files(paths: list[Path]) -> dict[str, float]:
        from edgestyle.report.measuring import time_files

        return {name: one.p50 for name, one in time_files(paths, pack.style(), sizes[0], _ROUNDS).items()}

    done = []
    for name in formats:
        with _progress(f"searching {name}") as on_progress:
            searched = search_pack(pack, output, name, budget, sizes, calibration, io, on_progress, time_files)
        show(_table(searched, f"{pack.name}, {name}: what size buys"))
        for note in _better_recipes(searched, budget):
            print(note)
        if name == "coreml":
            print(f"it needs {minimum_system(searched.trial.table.values())}")
        print(f"chosen layers are in {searched.recipe}, the plot is {searched.plot}")
        done.append(searched.exported)
    return done


def _better_recipes(searched: "Searched", budget: "Budget") -> list[str]:
    """Recipes for whole files that keep the budget better than any choice by layer, in words."""
    chosen, notes = searched.trial, []
    for name, one in searched.found.recipes.items():
        if any(one is other for other in searched.rejected):
            continue
        smaller = budget.max_bytes is None and one.size_bytes < chosen.size_bytes and one.reaches(*budget.bars_db)
        closer = one.size_bytes <= (budget.max_bytes or 0) and one.mean_psnr_db > chosen.mean_psnr_db
        what = f"{one.size_bytes / 1000:.1f} KB and {one.mean_psnr_db:.1f} dB"
        if budget.fastest and name in searched.found.retrained and one.reaches(*budget.bars_db):
            notes.append(f"note: --recipe {name} has weights trained for it, which were not timed, with {what}")
        if not budget.fastest and (smaller or closer):
            notes.append(f"note: --recipe {name} does better, with {what}")
    return notes


def _table(searched: "Searched", title: str) -> Table:
    """The Pareto front, thinned out, with the recipes and the one that was chosen."""
    from edgestyle.exporters.pareto import count_layers, pareto_front

    found, chosen = searched.found, searched.trial
    front = pareto_front(found.done)
    timed = found.wanted[: len(found.latencies_ms)]
    latencies = {id(trial): f"{one:.2f}" for trial, one in zip(timed, found.latencies_ms, strict=True)}
    thinned = front[:: max(1, -(-len(front) // _ROWS))]
    rows = {id(trial): trial for trial in (*thinned, *found.recipes.values(), *timed, chosen)}
    table = Table("KB", "mean dB", "worst style dB", "ms", "layers", "", title=title)
    for trial in sorted(rows.values(), key=lambda one: one.size_bytes):
        marks = [name for name, one in found.recipes.items() if one is trial]
        marks += ["chosen"] if trial is chosen else []
        add_row(
            table,
            f"{trial.size_bytes / 1000:.1f}",
            f"{trial.mean_psnr_db:.1f}",
            f"{trial.style_psnr_db:.1f}",
            latencies.get(id(trial), ""),
            count_layers(trial.table),
            ", ".join(marks),
        )
    return table


@contextmanager
def _progress(text: str) -> Iterator[Callable[[str, int, int], None]]:
    """A bar on stderr; yields what to call before each step."""
    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
    what = TextColumn("{task.fields[what]}")
    with separate_stderr() as console, Progress(*columns, what, console=console) as progress:
        task = progress.add_task(text, total=None, what="")
        yield lambda what, done, total: progress.update(task, completed=done, total=total, what=what)
