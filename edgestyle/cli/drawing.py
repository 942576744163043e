"""Options of the commands that draw with a pack: `stylize` and `video`."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from edgestyle.errors import ContractError, OutputError, PackError

if TYPE_CHECKING:
    from edgestyle.packs.pack import Pack, Style

WorkingSize = int | Literal["full"] | None
PackOption = Annotated[
    str | None,
    typer.Option(
        help="A shipped pack's name, or a pack's folder. If not given: atelier, or the shipped pack that has the "
        "style, or with --reference the one that takes reference pictures."
    ),
]
StyleOption = Annotated[
    str | None,
    typer.Option(
        help="A style of the pack, a mix such as cartoon:0.6,oil:0.4, or a .style.json that `edgestyle learn` wrote; "
        "the first style if not given. `edgestyle packs` lists them."
    ),
]
ReferenceOption = Annotated[
    Path | None,
    typer.Option(
        help="Instead of --style: a picture whose look is taken over. 'lumen' takes the light, palette and mood of "
        "any photo, --pack easel a painting's brush, too. All of the picture counts."
    ),
]
StrengthOption = Annotated[
    float | None,
    typer.Option(
        help="0 leaves the photo untouched, 1 is the full style. If not given, the style's own, which "
        "`edgestyle packs` lists."
    ),
]
WorkingSizeOption = Annotated[
    str | None,
    typer.Option(
        help="Long side at which the network works; strokes keep their size relative to the picture "
        "whatever the photo's own size. The pack's own, such as 1024, or the photo's up to 9 megapixels for packs that "
        "recolour. 'full' works at the photo's size, 0.1 to 0.2 GB a megapixel."
    ),
]


def choose_drawing(
    pack: str | None, style: str | None, reference: Path | None, strength: float | None
) -> tuple["Pack", "Style"]:
    """The pack and the style to draw with, from the options as they were typed.

    Raises:
        PackError: there is no such pack or style, or both a style and a reference, or a pack without an encoder.
        PictureError: the reference cannot be read.
        ContractError: the strength is no number from 0 to 1.
    """
    from edgestyle.contract import check_strength
    from edgestyle.images import read_picture
    from edgestyle.packs.choosing import choose_encoding_pack, choose_pack, painting_encoders

    if strength is not None:
        check_strength(strength)
    if reference is None and style is not None and style.endswith(".json"):
        return _learned(pack, Path(style))
    if reference is None:
        loaded = choose_pack(pack, style)
        return loaded, loaded.style(style)
    if style is not None:
        raise PackError("--style and --reference both say how to draw: give one of them")
    loaded = choose_encoding_pack(pack)
    if pack is None and loaded.recolours and (others := painting_encoders()):
        print(f"note: '{loaded.name}' takes its colours; --pack {others[0]} takes its brush, too", file=sys.stderr)
    return loaded, loaded.encode(read_picture(reference))


def _learned(pack: str | None, path: Path) -> tuple["Pack", "Style"]:
    """A style file, and the pack that it was learned with."""
    from edgestyle.packs.loading import load_pack
    from edgestyle.packs.style_files import check_fits, read_style

    file = read_style(path)
    loaded = load_pack(pack or file.pack)
    check_fits(file, loaded)
    if file.correction:
        raise PackError(
            f"{path} has a correction of the network: edgestyle add-style {path} --make-pack FOLDER, then --pack FOLDER"
        )
    return loaded, file.style


def keep_reference(reference: Path | None, targets: Iterable[Path]) -> None:
    """Raise OutputError where a result would be written over the reference."""
    if reference is not None and any(target.resolve() == reference.resolve() for target in targets):
        raise OutputError(f"{reference} is the reference: choose another place for the result")


def parse_working_size(text: str | None) -> WorkingSize:
    """Pixels of the long side, "full", or None for None; raise ContractError for anything else."""
    if text is None:
        return None
    if text == "full":
        return "full"
    try:
        size = int(text)
    except ValueError:
        raise ContractError(f"working size must be a number of pixels or 'full', not '{text}'") from None
    if size < 8:
        raise ContractError(f"working size must be at least 8 pixels, not {size}")
    return size
