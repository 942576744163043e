"""Learning a style from one picture: how close it comes, in how many steps, and what one pass of the encoder gives.

python -m benchmarks.learning PHOTOS --magenta FOLDER [--bases RUNS]

The styles were held out when the base was trained: families of `made_styles` that it never saw, and two textures. The
distance is the Gram distance of the network that comes with edgestyle, mean over eight photos that nothing was trained
on. RUNS holds `plain` and `meta`, runs of `edgestyle train-base` of as many steps; without it what is known of them is
kept. A timing wants a machine that does nothing else.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from benchmarks.magenta import STYLE_SIDE, Magenta
from benchmarks.quality import TEST_PHOTOS
from benchmarks.rows import RESULTS, read_rows, write_rows
from edgestyle.bench.environment import describe_host
from edgestyle.bench.measuring import measure_interleaved_ms
from edgestyle.bench.statistics import summarise
from edgestyle.cli.learning import read_photos
from edgestyle.exporters.calibration import bundled_calibration
from edgestyle.exporters.encoder_parity import Looks
from edgestyle.exporters.encoders import export_encoder
from edgestyle.exporters.formats import FORMATS
from edgestyle.exporters.recipes import RECIPES, recipes_of
from edgestyle.images import Picture, Pixels, resize, to_floats, to_pixels, write_picture
from edgestyle.models import AnyRenderer
from edgestyle.models.renderer import Renderer
from edgestyle.packs.corrections import correcting
from edgestyle.packs.loading import load_pack, shipped_packs
from edgestyle.packs.networks import load_encoder, load_painter, load_renderer
from edgestyle.packs.pack import Pack, Style
from edgestyle.quality.features import load_features
from edgestyle.quality.pictures import SIDE, read_square
from edgestyle.quality.sheets import contact_sheet
from edgestyle.runtime.encoder import open_encoder
from edgestyle.runtime.runner import open_runner
from edgestyle.training.base import Base
from edgestyle.training.base_starting import start_base, start_encoder
from edgestyle.training.checkpoints import load_parts, read_state
from edgestyle.training.learning import LearningConfig, StyleLesson, draw, learn_vector
from edgestyle.training.made_styles import make_style
from edgestyle.training.style_learning import RANK
from edgestyle.training.style_library import StyleLibrary
from edgestyle.training.style_pictures import encode

ROOT = Path(__file__).parents[1]
PACK, TOOLS = "easel", ("edgestyle", "torch", "onnxruntime")
MADE = {"facets": ("triangles", 1), "currents": ("waves", 0), "tartan": ("weave", 3)}
TEXTURES = {"brick": "skimage_brick.png", "grass": "skimage_grass.png"}
SHEET, EXAMPLES = ROOT / "docs" / "learned.jpg", ROOT / "examples"
SHEET_PHOTOS, SHEET_SIDE = ("astronaut", "chelsea", "china"), 512
STEPS = (20, 100, 400)


@dataclass(frozen=True)
class Judge:
    """Gram distances to one style.

    Attributes:
        lesson: the style.
        photos: `[N,3,384,384]`, never learned on.
    """

    lesson: StyleLesson
    photos: Tensor

    def distance(self, renderer: AnyRenderer, vector: Tensor) -> float:
        """Of photos drawn with a vector."""
        return self.lesson.distance(draw(renderer, self.photos, vector))


def main() -> None:
    """Measure and write `results/learning.jsonl`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, help="folder that holds the test photos and the two textures")
    parser.add_argument("--magenta", type=Path, required=True, help="folder of Magenta's two ONNX files")
    parser.add_argument("--bases", type=Path, help="folder of the runs 'plain' and 'meta'")
    parser.add_argument("--lite", type=Path, help="EfficientNet-Lite0 weights, with --bases")
    parser.add_argument("--rounds", type=int, default=40)
    options = parser.parse_args()
    if options.bases and not options.lite:
        parser.error("--bases needs --lite")
    pictures = {name: make_style(*which) for name, which in MADE.items()}
    pictures |= {name: to_pixels(read_square(options.photos / file).numpy()) for name, file in TEXTURES.items()}
    tests = torch.cat([read_square(options.photos / name) for name in TEST_PHOTOS])
    scenes, rows = read_photos(None), list[dict[str, Any]]()
    if options.bases:
        made = {name: pictures[name] for name in MADE}
        rows = list(compare_bases(options.bases, options.lite, made, tests, scenes))
    elif (RESULTS / "learning.jsonl").is_file():
        rows = [row for row in read_rows("learning") if row["part"] == "base"]
    vectors = {}
    for row, vector in measure_learning(load_pack(PACK), pictures, tests, scenes):
        print(row, flush=True)
        rows.append(row)
        vectors[row["style"]] = vector
    write_picture(Picture(learned_sheet(load_pack(PACK), pictures, vectors)), SHEET)
    write_rows("learning", rows, TOOLS)  # what comes next is quick to measure again
    rows.append(measure_latency(load_pack(PACK), Magenta(options.magenta), tests[:1], options.rounds))
    print(rows[-1])
    rows += measure_files(load_pack(PACK), tests[:1], options.rounds)
    print(write_rows("learning", rows, TOOLS))


def measure_learning(
    pack: Pack, pictures: dict[str, Pixels], tests: Tensor, scenes: Sequence[Tensor]
) -> Iterator[tuple[dict[str, Any], Tensor]]:
    """A row and a vector a style: distances of the nearest shipped one, of one pass, and of what was learned."""
    renderer, encoder, config = load_painter(pack), load_encoder(pack), LearningConfig()
    shipped = list(_shipped())
    for name, picture in pictures.items():
        judge, start = _judge(picture, tests), encode(encoder, picture)
        distances = {label: judge.distance(other, vector) for label, other, vector in shipped}
        nearest = min(distances, key=lambda label: distances[label])
        began = time.monotonic()
        learned = learn_vector(renderer, judge.lesson, scenes, {"the encoder's": start}, config)
        seconds = time.monotonic() - began
        row = {
            "part": "learning", "style": name, "nearest": nearest, "nearest_distance": distances[nearest],
            "encoded": judge.distance(renderer, start), "learned": judge.distance(renderer, learned.vector),
            "adapted": learn_corrected(renderer, judge, scenes, start),
            "untouched": judge.lesson.distance(tests), "steps": config.steps, "seconds": seconds,
            "threads": torch.get_num_threads(), "device": describe_host(),
        }  # fmt: skip
        yield row, learned.vector


def learn_corrected(renderer: AnyRenderer, judge: Judge, scenes: Sequence[Tensor], start: Tensor) -> float:
    """Distance that `learn --adapt` reaches: a low-rank correction of one layer is learned along with the vector."""
    config = LearningConfig()
    with correcting(renderer, RANK, config.seed) as corrected:
        factors = (corrected.down, corrected.up)
        learned = learn_vector(renderer, judge.lesson, scenes, {"the encoder's": start}, config, learned_too=factors)
        return judge.distance(renderer, learned.vector)


def learned_sheet(pack: Pack, pictures: dict[str, Pixels], vectors: dict[str, Tensor]) -> Pixels:
    """Each picture that a style was learned from, and photos in it: `uint8 [H,W,3]`."""
    photos = [to_pixels(read_square(EXAMPLES / f"{name}.jpg", SHEET_SIDE).numpy()) for name in SHEET_PHOTOS]
    rows = []
    for name in pictures:
        style = Style(name, tuple(vectors[name].tolist()))
        rows.append([resize(pictures[name], 384, 384), *(pack.stylize(one, style, 1.0, "full") for one in photos)])
    return contact_sheet(rows, ["learned from", *SHEET_PHOTOS], list(pictures), 230)


def compare_bases(
    runs: Path, lite: Path, pictures: dict[str, Pixels], tests: Tensor, scenes: Sequence[Tensor]
) -> Iterator[dict[str, Any]]:
    """A row a style, base and number of steps; a plain base's vectors start where its table's mean lies."""
    for mode in ("plain", "meta"):
        base, trained = _load_base(runs, mode, lite)
        for name, picture in pictures.items():
            judge = _judge(picture, tests)
            mean = base.table.weight.detach().mean(0)
            start = encode(base.encoder, picture) if mode == "meta" else mean
            row = {"part": "base", "mode": mode, "trained_steps": trained, "style": name}
            yield {**row, "steps": 0, "distance": judge.distance(base.renderer, start)}
            for steps in STEPS:
                learned = learn_vector(base.renderer, judge.lesson, scenes, {mode: start}, LearningConfig(steps))
                yield {**row, "steps": steps, "distance": judge.distance(base.renderer, learned.vector)}
                print(mode, name, steps, flush=True)


def measure_latency(pack: Pack, magenta: Magenta, photo: Tensor, rounds: int) -> dict[str, Any]:
    """One thread, a photo of 384x384 and a reference of 256x256, in turns: each network, and both of each side."""
    look = torch.nn.functional.interpolate(photo, (STYLE_SIDE, STYLE_SIDE), mode="bilinear", antialias=True)
    encoder = open_encoder(pack.file(pack.components["encoder"].onnx), 1).bind(look.numpy())
    runner = open_runner(pack.file(pack.components["renderer"].onnx), 1)
    renderer = runner.bind(photo.numpy(), pack.style().as_input(), 1.0)
    transform = magenta.bind(photo, magenta.vector(look))
    calls: dict[str, Callable[[], object]] = {
        "encoder": encoder, "renderer": renderer, "predict": lambda: magenta.vector(look), "transform": transform,
    }  # fmt: skip
    samples = measure_interleaved_ms(calls, rounds)
    ours, theirs = (
        np.asarray(samples[a]) + np.asarray(samples[b]) for a, b in (("encoder", "renderer"), ("predict", "transform"))
    )
    latencies = {name: asdict(summarise(values)) for name, values in samples.items()}
    row = {"part": "latency", "size": SIDE, "threads": 1, "latency_ms": latencies, "device": describe_host()}
    return {**row, "share_of_magenta": float(np.median(ours / theirs))}


def measure_files(pack: Pack, photo: Tensor, rounds: int) -> list[dict[str, Any]]:
    """A row for each file of the encoder: bytes, how close what is drawn with its vectors is, and its latency here."""
    look = torch.nn.functional.interpolate(photo, (STYLE_SIDE, STYLE_SIDE), mode="bilinear", antialias=True)
    looks, photos = Looks(load_renderer(pack), load_encoder(pack)), bundled_calibration([])
    with tempfile.TemporaryDirectory() as folder:
        files = [
            export_encoder(pack, Path(folder), looks, name, FORMATS[name], RECIPES[recipe], "float32", photos)
            for name in FORMATS
            for recipe in recipes_of(name)
        ]
        runnable = [file for file in files if file.format != "coreml"]
        calls = {file.path.name: open_encoder(file.path, 1).bind(look.numpy()) for file in runnable}
        samples = measure_interleaved_ms(calls, rounds)
        return [
            {
                "part": "file", "format": file.format, "recipe": file.recipe, "size_bytes": file.size_bytes,
                "psnr_db": file.parity.to_json()["mean_psnr_db"], "threads": 1, "device": describe_host(),
                "latency_ms": asdict(summarise(samples[file.path.name])) if file.path.name in samples else None,
            }
            for file in files
        ]  # fmt: skip


def _judge(picture: Pixels, tests: Tensor) -> Judge:
    return Judge(StyleLesson([torch.from_numpy(to_floats(picture))], load_features(), 0.2), tests)


def _shipped() -> Iterator[tuple[str, AnyRenderer, Tensor]]:
    """Every style of every pack that draws, by "pack/style"."""
    for name in shipped_packs():
        pack = load_pack(name)
        network = load_renderer(pack)
        if isinstance(network, Renderer):
            for style in pack.styles.values():
                yield f"{name}/{style.name}", network, torch.tensor(style.vector)


def _load_base(runs: Path, mode: str, lite: Path) -> tuple[Base, int]:
    """The average of a run, and how many steps it had."""
    library = StyleLibrary(runs / mode / "library")
    base = start_base(load_painter(load_pack("museum")), start_encoder(lite), library)
    load_parts(runs / mode, {f"average_{name}": module for name, module in base.modules.items()}, {})
    state = read_state(runs / mode) or {}
    for module in base.modules.values():
        module.eval().requires_grad_(False)
    return base, int(state["step"])


if __name__ == "__main__":
    main()
