"""Options of `edgestyle train-base`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

Scenes = Annotated[Path, typer.Argument(help="Folder of photos to paint.", metavar="PHOTOS")]
Output = Annotated[Path, typer.Option("-o", "--output", help="Folder of the finished pack.")]
Paintings = Annotated[
    Path | None, typer.Option(help="Paintings, a folder or a file: parts of them join the made styles.")
]
Features = Annotated[Path | None, typer.Option(help="VGG16 weights as safetensors; else torchvision's are fetched.")]
Lite = Annotated[Path, typer.Option(help="EfficientNet-Lite0 weights as safetensors, for the encoder's features.")]
Start = Annotated[str, typer.Option("--from", help="The pack of paintings whose network it starts from.")]
Run = Annotated[Path, typer.Option(help="Folder for the library of styles, checkpoints and sheets.")]
Mode = Annotated[
    Literal["meta", "plain"], typer.Option(help="meta: vectors are fitted in an inner loop. plain: one vector a style.")
]
Steps = Annotated[int, typer.Option(help="Steps of training.", min=1)]
BatchSize = Annotated[int, typer.Option(help="Pictures a step.", min=1)]
LearningRate = Annotated[float, typer.Option(help="Of Adam, at its highest; above 0.")]
Made = Annotated[int, typer.Option(help="Made styles of each family.", min=1)]
Views = Annotated[int, typer.Option(help="Parts of each painting, half of them in other colours.", min=0)]
Filtered = Annotated[int, typer.Option(help="Filtered photos of each of six filters.", min=0)]
Crops = Annotated[int, typer.Option(help="Photo crops that it paints.", min=1)]
ColourSteps = Annotated[int, typer.Option(help="Steps at the start that learn colours only, quickly.", min=0)]
TemporalWeight = Annotated[
    float,
    typer.Option(help="How much flicker counts, for video; it costs texture.", min=0),
]
TemporalStart = Annotated[
    float, typer.Option(help="Share of the steps before which flicker does not count.", min=0, max=1)
]
RoundingWeight = Annotated[
    float,
    typer.Option(
        help="How much it counts that the picture hangs on how numbers are rounded; 0 trains in float32.", min=0
    ),
]
FittingSteps = Annotated[int, typer.Option(help="Steps in which the vector of a style by name is fitted.", min=1)]
Shown = Annotated[
    list[str] | None,
    typer.Option("--style", help="A style the pack has by name: NAME=FILE, or NAME=FAMILY/SEED for a made one."),
]
Exclude = Annotated[list[str] | None, typer.Option(help="A photo's file name that is never trained on.")]
Notes = Annotated[Path | None, typer.Option(help="JSON of titles, credits and licences by style.")]
Seed = Annotated[int, typer.Option(help="Of all chance.")]
Threads = Annotated[int, typer.Option(help="CPU threads.", min=1)]
