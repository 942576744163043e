"""How close each file of the renderer of `easel` comes to its network, and whether that is what its recipe promises.

python -m benchmarks.taught_files

`edgestyle export` stops where a gate fails and tells of one style; here every recipe is measured whole.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.rows import write_rows
from edgestyle.exporters.bundle import build_file
from edgestyle.exporters.calibration import bundled_calibration
from edgestyle.exporters.describing import file_metadata
from edgestyle.exporters.formats import FORMATS
from edgestyle.exporters.parity import ParityReport, Reference, check_parity
from edgestyle.exporters.recipes import RECIPES, Recipe, recipes_of
from edgestyle.packs.loading import load_pack
from edgestyle.packs.networks import load_renderer
from edgestyle.packs.pack import Pack
from edgestyle.runtime.runner import open_runner
from edgestyle.sidecar import file_size_bytes

PACK, SIDE = "easel", 256


def main() -> None:
    """Measure and write `results/taught-files.jsonl`."""
    rows = []
    for row in measure_renderer_files(load_pack(PACK)):
        print(row, flush=True)
        rows.append(row)
    print(write_rows("taught-files", rows, ("edgestyle", "torch", "onnxruntime", "coremltools", "ai-edge-litert")))


def measure_renderer_files(pack: Pack) -> Iterator[dict[str, Any]]:
    """A row for each format and recipe: bytes, PSNR at half and full strength, the worst style, what is promised."""
    reference, styles = Reference(load_renderer(pack)), list(pack.styles.values())
    photos = bundled_calibration(styles)
    with tempfile.TemporaryDirectory() as folder:
        for name, known in FORMATS.items():
            for recipe in (RECIPES[one] for one in recipes_of(name)):
                path = Path(folder) / f"{name}-{recipe.name}{known.suffix}"
                calibration = photos if recipe.calibrated else None
                network = load_renderer(pack, recipe.name)
                build_file(known, network, path, recipe, [SIDE], file_metadata(pack, recipe.name), calibration)
                found = check_parity(open_runner(path), reference, styles, _open(recipe), [(SIDE, SIDE)], Path(folder))
                yield {
                    "format": name, "recipe": recipe.name, "size_bytes": file_size_bytes(path), **found.to_json(),
                    "promised_db": recipe.min_mean_psnr_db, "promised_style_db": recipe.min_style_psnr_db,
                    "kept": keeps(recipe, found),
                }  # fmt: skip


def keeps(recipe: Recipe, found: ParityReport) -> bool:
    """Whether what was measured is what a recipe promises."""
    mean = min(found.mean_half_psnr_db, found.mean_psnr_db)
    bars = (
        (mean, recipe.min_mean_psnr_db), (found.worst_style_psnr_db, recipe.min_style_psnr_db),
        (found.min_psnr_db, recipe.min_psnr_db),
    )  # fmt: skip
    close = recipe.max_difference is None or found.max_difference <= recipe.max_difference
    return close and all(bar is None or value >= bar for value, bar in bars)


def _open(recipe: Recipe) -> Recipe:
    """The same recipe without a bar."""
    return replace(recipe, max_difference=None, min_psnr_db=None, min_mean_psnr_db=None, min_style_psnr_db=None)


if __name__ == "__main__":
    main()
