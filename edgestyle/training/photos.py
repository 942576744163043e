"""A folder of photos as an endless supply of square crops at many scales."""

import random
import sys
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image

from edgestyle.errors import PictureError, TrainingError
from edgestyle.images import PICTURE_SUFFIXES, Pixels, check_picture_header, read_picture

_CACHE_BYTES = 512 * 2**20
_MAX_TRIES = 100


def find_photos(folder: Path, exclude: Iterable[str] = ()) -> tuple[list[Path], list[str]]:
    """List the pictures under `folder`, sorted, with a line about every file that only looks like one.

    Only headers are read, so that a folder of a hundred thousand photos is no wait; a photo that turns out to be
    damaged further in is skipped when a crop of it is drawn.

    Args:
        folder: searched with its sub-folders.
        exclude: file names to leave out, such as test photos.

    Raises:
        TrainingError: the folder is missing or holds no readable picture.
    """
    if not folder.is_dir():
        raise TrainingError(f"no such folder of photos: {folder}")
    unwanted = set(exclude)
    photos, skipped = [], []
    for path in sorted(p for p in folder.rglob("*") if p.suffix.lower() in PICTURE_SUFFIXES):
        if path.name in unwanted:
            continue
        try:
            check_picture_header(path)
            photos.append(path)
        except PictureError as error:
            skipped.append(f"skipped: {error}")
    if not photos:
        raise TrainingError(f"no readable photo in {folder}")
    return photos, skipped


class PhotoCrops:
    """Draws crops from photos. The same random generator state gives the same crop.

    Raises TrainingError when photos cannot be read any more.

    Args:
        photos: the files to draw from, each as likely as the next.
        size: side of a crop in pixels.
        long_sides: the photo is thought of at a long side drawn from this range, so that a crop may be a whole
            face or a few hairs.
    """

    def __init__(self, photos: list[Path], size: int, long_sides: tuple[int, int] = (400, 1100)) -> None:
        self.photos = photos
        self.size = size
        self.long_sides = long_sides
        self._decoded: OrderedDict[Path, Pixels] = OrderedDict()
        self._damaged: set[Path] = set()

    def draw(self, rng: random.Random) -> Pixels:
        """Return one crop, `uint8 [size,size,3]`."""
        image = Image.fromarray(self._readable_photo(rng))
        long_side = rng.uniform(*self.long_sides)
        scale = max(long_side / max(image.size), self.size / min(image.size))
        side = self.size / scale
        left, top = (rng.uniform(0, max(0.0, length - side)) for length in image.size)  # rounding may leave -1e-14
        box = (left, top, min(left + side, image.width), min(top + side, image.height))
        crop = np.asarray(image.resize((self.size, self.size), Image.Resampling.LANCZOS, box=box))
        return crop[:, ::-1] if rng.random() < 0.5 else crop

    def _readable_photo(self, rng: random.Random) -> Pixels:
        """Draw photos until one can be read; each damaged one is reported once."""
        for _ in range(_MAX_TRIES):
            path = rng.choice(self.photos)
            if path in self._damaged:
                continue
            try:
                return self._photo(path)
            except PictureError as error:
                self._damaged.add(path)
                print(f"skipped: {error}", file=sys.stderr)
        raise TrainingError(f"{_MAX_TRIES} photos in a row cannot be read, such as {path}")

    def _photo(self, path: Path) -> Pixels:
        """Decode a photo, keeping the last half gigabyte of them."""
        if path in self._decoded:
            self._decoded.move_to_end(path)
            return self._decoded[path]
        pixels = read_picture(path).pixels
        self._decoded[path] = pixels
        while len(self._decoded) > 1 and sum(p.nbytes for p in self._decoded.values()) > _CACHE_BYTES:
            self._decoded.popitem(last=False)
        return pixels
