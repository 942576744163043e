"""What a search by layer finds for the shipped pack in each format, beside the formats' own recipes.

python -m benchmarks.search [--work FOLDER] [--format NAME ...]

Sizes and PSNRs do not depend on the machine's load. A search that was interrupted goes on from the work folder.
"""

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from rich.progress import track

from benchmarks.rows import RESULTS, read_rows, write_rows
from edgestyle.exporters.budgets import Budget
from edgestyle.exporters.formats import FORMATS
from edgestyle.exporters.pareto import count_layers, draw_front, pareto_front
from edgestyle.exporters.searching import search_pack
from edgestyle.exporters.trials import SIDE, Trial
from edgestyle.images import whole_file
from edgestyle.packs.loading import load_pack

PACK = "atelier"
QUALITIES_DB = (60.0, 45.0)
PLOT = Path(__file__).parent.parent / "docs" / "atelier-pareto.png"
TOOLS = ("edgestyle", "torch", "onnxruntime", "ai-edge-quantizer", "coremltools")


def main() -> None:
    """Search and write `results/search.jsonl` and the plot; rows of formats that are not searched stay."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, help="keeps files and measurements")
    parser.add_argument("--format", dest="formats", action="append", choices=list(FORMATS))
    options = parser.parse_args()
    formats = options.formats or list(FORMATS)
    kept = read_rows("search") if (RESULTS / "search.jsonl").exists() else []
    rows = [row for row in kept if row["format"] not in formats]
    with tempfile.TemporaryDirectory() as temporary:
        for name in track(formats, "searching"):
            rows += search_format(name, options.work or Path(temporary))
    rows.sort(key=lambda row: list(FORMATS).index(row["format"]))
    print(write_rows("search", rows, TOOLS))
    write_plot(rows, PLOT)


def search_format(name: str, folder: Path) -> Iterator[dict[str, Any]]:
    """One row a recipe, a file that no other beats, and a file that was chosen and passed the parity gate."""
    trials: dict[str, Trial] = {}
    recipes: dict[str, Trial] = {}
    for quality in QUALITIES_DB:
        searched = search_pack(load_pack(PACK), folder, name, Budget(quality_db=quality), [SIDE])
        recipes = searched.found.recipes
        trials |= {repr(trial.table): trial for trial in searched.found.done}
        parity = searched.exported.parity.to_json()
        yield {**_row(name, "chosen", searched.trial), "asked_db": quality, "parity": parity}
    for recipe, trial in recipes.items():
        yield {**_row(name, "recipe", trial), "recipe": recipe}
    for trial in pareto_front(list(trials.values())):
        yield _row(name, "front", trial)


def write_plot(rows: list[dict[str, Any]], path: Path) -> None:
    """A panel a format: files that no other beats, the recipes, and what was chosen."""
    formats = [name for name in FORMATS if any(row["format"] == name for row in rows)]
    figure = Figure(figsize=(4 * len(formats), 4), layout="constrained")
    panels = figure.subplots(1, len(formats), sharey=True, squeeze=False)[0]
    for name, axes in zip(formats, panels, strict=True):
        mine = [row for row in rows if row["format"] == name]
        recipes = {row["recipe"]: _point(row) for row in mine if row["kind"] == "recipe"}
        front, chosen = ([_point(row) for row in mine if row["kind"] == kind] for kind in ("front", "chosen"))
        draw_front(axes, front, recipes, chosen)
        axes.set_title(f"{PACK}, {name}")
        axes.set_ylabel(axes.get_ylabel() if axes is panels[0] else "")
    panels[-1].legend(loc="lower right")
    with whole_file(path) as temporary:
        figure.savefig(temporary, format="png", dpi=110)


def _point(row: dict[str, Any]) -> tuple[int, float]:
    return row["size_bytes"], row["mean_psnr_db"]


def _row(name: str, kind: str, trial: Trial) -> dict[str, Any]:
    return {
        "pack": PACK,
        "format": name,
        "kind": kind,
        "size_bytes": trial.size_bytes,
        "mean_psnr_db": round(trial.mean_psnr_db, 2),
        "style_psnr_db": round(trial.style_psnr_db, 2),
        "layers": count_layers(trial.table),
        "side": SIDE,
    }


if __name__ == "__main__":
    main()
