"""What a second set of weights gains its recipe: float and trained weights, both exported, on the test photos.

Neither was trained on them. But of `atelier` the same photos decided that the second set is kept (`held_out` in its
`pack.json`), so the gain is that of a set chosen for it, not a forecast for other photos.

python -m benchmarks.qat PHOTOS
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.quality import TEST_PHOTOS
from benchmarks.rows import write_rows
from edgestyle.exporters.tally import RATED
from edgestyle.exporters.weight_sets import compare_weights
from edgestyle.images import read_picture
from edgestyle.packs.loading import load_pack, shipped_packs
from edgestyle.packs.networks import load_renderer
from edgestyle.packs.pack import Pack


def main() -> None:
    """Compare and write `results/qat.jsonl`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path)
    folder = parser.parse_args().photos
    rows = [row for pack in map(load_pack, shipped_packs()) for row in measure_pack(pack, folder)]
    tools = ("edgestyle", "torch", "onnx", "onnxruntime", "litert-torch", "ai-edge-quantizer", "ai-edge-litert")
    print(write_rows("qat", rows, tools))


def measure_pack(pack: Pack, folder: Path) -> Iterator[dict[str, Any]]:
    """One row a recipe with weights of its own, format and style; mean PSNR over photos by strength."""
    photos = [read_picture(folder / name).pixels for name in TEST_PHOTOS]
    for recipe in pack.components["renderer"].recipe_weights:
        trained = load_renderer(pack, recipe)
        for one in compare_weights(pack, recipe, trained, photos, without=load_renderer(pack)):
            for style in pack.styles:
                yield {
                    "pack": pack.name,
                    "recipe": recipe,
                    "format": one.format,
                    "style": style,
                    "photos": len(photos),
                    "without_psnr_db": {f"{at:g}": one.without.style_means_db(at)[style] for at in RATED},
                    "with_psnr_db": {f"{at:g}": one.trained.style_means_db(at)[style] for at in RATED},
                }


if __name__ == "__main__":
    main()
