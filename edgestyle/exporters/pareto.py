"""The trade between size and picture: which files no other beats, and a plot of them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from edgestyle.exporters.budgets import Budget
from edgestyle.exporters.layers import BITS, LayerTable
from edgestyle.exporters.search import Found
from edgestyle.exporters.trials import Trial
from edgestyle.images import whole_file

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Point = tuple[int, float]  # bytes and dB
_TOP_DB = 90.0  # what is closer is drawn here: nobody sees it, and it would squeeze the rest
_GREY, _BLUE, _RED, _ORANGE = "#b8bcc4", "#2660a4", "#d1495b", "#e08e2b"


def pareto_front(trials: Sequence[Trial]) -> list[Trial]:
    """Those of which no other is both no larger and no worse, from the smallest on."""
    front: list[Trial] = []
    for trial in sorted(trials, key=lambda one: (one.size_bytes, -one.mean_psnr_db)):
        if not front or trial.mean_psnr_db > front[-1].mean_psnr_db:
            front.append(trial)
    return front


def count_layers(table: LayerTable) -> str:
    """How many layers have which precision, such as "3 float32, 19 w8"."""
    counts = Counter(table.values())
    return ", ".join(f"{counts[precision]} {precision}" for precision in BITS if counts[precision])


def write_plot(found: Found, chosen: Trial, budget: Budget, title: str, path: Path) -> None:
    """Plot size and PSNR of everything that was tried as a PNG, whole or not at all.

    Args:
        found: of the search.
        chosen: the trial that was exported.
        budget: drawn as a line.
        title: the network and the format.
        path: file to write.
    """
    from matplotlib.figure import Figure  # takes a second to load

    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.add_subplot()
    sizes, decibels = _shown([_point(trial) for trial in found.done])
    axes.scatter(sizes, decibels, s=16, color=_GREY, label="tried")
    recipes = {name: _point(trial) for name, trial in found.recipes.items()}
    draw_front(axes, [_point(trial) for trial in pareto_front(found.done)], recipes, [_point(chosen)])
    if budget.max_bytes is not None:
        axes.axvline(budget.max_bytes / 1000, color=_RED, linestyle="--", linewidth=1, label=str(budget))
    elif budget.bars_db[0]:
        axes.axhline(min(budget.bars_db[0], _TOP_DB), color=_RED, linestyle="--", linewidth=1, label=str(budget))
    axes.set_title(f"{title}: {len(found.done)} files with a precision for every layer")
    axes.legend(loc="lower right")
    with whole_file(path) as temporary:
        figure.savefig(temporary, format="png", dpi=120)


def draw_front(axes: "Axes", front: Sequence[Point], recipes: Mapping[str, Point], chosen: Sequence[Point]) -> None:
    """Draw files that no other beats, a format's own recipes by name, and what was chosen, on labelled axes."""
    axes.plot(*_shown(front), color=_BLUE, marker="o", markersize=4, label="no other beats these")
    sizes, decibels = _shown(list(recipes.values()))
    axes.scatter(sizes, decibels, s=60, marker="D", color=_ORANGE, edgecolor="black", zorder=3, label="recipes")
    for name, size, db in zip(recipes, sizes, decibels, strict=True):
        axes.annotate(name, (size, db), (6, -13), textcoords="offset points", fontweight="bold")
    axes.scatter(*_shown(chosen), s=200, marker="*", color=_RED, edgecolor="black", zorder=4, label="chosen")
    axes.set_xlabel("size of the file, KB")
    axes.set_ylabel(f"mean PSNR to the float32 network, dB ({_TOP_DB:g}: or more)")
    axes.margins(x=0.18, y=0.1)
    axes.grid(visible=True, alpha=0.3)


def _point(trial: Trial) -> Point:
    return trial.size_bytes, trial.mean_psnr_db


def _shown(points: Sequence[Point]) -> tuple[list[float], list[float]]:
    """Kilobytes and dB, as they are drawn."""
    return [size / 1000 for size, _ in points], [min(db, _TOP_DB) for _, db in points]
