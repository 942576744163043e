"""How `edgestyle train-base` measures its styles, trains under a bar, and makes a pack of what came out."""

import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import torch
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, track
from rich.progress import Progress as Bar
from torch import Tensor

from edgestyle.cli.learning import read_photos
from edgestyle.cli.training import duration, interrupts
from edgestyle.images import Picture, Pixels, resize, to_pixels, write_picture
from edgestyle.models.renderer import Renderer
from edgestyle.models.texture_encoder import TextureEncoder
from edgestyle.models.vgg import VGG16Features, load_vgg16
from edgestyle.packs.pack import Pack
from edgestyle.quality.sheets import contact_sheet
from edgestyle.training.base import Base, BaseConfig, BaseTraining
from edgestyle.training.base_packing import build_base_pack, encode
from edgestyle.training.base_starting import start_base, start_encoder
from edgestyle.training.distill import keep_freed_memory
from edgestyle.training.event_log import Scalars
from edgestyle.training.learning import LearningConfig, draw
from edgestyle.training.made_styles import make_style
from edgestyle.training.packaging import PackNotes
from edgestyle.training.photos import Photos
from edgestyle.training.style_library import HELD_OUT, LibraryPlan, StyleLibrary, fast, measure_library
from edgestyle.training.style_pictures import find_pictures

_CHECKPOINT_STEPS, _SHEET_STEPS = 250, 1000
_SHOWN = 3  # photos in a sheet
_CELL = 200  # pixels
_KEPT = 0.98  # of a running mean that is shown


def measure(
    run: Path, plan: LibraryPlan, photos: Photos, paintings: Path | None, features: Path | None, lite: Path,
    threads: int,
) -> tuple[StyleLibrary, TextureEncoder, VGG16Features]:  # fmt: skip
    """The library of a run, measured under a bar if it is not there yet, and the networks that measured it."""
    torch.set_num_threads(threads)
    keep_freed_memory()
    encoder, network = start_encoder(lite, plan.seed), load_vgg16(features)
    folder, found = run / "library", find_pictures([paintings]) if paintings else []
    with Bar(*_columns(), console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=None, losses="measuring styles and photos", left="?")

        def on_picture(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        measure_library(folder, plan, photos, found, network, encoder, on_picture)
    library = StyleLibrary(folder)
    print(f"{len(library.names)} styles, {len(library.photos)} photos; checkpoints and sheets in {run}")
    return library, encoder, fast(network)


def train(
    config: BaseConfig,
    library: StyleLibrary,
    encoder: TextureEncoder,
    features: VGG16Features,
    painter: Renderer,
    run: Path,
) -> Base:
    """Train under a bar; Ctrl-C saves and ends the run. Returns the running average."""
    base = start_base(painter, encoder, library, config.seed)
    training = BaseTraining(base, library, features, config)
    training.resume(run)
    first, started, shown = training.step, time.monotonic(), dict[str, float]()
    with closing(Scalars(run)) as log, interrupts() as asked, Bar(*_columns(), console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=config.steps, losses="", left="?")
        if first:
            bar.console.print(f"going on at step {first} of {config.steps}")
        while training.step < config.steps:
            training.take_step()
            step, losses = training.step, {k: v for k, v in training.losses.items() if v == v}  # no NaN: nothing judged
            log.add(step, {f"loss/{name}": value for name, value in losses.items()})
            shown |= {name: _KEPT * shown.get(name, value) + (1 - _KEPT) * value for name, value in losses.items()}
            left = (time.monotonic() - started) / (step - first) * (config.steps - step)
            text = ", ".join(f"{name} {value:.3f}" for name, value in shown.items())
            bar.update(task, completed=step, losses=text, left=duration(left))
            if step % _CHECKPOINT_STEPS == 0 or step == config.steps or asked:
                training.save(run)
            if step % _SHEET_STEPS == 0 or step == config.steps:
                log.add_sheet(write_base_sheet(training.average, run / f"sheet-{step}.jpg"), step)
            if asked:
                bar.console.print(f"saved at step {step}; the same command goes on there ({run})")
                raise KeyboardInterrupt
    return training.average


def write_base_sheet(base: Base, path: Path) -> Pixels:
    """Photos drawn like pictures of styles that were held out, as the encoder sees them; plain bases as by no style."""
    photos = read_photos(None)[:_SHOWN]
    rows = []
    for family in HELD_OUT:
        for seed in (0, 1):
            picture = make_style(family, seed)
            drawn = [_drawn(base, photo, encode(base.encoder, picture)) for photo in photos]
            rows.append([resize(picture, _CELL, _CELL), *drawn])
    sheet = contact_sheet(rows, ["held out", *["as the encoder sees it"] * _SHOWN], [], _CELL)
    write_picture(Picture(sheet), path)
    return sheet


def finish(
    name: str,
    output: Path,
    base: Base,
    pictures: dict[str, Pixels],
    config: BaseConfig,
    fitting_steps: int,
    notes: PackNotes,
    origin: Pack,
    run: Path,
) -> str:
    """Fit a vector to each style that the pack has by name, write the pack, and say so."""
    scenes: Sequence[Tensor] = read_photos(None)
    named = track(pictures.items(), "fitting the styles", console=Console(stderr=True))
    pack = build_base_pack(
        name, output, base, named, scenes, config, LearningConfig(fitting_steps), notes, origin, run / "library"
    )
    return f"pack '{pack.name}' with {', '.join(pack.styles)} in {output}"


def _drawn(base: Base, photo: Tensor, vector: Tensor) -> Pixels:
    return resize(to_pixels(draw(base.renderer, photo, vector).numpy()), _CELL, _CELL)


def _columns() -> tuple[BarColumn, MofNCompleteColumn, TextColumn]:
    return BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[losses]} {task.fields[left]} left")
