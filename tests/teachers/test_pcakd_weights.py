"""The archive of PCA-KD's weights, whole and damaged."""

from pathlib import Path

import numpy as np
import pytest

from edgestyle.errors import ArtifactError
from edgestyle.teachers.pcakd_weights import VGG_FILE, read_stages
from tests.teachers.pcakd_archive import copying_arrays, write_archive

KERNEL = "sencoder/btnecks/1/layer_with_weights-0/kernel"


def test_a_folder_and_its_file_are_read_alike(tmp_path: Path) -> None:
    path = write_archive(tmp_path, copying_arrays())
    for encoders, decoders in (read_stages(path), read_stages(tmp_path)):
        assert [len(stage) for stage in encoders] == [2, 2, 2, 4]
        assert [len(stage) for stage in decoders] == [1, 2, 2, 4]
        assert encoders[1][1][0].shape == (20, 10, 3, 3)


def test_kernels_are_turned_and_not_mirrored(tmp_path: Path) -> None:
    arrays = copying_arrays()
    arrays[KERNEL][0, 2, 3, 4] = 7
    encoders, _ = read_stages(write_archive(tmp_path, arrays))
    assert encoders[1][0][0][4, 3, 0, 2] == 7


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (np.zeros((3, 3, 10, 11), np.float32), "not float32 \\[3, 3, 10, 10\\]"),
        (np.zeros((3, 3, 5, 20), np.float32), "not float32 \\[3, 3, 10, 10\\]"),
        (np.zeros((3, 3, 10, 10), np.int32), "int32"),
        (np.full((3, 3, 10, 10), np.nan, np.float32), "not finite"),
        (np.full((3, 3, 10, 10), np.inf, np.float32), "not finite"),
        (np.zeros((2048, 2048), np.float32), "does not hold"),
        (np.array([{"a": 1}] * 440, dtype=object), VGG_FILE),
    ],
    ids=["size", "shape", "type", "nan", "inf", "huge", "pickle"],
)
def test_a_wrong_array_is_refused(tmp_path: Path, damage: np.ndarray, reason: str) -> None:
    path = write_archive(tmp_path, copying_arrays() | {KERNEL: damage})
    with pytest.raises(ArtifactError, match=reason):
        read_stages(path)


def test_a_missing_array_is_named(tmp_path: Path) -> None:
    arrays = copying_arrays()
    del arrays[KERNEL]
    with pytest.raises(ArtifactError, match=f"it lacks {KERNEL}"):
        read_stages(write_archive(tmp_path, arrays))


@pytest.mark.parametrize("kept", [0.0, 0.1, 0.5, 0.99])
def test_a_file_cut_short_is_refused(tmp_path: Path, kept: float) -> None:
    path = write_archive(tmp_path, copying_arrays())
    data = path.read_bytes()
    path.write_bytes(data[: int(kept * len(data))])
    with pytest.raises(ArtifactError, match=VGG_FILE):
        read_stages(path)


@pytest.mark.parametrize("place", [0.2, 0.4, 0.6])
def test_a_file_with_flipped_bytes_is_refused(tmp_path: Path, place: float) -> None:
    path = write_archive(tmp_path, copying_arrays())
    data = bytearray(path.read_bytes())
    start = int(place * len(data))
    data[start : start + 2000] = bytes(byte ^ 0x55 for byte in data[start : start + 2000])
    path.write_bytes(data)
    with pytest.raises(ArtifactError, match=VGG_FILE):
        read_stages(path)


def test_no_file_is_said_so(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.npz"):
        with pytest.raises(ArtifactError, match="no weights of PCA-KD"):
            read_stages(path)
