"""Fidelity, strength response and flicker of the shipped packs on photos they never saw.

python -m benchmarks.quality PHOTOS --features vgg16.safetensors
"""

import argparse
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from benchmarks.rows import read_rows, write_rows
from edgestyle.images import read_picture, resize, to_floats
from edgestyle.models import AnyRenderer
from edgestyle.models.vgg import VGG16Features, load_vgg16
from edgestyle.packs.loading import load_pack, shipped_packs
from edgestyle.packs.networks import load_renderer
from edgestyle.packs.pack import Style
from edgestyle.quality.fidelity import feature_distance, psnr_db, ssim
from edgestyle.quality.flicker import flicker
from edgestyle.quality.strength import Render, strength_response
from edgestyle.teachers import TEACHERS

TEST_PHOTOS = (
    "kodim04.jpg", "kodim07.jpg", "kodim13.jpg", "kodim18.jpg", "kodim21.jpg",
    "skimage_astronaut.png", "skimage_chelsea.png", "sklearn_china.jpg",
)  # fmt: skip
LONG_SIDE = 640


def load_photo(path: Path) -> Tensor:
    """`[1,3,H,W]` in [0,1] with a long side of 640, cropped to multiples of 8."""
    pixels = read_picture(path).pixels
    scale = LONG_SIDE / max(pixels.shape[:2])
    pixels = resize(pixels, round(pixels.shape[1] * scale), round(pixels.shape[0] * scale))
    height, width = (side // 8 * 8 for side in pixels.shape[:2])
    return torch.from_numpy(to_floats(pixels[:height, :width]))


def measure_style(
    renderer: AnyRenderer,
    style: Style,
    teacher: Render | None,
    photos: dict[str, Tensor],
    features: VGG16Features | None,
) -> dict[str, Any]:
    """One row: how strong the teacher is, how close the student comes, how it answers to strength, how it flickers."""
    vector = torch.from_numpy(style.as_input())

    def render(image: Tensor, strength: float) -> Tensor:
        stylized: Tensor = renderer(image, vector, torch.tensor([strength]))
        return stylized

    response = strength_response(render, teacher, list(photos.values()))
    return {
        "style": style.name,
        "photos": len(photos),
        **(_fidelity(render, teacher, photos, features) if teacher else {}),
        "distance_by_strength": response.distances,
        "distance_grows": response.grows,
        "half_share": response.half_share,
        "half_psnr_db": response.half_psnr_db,
        "crossfade_psnr_db": response.crossfade_psnr_db,
        "flicker": _flicker(render, photos),
        "teacher_flicker": teacher and _flicker(teacher, photos),
    }


def _fidelity(
    render: Render, teacher: Render, photos: dict[str, Tensor], features: VGG16Features | None
) -> dict[str, Any]:
    """How close the student comes to the teacher at strength 1."""
    pairs = {name: (photo, teacher(photo, 1.0), render(photo, 1.0)) for name, photo in photos.items()}
    rows = list(pairs.values())
    return {
        "teacher_to_photo_psnr_db": _mean([psnr_db(photo, target) for photo, target, _ in rows]),
        "psnr_db": _mean([psnr_db(student, target) for _, target, student in rows]),
        "psnr_db_by_photo": {name: psnr_db(student, target) for name, (_, target, student) in pairs.items()},
        "ssim": _mean([ssim(student, target) for _, target, student in rows]),
        "ssim_untouched": _mean([ssim(photo, target) for photo, target, _ in rows]),
        "feature_distance": features and _mean([feature_distance(s, t, features) for _, t, s in rows]),
        "feature_distance_untouched": features and _mean([feature_distance(p, t, features) for p, t, _ in rows]),
    }


def _flicker(render: Render, photos: dict[str, Tensor]) -> float:
    return _mean([flicker(lambda image: render(image, 1.0), photo) for photo in photos.values()])


def main() -> None:
    """Measure shipped packs and write `results/quality.jsonl`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path, help="folder that holds the test photos")
    parser.add_argument("--features", type=Path, help="VGG16 weights for the feature distance")
    parser.add_argument(
        "--pack", choices=shipped_packs(), help="measure this one anew and keep what is known of others"
    )
    options = parser.parse_args()
    measured = [options.pack] if options.pack else list(shipped_packs())
    features = load_vgg16(options.features) if options.features else None
    photos = {name: load_photo(options.photos / name) for name in TEST_PHOTOS}
    rows = [row for row in read_rows("quality") if row["pack"] not in measured]
    for pack in map(load_pack, measured):
        renderer, teachers = load_renderer(pack), {name: TEACHERS[name] for name in pack.filters}
        with torch.no_grad():
            for name, style in pack.styles.items():
                row = measure_style(renderer, style, teachers.get(name), photos, features)
                rows.append({"pack": pack.name, **row})
    rows.sort(key=lambda row: list(shipped_packs()).index(row["pack"]))
    print(write_rows("quality", rows, ("edgestyle", "torch")))


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


if __name__ == "__main__":
    main()
