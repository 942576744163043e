"""`edgestyle export`."""

import sys
from functools import partial
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
        typer.Option("--recipe", help="float32, float16, w8, w8a8, w6 or w4; may be repeated. The first two."),
    ] = None,
    sizes: Annotated[
        list[int] | None,
        typer.Option("--size", help="Side of the square picture, a multiple of 8; may be repeated. ONNX takes any."),
    ] = None,
    photos: Annotated[
        Path | None, typer.Option("--calibration", help="Folder of photos for w8a8. Eight bundled ones.")
    ] = None,
    io: Annotated[
        str, typer.Option(help="float32, or uint8 for TFLite with 8-bit pixels, as cameras give them.")
    ] = "float32",
    seed: Annotated[int, typer.Option(help="Of the calibration.", min=0)] = 0,
) -> None:
    """Export a pack for phones, and prove that every file draws the same picture."""
    from edgestyle.cli.extras import needs
    from edgestyle.cli.screen import exported_table, show, working
    from edgestyle.packs.loading import load_pack

    loaded = load_pack(pack)
    with needs("torch", "export"):
        from edgestyle.exporters.bundle import FORMATS, IO, export_pack
        from edgestyle.exporters.calibration import bundled_calibration, folder_calibration
        from edgestyle.exporters.recipes import DEFAULT_RECIPES, RECIPES

    recipes = recipes or list(DEFAULT_RECIPES)
    say = partial(print, file=sys.stderr)
    styles, calibration = list(loaded.styles.values()), None
    if photos is not None and not any(name in RECIPES and RECIPES[name].calibrated for name in recipes):
        say(f"--calibration is not used: nothing in {', '.join(recipes)} is calibrated, only w8a8 is")
    elif photos is not None:
        calibration = folder_calibration(photos, styles, seed, on_skip=say)
    with working("exporting") as status:
        exported = export_pack(
            loaded,
            output,
            formats or list(IO.get(io, FORMATS)),
            recipes,
            sizes or [512],
            on_start=lambda name: status.update(f"exporting and checking {name}"),
            calibration=calibration or bundled_calibration(styles, seed),
            io=io,
            on_left_out=None if formats else say,
        )
    show(exported_table(exported))
    print(f"{output} holds them, each with its sidecar")
