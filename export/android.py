"""Fill android_demo with models, previews, the selfie's recipe and golden files: `python export/android.py`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs from a checkout, as a file

from edgestyle.errors import ContractError
from export.command import ROOT, Missing, Packs, RecipeName, is_whole, run, say

APP = ROOT / "android_demo"
ASSETS, GOLDEN = "app/src/main/assets", "kit/src/androidTest/assets/golden"
LIVE_SIZES = ("512x384", "384x512")  # heights and widths of a live camera, held upright and sideways


def android(
    packs: Packs = None,
    output: Annotated[Path, typer.Option("-o", "--output", help="The app's folder.")] = APP,
    recipe: RecipeName = "w8",
    sizes: Annotated[
        list[str] | None,
        typer.Option("--size", help="Height and width of live pictures, such as 512x384; may be repeated."),
    ] = None,
    if_missing: Missing = False,
) -> None:
    """Export packs to ONNX and put all that the Android app reads into its assets.

    Each file passes the parity gate first, and has its sidecar beside it. A renderer comes once for pictures of any
    size, for photos, and once for each size of a live camera, because accelerators take no free sizes. What is there
    and as it should be is left alone, so running it again costs nothing.

    python export/android.py                      the default set, as it is in git
    python export/android.py atelier museum       other packs in its place
    """
    if if_missing and is_whole(output / ASSETS):
        say(f"{output / ASSETS} is whole")
        return
    shapes = [parse_size(text) for text in sizes or LIVE_SIZES]
    fill(output, packs, recipe, shapes)
    print(f"{output / ASSETS} holds what the app reads")


def fill(output: Path, packs: list[str] | None, recipe: str, shapes: list[tuple[int, int]]) -> None:
    """Export, copy and index; arguments as for `android`, sizes as heights and widths."""
    from edgestyle.selfie.faces import NETWORKS
    from export import common
    from export.fixing import fix_size
    from export.goldens import write_goldens

    order = common.Order(output / ASSETS, "onnx", recipe)
    indexed, exported = [], list[common.ModelFile]()
    loaded = common.load_packs(packs or common.DEFAULT_PACKS)
    for pack in loaded:
        files = common.export_models(pack, order, say)
        fixed = [
            common.ModelFile("renderer", fix_size(file.path, *shape), [list(shape)])
            for file in files if file.component == "renderer"
            for shape in shapes
        ]  # fmt: skip
        common.remove_others(pack, order, files + fixed)
        previews = common.copy_previews(pack, order.folder)
        indexed.append(common.pack_json(pack, order, files + fixed, previews))
        exported += files
    common.write_selfie(order, loaded, sorted(NETWORKS.glob("*.tflite")))
    common.write_index(order, indexed)
    say("golden files")
    write_goldens(exported, order.folder, output / GOLDEN, "f32")


def parse_size(text: str) -> tuple[int, int]:
    """Height and width of `512x384`. Raises ContractError for what is no such size."""
    from edgestyle.contract import check_size
    from edgestyle.sidecar import MAX_SIZE

    try:
        height, width = map(int, text.split("x"))
    except ValueError:
        raise ContractError(f"a size is a height and a width such as 512x384, not '{text}'") from None
    check_size(height, width)
    if max(height, width) > MAX_SIZE:
        raise ContractError(f"sides are at most {MAX_SIZE} pixels, not {text}")
    return height, width


if __name__ == "__main__":
    run(android)
