"""Sheets to look at: what the teachers draw and what the networks draw, style by style.

python -m benchmarks.teacher_student PAINTINGS --magenta FOLDER

Writes `benchmarks/teacher-student-PACK.jpg`. The photos are three of the bundled ones, which no network was trained on.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from benchmarks.magenta import STYLE_SIDE, Magenta
from benchmarks.museum import PAINTINGS
from benchmarks.tables import ROOT
from edgestyle.images import Picture, Pixels, to_pixels, write_picture
from edgestyle.packs.loading import load_pack, shipped_packs
from edgestyle.packs.pack import Pack
from edgestyle.quality.pictures import read_square
from edgestyle.quality.sheets import contact_sheet
from edgestyle.teachers import TEACHERS

PHOTOS = ("astronaut.jpg", "china.jpg", "chelsea.jpg")
CELL_HEIGHT = 150

Teacher = Callable[[Tensor], Tensor]  # photo [1,3,384,384] -> what it should become


def main() -> None:
    """Draw one sheet for each shipped pack."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paintings", type=Path, help="folder that holds the paintings")
    parser.add_argument("--magenta", type=Path, required=True, help="folder of Magenta's two ONNX files")
    options = parser.parse_args()
    photos = [read_square(ROOT / "examples" / name) for name in PHOTOS]
    magenta = Magenta(options.magenta)
    for name in shipped_packs():
        pack = load_pack(name)
        teachers = {style: _teacher(pack, style, options.paintings, magenta) for style in pack.styles}
        path = ROOT / "benchmarks" / f"teacher-student-{name}.jpg"
        write_picture(Picture(draw_sheet(pack, teachers, photos)), path)
        print(path)


def draw_sheet(pack: Pack, teachers: dict[str, Teacher], photos: list[Tensor]) -> Pixels:
    """For every photo a row by the teachers and one by the network, at full strength: `uint8 [H,W,3]`."""
    rows, names = [], []
    for photo in photos:
        pixels = to_pixels(photo.numpy())
        rows.append([pixels, *(to_pixels(teacher(photo).numpy()) for teacher in teachers.values())])
        rows.append([pixels, *(pack.stylize(pixels, style, 1.0, "full") for style in teachers)])
        names += ["teacher", "network"]
    return contact_sheet(rows, ["photo", *teachers], names, CELL_HEIGHT)


def _teacher(pack: Pack, style: str, paintings: Path, magenta: Magenta) -> Teacher:
    """The filter that the style learned from, or Magenta's network with its painting."""
    if style in pack.filters:
        return lambda photo: TEACHERS[style](photo, 1.0)
    vector = magenta.vector(read_square(paintings / PAINTINGS[style], STYLE_SIDE))
    return lambda photo: magenta.stylize(photo, vector)


if __name__ == "__main__":
    with torch.no_grad():
        main()
