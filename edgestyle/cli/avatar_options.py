"""Options of `edgestyle avatar`."""

from pathlib import Path
from typing import Annotated

import typer

Seed = Annotated[
    str | None,
    typer.Option(help="A whole number: the same one is the same face, here and in an app. 0 if no face is said."),
]
Name = Annotated[str | None, typer.Option(help="An avatar that has a name; `edgestyle packs` lists them.")]
Invert = Annotated[
    Path | None,
    typer.Option(help="A picture of an avatar: its style is found and drawn again, the square in its middle counts."),
]
Kept = Annotated[Path | None, typer.Option("--style", help="A face that was kept with --save-style.")]
Mix = Annotated[
    list[str] | None,
    typer.Option(help="Mix in a seed or a name with its share: 9:0.3 is 0.3 of 9 and 0.7 of the face. Repeatable."),
]
Strength = Annotated[
    float | None, typer.Option(help="0 draws the mean face, 1 the face itself. The face's own default, mostly 1.")
]
Grid = Annotated[
    str | None, typer.Option(help="Columns x rows of faces, such as 6x6: seeds counted from --seed, in one picture.")
]
Captions = Annotated[bool, typer.Option("--captions", help="With --grid: write the seed under each face.")]
To = Annotated[
    str | None,
    typer.Option(help="A seed or a name: draw the way there in one picture, or as an animation into .gif or .webp."),
]
Steps = Annotated[int | None, typer.Option(help="With --to: faces on the way. 9, or 24 for an animation.")]
SaveStyle = Annotated[Path | None, typer.Option(help="Also keep the face in this JSON file, for --style and for apps.")]
Pack = Annotated[str, typer.Option(help="A shipped pack's name, or a pack's folder.")]
Output = Annotated[
    Path | None,
    typer.Option("-o", "--output", help="A picture file, or a folder. If not given: avatar-7.png and the like, here."),
]
