"""Painting styles beside Magenta's arbitrary stylization: style, content, contrast, recognisability and speed.

python -m benchmarks.museum PHOTOS PAINTINGS --magenta FOLDER --features vgg16.safetensors --pack museum
"""

import argparse
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from benchmarks.magenta import STYLE_SIDE, Magenta
from benchmarks.quality import TEST_PHOTOS
from benchmarks.rows import read_rows, write_rows
from edgestyle.bench.environment import describe_host
from edgestyle.bench.measuring import measure_interleaved_ms
from edgestyle.bench.statistics import summarise
from edgestyle.packs.loading import load_pack
from edgestyle.packs.pack import Pack
from edgestyle.quality.features import Features, load_features, load_shipped
from edgestyle.quality.flicker import Render, flicker
from edgestyle.quality.pictures import SIDE, read_painting, read_square
from edgestyle.quality.style import content_distance, gram_style_distance, luminance_contrast_kept, recognisability
from edgestyle.runtime.runner import open_runner

PAINTINGS = {
    "great-wave": "hokusai_great_wave.jpg",
    "starry-night": "vangogh_starry_night.jpg",
    "scream": "munch_scream.jpg",
    "composition-vii": "kandinsky_composition_vii.jpg",
    "udnie": "picabia_udnie.jpg",
    "minotaur": "turner_shipwreck_minotaur.jpg",
}
MAGENTA = "Magenta"
FLICKER_PHOTOS = slice(3, 6)


def main() -> None:
    """Measure and write `results/museum.jsonl`, or only print where the pack has none of the paintings."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path, help="folder that holds the test photos")
    parser.add_argument("paintings", type=Path, help="folder that holds the paintings")
    parser.add_argument("--magenta", type=Path, required=True, help="folder of Magenta's two ONNX files")
    parser.add_argument("--features", required=True, help="VGG16 weights, or 'torchvision'")
    parser.add_argument("--pack", default="museum")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--keep", action="store_true", help="keep what is known of Magenta's pictures")
    options = parser.parse_args()
    pack, magenta, features = load_pack(options.pack), Magenta(options.magenta), load_features(options.features)
    photos = torch.cat([read_square(options.photos / name) for name in TEST_PHOTOS])
    rows = []
    for style, file in PAINTINGS.items():
        painting = read_painting(options.paintings / file)
        vector = magenta.vector(read_square(options.paintings / file, STYLE_SIDE))
        kept = [row for row in read_rows("museum") if options.keep and row.get("network") == MAGENTA]
        rows += [row for row in kept if row["style"] == style]
        renders: dict[str, Render] = {} if kept else {MAGENTA: _each(partial(magenta.stylize, vector=vector))}
        if style in pack.styles:
            renders[pack.name] = _each(partial(_draw, pack, style))
        for network, render in renders.items():
            measured = measure(render(photos), photos, painting, features)
            flickering = flicker(render, photos[FLICKER_PHOTOS], frames=2)
            rows.append({"network": network, "style": style, **measured, "flicker": flickering})
            print(_line(rows[-1]))
    latency = measure_latency(pack, magenta, options.rounds)
    print(latency)
    if any(row["network"] == pack.name for row in rows):
        print(write_rows("museum", [*rows, latency], ("edgestyle", "torch", "onnxruntime")))


def measure(pictures: Tensor, photos: Tensor, painting: Tensor, features: Features) -> dict[str, float]:
    """Means over photos, all `[N,3,384,384]` but `painting` `[1,3,h,w]`."""
    distances = {
        "style_distance": gram_style_distance(pictures, painting, features),
        "content_distance": content_distance(pictures, photos, features),
        "contrast_kept": luminance_contrast_kept(pictures, photos),
        "recognisability": recognisability(pictures, photos, load_shipped()),
    }
    return {name: float(values.mean()) for name, values in distances.items()}


def measure_latency(pack: Pack, magenta: Magenta, rounds: int) -> dict[str, Any]:
    """One thread at 384x384, in turns: milliseconds of both, and how many times faster the pack is, round by round."""
    image = np.random.default_rng(0).random((1, 3, SIDE, SIDE), dtype=np.float32)
    vector = magenta.vector(torch.from_numpy(image[:, :, :STYLE_SIDE, :STYLE_SIDE]))
    runner = open_runner(pack.file(pack.components["renderer"].onnx), 1)
    calls: dict[str, Callable[[], object]] = {
        MAGENTA: magenta.bind(torch.from_numpy(image), vector),
        pack.name: runner.bind(image, pack.style().as_input(), 1.0),
    }
    samples = measure_interleaved_ms(calls, rounds)
    ratios = np.asarray(samples[MAGENTA]) / np.asarray(samples[pack.name])
    latencies = {name: asdict(summarise(values)) for name, values in samples.items()}
    row = {"pack": pack.name, "size": SIDE, "threads": 1, "latency_ms": latencies, "device": describe_host()}
    return {**row, "times_faster": float(np.median(ratios))}


def _each(render: Render) -> Render:
    """A render of one picture made one of a batch."""
    return lambda photos: torch.cat([render(photo) for photo in photos.split(1)])


def _draw(pack: Pack, style: str, photo: Tensor) -> Tensor:
    """The pack's style at strength 1 on `[1,3,384,384]`."""
    return torch.from_numpy(pack.renderer.run(photo.numpy(), pack.styles[style].as_input(), 1.0))


def _line(row: dict[str, Any]) -> str:
    numbers = "  ".join(f"{name} {value:.3f}" for name, value in row.items() if isinstance(value, float))
    return f"{row['style']:16} {row['network']:10} {numbers}"


if __name__ == "__main__":
    main()
