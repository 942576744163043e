"""Options of `edgestyle bench`."""

from pathlib import Path
from typing import Annotated

import typer

Files = Annotated[list[Path] | None, typer.Argument(help="Exported files, with their sidecars beside them.")]
TargetName = Annotated[str, typer.Option(help="Where to measure: host, android, or an address such as ssh://user@pi.")]
Threads = Annotated[int, typer.Option(help="CPU threads.", min=1)]
Size = Annotated[int, typer.Option(help="Side of the square picture.", min=8)]
Accelerator = Annotated[str | None, typer.Option(help="What to ask of the runtime; its plain CPU if not.")]
Runs = Annotated[int, typer.Option(help="Measure at least so many runs ...", min=1)]
Seconds = Annotated[float, typer.Option(help="... and at least so many seconds.", min=0)]
Repeats = Annotated[
    int | None,
    typer.Option(help="Do all of it so often, in fresh processes: 3, or 1 in turns or sustained.", min=1),
]
InTurns = Annotated[
    bool, typer.Option("--in-turns", help="All files in one process in turns, A B B A; compares with the first.")
]
Sustained = Annotated[
    str | None, typer.Option(help="Go on for so long, such as 10m, to see the device heat.", metavar="TIME")
]
CoolDown = Annotated[str, typer.Option(help="Rest between files, such as 30s.", metavar="TIME")]
Cores = Annotated[str | None, typer.Option(help="Run on these cores only, such as 0,1.", metavar="LIST")]
Yes = Annotated[bool, typer.Option("--yes", help="Agree to a virtual environment on a device that lacks a runtime.")]
SshConfig = Annotated[
    Path | None, typer.Option(help="A configuration for ssh, in place of your own.", exists=True, dir_okay=False)
]
Binary = Annotated[
    Path | None,
    typer.Option(help="A benchmark_model built for the phone, in place of the demo app.", exists=True, dir_okay=False),
]
Fleet = Annotated[
    Path | None, typer.Option("--targets", help="Many devices at once, named in a TOML file.", metavar="FLEET.TOML")
]
Output = Annotated[
    Path | None, typer.Option("-o", "--output", help="Add JSON lines to this file, each as it is measured.")
]
Known = Annotated[
    Path | None, typer.Option("--from", help="Show and report on these results too; alone, measure nothing.")
]
Report = Annotated[
    list[Path] | None,
    typer.Option(help="Write a page (.html), tables (.md) or plots (.png); give it again for more."),
]
SkipDamaged = Annotated[
    bool, typer.Option("--skip-damaged", help="Leave out a last row of --from that is cut in the middle.")
]
