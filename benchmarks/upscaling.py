"""Enlarging: how close pictures come to what they were before they were shrunk, how fast, in how much memory.

python -m benchmarks.upscaling PHOTOS     writes `results/upscaling.jsonl` and `docs/upscaling.jpg`
python -m benchmarks.upscaling --timed FACTOR WIDTH HEIGHT     prints a row; a process of its own, for its memory

Pictures are shrunk by Pillow's cubic interpolation. Photos are the test photos, and the same stylized at full strength.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import fmean, median
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from benchmarks.quality import TEST_PHOTOS
from benchmarks.rows import write_rows
from edgestyle.bench.counters import peak_rss_bytes
from edgestyle.bench.environment import describe_host
from edgestyle.contract import FACTORS, UPSCALER_MARGIN
from edgestyle.exporters.upscalers import load_shipped
from edgestyle.images import Picture, Pixels, middle, over_white, read_picture, to_floats, to_pixels, write_picture
from edgestyle.models.upscaler import SteadyUpscaler
from edgestyle.packs.loading import load_pack
from edgestyle.quality.colour import edge_structure
from edgestyle.quality.features import load_features
from edgestyle.quality.fidelity import psnr_db, unit_distance
from edgestyle.quality.sheets import contact_sheet
from edgestyle.upscaling import Upscaler

ROOT = Path(__file__).parent.parent
CONTENTS = ("photo", "cartoon", "ink")
OURS = "edgestyle"
FEATURE_SIDE = 256  # of the middle square that the feature distance is taken on
SIZES = ((512, 512), (2048, 1536))  # small pictures whose time and memory are measured
TIMED_RUNS = 5
SHOWN = (("photo", "kodim21.jpg", 210, 150), ("photo", "skimage_astronaut.png", 50, 160),
         ("ink", "kodim21.jpg", 120, 260))  # fmt: skip
SHOWN_SIZE = (100, 150)  # height and width of the crops, shown twice as large

Row = dict[str, Any]
Method = Callable[[Pixels], Pixels]  # a small picture -> the large one


def main() -> None:
    """Measure, and write the rows and the sheet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, nargs="?", help="folder that holds the test photos")
    parser.add_argument("--timed", type=int, nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.timed:
        print(json.dumps(_time_here(*options.timed)))
        return
    if options.photos is None:
        parser.error("say where the test photos are")
    pictures = {content: read_pictures(options.photos, content) for content in CONTENTS}
    write_picture(Picture(draw_sheet(pictures)), ROOT / "docs" / "upscaling.jpg")
    rows: list[Row] = []
    for factor in FACTORS:
        for content in CONTENTS:
            rows += measure_closeness(factor, content, pictures[content])
            print(*rows[-len(make_methods(factor)) :], sep="\n", flush=True)
    rows += [measure_speed(factor, *size) for factor in FACTORS for size in SIZES]
    print(write_rows("upscaling", rows, ("edgestyle", "torch", "onnxruntime", "pillow", "torchmetrics")))


def read_pictures(folder: Path, content: str) -> dict[str, Pixels]:
    """The test photos, or a style's pictures of them drawn at full size, cropped to multiples of 4."""
    pictures = {}
    for name in TEST_PHOTOS:
        pixels = over_white(read_picture(folder / name))
        if content != "photo":
            pixels = load_pack("atelier").stylize(pixels, content, 1.0, "full")
        height, width = (side // 4 * 4 for side in pixels.shape[:2])
        pictures[name] = pixels[:height, :width]
    return pictures


def make_methods(factor: int) -> dict[str, Method]:
    """Everything that is compared, by name."""
    network, upscaler = load_shipped(factor), Upscaler(factor, 1)

    def published(small: Pixels) -> Pixels:
        return with_margin(lambda image: network.network(image), small, factor)

    def corrected(small: Pixels) -> Pixels:
        return with_margin(lambda image: correct(network, image), small, factor)

    return {
        "bicubic": lambda small: interpolate(small, factor, Image.Resampling.BICUBIC),
        "Lanczos": lambda small: interpolate(small, factor, Image.Resampling.LANCZOS),
        "Lanczos, corrected": corrected,
        "ESRGAN-slim": published,
        OURS: lambda small: upscaler.enlarge(Picture(small)).pixels,
    }


def interpolate(small: Pixels, factor: int, kernel: Image.Resampling) -> Pixels:
    """Enlarge `uint8 [H,W,3]` with Pillow."""
    height, width = small.shape[:2]
    return np.asarray(Image.fromarray(small).resize((factor * width, factor * height), kernel))


def correct(network: SteadyUpscaler, image: Tensor) -> Tensor:
    """`[1,3,H,W]` enlarged by Lanczos, with the same last step as our network: what that step alone is worth."""
    factor = network.config.factor
    lanczos = interpolate(to_pixels(image.numpy()), factor, Image.Resampling.LANCZOS)
    return network.add_missing(torch.from_numpy(to_floats(lanczos)), image)


def with_margin(enlarge: Callable[[Tensor], Tensor], small: Pixels, factor: int) -> Pixels:
    """Enlarge `uint8 [H,W,3]` whose outermost pixels are repeated outwards first, as `enlarge_in_tiles` does."""
    image = F.pad(torch.from_numpy(to_floats(small)), (UPSCALER_MARGIN,) * 4, mode="replicate")
    cut = slice(factor * UPSCALER_MARGIN, -factor * UPSCALER_MARGIN)
    with torch.no_grad():
        return to_pixels(enlarge(image)[..., cut, cut].numpy())


def measure_closeness(factor: int, content: str, pictures: dict[str, Pixels]) -> list[Row]:
    """A row a method: means over the pictures, each beside what it was before it was shrunk."""
    return [
        {
            "part": "closeness",
            "factor": factor,
            "content": content,
            "method": name,
            **_closeness(method, factor, pictures),
        }
        for name, method in make_methods(factor).items()
    ]


def _closeness(method: Method, factor: int, pictures: dict[str, Pixels]) -> Row:
    features, found = load_features(), {}
    for name, picture in pictures.items():
        drawn = method(shrink(picture, factor))
        pair = [torch.from_numpy(to_floats(one)) for one in (drawn, picture)]
        squares = [torch.from_numpy(to_floats(middle(one, FEATURE_SIDE))) for one in (drawn, picture)]
        with torch.no_grad():
            distance = unit_distance(*map(features.perceptual_maps, squares))
        found[name] = (psnr_db(*pair), edge_structure(*pair), distance)
    psnr, edges, distances = (fmean(values) for values in zip(*found.values(), strict=True))
    by_photo = {name: round(values[0], 3) for name, values in found.items()}
    return {"psnr_db": psnr, "edge_structure": edges, "feature_distance": distances, "psnr_db_by_photo": by_photo}


def shrink(picture: Pixels, factor: int) -> Pixels:
    """`uint8 [H,W,3]` to `[H/factor,W/factor,3]` by cubic interpolation over what each pixel covers."""
    height, width = (side // factor for side in picture.shape[:2])
    return np.asarray(Image.fromarray(picture).resize((width, height), Image.Resampling.BICUBIC))


def measure_speed(factor: int, width: int, height: int) -> Row:
    """Seconds a megapixel of the result on one thread, and the highest memory of a process that does nothing else."""
    command = [sys.executable, "-m", "benchmarks.upscaling", "--timed", *map(str, (factor, width, height))]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    row: Row = json.loads(done.stdout.splitlines()[-1])
    return {"part": "speed", "factor": factor, "size": [width, height], **row, "device": describe_host()}


def _time_here(factor: int, width: int, height: int) -> Row:
    """What the process that `measure_speed` starts does; processor time too, as other work stretches the clock's."""
    noise = np.random.default_rng(0).integers(0, 256, (height // 8, width // 8, 3), np.uint8)
    picture = Picture(np.asarray(Image.fromarray(noise).resize((width, height), Image.Resampling.BICUBIC)))
    upscaler = Upscaler(factor, 1)
    before, megapixels, times = peak_rss_bytes(), factor**2 * width * height / 1e6, []
    for _ in range(TIMED_RUNS if width * height < 1e6 else 1):
        clock, processor = time.perf_counter(), time.process_time()
        upscaler.enlarge(picture)
        times.append((time.perf_counter() - clock, time.process_time() - processor))
    seconds, processor_s = (median(values) / megapixels for values in zip(*times, strict=True))
    return {
        "threads": 1, "seconds_a_megapixel": seconds, "processor_s_a_megapixel": processor_s, "runs": len(times),
        "load_average": os.getloadavg()[0], "rss_before_bytes": before, "peak_rss_bytes": peak_rss_bytes(),
        "result_bytes": int(3e6 * megapixels),
    }  # fmt: skip


def draw_sheet(pictures: dict[str, dict[str, Pixels]]) -> Pixels:
    """Crops shrunk by 4 and enlarged again, by cubic interpolation and by ours, beside what they were."""
    methods, rows = make_methods(4), []
    for content, name, top, left in SHOWN:
        picture = pictures[content][name]
        small, part = shrink(picture, 4), np.s_[top : top + SHOWN_SIZE[0], left : left + SHOWN_SIZE[1]]
        rows.append([one[part] for one in (methods["bicubic"](small), methods[OURS](small), picture)])
    twice = [[one.repeat(2, 0).repeat(2, 1) for one in row] for row in rows]
    return contact_sheet(twice, ["bicubic, x4", "edgestyle --upscale 4", "original"], [], 2 * SHOWN_SIZE[0])


if __name__ == "__main__":
    main()
