"""Photos, reference pictures and what slow teachers make of the one after the other, drawn once and kept on disk."""

import json
import random
from collections.abc import Iterator
from enum import IntEnum
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from edgestyle.errors import TrainingError
from edgestyle.images import Pixels, make_folder, to_floats, to_pixels, whole_file
from edgestyle.models.encoder import REFERENCE_SIDE
from edgestyle.teachers import ReferenceTeacher
from edgestyle.teachers.grades import draw_grade
from edgestyle.training.photos import PhotoCrops, Photos, list_names

PAIR_SIDE = REFERENCE_SIDE
MOST_PAIRS = 20_000
_SHAPE = (4, PAIR_SIDE, PAIR_SIDE, 3)
_BYTES_A_PAIR = int(np.prod(_SHAPE)) + 128  # the header of a .npy file
_CONTENT_LONG_SIDES, _REFERENCE_LONG_SIDES = (256, 700), (256, 420)
_GRADED_CONTENTS, _GRADED_REFERENCES = 0.5, 0.7


class Part(IntEnum):
    """Pictures of a pair by their place in its file."""

    CONTENT = 0
    REFERENCE = 1
    NETWORK = 2
    TRANSPORT = 3


class ReferencePairs:
    """A folder of `count` files `uint8 [4,256,256,3]`: a photo, a reference, and two teachers' pictures of the photo.

    Many photos are graded at random first, references more than contents, so that looks are learned which the photos
    alone do not have. Drawing goes on where it was interrupted: a file is there whole or not at all.

    Args:
        folder: where they are kept.
        photos: what contents and references are cut from.
        weights_hash: sha256 of the file of the network that is the first teacher.
        count: how many pairs, at most `MOST_PAIRS`. Asking for more of them later adds to the same folder.
        seed: of the crops and grades.

    Raises:
        TrainingError: the folder holds pairs of other photos or of another network, or these are too many.
    """

    def __init__(self, folder: Path, photos: Photos, weights_hash: str, count: int, seed: int) -> None:
        if not 1 <= count <= MOST_PAIRS:
            raise TrainingError(f"there are 1 to {MOST_PAIRS} pairs, not {count}: each takes 0.8 MB and a second")
        self.folder = folder
        self.count = count
        self._photos = photos
        self._seed = seed
        about = {"photos": list_names(photos), "network": weights_hash, "seed": seed, "side": PAIR_SIDE}
        self._claim(json.dumps(about, indent=2))

    @property
    def size_bytes(self) -> int:
        """What the folder's pictures take on disk."""
        return self.count * _BYTES_A_PAIR

    def draw_each(self, network: ReferenceTeacher, transport: ReferenceTeacher) -> Iterator[int]:
        """Draw what is missing, pair by pair, and yield the number of each one that is complete.

        Raises:
            TrainingError: a file that is there already is damaged.
        """
        contents = PhotoCrops(self._photos, PAIR_SIDE, _CONTENT_LONG_SIDES)
        references = PhotoCrops(self._photos, PAIR_SIDE, _REFERENCE_LONG_SIDES)
        for index in range(self.count):
            if self._path(index).is_file():
                self._open(index)
            else:
                rng = random.Random(f"{self._seed}/pair/{index}")
                content = _draw(contents, rng, _GRADED_CONTENTS, 0.5)
                reference = _draw(references, rng, _GRADED_REFERENCES, 1.0)
                pictures = [content, reference, network(content, reference), transport(content, reference)]
                self._write(index, np.stack([to_pixels(picture.numpy()) for picture in pictures]))
            yield index

    def read(self, index: int, part: Part) -> Tensor:
        """One picture of pair `index`: float32 `[1,3,256,256]` in [0,1].

        Raises:
            TrainingError: its file is missing or damaged.
        """
        return torch.from_numpy(to_floats(np.array(self._open(index)[part])))

    def _open(self, index: int) -> Pixels:
        """The pictures of a pair as they lie on disk, of which only what is looked at is read."""
        path = self._path(index)
        try:
            pictures = np.load(path, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            raise TrainingError(f"{path} is missing or damaged; delete it, and the same command draws it") from error
        if not isinstance(pictures, np.ndarray) or pictures.dtype != np.uint8 or pictures.shape != _SHAPE:
            raise TrainingError(f"{path} holds no pair of pictures; delete it, and the same command draws it")
        return pictures

    def _write(self, index: int, pictures: Pixels) -> None:
        with whole_file(self._path(index)) as temporary:
            np.save(temporary, pictures, allow_pickle=False)

    def _path(self, index: int) -> Path:
        return self.folder / f"{index:05}.npy"

    def _claim(self, about: str) -> None:
        """Note what the folder is for, or check that it is for the same."""
        note = self.folder / "about.json"
        if note.is_file() and note.read_text(encoding="utf-8") != about:
            raise TrainingError(f"{self.folder} holds pairs of other photos or of another network; delete it")
        if not note.is_file():
            make_folder(self.folder)
            with whole_file(note) as temporary:
                temporary.write_text(about, encoding="utf-8")


def _draw(crops: PhotoCrops, rng: random.Random, graded_share: float, amount: float) -> Tensor:
    """A crop, or so often as `graded_share` says a graded one, `[1,3,256,256]`."""
    crop = torch.from_numpy(to_floats(np.ascontiguousarray(crops.draw(rng))))
    return draw_grade(rng, amount).apply(crop) if rng.random() < graded_share else crop
