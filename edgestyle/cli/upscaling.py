"""Options of commands that enlarge what they drew."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edgestyle.contract import check_factor
from edgestyle.errors import PictureError

if TYPE_CHECKING:
    from edgestyle.images import Picture
    from edgestyle.upscaling.enlarging import Upscaler

_LONGEST = {".webp": 16_383, ".jpg": 65_500, ".jpeg": 65_500}  # sides that formats hold, pixels

UpscaleOption = Annotated[
    int | None,
    typer.Option(
        "--upscale",
        metavar="2|4",
        help="Then enlarge the picture, 2 or 4 times as wide and high, with a small network, a tile at a time; "
        "up to 178 megapixels.",
    ),
]


def open_upscaler(factor: int | None) -> "Upscaler | None":
    """The network for `--upscale`, or None where it was not given; raise ContractError for another factor."""
    if factor is None:
        return None
    check_factor(factor)
    from edgestyle.upscaling.enlarging import Upscaler

    return Upscaler(factor)


def check_room(picture: "Picture", source: Path, target: Path, factor: int) -> None:
    """Raise PictureError, before minutes of work, where the enlarged picture would be too large or fit no such file."""
    from edgestyle.upscaling.enlarging import check_enlarged_size

    height, width = picture.pixels.shape[:2]
    try:
        check_enlarged_size(height, width, factor)
    except PictureError as error:
        raise PictureError(f"{source}: {error}") from error
    longest = factor * max(height, width)
    if longest > _LONGEST.get(target.suffix.lower(), longest):
        most = _LONGEST[target.suffix.lower()]
        raise PictureError(f"{source} would be {longest} pixels long, and {target.suffix} holds {most}: write .png")
