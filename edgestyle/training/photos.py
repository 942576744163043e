"""A folder of photos as an endless supply of square crops at many scales."""

import random
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image

from edgestyle.errors import PictureError, TrainingError
from edgestyle.images import PICTURE_SUFFIXES, Pixels, read_picture

_CACHE_BYTES = 512 * 2**20


def find_photos(folder: Path, exclude: Iterable[str] = ()) -> tuple[list[Path], list[str]]:
    """List the readable pictures under `folder`, sorted, with a line about every one that was left out.

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
            read_picture(path)
            photos.append(path)
        except PictureError as error:
            skipped.append(f"skipped: {error}")
    if not photos:
        raise TrainingError(f"no readable photo in {folder}")
    return photos, skipped


class PhotoCrops:
    """Draws crops from photos. The same random generator state gives the same crop.

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

    def draw(self, rng: random.Random) -> Pixels:
        """Return one crop, `uint8 [size,size,3]`."""
        image = Image.fromarray(self._photo(rng.choice(self.photos)))
        long_side = rng.uniform(*self.long_sides)
        scale = max(long_side / max(image.size), self.size / min(image.size))
        side = self.size / scale
        left, top = rng.uniform(0, image.width - side), rng.uniform(0, image.height - side)
        box = (left, top, min(left + side, image.width), min(top + side, image.height))
        crop = np.asarray(image.resize((self.size, self.size), Image.Resampling.LANCZOS, box=box))
        return crop[:, ::-1] if rng.random() < 0.5 else crop

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
