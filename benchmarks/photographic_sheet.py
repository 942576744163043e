"""A sheet to look at: four photos after four references, by the teacher and by the pack.

python -m benchmarks.photographic_sheet PHOTOS --pcakd pcakd_VGG.npz --pack lumen

Writes `docs/PACK-references.jpg`. Nothing was trained on these photos and references.
"""

import argparse
from pathlib import Path

import numpy as np
import torch

from benchmarks.photographic import TEST_REFERENCES, make_methods
from benchmarks.tables import ROOT
from edgestyle.images import Picture, Pixels, to_pixels, write_picture
from edgestyle.packs.loading import load_pack
from edgestyle.packs.pack import Pack
from edgestyle.quality.pictures import read_square
from edgestyle.quality.sheets import contact_sheet
from edgestyle.teachers.photographic import PhotographicTeacher

PHOTOS = ("skimage_astronaut.png", "kodim04.jpg", "kodim21.jpg", "sklearn_china.jpg")
REFERENCES = (TEST_REFERENCES[0], TEST_REFERENCES[1], TEST_REFERENCES[2], TEST_REFERENCES[5])
CELL_HEIGHT = 190


def main() -> None:
    """Draw the sheet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, help="folder that holds the photos and references")
    parser.add_argument("--pcakd", type=Path, required=True, help="pcakd_VGG.npz, or its folder")
    parser.add_argument("--pack", default="lumen")
    parser.add_argument("-o", "--output", type=Path, help="file; if not given, docs/PACK-references.jpg")
    options = parser.parse_args()
    pack = load_pack(options.pack)
    path = options.output or ROOT / "docs" / f"{pack.name}-references.jpg"
    write_picture(Picture(draw_sheet(pack, PhotographicTeacher(options.pcakd), options.photos)), path)
    print(path)


def draw_sheet(pack: Pack, teacher: PhotographicTeacher, folder: Path) -> Pixels:
    """A row of references; then for every photo a row by the smoothed teacher and one by the pack: `uint8 [H,W,3]`."""
    squares = torch.cat([read_square(folder / name) for name in REFERENCES])
    methods = make_methods(pack, teacher, squares)
    shown = [to_pixels(square.numpy()) for square in squares.split(1)]
    rows, names = [[np.full_like(shown[0], 255), *shown]], ["reference"]
    for photo in (read_square(folder / name) for name in PHOTOS):
        for name, method in (("teacher", methods["PCA-KD, smoothed"]), (pack.name, methods[pack.name])):
            drawn = [to_pixels(method(photo, index).numpy()) for index in range(len(REFERENCES))]
            rows.append([to_pixels(photo.numpy()), *drawn])
            names.append(name)
    return contact_sheet(rows, ["photo", *("" for _ in REFERENCES)], names, CELL_HEIGHT)


if __name__ == "__main__":
    with torch.no_grad():
        main()
