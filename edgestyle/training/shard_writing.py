"""Pack a folder of photos into WebDataset shards: a few large files instead of very many small ones."""

import shutil
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO

from webdataset import ShardWriter

from edgestyle.errors import OutputError, PictureError, TrainingError
from edgestyle.images import Picture, fit, make_folder, output_errors, read_picture, write_picture
from edgestyle.training.photos import search_folder
from edgestyle.training.shards import MAX_PHOTO_BYTES, sample_key

LONG_SIDE = 1200  # pixels; crops are drawn from photos at a long side of at most 1100
_MEMBER_BYTES = 1024  # header and padding of a member at most
_END_BYTES = 10_240


def write_shards(
    folder: Path,
    output: Path,
    *,
    shard_bytes: int = 500_000_000,
    full: bool = False,
    exclude: Iterable[str] = (),
    on_photo: Callable[[int, int], None] = lambda done, total: None,
    on_skip: Callable[[str], None] = lambda line: None,
) -> list[Path]:
    """Pack the photos of a folder, in the order in which training lists them, into `output/photos-000000.tar` and on.

    Args:
        folder: of photos, with its sub-folders.
        output: a new or empty folder; it is there whole at the end or not at all.
        shard_bytes: size of a shard at most, unless one photo alone is larger.
        full: pack the files as they are instead of as JPEGs of quality 95 and a long side of at most 1200 pixels,
            which is all that training sees.
        exclude: file names to leave out.
        on_photo: called with how many of how many photos are done.
        on_skip: called with a line about every file that cannot be read.

    Returns:
        The shards.

    Raises:
        TrainingError: the folder is missing or holds no readable picture.
        OutputError: `output` holds something already, or cannot be written.
    """
    photos, lines, _ = search_folder(folder, set(exclude))
    for line in lines:
        on_skip(line)
    if not photos:
        raise TrainingError(f"no readable photo in {folder}")
    make_folder(output)
    with output_errors(output):
        if any(output.iterdir()):
            raise OutputError(f"{output} is not empty: shards want a folder of their own")
        temporary = Path(tempfile.mkdtemp(prefix=".part-", dir=output.parent))
        try:
            with _Shards(temporary, shard_bytes) as shards:
                for done, path in enumerate(photos, 1):
                    try:
                        data, suffix = _as_is(path) if full else _reduced(path, temporary)
                        shards.add(path.relative_to(folder), data, suffix)
                    except PictureError as error:
                        on_skip(f"skipped: {error}")
                    on_photo(done, len(photos))
            temporary.chmod(output.stat().st_mode)
            temporary.replace(output)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    return sorted(output.glob("*.tar"))


class _Shards:
    """Writes photos into one shard after the other, in `folder`."""

    def __init__(self, folder: Path, shard_bytes: int) -> None:
        self._folder = folder
        self._bytes = shard_bytes - _END_BYTES
        self._file: BinaryIO | None = None
        self._keys: set[str] = set()
        self._writer = ShardWriter(
            "photos-%06d.tar", maxcount=2**62, maxsize=2**62, verbose=0, opener=self._open, post=self._close,
            encoder=False, mtime=0,
        )  # fmt: skip

    def __enter__(self) -> "_Shards":
        return self

    def __exit__(self, *error: object) -> None:
        self._writer.close()

    def add(self, name: Path, data: bytes, suffix: str) -> None:
        """Write a photo's file; `name` is relative to the folder of photos."""
        writer = self._writer
        if writer.count and writer.size + len(data) + (writer.count + 1) * _MEMBER_BYTES > self._bytes:
            writer.next_stream()
        key = (name.parent / sample_key(name.name)).as_posix()
        while key in self._keys:
            key += "_"
        self._keys.add(key)
        writer.write({"__key__": key, suffix: data})

    def _open(self, name: str) -> BinaryIO:
        self._file = (self._folder / name).open("wb")
        return self._file

    def _close(self, name: str) -> None:
        assert self._file is not None
        self._file.close()


def _as_is(path: Path) -> tuple[bytes, str]:
    """A photo's file and suffix. Raises PictureError where training would not read it."""
    try:
        if path.stat().st_size > MAX_PHOTO_BYTES:
            raise PictureError(f"{path} is over {MAX_PHOTO_BYTES // 2**20} MB")
        return path.read_bytes(), path.suffix.lower().removeprefix(".")
    except OSError as error:
        raise PictureError(f"cannot read {path}: {error.strerror or error}") from error


def _reduced(path: Path, folder: Path) -> tuple[bytes, str]:
    """A photo as a smaller JPEG file, made in `folder`."""
    small = folder / "reduced.jpg"
    write_picture(Picture(fit(read_picture(path).pixels, LONG_SIDE)), small)
    data = small.read_bytes()
    small.unlink()
    return data, "jpg"
