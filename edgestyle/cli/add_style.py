"""`edgestyle add-style`."""

from pathlib import Path
from typing import Annotated

import typer

from edgestyle.errors import ContractError


def add_style(
    style: Annotated[Path, typer.Argument(help="A .style.json, as `edgestyle learn` writes it.")],
    targets: Annotated[
        list[Path] | None,
        typer.Argument(help="Exported files, folders of them, or folders of your packs.", metavar="TARGET..."),
    ] = None,
    make_pack: Annotated[Path | None, typer.Option(help="Write a new pack with the style into this folder.")] = None,
    pack: Annotated[
        str | None, typer.Option(help="The pack that the style was learned with; if not given, the one it names.")
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Put it in the place of a style, or a pack, that is there.")
    ] = False,
) -> None:
    """Add a learned style to exported files or packs. No new export: a style is a vector, and the vector is an input.

    To files on their way to a phone: edgestyle add-style acme.style.json phone/
    To a pack of yours:               edgestyle add-style acme.style.json my-pack/
    As a new pack:                    edgestyle add-style acme.style.json --make-pack acme/

    Of a folder, the files of the style's network are taken. Each has to draw the style as closely as its recipe
    promises; one that does not stays as it is.
    """
    from edgestyle.cli.extras import needs
    from edgestyle.packs.loading import load_pack
    from edgestyle.packs.style_files import read_style

    file = read_style(style)
    if not targets and make_pack is None:
        raise ContractError(
            "say where the style is to be added: exported files, a pack's folder, or --make-pack FOLDER"
        )
    loaded = load_pack(pack or file.pack)
    with needs("torch", "export"):
        from edgestyle.exporters.adding import add_to_file, add_to_pack, find_fitting
        from edgestyle.exporters.adding import make_pack as write_pack
    if make_pack is not None:
        print(f"{write_pack(make_pack, file, loaded, replace).folder}: a pack with style '{file.style.name}'")
    for target in targets or []:
        if (target / "pack.json").is_file():
            add_to_pack(target, file, replace)
            print(f"{target}: added to the pack")
            continue
        for path in find_fitting(target, file, loaded):
            report = add_to_file(path, file, loaded, path.parent / "parity-failures", replace)
            close = f", {report.min_psnr_db:.1f} dB to the network at worst" if report else ""
            print(f"{path}: added{close}")
