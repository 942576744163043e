"""`edgestyle export`."""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edgestyle.cli.export_options import Fastest, Lut, LutStrength, MostBytes, Quality

if TYPE_CHECKING:
    from edgestyle.exporters.budgets import Budget
    from edgestyle.exporters.calibration import Calibration
    from edgestyle.exporters.describing import Exported
    from edgestyle.packs.avatars import AvatarPack
    from edgestyle.packs.pack import Pack


def export(
    pack: Annotated[str, typer.Argument(help="A shipped pack's name, or a pack's folder.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for the files and their sidecars.")],
    formats: Annotated[
        list[str] | None, typer.Option("--format", help="onnx, coreml or tflite; may be repeated. All of them.")
    ] = None,
    recipes: Annotated[
        list[str] | None,
        typer.Option(
            "--recipe", help="float32, float16, w8, w8a8, w6, w4 or a .recipe.json; may be repeated. The first two."
        ),
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
    quality: Quality = None,
    max_size: MostBytes = None,
    fastest: Fastest = False,
    lut: Lut = None,
    lut_strength: LutStrength = None,
) -> None:
    """Export a pack for phones, and prove that every file draws the same picture.

    A pack that takes reference pictures gets its encoder's files too; Core ML one a --size if a pack recolours photos.
    With --quality, --max-size or --fastest the precision of every layer is searched; what was found is saved as a
    .recipe.json for --recipe. A search that is stopped goes on when the same command is given again. Exit code 3: no
    file keeps such a budget.

    A pack of avatars gives three files: what draws, what makes styles of random numbers, what finds a picture's.

    A LUT, for video editors and shader filters, holds what a pack that recolours photos makes of each colour, the mean
    over eight photos. It knows neither the photo nor the place; how far it is from the renderer is measured and said.
    """
    from edgestyle.cli.avatar_exports import export_avatar_pack
    from edgestyle.cli.luts import check_luts, write_luts
    from edgestyle.cli.screen import exported_table, show
    from edgestyle.cli.searching import calibrates, wanted_budget
    from edgestyle.packs.pack import Pack

    loaded, say = _load(pack), partial(print, file=sys.stderr)
    if isinstance(loaded, Pack):
        check_luts(loaded, lut, lut_strength)
        budget = wanted_budget(quality, max_size, fastest)
        calibration = _calibrate(loaded, photos, seed, budget is not None or calibrates(recipes), say)
        show(exported_table(_export(loaded, output, formats, recipes, sizes or [512], calibration, io, budget, say)))
        write_luts(loaded, output, lut, lut_strength, say)
    else:
        others = (
            ("--size", sizes), ("--calibration", photos), ("--io uint8", io != "float32"), ("--quality", quality),
            ("--max-size", max_size), ("--fastest", fastest), ("--lut", lut), ("--lut-strength", lut_strength),
        )  # fmt: skip
        show(exported_table(export_avatar_pack(loaded, output, formats, recipes, seed, others, say)))
    print(f"{output} holds them, each with its sidecar")


def _load(name: str) -> "Pack | AvatarPack":
    from edgestyle.cli.extras import needs
    from edgestyle.packs.avatars import load_any_pack

    loaded = load_any_pack(name)
    with needs("torch", "export"):
        import edgestyle.exporters.bundle  # noqa: F401  for the message where torch is missing
    return loaded


def _calibrate(
    pack: "Pack", photos: Path | None, seed: int, is_used: bool, say: Callable[[str], None]
) -> "Calibration":
    """What integer recipes are calibrated on: the photos of a folder, or those that come with edgestyle."""
    from edgestyle.exporters.calibration import bundled_calibration, folder_calibration

    styles = list(pack.styles.values())
    if photos is None or not is_used:
        if photos is not None:
            say("--calibration is not used: none of these recipes is calibrated, only w8a8 and searched ones are")
        return bundled_calibration(styles, seed)
    return folder_calibration(photos, styles, seed, on_skip=say)


def _export(
    pack: "Pack",
    output: Path,
    formats: list[str] | None,
    recipes: list[str] | None,
    sizes: list[int],
    calibration: "Calibration",
    io: str,
    budget: "Budget | None",
    say: Callable[[str], None],
) -> "list[Exported]":
    """Search, or export the named recipes and those from files."""
    from edgestyle.cli.screen import working
    from edgestyle.cli.searching import export_searched, formats_for, read_recipes
    from edgestyle.exporters.bundle import check_layer_recipes, export_layers, export_pack

    named, by_layer = read_recipes(recipes, formats, budget)
    jobs = formats or formats_for(budget, io)
    if budget:
        return export_searched(pack, output, jobs, budget, sizes, calibration, io)
    check_layer_recipes(pack, by_layer, sizes, io)
    with working("exporting") as status:

        def on_start(name: str) -> None:
            status.update(f"exporting and checking {name}")

        left_out = None if formats else say
        exported = export_pack(pack, output, jobs, named, sizes, on_start, calibration, io, left_out) if named else []
        for one in by_layer:
            on_start(f"'{one.name}' in {one.format}")
            exported.append(export_layers(pack, output, one, sizes, calibration, io))
        return exported
