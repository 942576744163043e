"""Photos in WebDataset shards are the photos of their folder, whoever made the shards."""

import io
import random
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
import torch
from webdataset import WebDataset

from edgestyle.errors import OutputError, PictureError, TrainingError
from edgestyle.images import Picture, read_picture, write_picture
from edgestyle.training.checkpoints import read_state
from edgestyle.training.distill import DistillConfig, distill
from edgestyle.training.filters import FilterBatches
from edgestyle.training.lessons import open_filter_lesson
from edgestyle.training.photos import PhotoCrops, Photos, find_photos, list_names, read_photo
from edgestyle.training.shard_writing import write_shards
from edgestyle.training.shards import MAX_PHOTO_BYTES
from edgestyle.training.students import Student
from tests.conftest import TINY, make_photo

CONFIG = DistillConfig(teachers=("cartoon",), steps=6, batch_size=2, crop_size=40, model=TINY)


@pytest.fixture(scope="module")
def shards(photo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packed") / "shards"
    write_shards(photo_folder, folder, shard_bytes=80_000, full=True)
    return folder


def add(tar: tarfile.TarFile, name: str, data: bytes = b"", **header: object) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(data)
    for key, value in header.items():
        setattr(member, key, value)
    tar.addfile(member, io.BytesIO(data) if data else None)


def test_a_batch_from_shards_is_the_one_from_the_folder(photo_folder: Path, shards: Path) -> None:
    assert len(list(shards.glob("*.tar"))) > 1
    files, packed = (find_photos(source)[0] for source in (photo_folder, shards))
    assert list_names(packed) == list_names(files) == ["photo0.png", "photo1.png", "photo2.png"]
    first, second = (FilterBatches(photos, ("oil",), 4, 40, seed=3)[7] for photos in (files, packed))
    assert torch.equal(first.image, second.image)
    assert torch.equal(first.target, second.target)


def test_shards_are_named_by_folder_pattern_or_file(shards: Path) -> None:
    last = len(list(shards.glob("*.tar"))) - 1
    by_folder, by_pattern = (list(find_photos(p)[0]) for p in (shards, shards / f"photos-{{000000..{last:06}}}.tar"))
    assert by_folder == by_pattern
    assert [photo.name for photo in find_photos(shards / "photos-000000.tar")[0]] == ["photo0.png"]
    with pytest.raises(TrainingError, match=r"no such shard: .*photos-000009\.tar"):
        find_photos(shards / "photos-{000009..000010}.tar")


def test_webdataset_reads_them(shards: Path) -> None:
    samples = [s for p in sorted(shards.glob("*.tar")) for s in WebDataset(str(p), shardshuffle=False)]
    assert [sample["__key__"] for sample in samples] == ["photo0", "photo1", "photo2"]


def test_photos_are_reduced_and_shards_bounded(tmp_path: Path) -> None:
    for index, name in enumerate(("a/one.v2.png", "a/one_v2.bmp", "b/small.jpg")):
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_picture(Picture(make_photo(300, 2400 if index < 2 else 500, index)), path)
    written = write_shards(tmp_path / "photos", tmp_path / "shards", shard_bytes=200_000)
    assert len(written) > 1
    assert max(path.stat().st_size for path in written) <= 200_000
    photos = find_photos(tmp_path / "shards")[0]
    assert [read_photo(photo).pixels.shape[1] for photo in photos] == [1200, 1200, 500]
    left, lines = find_photos(tmp_path / "shards", ["one.v2.png", "nobody.jpg"])
    assert list_names(left) == ["small.jpg"]  # of two that a suffix told apart, neither is trained on
    assert lines == ["note: no photo is called nobody.jpg, so --exclude nobody.jpg does nothing"]


def test_shards_are_there_whole_or_not_at_all(photo_folder: Path, tmp_path: Path) -> None:
    def fail(done: int, total: int) -> None:
        raise OutputError("disk full")

    with pytest.raises(OutputError, match="disk full"):
        write_shards(photo_folder, tmp_path / "new", on_photo=fail)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    (tmp_path / "new" / "mine.txt").write_text("hello")
    with pytest.raises(OutputError, match="not empty"):
        write_shards(photo_folder, tmp_path / "new")


def test_only_plain_pictures_of_a_strangers_shard_are_read(photo_folder: Path, tmp_path: Path) -> None:
    picture = (photo_folder / "photo0.png").read_bytes()
    with tarfile.open(tmp_path / "evil.tar", "w") as tar:
        add(tar, "../../outside/good.png", picture)
        add(tar, "link.png", type=tarfile.SYMTYPE, linkname="/etc/passwd")
        add(tar, "hard.png", type=tarfile.LNKTYPE, linkname="../../outside/good.png")
        add(tar, "device.png", type=tarfile.CHRTYPE)
        add(tar, "pipe.png", type=tarfile.FIFOTYPE)
        add(tar, "folder.png", type=tarfile.DIRTYPE)
        add(tar, "note.txt", b"text")
        add(tar, "empty.png")
        add(tar, "\x1b[2Jname.png", picture)
        add(tar, "long/" + 300 * "n" + ".jpg", picture)
        add(tar, "huge.png", size=MAX_PHOTO_BYTES + 1)
    photos, lines = find_photos(tmp_path / "evil.tar")
    names = list_names(photos)
    assert names[:2] == ["good.png", "?[2Jname.png"]
    assert names[2] == 255 * "n"
    assert (read_photo(photos[0]).pixels == read_picture(photo_folder / "photo0.png").pixels).all()
    assert [line.split("/")[-1].split(" ")[0] for line in lines[:2]] == ["empty.png", "huge.png"]
    assert len(lines) == 3  # and the shard ends within the huge one
    assert [path.name for path in tmp_path.iterdir()] == ["evil.tar"]


def header(name: str, size: bytes, kind: bytes = tarfile.REGTYPE) -> bytes:
    """A tar header with a size as it is given, 12 bytes, and the right checksum."""
    block = bytearray(tarfile.TarInfo(name).tobuf(tarfile.USTAR_FORMAT))
    block[124:136] = size
    block[156:157] = kind
    block[148:156] = b"        "
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


@pytest.mark.parametrize(
    "rest",
    [
        header("back.png", b"\xff" * 10 + b"\xfe\x00"),  # minus 512 bytes: for ever the same member
        header("pax", b"77777777777\0", tarfile.XHDTYPE),  # a header of 8 GB
        header("name", b"77777777777\0", tarfile.GNUTYPE_LONGNAME),
        300 * header("pax", b"%011o\0" % 0, tarfile.XHDTYPE),
        300 * header("name", b"%011o\0" % 0, tarfile.GNUTYPE_LONGNAME),
        b"garbage " * 200,
        header("cut.txt", b"%011o\0" % 9_000_000),
    ],
    ids=["points back", "large pax", "large name", "pax chain", "name chain", "garbage", "cut"],
)
def test_the_rest_of_a_broken_shard_is_one_line(photo_folder: Path, tmp_path: Path, rest: bytes) -> None:
    picture = (photo_folder / "photo0.png").read_bytes()
    with tarfile.open(tmp_path / "broken.tar", "w") as tar:
        add(tar, "good.png", picture)
        end = tar.offset
    whole = (tmp_path / "broken.tar").read_bytes()
    (tmp_path / "broken.tar").write_bytes(whole[:end] + rest)
    photos, lines = find_photos(tmp_path / "broken.tar")
    assert list_names(photos) == ["good.png"]
    assert len(lines) == 1
    assert "no readable uncompressed tar file" in lines[0]


def test_a_damaged_photo_in_a_shard_is_skipped_once(
    photo_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = (photo_folder / "photo0.png").read_bytes()
    with tarfile.open(tmp_path / "some.tar", "w") as tar:
        add(tar, "cut.png", picture[:3000])
        add(tar, "good.png", picture)
    crops = PhotoCrops(find_photos(tmp_path / "some.tar")[0], 32)
    for seed in range(8):
        assert crops.draw(random.Random(seed)).shape == (32, 32, 3)
    said = capsys.readouterr().err
    assert said.count("skipped: ") == 1
    assert "some.tar/cut.png" in said
    photos = find_photos(tmp_path / "some.tar")[0]
    (tmp_path / "some.tar").unlink()
    with pytest.raises(PictureError, match="cannot read"):
        read_photo(photos[1])


def test_a_run_on_shards_goes_on_exactly(shards: Path, tmp_path: Path) -> None:
    photos: Photos = find_photos(shards)[0]

    def train(folder: str, stop_at: int = 0) -> Student:
        steps: list[int] = []
        return distill(
            CONFIG, open_filter_lesson(CONFIG, photos), photos, tmp_path / folder,
            on_step=lambda progress: steps.append(progress.step), should_stop=lambda: steps[-1] == stop_at,
        )  # fmt: skip

    whole = train("whole")
    with pytest.raises(KeyboardInterrupt):
        train("cut", stop_at=3)
    resumed = train("cut")
    assert all(torch.equal(value, resumed.state_dict()[name]) for name, value in whole.state_dict().items())
    assert read_state(tmp_path / "cut") == read_state(tmp_path / "whole")


def test_long_lists_of_photos_are_a_digest(monkeypatch: pytest.MonkeyPatch, shards: Path) -> None:
    monkeypatch.setattr("edgestyle.training.photos._MOST_NAMES", 2)
    (line,) = list_names(find_photos(shards)[0])
    assert line.startswith("3 photos, sha256 ")


def test_the_command_packs_a_folder(photo_folder: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "edgestyle", "shards", str(photo_folder), "-o", str(tmp_path / "shards")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "1 shards" in done.stdout
    assert "broken.jpg" in done.stderr
    assert list_names(find_photos(tmp_path / "shards")[0]) == ["photo0.jpg", "photo1.jpg", "photo2.jpg"]
