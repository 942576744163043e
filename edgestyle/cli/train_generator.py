"""`edgestyle train-generator`."""

from pathlib import Path
from typing import TYPE_CHECKING

from edgestyle.cli import generator_options as options

if TYPE_CHECKING:
    from edgestyle.training.picture_set import PictureSet


def train_generator(
    pictures: options.Pictures,
    run: options.Run = Path("runs/generator"),
    size: options.Size = 64,
    width: options.Width = 1.0,
    steps: options.Steps = 30_000,
    warm_steps: options.WarmSteps = None,
    batch_size: options.BatchSize = 8,
    learning_rate: options.LearningRate = 2e-3,
    slope_weight: options.SlopeWeight = 0.2,
    alias_free: options.AliasFree = False,
    start: options.Start = None,
    measured: options.Measured = 1000,
    features: options.Features = None,
    seed: options.Seed = 0,
    threads: options.Threads = 1,
    device: options.Device = "cpu",
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
        from edgestyle.training.adversarial_plans import plan_run
        from edgestyle.training.generator_measures import HeldBack
        from edgestyle.training.processes import launch
        from edgestyle.training.provenance import read_provenance

    network = load_set_network(features)
    fabric = launch(batch_size, "32", device)
    found = read_pictures(pictures, size)
    kept, back = found.split()
    options = {
        "batch_size": batch_size, "learning_rate": learning_rate, "slope_weight": slope_weight,
        "warm_steps": _warm_steps(warm_steps, steps, found, start),
    }  # fmt: skip
    settings = {"steps": steps, "seed": seed, "threads": threads}
    config, origin = plan_run(found, start, size, alias_free, options, settings, width)
    held_back = HeldBack(back, network, measured, seed)
    best = held_back.measure_data(kept)
    print(f"{len(kept)} pictures to learn from, {len(back)} held back; sheets and checkpoints in {run}")
    print(f"other pictures of the data measure {best.frechet_distance:.1f}, {best.precision:.2f}, {best.recall:.2f}")
    train(config, kept, held_back, run, fabric, origin, read_provenance(pictures))


def _warm_steps(wanted: int | None, steps: int, pictures: "PictureSet", start: Path | None) -> int:
    """How many steps of regression."""
    if wanted is not None:
        return wanted
    return steps // (3 if start is None else 6) if pictures.attributes is not None else 0
