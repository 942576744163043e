"""Many faces in one picture, or one after the other in an animation."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from edgestyle.errors import ContractError, OutputError
from edgestyle.images import Pixels, whole_file

ANIMATED = frozenset({".gif", ".webp"})
_MOST_PIXELS = 100_000_000  # of a sheet: 300 MB of memory
_INK, _PAPER = (40, 40, 40), (255, 255, 255)
_LARGEST, _SMALLEST = 28, 6  # letters of captions, pixels


def check_sheet(count: int, columns: int, size: int) -> None:
    """Raise ContractError where `count` pictures of `size` pixels are too many for one sheet."""
    width, height = columns * size, -(-count // columns) * size
    if width * height > _MOST_PIXELS:
        most = f"more than {_MOST_PIXELS // 1_000_000} megapixels"
        raise ContractError(f"a sheet of {width}x{height} pixels is {most}: draw fewer faces, or smaller ones")


def lay_out(pictures: Sequence[Pixels], columns: int, captions: Sequence[str] | None = None) -> Pixels:
    """Pictures in rows on white.

    Args:
        pictures: `uint8 [S,S,3]` each, all of one size.
        columns: how many in a row.
        captions: a line under each; none by default.

    Returns:
        `uint8 [H,W,3]`.

    Raises:
        ContractError: the sheet would be larger than 100 megapixels.
    """
    side = len(pictures[0])
    check_sheet(len(pictures), columns, side)
    gap = max(2, side // 32)
    font = _font(captions, side) if captions else None
    line = round(1.6 * font.size) if font else 0
    rows, step = -(-len(pictures) // columns), side + line + gap
    sheet = Image.new("RGB", (columns * (side + gap) + gap, rows * step + gap), _PAPER)
    draw = ImageDraw.Draw(sheet)
    for place, picture in enumerate(pictures):
        x, y = gap + place % columns * (side + gap), gap + place // columns * step
        sheet.paste(Image.fromarray(picture), (x, y))
        if captions:
            draw.text((x + side / 2, y + side + line / 2), captions[place], _INK, font, anchor="mm")
    return np.asarray(sheet)


def write_animation(pictures: Sequence[Pixels], path: Path, frame_ms: int = 80) -> None:
    """Write an endless animation there and back, whole or not at all.

    Args:
        pictures: `uint8 [H,W,3]` each, all of one size; the first and the last rest a little.
        path: ends in one of `ANIMATED`.
        frame_ms: how long each is shown.

    Raises:
        OutputError: the file cannot be written.
    """
    images = [Image.fromarray(picture) for picture in (*pictures, *pictures[-2:0:-1])]
    durations = [frame_ms] * len(images)
    durations[0] = durations[len(pictures) - 1] = 6 * frame_ms
    with whole_file(path) as temporary:
        try:
            images[0].save(temporary, save_all=True, append_images=images[1:], duration=durations, loop=0, quality=90)
        except (ValueError, RuntimeError) as error:  # such as sides a format cannot hold
            raise OutputError(f"cannot write {path}: {error}") from error


def _font(captions: Sequence[str], side: int) -> ImageFont.FreeTypeFont:
    """The largest font of a good size at which every caption fits under its picture."""
    longest = max(captions, key=len)
    for size in range(min(_LARGEST, max(11, side // 9)), _SMALLEST, -1):
        font = ImageFont.load_default(size)
        if font.getlength(longest) <= side:
            break
    assert isinstance(font, ImageFont.FreeTypeFont)
    return font
