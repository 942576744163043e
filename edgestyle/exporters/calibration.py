"""Calibration: real photos, every style, strengths over the whole range, to learn how far activations reach."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from edgestyle.errors import CalibrationError, PictureError
from edgestyle.exporters.ranges import Ranges
from edgestyle.images import (
    PICTURE_SUFFIXES,
    Floats,
    Picture,
    Pixels,
    fit,
    middle_square,
    read_picture,
    resize,
    to_floats,
)
from edgestyle.packs.pack import Style
from edgestyle.packs.stylizing import reference_input

Inputs = dict[str, Floats]  # tensors of one run of a network, by name

LEAST_PHOTOS, MOST_PHOTOS = 2, 8
_BUNDLED = Path(__file__).parent / "calibration_photos"  # none of those that parity judges by
_SIDE = 1024  # photos are kept no larger


@dataclass(frozen=True)
class CalibrationPhoto:
    """A photo's name, the sha256 of its file, and its middle square `uint8 [S,S,3]`."""

    name: str
    sha256: str
    pixels: Pixels


@dataclass(frozen=True)
class Sample:
    """One run of the network: `image` `float32 [1,3,H,W]` in [0,1], `style` `float32 [1,D]`, `strength` in [0,1]."""

    image: Floats
    style: Floats
    strength: float


@dataclass(frozen=True)
class Calibration:
    """What an integer recipe is calibrated on; the same fields give the same samples.

    Attributes:
        photos: from 2 to 8.
        styles: all that the file will offer.
        seed: of the strengths, and of the choice where a folder holds more photos than needed.
        source: "bundled", or the folder's name.
        skipped: names of files that could not be read.
    """

    photos: tuple[CalibrationPhoto, ...]
    styles: tuple[Style, ...]
    seed: int = 0
    source: str = "bundled"
    skipped: tuple[str, ...] = ()

    def samples(self, height: int, width: int) -> Iterator[Sample]:
        """Every photo x every style x strengths 0, 1 and one drawn from each half between, at this size."""
        rng = np.random.default_rng(self.seed)
        for photo in self.photos:
            image = to_floats(resize(photo.pixels, width, height))
            for style in self.styles:
                low, high = rng.uniform(0, 0.5), rng.uniform(0.5, 1)
                for strength in (0.0, low, high, 1.0):
                    yield Sample(image, style.as_input(), float(strength))

    def inputs(self, height: int, width: int) -> Iterator[Inputs]:
        """The samples as a renderer's tensors by name, pictures `[1,3,H,W]`."""
        for one in self.samples(height, width):
            yield {"image": one.image, "style": one.style, "strength": np.array([one.strength], np.float32)}

    def by_signature(self, sizes: list[int]) -> dict[str, Callable[[], Iterator[Inputs]]]:
        """`inputs` for the signatures `s256`, `s512`, ... of a TFLite file for squares of these sizes."""
        return {f"s{size}": partial(self.inputs, size, size) for size in sizes}

    def ranges(self) -> Ranges:
        """What learns how far activations reach in these samples."""
        return Ranges(self.seed)

    def references(self) -> Iterator[Inputs]:
        """An encoder's tensor by name, `[1,3,256,256]`: every photo whole, and its four quarters."""
        for photo in self.photos:
            half = len(photo.pixels) // 2  # 0 for a photo of one pixel
            corners = (
                [photo.pixels[top:, left:][:half, :half] for top in (0, half) for left in (0, half)] if half else []
            )
            for pixels in (photo.pixels, *corners):
                yield {"reference": reference_input(Picture(pixels))}

    def to_json(self) -> dict[str, Any]:
        """As it stands in a sidecar: enough to do it again."""
        return {
            "source": self.source,
            "photos": [{"name": photo.name, "sha256": photo.sha256} for photo in self.photos],
            "skipped": list(self.skipped),
            "styles": [style.name for style in self.styles],
            "strengths": "0, 1 and one drawn from each half between, anew for every photo and style",
            "seed": self.seed,
        }


def needed(calibration: Calibration | None) -> Calibration:
    """The calibration; raise CalibrationError where there is none."""
    if calibration is None:
        raise CalibrationError("this recipe computes with integers and must be calibrated on photos")
    return calibration


def bundled_calibration(styles: list[Style], seed: int = 0) -> Calibration:
    """Calibration on the eight photos that come with edgestyle for it; parity is judged by eight others."""
    photos = tuple(_read(path) for path in sorted(_BUNDLED.glob("*.jpg")))
    return Calibration(photos, tuple(styles), seed)


def folder_calibration(
    folder: Path, styles: list[Style], seed: int = 0, on_skip: Callable[[str], None] = lambda line: None
) -> Calibration:
    """Calibration on the photos of a folder and its sub-folders; of more than eight, eight are drawn.

    Args:
        folder: with at least two readable pictures.
        styles: all that the file will offer.
        seed: of the choice and of the strengths.
        on_skip: called with a line that names a picture which cannot be read.

    Raises:
        CalibrationError: the folder is missing or has fewer than two readable pictures.
    """
    if not folder.is_dir():
        raise CalibrationError(
            f"no such folder of calibration photos: {folder}; give one with two pictures or more, or leave it out"
        )
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in PICTURE_SUFFIXES)
    photos: list[CalibrationPhoto] = []
    skipped = []
    for index in np.random.default_rng(seed).permutation(len(found)):
        if len(photos) == MOST_PHOTOS:
            break
        try:
            photos.append(_read(found[index]))
        except PictureError as error:
            skipped.append(found[index].name)
            on_skip(f"skipped: {error}")
    if len(photos) < LEAST_PHOTOS:
        count = "no readable picture" if not photos else "one readable picture only"
        raise CalibrationError(f"{folder} holds {count}; calibration needs at least {LEAST_PHOTOS}, better eight")
    photos.sort(key=lambda photo: photo.name)
    return Calibration(tuple(photos), tuple(styles), seed, folder.resolve().name, tuple(sorted(skipped)))


def _read(path: Path) -> CalibrationPhoto:
    square = middle_square(read_picture(path).pixels)
    return CalibrationPhoto(path.name, hashlib.sha256(path.read_bytes()).hexdigest(), fit(square, _SIDE))
