"""Faces in files of their own, and many faces in one picture."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from edgestyle.errors import ArtifactError, ContractError, OutputError
from edgestyle.packs import avatar_sheets
from edgestyle.packs.avatar_sheets import lay_out, write_animation
from edgestyle.packs.avatars import AvatarPack, load_avatars
from edgestyle.packs.kept_faces import keep_face, read_face
from tests.conftest import make_photo


def test_a_face_comes_back_from_its_file(tiny_faces: AvatarPack, tmp_path: Path) -> None:
    vector = tiny_faces.style(7)
    keep_face(tiny_faces, vector, 0.8, tmp_path / "new" / "me.json")
    kept, strength = read_face(tiny_faces, tmp_path / "new" / "me.json")
    assert np.array_equal(kept, vector)
    assert strength == 0.8


DAMAGE: dict[str, Callable[[dict[str, Any]], object]] = {
    "short vector": lambda d: d.update(vector=[1.0]),
    "nan": lambda d: d.update(vector=[float("nan")] * 12),
    "text": lambda d: d.update(vector="abcdefghijkl"),
    "no vector": lambda d: d.pop("vector"),
    "strength": lambda d: d.update(strength=2),
    "format": lambda d: d.update(face=99),
    "another pack": lambda d: d.update(pack="other"),
    "another network": lambda d: d.update(network_sha256="0" * 64),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_file_is_refused(kind: str, tiny_faces: AvatarPack, tmp_path: Path) -> None:
    path = tmp_path / "me.json"
    keep_face(tiny_faces, tiny_faces.style(7), 1.0, path)
    data = json.loads(path.read_text())
    DAMAGE[kind](data)
    path.write_text(json.dumps(data))
    with pytest.raises(ArtifactError, match=r"me\.json"):
        read_face(tiny_faces, path)


@pytest.mark.parametrize("content", [b"", b"hello", b"[]", b"\xff\xfe", b'{"face": 1}', b"[" * 100_000, b" " * 2**21])
def test_what_is_no_face_is_refused(content: bytes, tiny_faces: AvatarPack, tmp_path: Path) -> None:
    (tmp_path / "me.json").write_bytes(content)
    for path in (tmp_path / "me.json", tmp_path / "none.json", tmp_path):
        with pytest.raises(ArtifactError, match="is no face that was kept"):
            read_face(tiny_faces, path)


def test_a_face_is_refused_where_the_weights_are_others(tiny_faces: AvatarPack, tmp_path: Path) -> None:
    keep_face(tiny_faces, tiny_faces.style(7), 1.0, tmp_path / "me.json")
    shutil.copytree(tiny_faces.folder, tmp_path / "copy")
    read_face(load_avatars(tmp_path / "copy"), tmp_path / "me.json")
    weights = tmp_path / "copy" / "generator.safetensors"
    weights.write_bytes(weights.read_bytes() + b"\0")
    with pytest.raises(ArtifactError, match="not with the weights"):
        read_face(load_avatars(tmp_path / "copy"), tmp_path / "me.json")


def test_a_sheet_holds_every_picture_in_its_place() -> None:
    pictures = [np.full((32, 32, 3), level, np.uint8) for level in (10, 60, 110, 160, 210)]
    sheet = lay_out(pictures, 3)
    assert sheet.shape == (2 * 34 + 2, 3 * 34 + 2, 3)
    assert [sheet[2 + row * 34, 2 + column * 34, 0] for row, column in ((0, 0), (0, 2), (1, 1))] == [10, 110, 210]
    assert sheet[2 + 34, 2 + 2 * 34, 0] == 255
    captioned = lay_out(pictures, 3, ["0", "1", "2", "3", "9223372036854775807"])
    assert captioned.shape[1] == sheet.shape[1]
    under = captioned[2 + 32 : 2 + 32 + 8, 2 : 2 + 32]
    assert captioned.shape[0] > sheet.shape[0]
    assert under.min() < 128


def test_a_sheet_of_too_many_pixels_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(avatar_sheets, "_MOST_PIXELS", 2000)
    with pytest.raises(ContractError, match="64x32 pixels"):
        lay_out([make_photo(32, 32)] * 2, 2)


@pytest.mark.parametrize("suffix", [".gif", ".webp"])
def test_an_animation_goes_there_and_back_for_ever(suffix: str, tmp_path: Path) -> None:
    pictures = [np.full((16, 16, 3), level, np.uint8) for level in (0, 80, 160, 240)]
    write_animation(pictures, tmp_path / f"way{suffix}", 100)
    with Image.open(tmp_path / f"way{suffix}") as image:
        assert (image.n_frames, image.info["loop"]) == (6, 0)  # type: ignore[attr-defined]
        levels = []
        for frame in range(6):
            image.seek(frame)
            levels.append(int(np.asarray(image.convert("RGB")).mean()))
    assert np.allclose(levels, [0, 80, 160, 240, 160, 80], atol=4)


def test_an_animation_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(OutputError):
        write_animation([np.zeros((2, 70_000, 3), np.uint8)] * 2, tmp_path / "way.webp")
    assert not list(tmp_path.iterdir())
