"""A set of pictures of one kind, all in memory: what a generator learns to draw more of."""

import json
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from edgestyle.errors import PictureError, TrainingError
from edgestyle.images import average_to, middle_square, read_picture, resize
from edgestyle.training.avatar_drawing import ATTRIBUTES_FILE
from edgestyle.training.photos import search_folder

_MOST_BYTES = 8 * 2**30
_MOST_VALUES = 64
_MOST_HELD_BACK = 5000


@dataclass(frozen=True)
class Attributes:
    """What each picture shows, where that is known.

    Attributes:
        values: by attribute, the values that it takes.
        indices: `int64 [N,A]`, which one of them each picture shows.
    """

    values: dict[str, tuple[str, ...]]
    indices: Tensor

    def at(self, places: Tensor) -> "Attributes":
        """Those of some pictures."""
        return Attributes(self.values, self.indices[places])


@dataclass(frozen=True)
class PictureSet:
    """Pictures `uint8 [N,3,S,S]`, sRGB, with what they show, or None where that is not known."""

    images: Tensor
    attributes: Attributes | None = None

    def __len__(self) -> int:
        return len(self.images)

    def floats(self, places: Tensor, device: torch.device | str = "cpu") -> Tensor:
        """Some of the pictures, `float32 [n,3,S,S]` in [0,1], on a device to which they travel as bytes."""
        return self.images[places].to(device).float() / 255

    def digest(self) -> str:
        """Says which pictures these are."""
        return sha256(self.images.numpy().tobytes()).hexdigest()[:16]

    def split(self) -> tuple["PictureSet", "PictureSet"]:
        """What to train on, and every third picture, at most 5,000, which is held back to compare with.

        Raises:
            TrainingError: there are too few.
        """
        if len(self) < 9:
            raise TrainingError(f"{len(self)} pictures are too few to learn from; some hundreds are the least")
        back = torch.arange(2, len(self), 3)[:_MOST_HELD_BACK]
        kept = torch.ones(len(self), dtype=torch.bool)
        kept[back] = False
        return self._at(kept.nonzero().squeeze(1)), self._at(back)

    def _at(self, places: Tensor) -> "PictureSet":
        return PictureSet(self.images[places], self.attributes.at(places) if self.attributes else None)


def read_picture_set(
    folder: Path, size: int, on_picture: Callable[[int, int], None] = lambda done, total: None
) -> tuple[PictureSet, list[str]]:
    """All pictures of a folder, their middles at `size` pixels a side, with a line about each that cannot be read.

    What they show is read from `attributes.jsonl`, as `edgestyle data` writes it, if it is there.

    Raises:
        TrainingError: the folder is missing, holds no picture, or more than 8 GB of them at that size.
    """
    if not folder.is_dir():
        raise TrainingError(
            f"no such folder of pictures: {folder}; give one that holds pictures of one kind, or draw faces into it: "
            f"edgestyle data avatars {shlex.quote(str(folder))}"
        )
    paths, lines, _ = search_folder(folder, set())
    if len(paths) * 3 * size * size > _MOST_BYTES:
        raise TrainingError(f"{len(paths)} pictures at {size} pixels are over {_MOST_BYTES // 2**30} GB: give fewer")
    pixels, names = [], []
    for done, path in enumerate(paths, 1):
        try:
            pixels.append(_at_size(path, size))
            names.append(str(path.relative_to(folder)))
        except PictureError as error:
            lines.append(f"skipped: {error}")
        on_picture(done, len(paths))
    if not pixels:
        raise TrainingError(f"no readable picture in {folder}")
    images = torch.from_numpy(np.stack(pixels)).permute(0, 3, 1, 2).contiguous()
    return PictureSet(images, _read_attributes(folder / ATTRIBUTES_FILE, names)), lines


def _at_size(path: Path, size: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    square = middle_square(read_picture(path).pixels)
    return average_to(square, size, size) if len(square) >= size else resize(square, size, size)


def _read_attributes(path: Path, names: list[str]) -> Attributes | None:
    """What the pictures called `names` show; attributes that do not vary, or vary too much, are left out.

    Raises:
        TrainingError: the file is damaged, or says nothing of a picture.
    """
    if not path.is_file():
        return None
    try:
        lines = map(json.loads, path.read_text(encoding="utf-8").splitlines())
        shown = {str(line["file"]): {str(k): str(v) for k, v in line["attributes"].items()} for line in lines}
        rows = [shown[name] for name in names]
        values = {key: tuple(sorted({row[key] for row in rows})) for key in rows[0]}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise TrainingError(f"{path} is damaged or does not speak of all pictures beside it ({error})") from error
    values = {key: found for key, found in values.items() if 1 < len(found) <= _MOST_VALUES}
    if not values:
        return None
    places = {key: {value: place for place, value in enumerate(found)} for key, found in values.items()}
    return Attributes(values, torch.tensor([[places[key][row[key]] for key in values] for row in rows]))
