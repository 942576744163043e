"""`edgestyle packs`."""

from typing import Annotated

import typer


def packs(
    folders: Annotated[list[str] | None, typer.Argument(help="Also list these pack folders.")] = None,
) -> None:
    """List packs and their styles, and which take the look of a reference picture."""
    from rich.table import Table

    from edgestyle.cli.screen import add_row, show
    from edgestyle.packs.loading import load_pack, shipped_packs

    table = Table("pack", "style", "title", "default strength", "licence", "credit")
    for name in [*shipped_packs(), *(folders or [])]:
        pack = load_pack(name)
        for style in pack.styles.values():
            add_row(
                table, pack.name, style.name, style.title, f"{style.default_strength:g}", style.licence, style.credit
            )
        if pack.encodes:
            add_row(
                table, pack.name, "--reference", "The look of a picture of yours", f"{pack.style().default_strength:g}"
            )
    show(table)
