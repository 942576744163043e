"""Options of `edgestyle export` beside formats and recipes."""

from typing import Annotated

import typer

Quality = Annotated[
    str | None, typer.Option(help="Search by layer for the smallest file of this mean PSNR, such as 40dB.")
]
MostBytes = Annotated[
    str | None, typer.Option("--max-size", help="Search for the best picture within a size, such as 120KB.")
]
Fastest = Annotated[
    bool,
    typer.Option("--fastest", help="Search for the fastest here, as good as w8a8 must be (40 dB) or as --quality."),
]
Lut = Annotated[
    int | None,
    typer.Option("--lut", help="Also write each look as a .cube 3D LUT of so many entries a side, 2 to 129; try 33."),
]
LutStrength = Annotated[
    float | None, typer.Option("--lut-strength", help="Of the looks in LUTs, 0 to 1. Each style's default.")
]
