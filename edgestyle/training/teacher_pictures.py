"""What a slow teacher makes of photo crops, drawn once and kept on disk."""

import json
import random
from collections.abc import Iterator
from pathlib import Path

from edgestyle.errors import TrainingError
from edgestyle.images import Picture, Pixels, make_folder, read_picture, whole_file, write_picture
from edgestyle.sidecar import file_sha256
from edgestyle.teachers.magenta import FRAME_SIZE, ArbitraryStylizer
from edgestyle.training.photos import PhotoCrops, Photos, list_names

STRENGTHS = (0.5, 1.0)
BYTES_A_PICTURE = 420_000  # of a PNG of 384 x 384 at most, near enough; most need less
_LONG_SIDES = (450, 1000)


class TeacherPictures:
    """A folder of `count` photo crops of 384 x 384 and, for each painting, the crops painted at strengths 0.5 and 1.

    Drawing goes on where it was interrupted: a file is there whole or not at all.

    Args:
        folder: where they are kept.
        photos: what the crops are drawn from.
        stylizer: Magenta's networks, which will draw; not kept, so that other processes can read the pictures.
        paintings: picture files, by style name.
        count: how many crops.
        seed: of the crops.

    Raises:
        TrainingError: the folder holds pictures of other photos, paintings or networks.
    """

    def __init__(
        self,
        folder: Path,
        photos: Photos,
        stylizer: ArbitraryStylizer,
        paintings: dict[str, Path],
        count: int,
        seed: int,
    ) -> None:
        self.folder = folder
        self.paintings = paintings
        self.count = count
        self._photos = photos
        self._seed = seed
        about = {"photos": list_names(photos), "paintings": file_hashes(paintings), "seed": seed}
        self._claim(json.dumps({**about, "networks": stylizer.hashes()}, indent=2))

    @property
    def largest_bytes(self) -> int:
        """What the folder will take on disk at most, near enough."""
        return self.count * (1 + len(STRENGTHS) * len(self.paintings)) * BYTES_A_PICTURE

    def draw_each(self, stylizer: ArbitraryStylizer) -> Iterator[int]:
        """Draw what is missing, crop by crop, and yield the number of each crop that is complete."""
        vectors = {style: stylizer.vector(read_picture(path).pixels) for style, path in self.paintings.items()}
        crops = PhotoCrops(self._photos, FRAME_SIZE, _LONG_SIDES)
        for index in range(self.count):
            photo_path = self._path(index)
            if not photo_path.is_file():
                crop = crops.draw(random.Random(f"{self._seed}/crop/{index}"))
                write_picture(Picture(crop.copy()), photo_path)
            missing = [(k, s) for k in vectors for s in STRENGTHS if not self._path(index, k, s).is_file()]
            photo = read_picture(photo_path).pixels if missing else None
            for style, strength in missing:
                assert photo is not None
                painted = stylizer.stylize(photo, vectors[style], strength)
                write_picture(Picture(painted), self._path(index, style, strength))
            yield index

    def read(self, index: int, style: str = "", strength: float = 0.0) -> Pixels:
        """Crop `index`, or what the teacher made of it, `uint8 [384,384,3]`."""
        return read_picture(self._path(index, style, strength)).pixels

    def _path(self, index: int, style: str = "", strength: float = 0.0) -> Path:
        return self.folder / (f"{index:05}-{style}-{strength:.1f}.png" if style else f"{index:05}.png")

    def _claim(self, about: str) -> None:
        """Note what the folder is for, or check that it is for the same."""
        note = self.folder / "about.json"
        if note.is_file() and note.read_text(encoding="utf-8") != about:
            raise TrainingError(
                f"{self.folder} holds teacher pictures of other photos, paintings or networks; delete it"
            )
        if not note.is_file():
            make_folder(self.folder)
            with whole_file(note) as temporary:
                temporary.write_text(about, encoding="utf-8")


def file_hashes(files: dict[str, Path]) -> dict[str, str]:
    """The sha256 of every file, by name. Raises TrainingError where one cannot be read."""
    try:
        return {name: file_sha256(path) for name, path in files.items()}
    except OSError as error:
        raise TrainingError(f"cannot read what to learn from: {error}") from error
