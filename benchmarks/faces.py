"""Drawn faces beside their teacher and the data: distances of sets, precision and recall, faces found again, pictures.

python -m benchmarks.faces FACES --teacher best.safetensors --lite efficientnet_lite0.safetensors

FACES are what the teacher was trained on, a third of them held back (`edgestyle data avatars`). All sets are compared
with held-back pictures at the teacher's size. Writes `results/faces.jsonl`, docs/faces.jpg and docs/faces-strip.jpg.
"""

import argparse
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
import torch
from torch import Tensor

from benchmarks.rows import write_rows
from edgestyle.images import Picture, Pixels, to_floats, to_pixels, write_picture
from edgestyle.models.efficientnet_lite import EfficientNetLite0
from edgestyle.models.generator_files import load_generator
from edgestyle.models.stylegan import Generator
from edgestyle.packs.avatar_networks import load_generator_network, load_mapping
from edgestyle.packs.avatars import AvatarPack, load_avatars
from edgestyle.quality.fidelity import psnr_db
from edgestyle.quality.picture_sets import SetMeasures, compare_sets, load_set_network, set_features
from edgestyle.quality.sheets import contact_sheet
from edgestyle.training.generator_measures import HeldBack
from edgestyle.training.picture_set import read_picture_set

DOCS = Path(__file__).parent.parent / "docs"
_SIDE, _FACES, _STEPS = 96, 36, 8
_REDRAWN = 200
_BATCH = 50

Row = dict[str, Any]


def main() -> None:
    """Measure and draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("faces", type=Path, help="folder of pictures, with attributes.jsonl if they have any")
    parser.add_argument("--teacher", type=Path, required=True, help="best.safetensors of `edgestyle train-generator`")
    parser.add_argument("--small-teacher", type=Path, help="that of fewer pixels which it grew from")
    parser.add_argument("--lite", type=Path, help="all of EfficientNet-Lite0; if not given, its first blocks")
    parser.add_argument("--pack", default="faces")
    parser.add_argument("--count", type=int, default=5000, help="pictures in each set")
    options = parser.parse_args()
    torch.set_num_threads(1)
    pack, (teacher, _) = load_avatars(options.pack), load_generator(options.teacher)
    rows = [*measure_sets(options, teacher, pack), measure_redrawn(pack)]
    print(*rows, sep="\n")
    print(write_rows("faces", rows, ("edgestyle", "torch", "onnxruntime")))
    write_picture(Picture(draw_faces(teacher, pack)), DOCS / "faces.jpg")
    write_picture(Picture(draw_strips(pack)), DOCS / "faces-strip.jpg")


def measure_sets(options: argparse.Namespace, teacher: Generator, pack: AvatarPack) -> Iterator[Row]:
    """A row for the data's other pictures, for each teacher and for the pack's generator."""
    network = load_set_network(options.lite)
    about = {"part": "sets", "network": "EfficientNet-Lite0" if options.lite else "its first blocks"}
    small = load_generator(options.small_teacher)[0] if options.small_teacher else None
    for generator in filter(None, (small, teacher)):
        pictures, _ = read_picture_set(options.faces, generator.config.size)
        kept, back = pictures.split()
        held_back = HeldBack(back, network, options.count)
        side = {**about, "size": generator.config.size}
        yield {**side, "name": "data", **asdict(held_back.measure_data(kept))}
        yield {**side, "name": "teacher", **asdict(held_back.measure(generator))}
    yield {**side, "name": "student", **asdict(_measure_student(pack, held_back, network))}


def _measure_student(pack: AvatarPack, held_back: HeldBack, network: EfficientNetLite0) -> SetMeasures:
    """The same random numbers as the teacher's."""
    mapping, generator = load_mapping(pack), load_generator_network(pack)

    def draw() -> Iterator[Tensor]:
        z = torch.randn(held_back.count, pack.latents, generator=torch.Generator().manual_seed(held_back.seed))
        for part in z.split(_BATCH):
            with torch.no_grad():
                yield generator(mapping(part), torch.ones(len(part)))

    return compare_sets(held_back.features, set_features(draw(), network))


def measure_redrawn(pack: AvatarPack) -> Row:
    """How close faces come that the inverter found and the generator drew again, files as they ship."""
    found = []
    for seed in range(_REDRAWN):
        face = pack.draw(seed)
        pictures = (torch.from_numpy(to_floats(one)) for one in (face, pack.draw(pack.invert(face))))
        found.append(psnr_db(*pictures))
    worst = float(np.quantile(found, 0.1))
    return {"part": "redrawn", "faces": _REDRAWN, "mean_psnr_db": fmean(found), "tenth_psnr_db": worst}


def draw_faces(teacher: Generator, pack: AvatarPack) -> Pixels:
    """36 faces: the teacher's over the student's at the same vectors, twelve by twelve."""
    mapping, generator = load_mapping(pack), load_generator_network(pack)
    latents = torch.stack([torch.from_numpy(pack.latent(seed)) for seed in range(_FACES)])
    with torch.no_grad():
        styles = mapping(latents)
        pictures = teacher.draw(styles), generator(styles, torch.ones(_FACES))
    columns, names, rows = _FACES // 3, [], []
    for start in range(0, _FACES, columns):
        for name, drawn in zip(("teacher", "student"), pictures, strict=True):
            rows.append([to_pixels(one[None].numpy()) for one in drawn[start : start + columns]])
            names.append(name)
    return contact_sheet(rows, [""] * columns, names, _SIDE)


def draw_strips(pack: AvatarPack) -> Pixels:
    """From one face to another, and one face at strengths from 0 to 1, by the files that ship."""
    shares = np.linspace(0, 1, _STEPS)
    first, second = list(pack.styles)[:2]
    between = [pack.draw(pack.mix([(first, 1 - share), (second, share)])) for share in shares]
    stronger = [pack.draw(first, strength=float(share)) for share in shares]
    return contact_sheet([between, stronger], [f"{share:.2f}" for share in shares], ["mixed", "strength"], _SIDE)


if __name__ == "__main__":
    main()
