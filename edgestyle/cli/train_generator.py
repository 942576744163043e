"""`edgestyle train-generator`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from edgestyle.models.discriminator import Discriminator
    from edgestyle.models.stylegan import Generator
    from edgestyle.training.adversarial import AdversarialConfig
    from edgestyle.training.picture_set import PictureSet


def train_generator(
    pictures: Annotated[Path, typer.Argument(help="Folder of pictures of one kind, such as `edgestyle data` draws.")],
    run: Annotated[Path, typer.Option(help="Folder for checkpoints, sheets, measures and TensorBoard.")] = Path(
        "runs/generator"
    ),
    size: Annotated[int, typer.Option(help="Side of the pictures: 32, 64 or 128 pixels.")] = 64,
    steps: Annotated[int, typer.Option(help="Training steps in all.", min=1)] = 30_000,
    warm_steps: Annotated[
        int | None,
        typer.Option(
            help="Steps of regression before the adversary comes. If not given, a third of all where it is known what "
            "pictures show (attributes.jsonl), else 0.",
            min=0,
        ),
    ] = None,
    batch_size: Annotated[int, typer.Option(help="Pictures a step.", min=1)] = 8,
    learning_rate: Annotated[float, typer.Option(help="Of both networks, after the regression.")] = 2e-3,
    slope_weight: Annotated[float, typer.Option(help="Weight of R1; more for more varied or larger pictures.")] = 0.2,
    alias_free: Annotated[bool, typer.Option("--alias-free", help="Filtered nonlinearities and no noise.")] = False,
    start: Annotated[
        Path | None,
        typer.Option("--from", help="A run's folder to start from, of this size or a smaller one, which then grows."),
    ] = None,
    measured: Annotated[int, typer.Option(help="Pictures to compare with held-back ones each time.", min=4)] = 1000,
    features: Annotated[
        Path | None,
        typer.Option(help="All of EfficientNet-Lite0, to measure with. If not given, its first blocks, which ship."),
    ] = None,
    seed: Annotated[int, typer.Option(help="The same one gives the same weights on a CPU.")] = 0,
    threads: Annotated[int, typer.Option(help="CPU threads.", min=1)] = 1,
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
) -> None:
    """Teach a StyleGAN2 to draw more pictures of a kind.

    A third of the pictures, at most 5,000, is held back; the generator closest to them is kept as best.safetensors.
    Interrupt it freely; the same command goes on exactly.

    To larger pictures: the same with --size 128 --from RUN --run RUN-128.

    Example: edgestyle train-generator faces --run runs/faces
    """
    from edgestyle.cli.extras import needs

    with needs("torch", "train"):
        from edgestyle.cli.generators import read_pictures, train
        from edgestyle.quality.picture_sets import load_set_network
        from edgestyle.training.generator_measures import HeldBack
        from edgestyle.training.processes import launch

    network = load_set_network(features)
    fabric = launch(batch_size, "32", device)
    found = read_pictures(pictures, size)
    kept, back = found.split()
    options = {
        "batch_size": batch_size, "learning_rate": learning_rate, "slope_weight": slope_weight,
        "warm_steps": _warm_steps(warm_steps, steps, found, start),
    }  # fmt: skip
    config, origin = _plan(found, start, size, alias_free, options, {"steps": steps, "seed": seed, "threads": threads})
    held_back = HeldBack(back, network, measured, seed)
    best = held_back.measure_data(kept)
    print(f"{len(kept)} pictures to learn from, {len(back)} held back; sheets and checkpoints in {run}")
    print(f"other pictures of the data measure {best.frechet_distance:.1f}, {best.precision:.2f}, {best.recall:.2f}")
    train(config, kept, held_back, run, fabric, origin)


def _warm_steps(wanted: int | None, steps: int, pictures: "PictureSet", start: Path | None) -> int:
    """How many steps of regression."""
    if wanted is not None:
        return wanted
    return steps // (3 if start is None else 6) if pictures.attributes is not None else 0


def _plan(
    pictures: "PictureSet", start: Path | None, size: int, alias_free: bool, step: dict[str, float],
    settings: dict[str, int],
) -> "tuple[AdversarialConfig, tuple[Generator, Discriminator] | None]":  # fmt: skip
    """The configuration, and the networks to start from if there are any."""
    from edgestyle.training.adversarial_plans import plan_run

    return plan_run(pictures, start, size, alias_free, step, settings)
