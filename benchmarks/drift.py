"""How far `edgestyle drift` can be trusted: false alarms on a brand's own pictures, and which changes it finds.

python -m benchmarks.drift PHOTOS
python -m benchmarks.drift PHOTOS --pictures campaign/    # only the pictures of the first brand, to try `drift` on

A brand is 120 photo crops drawn in one style with grain; as many more of its pictures are held back. Draws of 20, 40
and 60 are judged: held-back ones as they are and moved in saturation, and other crops in every other style of the pack.
"""

import argparse
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.rows import write_rows
from edgestyle.errors import OutputError
from edgestyle.images import Picture, Pixels, make_folder, write_picture
from edgestyle.packs.loading import load_pack
from edgestyle.packs.pack import Pack
from edgestyle.quality.drift import MOST_MOVED, SIDE, DriftMonitor, Rows, moved_rows, picture_row
from edgestyle.quality.features import Features, load_features
from edgestyle.quality.pictures import centre_square
from edgestyle.training.photos import PhotoCrops, find_photos

BRANDS = (
    ("lumen", "film"), ("lumen", "pastel"), ("lumen", "golden-hour"), ("atelier", "watercolour"), ("atelier", "oil"),
)  # fmt: skip
PICTURES, HELD_BACK, OTHERS = 120, 120, 80
COUNTS, DRAWS = (20, 40, 60), 100
SATURATION = 0.15
_GRAIN = 3.0  # standard deviation, of 255
_LUMA = np.array([0.299, 0.587, 0.114])
_CROP = 384


def main() -> None:
    """Measure and write `results/drift.jsonl`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, help="folder of photos")
    parser.add_argument("--pictures", type=Path, help="folder for the pictures of one brand; nothing is measured")
    options = parser.parse_args()
    photos, _ = find_photos(options.photos)
    crops = PhotoCrops(photos, _CROP)
    if options.pictures:
        write_pictures(options.pictures, crops)
        return
    features, rows = load_features(), list[dict[str, Any]]()
    for pack, style in BRANDS:
        rows += list(measure_brand(load_pack(pack), style, crops, features))
        print(*rows[-3:], sep="\n", flush=True)
    print(write_rows("drift", rows, ("edgestyle", "torch")))


def write_pictures(folder: Path, crops: PhotoCrops) -> None:
    """A brand's pictures, new ones, and the new ones with more saturation, as PNG files in three folders."""
    if folder.exists():
        raise OutputError(f"{folder} exists: delete it, or name another folder")
    pack, style = BRANDS[0]
    brand, rng = load_pack(pack), random.Random(style)
    known, new = ([_picture(brand, style, crops, rng) for _ in range(count)] for count in (PICTURES, PICTURES // 2))
    saturated = [_saturated(one, 1 + SATURATION) for one in new]
    for name, pictures in (("brand", known), ("new", new), ("saturated", saturated)):
        make_folder(folder / name)
        for number, pixels in enumerate(pictures):
            write_picture(Picture(pixels), folder / name / f"{number:03}.png")
        print(f"{len(pictures)} pictures in {folder / name}")


def measure_brand(pack: Pack, style: str, crops: PhotoCrops, features: Features) -> Iterator[dict[str, Any]]:
    """A row for each kind of change and number of pictures: how many of 100 draws were called drifted."""
    rng = random.Random(style)
    known = [_picture(pack, style, crops, rng) for _ in range(PICTURES)]
    held_back = [_picture(pack, style, crops, rng) for _ in range(HELD_BACK)]
    moves = np.asarray(np.mean([moved_rows(_square(one), features) for one in known[:MOST_MOVED]], 0), np.float32)
    monitor = DriftMonitor(_rows(known, features), moves)
    kinds: dict[str, list[Pixels]] = {
        "as they are": held_back,
        "saturation +15%": [_saturated(one, 1 + SATURATION) for one in held_back],
        "saturation -15%": [_saturated(one, 1 - SATURATION) for one in held_back],
    }
    for kind, pictures in kinds.items():
        yield from _judged(monitor, _rows(pictures, features), {"brand": style, "pack": pack.name, "kind": kind})
    for other in pack.styles:
        if other != style:
            pictures = [_picture(pack, other, crops, rng) for _ in range(OTHERS)]
            about = {"brand": style, "pack": pack.name, "kind": "another style", "style": other}
            yield from _judged(monitor, _rows(pictures, features), about)


def _judged(monitor: DriftMonitor, rows: Rows, about: dict[str, Any]) -> Iterator[dict[str, Any]]:
    numbers = np.random.default_rng(0)
    for count in COUNTS:
        draws = [rows[numbers.choice(len(rows), count, replace=False)] for _ in range(DRAWS)]
        drifted = sum(monitor.judge(draw, seed).drifted for seed, draw in enumerate(draws))
        yield {**about, "pictures": count, "draws": DRAWS, "drifted": drifted}


def _picture(pack: Pack, style: str, crops: PhotoCrops, rng: random.Random) -> Pixels:
    """A photo's crop in the brand's look, with grain of its own: `uint8 [384,384,3]`."""
    drawn = pack.stylize(np.ascontiguousarray(crops.draw(rng)), style, 1.0, "full")
    noise = np.random.default_rng(rng.getrandbits(32)).normal(0, _GRAIN, (_CROP, _CROP, 1))
    return _to_pixels(drawn + noise)


def _saturated(pixels: Pixels, gain: float) -> Pixels:
    grey = (pixels @ _LUMA)[..., None]
    return _to_pixels(grey + gain * (pixels - grey))


def _to_pixels(values: "np.typing.NDArray[np.floating]") -> Pixels:
    pixels: Pixels = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return pixels


def _square(pixels: Pixels) -> torch.Tensor:
    return centre_square(pixels, SIDE)


def _rows(pictures: list[Pixels], features: Features) -> Rows:
    return np.concatenate([picture_row(_square(one), features) for one in pictures])


if __name__ == "__main__":
    main()
