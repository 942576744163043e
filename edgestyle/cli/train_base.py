"""`edgestyle train-base`."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edgestyle.cli import base_options as options
from edgestyle.errors import TrainingError

if TYPE_CHECKING:
    from edgestyle.images import Pixels
    from edgestyle.training.style_library import LibraryPlan


def train_base(
    name: Annotated[str, typer.Argument(help="Name of the pack: a-z, 0-9, - and _.")],
    photos: options.Scenes,
    output: options.Output,
    lite: options.Lite,
    shown: options.Shown = None,
    paintings: options.Paintings = None,
    features: options.Features = None,
    start: options.Start = "museum",
    run: options.Run = Path("runs/base"),
    mode: options.Mode = "meta",
    steps: options.Steps = 6000,
    batch_size: options.BatchSize = 4,
    learning_rate: options.LearningRate = 1.5e-3,
    colour_steps: options.ColourSteps = 400,
    temporal_weight: options.TemporalWeight = 0.0,
    temporal_start: options.TemporalStart = 0.6,
    made: options.Made = 50,
    views: options.Views = 50,
    filtered: options.Filtered = 10,
    crops: options.Crops = 600,
    fitting_steps: options.FittingSteps = 300,
    exclude: options.Exclude = None,
    notes: options.Notes = None,
    seed: options.Seed = 0,
    threads: options.Threads = 1,
) -> None:
    """Train a base: a painter that learns new styles from one picture, and its encoder for reference pictures.

    It sees hundreds of styles: marks and patterns made at random, parts of paintings, filtered photos. They are drawn
    and measured first, in some minutes; once training runs, interrupt it freely: the same command goes on.

    Example: edgestyle train-base mine PHOTOS -o packs/mine --lite efficientnet_lite0.safetensors --style wave=wave.jpg
    """
    from edgestyle.cli.extras import needs
    from edgestyle.packs.loading import check_name, load_pack

    check_name(name)
    pictures = _read_styles(shown or [])
    with needs("torch", "train"):
        from edgestyle.cli.base_training import Sources, make_base
        from edgestyle.training.base import BaseConfig
        from edgestyle.training.style_library import LibraryPlan
    config = BaseConfig(
        mode, steps, batch_size, learning_rate, colour_steps=colour_steps, temporal_weight=temporal_weight,
        temporal_start=temporal_start, seed=seed,
    )  # fmt: skip
    plan, origin = LibraryPlan(made, views, filtered, crops, seed), load_pack(start)
    given = _as_given(shown or [], exclude or [], paintings, plan)
    sources = Sources(photos, paintings, features, lite, tuple(exclude or []), pictures, notes, given)
    pack = make_base(name, output, run, origin, sources, plan, config, fitting_steps, threads)
    print(f"pack '{pack.name}' with {', '.join(pack.styles)} in {output}")


def _as_given(shown: list[str], exclude: list[str], paintings: Path | None, plan: "LibraryPlan") -> tuple[str, ...]:
    """The options that say what a base is made of, without folders of this machine."""
    named = [
        text if _is_made(text) else f"{text.partition('=')[0]}={Path(text.partition('=')[2]).name}" for text in shown
    ]
    options = [f"--style {shlex.quote(text)}" for text in named] + [
        f"--exclude {shlex.quote(name)}" for name in exclude
    ]
    counts = f"--made {plan.made} --views {plan.paintings} --filtered {plan.filtered} --crops {plan.photos}"
    return (*options, *(["--paintings PAINTINGS"] if paintings else []), counts)


def _is_made(text: str) -> bool:
    """Whether a style is given as NAME=FAMILY/SEED."""
    from edgestyle.training.made_styles import FAMILIES

    family, _, number = text.partition("=")[2].partition("/")
    return family in FAMILIES and number.isascii() and number.isdecimal()


def _read_styles(shown: list[str]) -> dict[str, "Pixels"]:
    """Pictures of the styles that the pack has by name.

    Raises:
        TrainingError: there is none, one is given twice, or a text is no NAME=FILE.
        PictureError: a file is no picture that a style can be learned from.
    """
    from edgestyle.packs.loading import check_name
    from edgestyle.training.made_styles import make_style
    from edgestyle.training.style_pictures import read_style_picture

    found: dict[str, Pixels] = {}
    for text in shown:
        style, equals, source = text.partition("=")
        if not equals or not source:
            raise TrainingError(f"--style wants NAME=FILE or NAME=FAMILY/SEED, not '{text}'")
        if check_name(style) in found:
            raise TrainingError(f"a style is given twice: {style}")
        if _is_made(text):
            family, _, number = source.partition("/")
            found[style] = make_style(family, int(number))
        else:
            found[style] = read_style_picture(Path(source)).pixels
    if not found:
        raise TrainingError("a pack needs a style by name: give --style NAME=FILE")
    return found
