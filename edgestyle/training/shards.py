"""Photos in WebDataset shards: tar files whose members are read in place, one by one.

WebDataset reads shards as a stream and shuffles it in a buffer; going on exactly where a run was killed would mean to
replay the stream. So only headers are read at the start, into a table of about 40 bytes a photo, and photos by their
place: a batch follows from seed and step alone, as from a folder, in whichever process it is made.

A shard may come from a stranger. Nothing is extracted; links, devices and everything that is no regular file with a
picture's suffix are passed over; no header over a megabyte and no photo over 256 MB is read.
"""

import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from edgestyle.errors import PictureError, TrainingError
from edgestyle.images import PICTURE_SUFFIXES, Picture, read_picture_bytes

MAX_PHOTO_BYTES = 256 * 2**20
_MAX_HEADER_BYTES = 2**20
_MAX_NAME_BYTES = 255


@dataclass(frozen=True)
class ShardPhoto:
    """A photo inside a shard.

    Attributes:
        shard: an uncompressed tar file.
        offset, size: where in it the photo's file lies, bytes.
        name: of the photo's file, without folders.
    """

    shard: Path
    offset: int
    size: int
    name: str

    def __str__(self) -> str:
        return f"{self.shard}/{self.name}"

    def read(self) -> Picture:
        """Decode it. Raises PictureError where it is damaged or its shard is gone."""
        try:
            with self.shard.open("rb") as file:
                file.seek(self.offset)
                return read_picture_bytes(file.read(self.size), str(self))
        except OSError as error:
            raise PictureError(f"cannot read {self}: {error.strerror or error}") from error


class ShardPhotos:
    """The photos of many shards, as tables that are small enough for millions of them in every process.

    Args:
        photos: by shard.
    """

    def __init__(self, photos: Iterable[tuple[Path, list[ShardPhoto]]]) -> None:
        self._tables = [(shard, _table(members)) for shard, members in photos]
        self._ends = np.cumsum([len(table) for _, table in self._tables])

    def __len__(self) -> int:
        return int(self._ends[-1])

    def __getitem__(self, index: int, /) -> ShardPhoto:
        if not 0 <= index < len(self):
            raise IndexError(f"there are {len(self)} photos")
        number = int(np.searchsorted(self._ends, index, side="right"))
        shard, table = self._tables[number]
        offset, size, name = table[index - int(self._ends[number])].item()
        return ShardPhoto(shard, offset, size, name.decode())

    def __iter__(self) -> Iterator[ShardPhoto]:
        return (self[index] for index in range(len(self)))


def _table(photos: list[ShardPhoto]) -> NDArray[np.void]:
    rows = [(photo.offset, photo.size, photo.name.encode()) for photo in photos]
    longest = max((len(name) for _, _, name in rows), default=1)
    return np.array(rows, [("offset", "i8"), ("size", "i4"), ("name", f"S{longest}")])


def find_shards(source: Path) -> list[Path]:
    """The shards that a pattern, a folder of nothing but `.tar` files or one such file stands for; none for others.

    Raises:
        TrainingError: one of them is missing.
    """
    if source.is_dir():
        files = sorted(path for path in source.iterdir() if not path.name.startswith("."))
        return files if all(path.suffix == ".tar" and path.is_file() for path in files) else []
    if source.suffix != ".tar" and "{" not in source.name:
        return []
    from webdataset.shardlists import expand_urls

    shards = [Path(name) for name in expand_urls(str(source))]
    for shard in shards:
        if not shard.is_file():
            raise TrainingError(f"no such shard: {shard}")
    return shards


def index_shards(shards: list[Path], exclude: set[str]) -> tuple[ShardPhotos, list[str], set[str]]:
    """Find the photos in shards.

    Args:
        shards: uncompressed tar files.
        exclude: names of photos to leave out; suffixes do not matter.

    Returns:
        The photos in the order of the shards, a line about every part that cannot be used, and which names in
        `exclude` were met.
    """
    unwanted = {sample_key(name).rstrip("_") for name in exclude}
    lines: list[str] = []
    met: set[str] = set()

    def wanted(shard: Path) -> Iterator[ShardPhoto]:
        for photo in _members(shard, lines):
            key = sample_key(photo.name).rstrip("_")  # "_" tells photos apart that differ by suffix only
            if key in unwanted:
                met.add(key)
            else:
                yield photo

    photos = ShardPhotos((shard, list(wanted(shard))) for shard in shards)
    return photos, lines, {name for name in exclude if sample_key(name).rstrip("_") in met}


def sample_key(name: str) -> str:
    """What WebDataset calls a photo: its file's name without the suffix, other dots replaced."""
    return PurePosixPath(name).stem.replace(".", "_")


class _HeaderReader:
    """A shard as `tarfile` reads it, which is for its headers only: one of more than a megabyte is refused."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.seek = file.seek
        self.tell = file.tell

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= _MAX_HEADER_BYTES:
            raise tarfile.ReadError(f"a header of {size} bytes")
        return self._file.read(size)


def _members(shard: Path, lines: list[str]) -> Iterator[ShardPhoto]:
    """The photos in a shard up to its end or to where it is damaged, which adds a line; so do photos out of bounds."""
    try:
        with shard.open("rb") as file:
            shard_bytes = file.seek(0, 2)
            file.seek(0)
            for member in _headers(file):
                if not member.isreg() or member.issparse() or _suffix(member) not in PICTURE_SUFFIXES:
                    continue
                photo = ShardPhoto(shard, member.offset_data, member.size, _shown(member))
                if 0 < photo.size <= MAX_PHOTO_BYTES and photo.offset + photo.size <= shard_bytes:
                    yield photo
                else:
                    lines.append(f"skipped: {photo} has an impossible size, {photo.size} bytes")
    except Exception as error:  # tarfile raises anything on a damaged file
        lines.append(f"skipped: the rest of {shard}, which is no readable uncompressed tar file ({error})")


def _headers(file: BinaryIO) -> Iterator[tarfile.TarInfo]:
    """All headers of a tar file. Raises tarfile.TarError and much else where one is damaged."""
    reader = _HeaderReader(file)
    with tarfile.open(fileobj=reader, mode="r:") as tar:  # type: ignore[call-overload]
        last = -1
        while (member := tar.next()) is not None:
            if member.size < 0 or member.offset_data <= last:
                raise tarfile.ReadError("it points back")
            last = member.offset_data
            tar.members = []  # else it keeps them all
            yield member
        file.seek(tar.offset)
        if any(file.read(tarfile.BLOCKSIZE)):
            raise tarfile.ReadError("a damaged header")


def _suffix(member: tarfile.TarInfo) -> str:
    return PurePosixPath(member.name).suffix.lower()


def _shown(member: tarfile.TarInfo) -> str:
    """A member's name without folders, of at most 255 bytes, safe to print."""
    name = "".join(c if c.isprintable() else "?" for c in PurePosixPath(member.name).name)
    return name.encode(errors="replace")[:_MAX_NAME_BYTES].decode(errors="ignore")
