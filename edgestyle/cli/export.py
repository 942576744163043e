"""`edgestyle export`."""

from pathlib import Path
from typing import Annotated

import typer


def export(
    pack: Annotated[str, typer.Argument(help="A shipped pack's name, or a pack's folder.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for the files and their sidecars.")],
    formats: Annotated[
        list[str] | None, typer.Option("--format", help="onnx, coreml or tflite; may be repeated. All of them.")
    ] = None,
    recipes: Annotated[
        list[str] | None,
        typer.Option("--recipe", help="float32, float16, w8; Core ML: w6, w4; may be repeated. The first two."),
    ] = None,
    sizes: Annotated[
        list[int] | None,
        typer.Option("--size", help="Side of the square picture, a multiple of 8; may be repeated. ONNX takes any."),
    ] = None,
) -> None:
    """Export a pack for phones, and prove that every file draws the same picture."""
    from edgestyle.cli.extras import needs
    from edgestyle.cli.screen import exported_table, show, working
    from edgestyle.packs.loading import load_pack

    loaded = load_pack(pack)
    with needs("torch", "export"):
        from edgestyle.exporters.bundle import FORMATS, export_pack
        from edgestyle.exporters.recipes import DEFAULT_RECIPES

    with working("exporting") as status:
        exported = export_pack(
            loaded,
            output,
            formats or list(FORMATS),
            recipes or list(DEFAULT_RECIPES),
            sizes or [512],
            on_start=lambda name: status.update(f"exporting and checking {name}"),
        )
    show(exported_table(exported))
    print(f"{output} holds them, each with its sidecar")
