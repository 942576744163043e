"""Options of `edgestyle learn`."""

from pathlib import Path
from typing import Annotated

import typer

from edgestyle.contract import check_strength
from edgestyle.errors import ContractError

Pictures = Annotated[
    list[Path] | None, typer.Argument(help="Pictures that show the style, or folders of them.", metavar="IMAGE...")
]
Brand = Annotated[
    Path | None,
    typer.Option(help="A brand's folder of 20 to 200 pictures: also writes a report and what `drift` needs."),
]
Adapt = Annotated[
    bool, typer.Option("--adapt", help="Also learn a low-rank correction of the network, stored with the style.")
]
Update = Annotated[
    bool, typer.Option("--update", help="Move a style that is there towards the pictures; keep the old as version.")
]
Replace = Annotated[bool, typer.Option("--replace", help="Learn anew what is there under this name.")]
Strength = Annotated[
    float | None,
    typer.Option(
        help="Default strength; if not given, one is proposed from the strength response, or with --update the old."
    ),
]
Scenes = Annotated[
    Path | None, typer.Option(help="Folder of photos such as will be drawn in the style; 16 bundled ones.")
]
ContentWeight = Annotated[
    float, typer.Option(help="How much photos insist on what they show, against 1 for how it is painted.")
]
Licence = Annotated[
    str,
    typer.Option(
        help="Licence of the pictures, as an SPDX identifier; apps show it. LicenseRef-not-stated if not given."
    ),
]


def check_options(strength: float | None, *texts: str) -> None:
    """Raise ContractError for a strength out of [0,1], or a text that is more than a line."""
    if strength is not None:
        check_strength(strength)
    for text in texts:
        if not text.isprintable():
            raise ContractError(f"{text!r} is no plain text: --title, --licence and --credit are a line each")
