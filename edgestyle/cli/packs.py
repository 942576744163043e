"""`edgestyle packs`."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from edgestyle.packs.avatar_pack import AvatarPack
    from edgestyle.packs.pack import Pack


def packs(
    folders: Annotated[list[str] | None, typer.Argument(help="Also list these pack folders.")] = None,
) -> None:
    """List packs and their styles: those that redraw pictures, recolour them, or draw avatars.

    A style is typed as --style NAME; `edgestyle stylize` draws it at the default strength that stands beside it.
    """
    from rich.table import Table

    from edgestyle.cli.screen import show
    from edgestyle.packs.avatars import AvatarPack, load_any_pack
    from edgestyle.packs.loading import shipped_avatars, shipped_packs

    table = Table("pack", "does", "style", "title", "default strength", "licence", "credit")
    for name in [*shipped_packs(), *shipped_avatars(), *(folders or [])]:
        pack = load_any_pack(name)
        if isinstance(pack, AvatarPack):
            _add_avatars(table, pack)
        else:
            _add_styles(table, pack)
    show(table)


def _add_styles(table: "Table", pack: "Pack") -> None:
    from edgestyle.cli.screen import add_row

    if pack.encodes:
        strength, title = f"{pack.style().default_strength:g}", "The look of any picture"
        does = "recolours like any picture" if pack.recolours else "paints like any picture"
        add_row(table, pack.name, does, "--reference FILE", title, strength)
    does = "recolours, in looks by name" if pack.recolours else "redraws pictures"
    for style in pack.styles.values():
        strength = f"{style.default_strength:g}"
        add_row(table, pack.name, does, style.name, style.title, strength, style.licence, style.credit)


def _add_avatars(table: "Table", pack: "AvatarPack") -> None:
    from edgestyle.cli.screen import add_row

    does = "draws avatars"
    for style in pack.styles.values():
        strength = f"{style.default_strength:g}"
        add_row(table, pack.name, does, f"--name {style.name}", style.title, strength, style.licence, style.credit)
    add_row(table, pack.name, does, "--seed", "A face for every number", f"{pack.default_strength:g}", pack.licence)
    if pack.inverts:
        add_row(table, pack.name, does, "--invert", "An avatar in a picture, drawn again", "1", pack.licence)
