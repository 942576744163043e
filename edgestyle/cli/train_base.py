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
    rounding_weight: options.RoundingWeight = 5000.0,
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
    from edgestyle.cli.pairs import read_pairs
    from edgestyle.packs.loading import check_name, load_pack

    check_name(name)
    named = read_pairs(shown or [], "--style", "NAME=FILE or NAME=FAMILY/SEED")
    if not named:
        raise TrainingError("a pack needs a style by name: give --style NAME=FILE")
    pictures = {style: _read_style(source) for style, source in named.items()}
    with needs("torch", "train"):
        from edgestyle.cli.base_training import Sources, make_base
        from edgestyle.training.base import BaseConfig
        from edgestyle.training.style_library import LibraryPlan
    config = BaseConfig(
        mode, steps, batch_size, learning_rate, colour_steps=colour_steps, temporal_weight=temporal_weight,
        temporal_start=temporal_start, rounding_weight=rounding_weight, seed=seed,
    )  # fmt: skip
    plan, origin = LibraryPlan(made, views, filtered, crops, seed), load_pack(start)
    given = _as_given(named, exclude or [], paintings, plan)
    sources = Sources(photos, paintings, features, lite, tuple(exclude or []), pictures, notes, given)
    pack = make_base(name, output, run, origin, sources, plan, config, fitting_steps, threads)
    print(f"pack '{pack.name}' with {', '.join(pack.styles)} in {output}")


def _as_given(
    sources: dict[str, str], exclude: list[str], paintings: Path | None, plan: "LibraryPlan"
) -> tuple[str, ...]:
    """The options that say what a base is made of, without folders of this machine."""
    named = {style: source if _is_made(source) else Path(source).name for style, source in sources.items()}
    options = [f"--style {shlex.quote(f'{style}={source}')}" for style, source in named.items()]
    options += [f"--exclude {shlex.quote(name)}" for name in exclude]
    counts = f"--made {plan.made} --views {plan.paintings} --filtered {plan.filtered} --crops {plan.photos}"
    return (*options, *(["--paintings PAINTINGS"] if paintings else []), counts)


def _is_made(source: str) -> bool:
    """Whether a style is given as FAMILY/SEED."""
    from edgestyle.training.made_styles import FAMILIES

    family, _, number = source.partition("/")
    return family in FAMILIES and number.isascii() and number.isdecimal()


def _read_style(source: str) -> "Pixels":
    """The picture that a style is given as. Raises PictureError where a file is none that can be learned from."""
    from edgestyle.training.made_styles import make_style
    from edgestyle.training.style_pictures import read_style_picture

    if not _is_made(source):
        return read_style_picture(Path(source)).pixels
    family, _, number = source.partition("/")
    return make_style(family, int(number))
