"""`edgestyle export` for packs that draw avatars."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from edgestyle.errors import ExportError

if TYPE_CHECKING:
    from edgestyle.exporters.describing import Exported
    from edgestyle.packs.avatar_pack import AvatarPack


def export_avatar_pack(
    pack: "AvatarPack",
    output: Path,
    formats: list[str] | None,
    recipes: list[str] | None,
    seed: int,
    others: Iterable[tuple[str, object]],
    say: Callable[[str], None],
) -> "list[Exported]":
    """Export generator, mapping and inverter.

    Args:
        pack: what to export.
        output: folder for the files and their sidecars.
        formats, recipes: as they were asked for; None takes all formats and the two usual recipes.
        seed: of the faces that w8a8 is calibrated on.
        others: options that are about photos and their values; none may be given.
        say: called with a line for what is left out.

    Raises:
        ExportError: such an option is given, a recipe is from a file, which is of a renderer's layers, or as for
            `export_avatars`.
    """
    from edgestyle.cli.screen import working
    from edgestyle.exporters.avatars import export_avatars
    from edgestyle.exporters.formats import FORMATS
    from edgestyle.exporters.recipes import DEFAULT_RECIPES

    given = [option for option, value in others if value not in (None, False)]
    if given:
        raise ExportError(f"{given[0]} is for packs that redraw pictures; '{pack.name}' draws avatars: leave it out")
    chosen = recipes or list(DEFAULT_RECIPES)
    files = [recipe for recipe in chosen if recipe.endswith(".json")]
    if files:
        raise ExportError(f"{files[0]} chooses by a renderer's layers; '{pack.name}' draws avatars: name a recipe")
    with working("exporting") as status:

        def on_start(name: str) -> None:
            status.update(f"exporting and checking {name}")

        left_out = None if formats else say
        return export_avatars(pack, output, formats or list(FORMATS), chosen, on_start, seed, left_out)
