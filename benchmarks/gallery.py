"""How different the shipped styles are from each other, and what lies between two of them.

python -m benchmarks.gallery PHOTOS
"""

import argparse
import itertools
from pathlib import Path
from statistics import fmean
from typing import Any

import torch
from torch import Tensor

from benchmarks.quality import TEST_PHOTOS, load_photo
from benchmarks.rows import write_rows
from edgestyle.packs.loading import load_pack, shipped_packs
from edgestyle.packs.pack import Pack
from edgestyle.quality.fidelity import psnr_db, rms_difference
from edgestyle.teachers.colour import luma
from edgestyle.teachers.kuwahara import gaussian_blur

MIX_PHOTOS = ("skimage_astronaut.png", "kodim21.jpg")
WEIGHTS = tuple(round(0.1 * i, 1) for i in range(11))


def draw(pack: Pack, style: str, photo: Tensor) -> Tensor:
    """`photo` `[1,3,H,W]` in a style or mix at strength 1."""
    return torch.from_numpy(pack.renderer.run(photo.numpy(), pack.style(style).as_input(), 1.0))


def texture(picture: Tensor) -> float:
    """Energy of fine detail: RMS difference between brightness `[1,1,H,W]` and its blur of 2 pixels."""
    brightness = luma(picture)
    return rms_difference(brightness, gaussian_blur(brightness, 2.0))


def measure_pairs(packs: list[Pack], photos: dict[str, Tensor]) -> list[dict[str, Any]]:
    """One row a pair of styles: PSNR between them and how their fine detail compares, averaged over photos."""
    drawn = {(p.name, s): [draw(p, s, photo) for photo in photos.values()] for p in packs for s in p.styles}
    details = {style: fmean(texture(picture) for picture in pictures) for style, pictures in drawn.items()}
    rows = []
    for one, other in itertools.combinations(drawn, 2):
        psnr = fmean(psnr_db(a, b) for a, b in zip(drawn[one], drawn[other], strict=True))
        low, high = sorted((details[one], details[other]))
        rows.append({"pair": [one, other], "psnr_db": psnr, "texture_ratio": high / low})
    return rows


def measure_mix(pack: Pack, first: str, second: str, photos: list[Tensor]) -> dict[str, Any]:
    """RMS distance to each parent as the weight goes from the first style to the second, averaged over photos."""
    to_first, to_second = [], []
    ends = [(draw(pack, first, photo), draw(pack, second, photo)) for photo in photos]
    for weight in WEIGHTS:
        mixed = [draw(pack, f"{first}:{1 - weight:.1f},{second}:{weight:.1f}", photo) for photo in photos]
        to_first.append(fmean(rms_difference(m, a) for m, (a, _) in zip(mixed, ends, strict=True)))
        to_second.append(fmean(rms_difference(m, b) for m, (_, b) in zip(mixed, ends, strict=True)))
    return {
        "pack": pack.name,
        "mix": [first, second],
        "distances_to_first": to_first,
        "distances_to_second": to_second,
        "steady": _steady(to_first) and _steady(to_second[::-1]),
        "halfway": to_first[len(WEIGHTS) // 2] / to_first[-1],
    }


def main() -> None:
    """Measure and write `results/gallery.jsonl`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path, help="folder that holds the test photos")
    options = parser.parse_args()
    photos = {name: load_photo(options.photos / name) for name in TEST_PHOTOS}
    packs = [load_pack(name) for name in shipped_packs()]
    rows = measure_pairs(packs, photos)
    for pack in packs:
        pairs = itertools.combinations(pack.styles, 2)
        rows += [measure_mix(pack, a, b, [photos[name] for name in MIX_PHOTOS]) for a, b in pairs]
    print(write_rows("gallery", rows, ("edgestyle", "onnxruntime")))


def _steady(values: list[float]) -> bool:
    """Whether values grow, and nowhere turn back by more than a hundredth of their whole way."""
    return all(b > a - values[-1] / 100 for a, b in itertools.pairwise(values))


if __name__ == "__main__":
    main()
