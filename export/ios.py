"""Fill ios_demo with models, previews, the selfie's recipe and golden files: `python export/ios.py`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs from a checkout, as a file

from export.command import ROOT, Missing, Packs, RecipeName, is_whole, run, say

APP = ROOT / "ios_demo"
RESOURCES, GOLDEN = "EdgeStyleDemo/Resources", "EdgeStyleKit/Tests/EdgeStyleKitTests/Golden"
SIZES = (512, 1024)  # sides of squares: of a live camera, and of a photo's working size


def ios(
    packs: Packs = None,
    output: Annotated[Path, typer.Option("-o", "--output", help="The app's folder.")] = APP,
    recipe: RecipeName = "w8",
    sizes: Annotated[
        list[int] | None, typer.Option("--size", help="Side of a square picture, a multiple of 8; may be repeated.")
    ] = None,
    if_missing: Missing = False,
) -> None:
    """Export packs to Core ML and put all that the iOS app reads into its resources.

    Each file passes the parity gate first, and has its sidecar beside it. What is there and as it should be is left
    alone, so running it again costs nothing. It works on Linux too: Core ML's files are converted and checked there.

    python export/ios.py                      the default set, as it is in git
    python export/ios.py atelier museum       other packs in its place
    """
    if if_missing and is_whole(output / RESOURCES):
        say(f"{output / RESOURCES} is whole")
        return
    fill(output, packs, recipe, tuple(sizes or SIZES))
    print(f"{output / RESOURCES} holds what the app reads")


def fill(output: Path, packs: list[str] | None, recipe: str, sizes: tuple[int, ...]) -> None:
    """Export, copy and index; arguments as for `ios`."""
    from export import common
    from export.goldens import write_goldens

    order = common.Order(output / RESOURCES, "coreml", recipe, sizes)
    indexed, exported = [], list[common.ModelFile]()
    loaded = common.load_packs(packs or common.DEFAULT_PACKS)
    for pack in loaded:
        files = common.export_models(pack, order, say)
        common.remove_others(pack, order, files)
        previews = common.copy_previews(pack, order.folder)
        indexed.append(common.pack_json(pack, order, files, previews))
        exported += files
    common.write_selfie(order, loaded, [])  # iOS finds faces and people itself
    common.write_index(order, indexed)
    say("golden files")
    write_goldens(exported, order.folder, output / GOLDEN, "png")


if __name__ == "__main__":
    run(ios)
