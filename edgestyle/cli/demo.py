"""`edgestyle demo`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from edgestyle.images import Pixels
    from edgestyle.packs.pack import Pack

STRENGTHS = (0.0, 0.25, 0.5, 0.75, 1.0)


def demo(
    photo: Annotated[Path, typer.Argument(help="A photo, such as one of yourself.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for everything the demo makes.")] = Path("out"),
    pack: Annotated[str, typer.Option(help="A shipped pack's name, or a pack's folder.")] = "atelier",
    style: Annotated[
        str | None, typer.Option(help="A style of the pack for the sheet; all of them if not given.")
    ] = None,
) -> None:
    """Walk the whole road: a sheet of your photo at five strengths, phone files, their parity and their latency."""
    from edgestyle.bench.measuring import Plan
    from edgestyle.bench.results import write_results
    from edgestyle.bench.targets.host import measure_on_host
    from edgestyle.cli.extras import needs
    from edgestyle.cli.screen import demo_table, show, working
    from edgestyle.images import Picture, read_picture, write_picture
    from edgestyle.packs.loading import load_pack

    loaded = load_pack(pack)
    with needs("torch", "export"):
        from edgestyle.exporters.bundle import export_pack
        from edgestyle.exporters.formats import FORMATS
        from edgestyle.exporters.recipes import DEFAULT_RECIPES

    with working("stylizing") as status:
        sheet = output / f"{photo.stem}-{loaded.name}.png"
        styles = [style] if style else list(loaded.styles)
        write_picture(Picture(strength_sheet(loaded, [read_picture(photo).pixels], styles)), sheet)
        files = export_pack(
            loaded, output, list(FORMATS), list(DEFAULT_RECIPES), [512], lambda name: status.update(f"exporting {name}")
        )
        results = []
        for file in files:
            status.update(f"measuring {file.path.name}")
            results.append(measure_on_host(file.path, threads=1, size=512, plan=Plan()))
    write_results(results, output / "latency.jsonl")
    show(demo_table(files, results))
    print(f"your photo at five strengths: {sheet}\nfiles for the phone, with sidecars: {output}")


def strength_sheet(pack: "Pack", photos: list["Pixels"], styles: list[str], cell_height: int = 400) -> "Pixels":
    """A contact sheet with a row per photo and style, and a column per strength."""
    from edgestyle.images import fit
    from edgestyle.quality.sheets import contact_sheet

    small = [fit(photo, 640) for photo in photos]
    rows = [[pack.stylize(p, style, strength, "full") for strength in STRENGTHS] for p in small for style in styles]
    columns = [f"strength {strength:g}" for strength in STRENGTHS]
    return contact_sheet(rows, columns, styles * len(photos), cell_height)
