"""Pictures to learn a style from: files and folders, brought to the size at which marks are compared."""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

from edgestyle.errors import PictureError, TrainingError
from edgestyle.images import PICTURE_SUFFIXES, Picture, Pixels, middle, over_white, read_picture, resize, to_floats
from edgestyle.models import AnyEncoder
from edgestyle.packs.stylizing import reference_input
from edgestyle.quality.drift import SIDE as DRIFT_SIDE
from edgestyle.quality.pictures import SIDE, centre_square

MOST_PICTURES = 200
LEAST_SIDE = 64  # pixels
_FLAT = 2.0  # standard deviation of 8-bit values, below which a picture is of one colour
_WHOLE = 8  # up to so many pictures are seen whole, of more the middle squares
_MIDDLE = 256  # pixels of those
_READERS, _AHEAD = 2, 4  # threads, each with a picture in memory, and results before they are asked for
_MOST_ASPECT = 2  # what is longer than this many times its short side is cut


Read = TypeVar("Read")


@dataclass(frozen=True)
class StylePicture:
    """A picture of a style: its file, the file's sha256, and `uint8 [h,w,3]` with a short side of 384 pixels."""

    path: Path
    sha256: str
    pixels: Pixels

    @property
    def name(self) -> str:
        """The file's, as text that can be written: names may hold any bytes."""
        return self.path.name.encode(errors="replace").decode()


def find_pictures(sources: Sequence[Path]) -> list[Path]:
    """Picture files among files and folders, sorted within each folder, each once.

    Raises:
        PictureError: a source is missing, or a folder holds no picture.
    """
    found: list[Path] = []
    for source in sources:
        if source.is_dir():
            inside = sorted(path for path in source.rglob("*") if path.suffix.lower() in PICTURE_SUFFIXES)
            if not inside:
                raise PictureError(f"no picture in {source}")
            found += inside
        elif source.is_file():
            found.append(source)
        else:
            raise PictureError(f"no such picture or folder: {source}")
    return list(dict.fromkeys(found))


def read_style_pictures(
    paths: Sequence[Path], on_note: Callable[[str], None], on_picture: Callable[[], object] = lambda: None
) -> list[StylePicture]:
    """Read pictures of one style; a single one has to be sound, of several those that are not are left out.

    Args:
        paths: of more than 200, 200 are taken, evenly spread.
        on_note: called with a line about each that is left out.
        on_picture: called after each.

    Raises:
        PictureError: the only picture, or every one of several, cannot be read, is too small or of one flat colour.
    """
    if len(paths) > MOST_PICTURES:
        on_note(f"{MOST_PICTURES} of {len(paths)} pictures are taken, evenly spread")
        paths = [paths[place] for place in evenly(len(paths), MOST_PICTURES)]
    found = []
    for path in paths:
        try:
            found.append(read_style_picture(path))
        except PictureError as error:
            if len(paths) == 1:
                raise
            on_note(f"left out: {error}")
        on_picture()
    if not found:
        raise PictureError(f"none of {len(paths)} pictures can be learned from; see above")
    return found


def read_style_picture(path: Path) -> StylePicture:
    """Read one. Raises PictureError where it is no picture, smaller than 64 pixels or of one flat colour."""
    pixels = over_white(read_picture(path))
    height, width = pixels.shape[:2]
    if min(height, width) < LEAST_SIDE:
        raise PictureError(
            f"{path} is {width}x{height} pixels: a style picture needs sides of {LEAST_SIDE} or more, better 400"
        )
    if float(pixels.reshape(-1, 3).std(0).max()) < _FLAT:
        raise PictureError(f"{path} is of one flat colour: there is no style to learn")
    longest = _MOST_ASPECT * min(height, width)
    pixels = pixels[_centred(height, longest), _centred(width, longest)]
    scale = SIDE / min(pixels.shape[:2])
    small = resize(pixels, round(pixels.shape[1] * scale), round(pixels.shape[0] * scale))
    return StylePicture(path, sha256(path.read_bytes()).hexdigest(), small)


def as_tensors(pictures: Sequence[StylePicture]) -> list[Tensor]:
    """What is compared of pictures, `[1,3,h,w]` in [0,1] each: all of a few, of many their middles.

    Raises:
        TrainingError: there is none.
    """
    if not pictures:
        raise TrainingError("there is no picture to learn from")
    pixels = [picture.pixels for picture in pictures]
    if len(pixels) > _WHOLE:
        pixels = [middle(each, _MIDDLE) for each in pixels]
    return [torch.from_numpy(to_floats(each)) for each in pixels]


@torch.no_grad()
def encode(encoder: AnyEncoder, pixels: Pixels) -> Tensor:
    """The style vector `[D]` that an encoder gives a picture `uint8 [h,w,3]`."""
    vector: Tensor = encoder(torch.from_numpy(reference_input(Picture(pixels))))[0]
    return vector


def evenly(count: int, wanted: int) -> list[int]:
    """Places of `wanted` things, spread evenly over `count` of them; of all where there are no more."""
    return [round(place) for place in np.linspace(0, count - 1, min(count, wanted))]


def read_ahead(paths: Iterable[Path], read: Callable[[Path], Read]) -> Generator[tuple[Path, Callable[[], Read]]]:
    """Each path with a call that gives what `read` makes of it, or raises what it raised; a few are read in advance.

    Decoding a picture lets other threads run, so that reading costs hardly any time beside looking.
    """
    readers = ThreadPoolExecutor(_READERS)
    waiting: deque[tuple[Path, Future[Read]]] = deque()
    try:
        for path in paths:
            waiting.append((path, readers.submit(read, path)))
            if len(waiting) > _AHEAD:
                first, future = waiting.popleft()
                yield first, future.result
        for first, future in waiting:
            yield first, future.result
    finally:
        readers.shutdown(wait=False, cancel_futures=True)


def _centred(length: int, most: int) -> slice:
    start = max(0, (length - most) // 2)
    return slice(start, start + min(length, most))


def read_small_square(path: Path) -> Tensor:
    """The middle square of a picture as drift is judged by it, `[1,3,192,192]` in [0,1].

    It goes by 384 pixels on its short side, as a brand's pictures do when they are learned from.

    Raises:
        PictureError: as for `read_style_picture`.
    """
    return centre_square(read_style_picture(path).pixels, DRIFT_SIDE)
