"""Options of `edgestyle train-generator` and `edgestyle distill-generator`."""

from pathlib import Path
from typing import Annotated

import typer

Pictures = Annotated[Path, typer.Argument(help="Folder of pictures of one kind, such as `edgestyle data` draws.")]
Run = Annotated[Path, typer.Option(help="Folder for checkpoints, sheets, measures and TensorBoard.")]
Size = Annotated[int, typer.Option(help="Side of the pictures: 32, 64 or 128 pixels.")]
Width = Annotated[
    float,
    typer.Option(
        help="Times the channels of generator and adversary: 2 has room for more detail, at four times the "
        "arithmetic. With --from they are that run's.",
        min=0.25,
        max=4,
    ),
]
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

Teacher = Annotated[Path, typer.Argument(help="best.safetensors of `edgestyle train-generator`.")]
Output = Annotated[Path, typer.Option("--output", "-o", help="Folder for the pack.")]
StudentRate = Annotated[
    float,
    typer.Option(help="Highest rate, from which it falls along a cosine. Give a lower one with --from."),
]
Faces = Annotated[
    int,
    typer.Option(
        help="Pictures that the teacher draws, once, and that training goes round; more are more varied. They are kept "
        "in memory: 8,192 of 128 pixels take 0.4 GB.",
        min=2,
    ),
]
CoarseShare = Annotated[
    float,
    typer.Option(
        help="Share of the steps, the first ones, that learn pictures of half the size, four times as fast. 0 with "
        "--from, which knows them.",
        min=0,
        max=1,
    ),
]
EncoderStart = Annotated[
    float,
    typer.Option(
        help="Share of the steps before which the encoder of pictures does not learn: it learns from what the "
        "generator draws, which must be faces by then. Not below --coarse-share.",
        min=0,
        max=1,
    ),
]
AdversarialStart = Annotated[
    float,
    typer.Option(
        help="Share of the steps before which no adversary judges; it sharpens what is close already. Not below "
        "--coarse-share.",
        min=0,
        max=1,
    ),
]
AdversarialWeight = Annotated[
    float,
    typer.Option(help="How much the adversary counts beside pixels; more is sharper and less true. 0: none.", min=0),
]
WaveletWeight = Annotated[
    float,
    typer.Option(help="How much lines and edges of every scale count beside pixels (wavelet coefficients).", min=0),
]
StudentStart = Annotated[
    Path | None,
    typer.Option(
        "--from", help="Folder of another distillation's run to start from: a first part, or an earlier teacher's."
    ),
]
Avatars = Annotated[
    Path | None,
    typer.Option(
        help='JSON of the avatars that get a name, with their seeds: {"juniper": 7}. '
        "If not given, seeds 0 to 7 are called face-0 to face-7."
    ),
]
Licence = Annotated[
    str | None,
    typer.Option(
        help="SPDX identifier of what the teacher learned from, such as CC0-1.0. If not given, that of CREDITS.md "
        "beside the teacher's pictures, if there was one."
    ),
]
Credit = Annotated[str | None, typer.Option(help="Whose design the faces are. If not given, from there too.")]
