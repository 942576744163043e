"""Photographic looks beside their teachers: edges kept, looks reached, steadiness, independence of places, speed.

python -m benchmarks.photographic PHOTOS --pcakd pcakd_VGG.npz --features vgg16.safetensors --pack lumen

Eight photos after eight references, none of which anything was trained on, as squares of 384 pixels for all alike.
"""

import argparse
import itertools
import random
from collections.abc import Callable
from pathlib import Path
from statistics import fmean
from typing import Any

import torch
from torch import Tensor

from benchmarks.photographic_speed import measure_large, measure_turns
from benchmarks.quality import TEST_PHOTOS
from benchmarks.rows import write_rows
from edgestyle.images import Pixels, average_to, read_picture, to_floats, to_pixels
from edgestyle.models.encoder import REFERENCE_SIDE
from edgestyle.packs.loading import load_pack
from edgestyle.packs.pack import Pack
from edgestyle.quality.colour import edge_structure, sliced_wasserstein
from edgestyle.quality.features import Features, load_features
from edgestyle.quality.flicker import flicker
from edgestyle.quality.pictures import read_square
from edgestyle.quality.style import gram_style_distance
from edgestyle.teachers.grades import GRADES
from edgestyle.teachers.optimal_transport import optimal_transport
from edgestyle.teachers.photographic import PhotographicTeacher
from edgestyle.training.photographic import crop, shuffle_blocks

TEST_REFERENCES = (
    "ubports_sunset_by_Aitzol_Berasategi.jpg", "skimage_rocket.jpg", "sklearn_flower.jpg", "kodim06.jpg",
    "ubports_seeding_by_Clements_Engelhardt.jpg", "stdlib_french-alpine-landscape.jpg", "kodim22.jpg",
    "ubports_Picture_0B_by_freespace.jpg",
)  # fmt: skip
UNTOUCHED, NETWORK, SMOOTHED, TRANSPORT = "photo", "PCA-KD", "PCA-KD, smoothed", "optimal transport"

Row = dict[str, Any]
Method = Callable[[Tensor, int], Tensor]  # photo [1,3,384,384], which reference -> the photo after it


def main() -> None:
    """Measure and write `results/photographic.jsonl`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, help="folder that holds the test photos and references")
    parser.add_argument("--pcakd", type=Path, required=True, help="pcakd_VGG.npz, or its folder")
    parser.add_argument("--features", required=True, help="VGG16 weights, or 'torchvision'")
    parser.add_argument("--pack", default="lumen")
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args()
    torch.set_num_threads(1)
    pack, teacher = load_pack(options.pack), PhotographicTeacher(options.pcakd)
    photos = torch.cat([read_square(options.photos / name) for name in TEST_PHOTOS])
    squares = torch.cat([read_square(options.photos / name) for name in TEST_REFERENCES])
    features = load_features(options.features)
    rows = []
    for name, method in make_methods(pack, teacher, squares).items():
        rows.append({"part": "pictures", "method": name, **measure_pictures(method, photos, squares, features)})
        print(rows[-1], flush=True)
    rows += [measure_look(pack, look, photos) for look in pack.styles]
    rows.append(
        measure_decoupling(pack, [read_picture(options.photos / n).pixels for n in (*TEST_REFERENCES, *TEST_PHOTOS)])
    )
    rows.append(measure_turns(pack, teacher, photos[:1], squares[:1], options.rounds))
    rows += [measure_large(pack, width, height) for width, height in ((1920, 1080), (3840, 2160))]
    print(*rows[-len(pack.styles) - 4 :], sep="\n")
    print(write_rows("photographic", rows, ("edgestyle", "torch", "onnxruntime", "torchmetrics")))


def make_methods(pack: Pack, teacher: PhotographicTeacher, references: Tensor) -> dict[str, Method]:
    """Everything that is compared, by name.

    Args:
        pack: whose exported encoder and renderer are run.
        teacher: PCA-KD.
        references: `[N,3,384,384]`.
    """
    vectors = [pack.encode(to_pixels(one.numpy())).as_input() for one in references.split(1)]

    def draw(photo: Tensor, index: int) -> Tensor:
        return torch.from_numpy(pack.renderer.run(photo.numpy(), vectors[index], 1.0))

    return {
        UNTOUCHED: lambda photo, _: photo,
        NETWORK: lambda photo, index: teacher.network_alone(photo, references[index, None]).clamp(0, 1),
        SMOOTHED: lambda photo, index: teacher(photo, references[index, None]),
        TRANSPORT: lambda photo, index: optimal_transport(photo, references[index, None]),
        pack.name: draw,
    }


def measure_pictures(method: Method, photos: Tensor, references: Tensor, features: Features) -> dict[str, float]:
    """Means over all pairs of photos and references, `[N,3,384,384]` both."""
    measured: dict[str, list[float]] = {"edge_structure": [], "style_distance": [], "palette_distance": []}
    for index, reference in enumerate(references.split(1)):
        pictures = torch.cat([method(photo, index) for photo in photos.split(1)])
        measured["edge_structure"] += [
            edge_structure(*pair) for pair in zip(pictures.split(1), photos.split(1), strict=True)
        ]
        measured["style_distance"] += gram_style_distance(pictures, reference, features).tolist()
        measured["palette_distance"] += sliced_wasserstein(pictures, reference.expand_as(pictures)).tolist()
    return {name: fmean(values) for name, values in measured.items()}


def measure_look(pack: Pack, look: str, photos: Tensor) -> Row:
    """How a named look answers to a trembling camera, and how far it is from the grade it was fitted to."""
    vector = pack.styles[look].as_input()

    def draw(images: Tensor) -> Tensor:
        return torch.cat([torch.from_numpy(pack.renderer.run(one.numpy(), vector, 1.0)) for one in images.split(1)])

    row: Row = {"part": "look", "look": look, "flicker": flicker(draw, photos)}
    if look in GRADES:
        grade = GRADES[look].apply
        difference = float((draw(photos) - grade(photos)).abs().mean())
        row |= {"grade_flicker": flicker(grade, photos), "grade_difference": difference}
    return row


def measure_decoupling(pack: Pack, pictures: list[Pixels]) -> Row:
    """How far a vector moves when its picture is mirrored, cropped or shuffled, by how far pictures are apart."""

    def encode(image: Tensor) -> Tensor:
        return torch.from_numpy(pack.encoder.encode(image.numpy()))

    side, rng = REFERENCE_SIDE, random.Random(0)
    references = [torch.from_numpy(to_floats(average_to(pixels, side, side))) for pixels in pictures]
    vectors = [encode(reference) for reference in references]
    apart = fmean(float((a - b).norm()) for a, b in itertools.combinations(vectors, 2))
    changes: dict[str, Callable[[Tensor], Tensor]] = {
        "mirrored": lambda image: image.flip(3),
        "cropped": lambda image: crop(image, rng),
        "shuffled": lambda image: shuffle_blocks(image, rng),
    }
    moved = {
        name: fmean(float((encode(change(r)) - v).norm()) for r, v in zip(references, vectors, strict=True)) / apart
        for name, change in changes.items()
    }
    return {"part": "decoupling", "pictures": len(pictures), **moved}


if __name__ == "__main__":
    with torch.no_grad():
        main()
