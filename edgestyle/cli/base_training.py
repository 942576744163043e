"""How `edgestyle train-base` measures its styles, trains under a bar, and makes a pack of what came out."""

import sys
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, track
from rich.progress import Progress as Bar

from edgestyle.cli.learning import read_photos
from edgestyle.cli.training import duration, interrupts
from edgestyle.exporters.packing import build_pack
from edgestyle.exporters.whole_packs import check_replaceable
from edgestyle.images import Picture, Pixels, resize, to_pixels, write_picture
from edgestyle.models.texture_encoder import TextureEncoder
from edgestyle.models.vgg import VGG16Features, load_vgg16
from edgestyle.packs.networks import load_painter
from edgestyle.packs.pack import Pack
from edgestyle.quality.sheets import contact_sheet
from edgestyle.training.base import Base, BaseConfig, BaseTraining
from edgestyle.training.base_packing import about_base, fit_styles
from edgestyle.training.base_starting import see_beyond_edges, start_base, start_encoder, taught_encoder
from edgestyle.training.checkpoints import alone_in
from edgestyle.training.distill import set_threads
from edgestyle.training.event_log import Scalars
from edgestyle.training.learning import LearningConfig, draw
from edgestyle.training.made_styles import make_style
from edgestyle.training.packaging import read_notes
from edgestyle.training.photos import Photos, find_photos
from edgestyle.training.style_library import HELD_OUT, LibraryPlan, StyleLibrary, fast, measure_library
from edgestyle.training.style_pictures import encode, find_pictures

if TYPE_CHECKING:
    from torch import Tensor

_CHECKPOINT_STEPS, _SHEET_STEPS = 250, 1000
_SHOWN = 3  # photos in a sheet
_CELL = 200  # pixels
_KEPT = 0.98  # of a running mean that is shown


@dataclass(frozen=True)
class Sources:
    """What a base is made from.

    Attributes:
        photos: a folder of photos to paint, or shards.
        paintings: a folder of them, or a file; None for made styles alone.
        features: VGG16 weights; None fetches torchvision's.
        lite: EfficientNet-Lite0 weights.
        exclude: names of photos that are never trained on.
        pictures: `uint8 [h,w,3]`, by the names of the styles that the pack will have.
        notes: a file of titles and credits; None for none.
        given: options that say all this, for the pack's record.
    """

    photos: Path
    paintings: Path | None
    features: Path | None
    lite: Path
    exclude: tuple[str, ...]
    pictures: dict[str, Pixels]
    notes: Path | None
    given: tuple[str, ...]


def make_base(
    name: str, output: Path, run: Path, origin: Pack, sources: Sources, plan: LibraryPlan, config: BaseConfig,
    fitting_steps: int, threads: int,
) -> Pack:  # fmt: skip
    """Measure, train, fit the styles by name and write the pack, each under a bar; Ctrl-C saves the training.

    Raises:
        ArtifactError, PackError, PictureError, TrainingError: something it is made from is missing or damaged.
        ExportError, ParityError, OutputError: as for `build_pack`.
    """
    set_threads(threads)
    check_replaceable(output)  # now, not after hours of training
    notes, painter = read_notes(sources.notes, 1.0, "Apache-2.0"), load_painter(origin)
    encoder, features = start_encoder(sources.lite, plan.seed), load_vgg16(sources.features)
    photos, lines = find_photos(sources.photos, sources.exclude)
    unknown = sorted(notes.styles.keys() - sources.pictures.keys())
    lines += [f"note: {notes.file} speaks of '{style}', which the pack does not have" for style in unknown]
    print("".join(f"{line}\n" for line in lines), end="", file=sys.stderr)
    with alone_in(run):
        library = measure(run / "library", plan, photos, sources.paintings, features, encoder)
        print(f"{len(library.names)} styles, {len(library.photos)} photos; checkpoints and sheets in {run}")
        base = start_base(painter, encoder, library, config.seed, taught_encoder(origin))
        trained = train(config, library, base, fast(features), run)
    trained.renderer = see_beyond_edges(trained.renderer)
    fitting, encodes = LearningConfig(fitting_steps), config.mode == "meta"
    named = track(sources.pictures.items(), "fitting the styles", console=Console(stderr=True))
    styles = fit_styles(trained, named, read_photos(None), fitting, notes, encodes)
    about = about_base(name, styles, config, fitting, notes.licence, origin, library, sources.given)
    return build_pack(output, name, trained.renderer, styles, about, trained.encoder if encodes else None)


def measure(
    folder: Path, plan: LibraryPlan, photos: Photos, paintings: Path | None, features: VGG16Features,
    encoder: TextureEncoder,
) -> StyleLibrary:  # fmt: skip
    """The library in a folder, measured under a bar if it is not there yet."""
    found = find_pictures([paintings]) if paintings else []
    with Bar(*_columns(), console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=None, losses="measuring styles and photos", left="?")

        def on_picture(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        measure_library(folder, plan, photos, found, features, encoder, on_picture)
    return StyleLibrary(folder)


def train(config: BaseConfig, library: StyleLibrary, base: Base, features: VGG16Features, run: Path) -> Base:
    """Train under a bar; Ctrl-C saves and ends the run. Returns the running average."""
    training = BaseTraining(base, library, features, config)
    training.resume(run)
    first, started, shown = training.step, time.monotonic(), dict[str, float]()
    with closing(Scalars(run)) as log, interrupts() as asked, Bar(*_columns(), console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=config.steps, losses="", left="?")
        if first:
            bar.console.print(f"going on at step {first} of {config.steps}")
        while training.step < config.steps:
            training.take_step()
            step, losses = training.step, training.losses
            log.add(step, {f"loss/{name}": value for name, value in losses.items()})
            shown |= {name: _KEPT * shown.get(name, value) + (1 - _KEPT) * value for name, value in losses.items()}
            left = (time.monotonic() - started) / (step - first) * (config.steps - step)
            text = ", ".join(f"{name} {value:.3f}" for name, value in shown.items())
            bar.update(task, completed=step, losses=text, left=duration(left))
            if step % _CHECKPOINT_STEPS == 0 or step == config.steps or asked:
                training.save(run)
            if config.mode == "meta" and (step % _SHEET_STEPS == 0 or step == config.steps):
                log.add_sheet(write_base_sheet(training.average, run / f"sheet-{step}.jpg"), step)
            if asked:
                bar.console.print(f"saved at step {step}; the same command goes on there ({run})")
                raise KeyboardInterrupt
    return training.average


def write_base_sheet(base: Base, path: Path) -> Pixels:
    """Photos drawn like pictures of styles that were held out, as the encoder sees them; also written to a file."""
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


def _drawn(base: Base, photo: "Tensor", vector: "Tensor") -> Pixels:
    return resize(to_pixels(draw(base.renderer, photo, vector).numpy()), _CELL, _CELL)


def _columns() -> tuple[BarColumn, MofNCompleteColumn, TextColumn]:
    return BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[losses]} {task.fields[left]} left")
