"""Photos, from a folder or from shards, as an endless supply of square crops at many scales."""

import random
import sys
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Protocol

import numpy as np
from PIL import Image

from edgestyle.errors import PictureError, TrainingError
from edgestyle.images import PICTURE_SUFFIXES, Picture, Pixels, check_picture_header, read_picture
from edgestyle.training.shards import ShardPhoto, find_shards, index_shards

_CACHE_BYTES = 512 * 2**20
_MAX_TRIES = 100
_MOST_NAMES = 10_000
MOST_HELD_OUT = 8

Photo = Path | ShardPhoto  # a file, or a member of a shard


class Photos(Protocol):
    """Any number of photos, by their place."""

    def __len__(self) -> int: ...
    def __getitem__(self, index: int, /) -> Photo: ...
    def __iter__(self) -> Iterator[Photo]: ...


def find_photos(source: Path, exclude: Iterable[str] = ()) -> tuple[Photos, list[str]]:
    """List the photos of a folder, sorted, or of shards; with a line about everything that only looks like one.

    Only headers are read, so that a folder of a hundred thousand photos is no wait; a photo that turns out to be
    damaged further in is skipped when a crop of it is drawn.

    Args:
        source: a folder, searched with its sub-folders; or shards: a folder of nothing but `.tar` files, one such
            file, or a pattern of them like `photos-{000000..000099}.tar`.
        exclude: file names to leave out, such as test photos; in shards whatever their suffix, as it may have changed.

    Raises:
        TrainingError: it is missing, or holds no readable picture.
    """
    unwanted = set(exclude)
    photos: Photos
    if shards := find_shards(source):
        photos, lines, passed = index_shards(shards, unwanted)
    else:
        photos, lines, passed = search_folder(source, unwanted)
    if not len(photos):
        raise TrainingError(f"no readable photo in {source}")
    unused = sorted(unwanted - passed)
    return photos, [*lines, *(f"note: no photo is called {x}, so --exclude {x} does nothing" for x in unused)]


def search_folder(folder: Path, exclude: set[str]) -> tuple[list[Path], list[str], set[str]]:
    """Photos of a folder, lines about those that cannot be read, and which names in `exclude` were met.

    Raises:
        TrainingError: the folder is missing.
    """
    if not folder.is_dir():
        raise TrainingError(f"no such folder of photos: {folder}; give one that holds .jpg or .png files")
    photos, lines, passed = [], [], set()
    for path in sorted(p for p in folder.rglob("*") if p.suffix.lower() in PICTURE_SUFFIXES):
        if path.name in exclude:
            passed.add(path.name)
            continue
        try:
            check_picture_header(path)
            photos.append(path)
        except PictureError as error:
            lines.append(f"skipped: {error}")
    return photos, lines, passed


def hold_out(photos: Photos) -> list[Photo]:
    """Up to eight photos, at most a quarter of them all and at least one, spread evenly over the list.

    Raises:
        TrainingError: nothing would be left to train on.
    """
    if len(photos) == 1:
        raise TrainingError("one photo is too few to train on and to compare on: add more, or give --held-out FOLDER")
    return spread(photos, min(MOST_HELD_OUT, max(1, len(photos) // 4)))


def spread(photos: Photos, most: int) -> list[Photo]:
    """Up to `most` photos, evenly over the list."""
    count = min(most, len(photos))
    return [photos[index * len(photos) // count] for index in range(count)]


def read_photo(photo: Photo) -> Picture:
    """Decode a photo. Raises PictureError where it is damaged or gone."""
    return read_picture(photo) if isinstance(photo, Path) else photo.read()


def list_names(photos: Photos) -> list[str]:
    """The photos' names; over 10,000 of them their number and digest instead, as checkpoints hold this."""
    names = [photo.name for photo in photos]
    if len(names) <= _MOST_NAMES:
        return names
    return [f"{len(names)} photos, sha256 {sha256(chr(10).join(names).encode()).hexdigest()}"]


class PhotoCrops:
    """Draws crops from photos. The same random generator state gives the same crop.

    Raises TrainingError when photos cannot be read any more.

    Args:
        photos: what to draw from, each as likely as the next.
        size: side of a crop in pixels.
        long_sides: the photo is thought of at a long side drawn from this range, so that a crop may be a whole
            face or a few hairs.
    """

    def __init__(self, photos: Photos, size: int, long_sides: tuple[int, int] = (400, 1100)) -> None:
        self.photos = photos
        self.size = size
        self.long_sides = long_sides
        self._decoded: OrderedDict[Photo, Pixels] = OrderedDict()
        self._damaged: set[Photo] = set()

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

    def pass_over(self, rng: random.Random) -> None:
        """Leave the generator as `draw` does, without reading the photo: photo, scale, left, top, mirror."""
        rng.choice(self.photos)
        for _ in range(4):
            rng.random()

    def _readable_photo(self, rng: random.Random) -> Pixels:
        """Draw photos until one can be read; each damaged one is reported once."""
        for _ in range(_MAX_TRIES):
            photo = rng.choice(self.photos)
            if photo in self._damaged:
                continue
            try:
                return self._read(photo)
            except PictureError as error:
                self._damaged.add(photo)
                print(f"skipped: {error}", file=sys.stderr)
        raise TrainingError(f"{_MAX_TRIES} photos in a row cannot be read, such as {photo}")

    def _read(self, photo: Photo) -> Pixels:
        """Decode a photo, keeping the last half gigabyte of them."""
        if photo in self._decoded:
            self._decoded.move_to_end(photo)
            return self._decoded[photo]
        pixels = read_photo(photo).pixels
        self._decoded[photo] = pixels
        while len(self._decoded) > 1 and sum(p.nbytes for p in self._decoded.values()) > _CACHE_BYTES:
            self._decoded.popitem(last=False)
        return pixels
