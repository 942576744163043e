"""Size, closeness and speed of the shipped packs' exported renderers: `museum` in the usual recipes, others in all.

python -m benchmarks.exports PHOTOS
"""

import argparse
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.quality import TEST_PHOTOS
from benchmarks.rows import read_rows, write_rows
from edgestyle.bench.environment import describe_host
from edgestyle.exporters.bundle import export_pack
from edgestyle.exporters.describing import Exported
from edgestyle.exporters.formats import FORMATS
from edgestyle.exporters.recipes import DEFAULT_RECIPES, recipes_of
from edgestyle.images import Pixels, middle_square, read_picture, resize
from edgestyle.packs.loading import load_pack, shipped_packs
from edgestyle.packs.networks import load_renderer
from edgestyle.packs.pack import Pack
from edgestyle.quality.network import count_parameters
from edgestyle.report.measuring import FileReport, measure_file, time_files

SIZE = 512
ROUNDS = 60
EVERY_RECIPE = ("atelier", "lumen")


def main() -> None:
    """Measure and write `results/exports.jsonl`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path, help="folder that holds the test photos")
    parser.add_argument(
        "--pack", choices=shipped_packs(), help="measure this one anew and keep what is known of others"
    )
    options = parser.parse_args()
    folder, measured = options.photos, [options.pack] if options.pack else list(shipped_packs())
    photos = {name: resize(middle_square(read_picture(folder / name).pixels), SIZE, SIZE) for name in TEST_PHOTOS}
    rows = [row for row in read_rows("exports") if row["file"].split("-renderer-")[0] not in measured]
    rows += [row for pack in map(load_pack, measured) for row in measure_pack(pack, photos)]
    tools = ("edgestyle", "torch", "onnx", "onnxruntime", "coremltools", "litert-torch", "ai-edge-litert")
    print(write_rows("exports", rows, tools))


def measure_pack(pack: Pack, photos: dict[str, Pixels]) -> Iterator[dict[str, Any]]:
    """One row a file. All files of a pack are timed in turns, in this process."""
    renderer, styles = load_renderer(pack), list(pack.styles.values())
    with tempfile.TemporaryDirectory() as folder:
        files = [
            file
            for name in FORMATS
            for file in export_pack(pack, Path(folder), [name], _recipes(pack, name), [SIZE], on_start=print)
            if file.component == "renderer"
        ]
        latencies = time_files([file.path for file in files], styles[0], SIZE, ROUNDS)
        device = describe_host()
        for file in files:
            report = measure_file(file.path, renderer, styles, photos)
            latency = latencies.get(file.path.name)
            yield {
                **_file(file, count_parameters(renderer)),
                "closeness": _closeness(report, len(photos)),
                "runtime": report.runtime if latency else None,
                "latency_ms": latency and asdict(latency),
                "device": device,
            }
            print(file.path.name, _closeness(report, len(photos)), latency and f"{latency.p50:.2f} ms")


def _recipes(pack: Pack, format_name: str) -> list[str]:
    return recipes_of(format_name) if pack.name in EVERY_RECIPE else list(DEFAULT_RECIPES)


def _file(file: Exported, parameters: int) -> dict[str, Any]:
    named = {"file": file.path.name, "format": file.format, "recipe": file.recipe}
    return {**named, "size_bytes": file.size_bytes, "parameters": parameters, "parity": file.parity.to_json()}


def _closeness(report: FileReport, photos: int) -> dict[str, Any]:
    """PSNR to the float32 network on photos that were never trained or calibrated on."""
    worst = report.worst_style
    return {
        "photos": photos,
        "mean_psnr_db": report.mean_psnr_db(1.0),
        "mean_half_psnr_db": report.mean_psnr_db(0.5),
        "worst_style": worst.style,
        "worst_strength": worst.strength,
        "worst_style_psnr_db": worst.psnr_db,
        "worst_style_ssim": worst.ssim,
    }


if __name__ == "__main__":
    main()
