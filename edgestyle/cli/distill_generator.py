"""`edgestyle distill-generator`."""

from pathlib import Path
from typing import Annotated

import typer

from edgestyle.cli import generator_options as options

Teacher = Annotated[Path, typer.Argument(help="best.safetensors of `edgestyle train-generator`.")]
Output = Annotated[Path, typer.Option("--output", "-o", help="Folder for the pack.")]
Avatars = Annotated[
    Path | None,
    typer.Option(
        help='JSON of the avatars that get a name, with their seeds: {"juniper": 7}. '
        "If not given, seeds 0 to 7 are called face-0 to face-7."
    ),
]
Start = Annotated[
    Path | None, typer.Option("--from", help="Folder of another distillation to start from, as of an earlier teacher.")
]
Licence = Annotated[str, typer.Option(help="SPDX identifier of what the teacher learned from, such as CC0-1.0.")]
Credit = Annotated[str, typer.Option(help="Whose design the faces are.")]


def distill_generator(
    teacher: Teacher,
    output: Output = Path("faces"),
    run: options.Run = Path("runs/faces"),
    steps: options.Steps = 8_000,
    batch_size: options.BatchSize = 8,
    learning_rate: options.LearningRate = 2e-3,
    start: Start = None,
    avatars: Avatars = None,
    licence: Licence = "Apache-2.0",
    credit: Credit = "",
    seed: options.Seed = 0,
    threads: options.Threads = 1,
    device: options.Device = "cpu",
) -> None:
    """Distil a StyleGAN into a network for phones (MobileStyleGAN), with an encoder of its pictures, and make a pack.

    Interrupt it freely; the same command goes on exactly. Then: edgestyle avatar --pack PACK --grid 6x6

    Example: edgestyle distill-generator runs/faces/best.safetensors -o faces --licence CC0-1.0
    """
    from edgestyle.cli.extras import needs

    with needs("torch", "train"):
        from edgestyle.cli.generator_packs import read_avatars, save_faces
        from edgestyle.cli.generators import train_student
        from edgestyle.models.generator_files import load_generator
        from edgestyle.packs.loading import check_name
        from edgestyle.sidecar import file_sha256
        from edgestyle.training.generator_distillation import load_student, plan_distillation
        from edgestyle.training.processes import launch

    check_name(output.resolve().name)
    named = read_avatars(avatars)
    network, notes = load_generator(teacher)
    origin, digest = load_student(start) if start else (None, "")
    lesson = {"batch_size": batch_size, "learning_rate": learning_rate}
    settings = {"steps": steps, "seed": seed, "threads": threads, "start": digest}
    config = plan_distillation(network, file_sha256(teacher), lesson, settings)
    student = train_student(config, network, run, launch(batch_size, "32", device), origin)
    save_faces(output, network, student, named, config, {"licence": licence, "credit": credit, "teacher": notes})
