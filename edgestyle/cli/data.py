"""`edgestyle data`."""

from pathlib import Path
from typing import Annotated

import typer

data = typer.Typer(no_args_is_help=True)


@data.callback()
def about() -> None:
    """Make pictures to train on, free of anybody's rights."""


@data.command()
def avatars(
    folder: Annotated[Path, typer.Argument(help="A new folder for the pictures, or one to go on with.")],
    count: Annotated[int, typer.Option(help="Pictures in all. More than are there adds to them.", min=1)] = 10_000,
    style: Annotated[
        str, typer.Option(help="lorelei, open-peeps, notionists (all three CC0) or micah (CC-BY 4.0).")
    ] = "lorelei",
    size: Annotated[int, typer.Option(help="Side of a picture in pixels.", min=16, max=1024)] = 128,
    packages: Annotated[Path, typer.Option(help="Folder where npm installed the packages.")] = Path(),
) -> None:
    """Draw faces with Node.js: PNGs, attributes.jsonl that says what each shows, and CREDITS.md with the licence.

    Once before:  npm install @dicebear/core@9.4.3 @dicebear/collection@9.4.3 @resvg/resvg-js@2.6.2

    Every face follows from its number, so the same command gives the same pictures. Interrupt it freely: it goes on
    where it was. Then: edgestyle train-generator FOLDER

    Example: edgestyle data avatars faces --count 15000
    """
    from rich.console import Console
    from rich.progress import Progress

    from edgestyle.training.avatar_drawing import CREDITS_FILE, draw_avatars

    with Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task("drawing", total=count)
        drawn = draw_avatars(
            folder, count, style, size, packages, on_picture=lambda done: bar.update(task, completed=done)
        )
    print(f"{drawn} faces drawn into {folder}; whose design they are says {CREDITS_FILE} there")
