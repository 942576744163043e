"""Options of `edgestyle train-generator`."""

from pathlib import Path
from typing import Annotated

import typer

Pictures = Annotated[Path, typer.Argument(help="Folder of pictures of one kind, such as `edgestyle data` draws.")]
Run = Annotated[Path, typer.Option(help="Folder for checkpoints, sheets, measures and TensorBoard.")]
Size = Annotated[int, typer.Option(help="Side of the pictures: 32, 64 or 128 pixels.")]
Steps = Annotated[int, typer.Option(help="Training steps in all.", min=1)]
WarmSteps = Annotated[
    int | None,
    typer.Option(
        help="Steps of regression before the adversary comes. If not given, a third of all where it is known what "
        "pictures show (attributes.jsonl), a sixth with --from, else 0.",
        min=0,
    ),
]
BatchSize = Annotated[int, typer.Option(help="Pictures a step.", min=1)]
LearningRate = Annotated[float, typer.Option(help="Of both networks, after the regression.")]
SlopeWeight = Annotated[float, typer.Option(help="Weight of R1; more for more varied or larger pictures.")]
AliasFree = Annotated[bool, typer.Option("--alias-free", help="Filtered nonlinearities and no noise.")]
Start = Annotated[
    Path | None,
    typer.Option("--from", help="A run's folder to start from, of this size or a smaller one, which then grows."),
]
Measured = Annotated[int, typer.Option(help="Pictures to compare with held-back ones each time.", min=4)]
Features = Annotated[
    Path | None,
    typer.Option(help="All of EfficientNet-Lite0, to measure with. If not given, its first blocks, which ship."),
]
Seed = Annotated[int, typer.Option(help="The same one gives the same weights on a CPU.")]
Threads = Annotated[int, typer.Option(help="CPU threads.", min=1)]
Device = Annotated[str, typer.Option(help="cpu or cuda.")]
