"""Search a precision for every layer and export with what was found."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from edgestyle.errors import BudgetError, ExportError, ParityError
from edgestyle.exporters.budgets import Budget
from edgestyle.exporters.bundle import check_sizes, export_layers
from edgestyle.exporters.calibration import Calibration, bundled_calibration
from edgestyle.exporters.describing import Exported, file_metadata, tool_versions
from edgestyle.exporters.formats import FORMATS, find_exporter, find_format
from edgestyle.exporters.layer_recipes import SUFFIX, LayerRecipe, write_layer_recipe
from edgestyle.exporters.layers import layers_of, recipe_tables
from edgestyle.exporters.pareto import write_plot
from edgestyle.exporters.parity import ParityReport, Reference
from edgestyle.exporters.placing import file_path
from edgestyle.exporters.ranges import METHOD
from edgestyle.exporters.recipes import recipes_of
from edgestyle.exporters.search import Found, OnProgress, Search
from edgestyle.exporters.tally import RATED
from edgestyle.exporters.trials import SIDE, Trial, Trials, fingerprint
from edgestyle.exporters.workbenches import Workbench, conversion_errors, open_workbench
from edgestyle.images import make_folder
from edgestyle.packs.networks import load_renderer, weights_hash
from edgestyle.packs.pack import Pack
from edgestyle.runtime.runner import can_time
from edgestyle.sidecar import file_sha256, file_size_bytes

NAME = "searched"
_ATTEMPTS = 6  # files that are built for real
_SIZE_MARGIN_DB = 1.0  # what a file promises where a size was asked: what the search measured, less this
TimeFiles = Callable[[list[Path]], Mapping[str, float]]  # median milliseconds by file name, measured in turns


@dataclass(frozen=True)
class Searched:
    """What was exported, what it is, and what else was found."""

    exported: Exported
    trial: Trial
    found: Found
    recipe: Path
    plot: Path
    rejected: list[Trial]  # they kept the budget as trials, not at the real picture sizes


def search_pack(
    pack: Pack,
    folder: Path,
    format_name: str,
    budget: Budget,
    sizes: list[int],
    calibration: Calibration | None = None,
    io: str = "float32",
    on_progress: OnProgress = lambda what, done, total: None,
    time_files: TimeFiles | None = None,
) -> Searched:
    """Search a precision for every layer, export with it, and write the recipe and a plot beside the file.

    Args:
        pack: what to export.
        folder: gets the file, its sidecar, the recipe, the plot, and the measurements, from which an interrupted
            search goes on.
        format_name: a name in `FORMATS`.
        budget: what to keep.
        sizes: sides of square pictures, for formats of fixed size.
        calibration: photos and styles, to measure on and for integers; the bundled photos by default.
        io: as for `export_pack`; trials are made with float32 pictures.
        on_progress: called before each trial.
        time_files: needed for a budget that asks for the fastest.

    Raises:
        BudgetError: nothing keeps the budget; nothing but the measurements is written.
        ExportError: the format is unknown or cannot be timed here, or a conversion failed.
        CalibrationError, ParityError, OutputError: as for `export_pack`.
    """
    known = find_format(format_name, io)
    check_sizes(sizes)
    if budget.fastest and (time_files is None or not can_time(Path(f"file{known.suffix}"))):
        raise ExportError(f"{format_name} files cannot be timed on this machine; ask for a --quality or a --max-size")
    make_folder(folder)
    calibration = calibration or bundled_calibration(list(pack.styles.values()))
    benches = _Benches(pack, format_name, sizes, calibration)
    path = file_path(folder, pack, NAME, format_name, io)
    trials = _open_trials(benches, sizes, path)
    timer = _timer(benches, known.suffix, sizes, time_files) if time_files else None
    on_progress("recipes for all layers", 0, 1)
    others = _measure_other_recipes(trials, benches, sizes)
    found = Search(trials, layers_of(benches.renderer), format_name, budget, on_progress, timer, others).run()
    on_progress("exporting and checking the one that is chosen", len(found.done), len(found.done))
    exported, recipe, tried = _export_first(pack, folder, budget, found, benches, sizes, io)
    recipe_path, plot = path.with_name(path.name + SUFFIX), path.with_name(f"{path.name}.pareto.png")
    write_layer_recipe(recipe, recipe_path)
    write_plot(found, tried[-1], budget, f"{pack.name}, {format_name}", plot)
    return Searched(exported, tried[-1], found, recipe_path, plot, tried[:-1])


class _Benches:
    """Workbenches of one network, each opened once."""

    def __init__(self, pack: Pack, format_name: str, sizes: list[int], calibration: Calibration) -> None:
        self.pack, self.format_name, self.calibration = pack, format_name, calibration
        self.renderer = load_renderer(pack)
        self.reference = Reference(self.renderer)
        self.network = {"pack": pack.name, "weights_sha256": weights_hash(pack)}
        self._opened: dict[tuple[str, tuple[int, ...]], Workbench] = {}

    def writer(self, recipe: str, sizes: list[int]) -> Callable[[Path], None]:
        """What writes the file of a recipe, with the pack's own weights for it where it has such."""
        export, metadata = find_exporter(FORMATS[self.format_name]), file_metadata(self.pack, recipe)
        renderer = load_renderer(self.pack, recipe)
        return lambda path: export(renderer, path, recipe, sizes, metadata, self.calibration)

    def open(self, io: str, sizes: Sequence[int]) -> Workbench:
        """The workbench for such pictures."""
        key = (io, tuple(sizes))
        if key not in self._opened:
            metadata = file_metadata(self.pack, NAME)
            self._opened[key] = open_workbench(
                self.format_name, io, self.renderer, list(sizes), metadata, self.calibration
            )
        return self._opened[key]


def _open_trials(benches: _Benches, sizes: list[int], path: Path) -> Trials:
    """Trials of files that will be exported to `path`."""
    known = FORMATS[benches.format_name]
    return Trials(
        benches.renderer,
        layers_of(benches.renderer),
        benches.calibration,
        benches.open("float32", [SIDE]),
        benches.open("float32", sizes) if len(sizes) > 1 and not known.free_size else None,
        known.suffix,
        path.with_name(f"{path.name}.search.json"),
        _identity(benches, sizes),
    )


def _measure_other_recipes(trials: Trials, benches: _Benches, sizes: list[int]) -> dict[str, Trial]:
    """The format's recipes that are no choice by layer of the network's own weights, to compare with."""
    tables, others = recipe_tables(layers_of(benches.renderer), benches.format_name), {}
    for name in recipes_of(benches.format_name):
        if name not in tables or name in benches.pack.components["renderer"].recipe_weights:
            full = None if FORMATS[benches.format_name].free_size else benches.writer(name, sizes)
            others[name] = trials.measure_recipe(name, tables.get(name, {}), benches.writer(name, [SIDE]), full)
    return others


def _identity(benches: _Benches, sizes: list[int]) -> dict[str, Any]:
    """All that measurements depend on."""
    pack, own = benches.pack, benches.pack.components["renderer"].recipe_weights
    styles = [[style.name, style.vector] for style in benches.calibration.styles]
    return {
        **benches.network,
        "recipe_weights_sha256": {name: file_sha256(pack.file(one)) for name, one in sorted(own.items())},
        "styles_sha256": fingerprint(styles),
        "metadata_sha256": fingerprint(file_metadata(benches.pack, NAME)),
        "format": benches.format_name,
        "sizes": sizes,
        "side": SIDE,
        "calibration": {**benches.calibration.to_json(), "ranges": METHOD},
        "tools": tool_versions(benches.format_name),
    }


def _timer(
    benches: _Benches, suffix: str, sizes: list[int], time_files: TimeFiles
) -> Callable[[Sequence[Trial]], list[float]]:
    """Writes trials as they would be exported and times them in turns."""

    def time(trials: Sequence[Trial]) -> list[float]:
        with tempfile.TemporaryDirectory() as folder:
            paths = [Path(folder) / f"{index}{suffix}" for index in range(len(trials))]
            for path, trial in zip(paths, trials, strict=True):
                with conversion_errors(path.name):
                    benches.open("float32", sizes).write(trial.table, path)
            latencies = time_files(paths)
            return [latencies[path.name] for path in paths]

    return time


def _export_first(
    pack: Pack, folder: Path, budget: Budget, found: Found, benches: _Benches, sizes: list[int], io: str
) -> tuple[Exported, LayerRecipe, list[Trial]]:
    """Export the first that keeps the budget at its real picture sizes too, where PSNRs are a little different.

    What is returned last was tried: the one that is exported at the end, those that were rejected before it.
    """
    wanted, (mean_db, style_db), lost_db, tried = list(found.wanted), budget.bars_db, 0.0, list[Trial]()
    best = float("-inf"), "nothing"
    for _ in range(_ATTEMPTS):
        wanted = [one for one in wanted if one.reaches(mean_db + lost_db, style_db)]
        if not wanted:
            break
        trial = wanted.pop(0)
        tried.append(trial)
        bench = benches.open(io, sizes)
        if budget.max_bytes is not None:
            size_bytes = _size_bytes(bench, trial, FORMATS[benches.format_name].suffix)
            if size_bytes > budget.max_bytes:  # by about as much as others will be
                best = max(best, (-size_bytes, f"{size_bytes} bytes"))
                least = budget.max_bytes - (size_bytes - trial.size_bytes)
                wanted = [one for one in wanted if one.size_bytes <= least]
                continue
        recipe = _recipe(budget, trial, benches, trial.mean_psnr_db, trial.style_psnr_db)
        shared = sizes, benches.calibration, io, bench, benches.reference
        exported, parity = _attempt(pack, folder, recipe, *shared)
        mean = min(parity.mean_psnr_db, parity.mean_half_psnr_db)
        if exported is None and budget.max_bytes is not None:  # asked for was a size, not what the trial promised
            recipe = _recipe(budget, trial, benches, mean, parity.worst_style_psnr_db)
            exported, parity = _attempt(pack, folder, recipe, *shared)
        if exported is not None:
            return exported, recipe, tried
        best = max(best, (mean, f"{mean:.1f} dB, {parity.worst_style_psnr_db:.1f} dB in its worst style"))
        lost_db = max(lost_db, trial.mean_psnr_db - mean)
    raise BudgetError(f"no {benches.format_name} file keeps to {budget} at the sizes asked for; the best had {best[1]}")


def _attempt(
    pack: Pack,
    folder: Path,
    recipe: LayerRecipe,
    sizes: list[int],
    calibration: Calibration,
    io: str,
    bench: Workbench,
    reference: Reference,
) -> tuple[Exported | None, ParityReport]:
    """Export; where a promised dB is not kept, nothing is exported, and the report says what there is.

    Raises:
        ParityError: what is broken is no dB.
    """
    shared = sizes, calibration, io, bench, reference
    with tempfile.TemporaryDirectory() as aside:
        try:
            exported = export_layers(pack, folder, recipe, *shared, failures=Path(aside))
            return exported, exported.parity
        except ParityError:
            lenient = replace(recipe, min_mean_psnr_db=0.0, min_style_psnr_db=0.0)
            failures = folder / "parity-failures"
            return None, export_layers(pack, Path(aside), lenient, *shared, failures=failures).parity


def _size_bytes(bench: Workbench, trial: Trial, suffix: str) -> int:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"sized{suffix}"
        with conversion_errors(path.name):
            bench.write(trial.table, path)
        return file_size_bytes(path)


def _recipe(budget: Budget, trial: Trial, benches: _Benches, mean: float, style: float) -> LayerRecipe:
    """The chosen table with what it promises: what was asked for, or the measured `mean` and `style` less a margin."""
    mean_db, style_db = budget.bars_db
    if budget.max_bytes is not None:
        mean_db = max(round(mean - _SIZE_MARGIN_DB, 1), mean_db)
        style_db = max(round(style - _SIZE_MARGIN_DB, 1), style_db)
    calibration = benches.calibration
    return LayerRecipe(
        name=NAME,
        format=benches.format_name,
        network=benches.network,
        layers=trial.table,
        min_mean_psnr_db=mean_db,
        min_style_psnr_db=style_db,
        found={
            "asked": str(budget),
            "size_bytes": trial.size_bytes,
            "mean_psnr_db": round(trial.mean_psnr_db, 2),
            "style_psnr_db": round(trial.style_psnr_db, 2),
            "side": SIDE,
            "strengths": list(RATED),
            "seed": calibration.seed,
            "photos": [photo.name for photo in calibration.photos],
            "tools": tool_versions(benches.format_name),
        },
    )
