"""Options of the commands that draw with a pack: `stylize` and `video`."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from edgestyle.errors import ContractError

if TYPE_CHECKING:
    from edgestyle.packs.pack import Pack

WorkingSize = int | Literal["full"] | None
PackOption = Annotated[
    str | None,
    typer.Option(
        help="A shipped pack's name, or a pack's folder. If not given: atelier, or the shipped pack that has the style."
    ),
]
StyleOption = Annotated[
    str | None,
    typer.Option(help="A style of the pack, or a mix such as cartoon:0.6,oil:0.4; the first style if not given."),
]
StrengthOption = Annotated[
    float | None, typer.Option(help="0 leaves the photo untouched, 1 is the full style. The style's own default.")
]
WorkingSizeOption = Annotated[
    str | None,
    typer.Option(
        help="Long side at which the network works; strokes keep their size relative to the picture "
        "whatever the photo's own size. The pack's own, such as 1024. 'full' works at the photo's size, "
        "about 0.1 GB a megapixel."
    ),
]


def check_drawing(pack: "Pack", style: str | None, strength: float | None) -> None:
    """Raise PackError or ContractError where `pack` has no such style or mix, or the strength is none."""
    from edgestyle.contract import check_strength

    chosen = pack.style(style)
    check_strength(chosen.default_strength if strength is None else strength)


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
