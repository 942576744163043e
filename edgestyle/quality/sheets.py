"""Contact sheets: rows of labelled pictures, because people would rather look than read."""

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from edgestyle.images import Pixels

_GAP = 8
_LABEL_HEIGHT = 26
_INK, _PAPER = (40, 40, 40), (255, 255, 255)


def contact_sheet(rows: list[list[Pixels]], columns: list[str], row_names: list[str], cell_height: int) -> Pixels:
    """Lay out rows of pictures on white, with a label over each column and beside each row.

    Args:
        rows: pictures `uint8 [H,W,3]`; all of one row have the same shape.
        columns: a label for every column.
        row_names: a label for every row, written upwards at its left; empty for none.
        cell_height: pixels; widths follow.

    Returns:
        `uint8 [H,W,3]`.
    """
    font = ImageFont.load_default(15)
    cells = [[_to_height(picture, cell_height) for picture in row] for row in rows]
    widths = [max(row[c].width for row in cells) for c in range(len(columns))]
    left = _LABEL_HEIGHT if any(row_names) else _GAP
    width = left + sum(widths) + _GAP * len(widths)
    height = _LABEL_HEIGHT + (cell_height + _GAP) * len(rows)
    sheet = Image.new("RGB", (width, height), _PAPER)
    draw = ImageDraw.Draw(sheet)
    x = left
    for column, label in enumerate(columns):
        draw.text((x + widths[column] / 2, _LABEL_HEIGHT / 2), label, _INK, font, anchor="mm")
        for index, row in enumerate(cells):
            y = _LABEL_HEIGHT + index * (cell_height + _GAP)
            sheet.paste(row[column], (x + (widths[column] - row[column].width) // 2, y))
        x += widths[column] + _GAP
    for index, name in enumerate(row_names):
        _write_upwards(sheet, name, _LABEL_HEIGHT + index * (cell_height + _GAP), cell_height, font)
    return np.asarray(sheet)


def _to_height(picture: Pixels, height: int) -> Image.Image:
    image = Image.fromarray(picture)
    width = max(1, round(image.width * height / image.height))
    return image if image.size == (width, height) else image.resize((width, height), Image.Resampling.LANCZOS)


def _write_upwards(
    sheet: Image.Image, text: str, top: int, height: int, font: ImageFont.FreeTypeFont | ImageFont.ImageFont
) -> None:
    strip = Image.new("RGB", (height, _LABEL_HEIGHT), _PAPER)
    ImageDraw.Draw(strip).text((height / 2, _LABEL_HEIGHT / 2), text, _INK, font, anchor="mm")
    sheet.paste(strip.transpose(Image.Transpose.ROTATE_90), (0, top))
