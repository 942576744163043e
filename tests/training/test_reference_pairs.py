"""The teachers' pairs: kept whole, gone on with, and refused where they are damaged or of something else."""

import io
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from edgestyle.errors import TrainingError
from edgestyle.training.lessons import plan_reference_pairs
from edgestyle.training.photos import Photos, find_photos
from edgestyle.training.reference_pairs import MOST_PAIRS, Part, ReferencePairs
from tests.training.photographic import CONFIG, LOOKS, darker, draw_pairs, halfway


@pytest.fixture(scope="module")
def photos(photo_folder: Path) -> Photos:
    return find_photos(photo_folder)[0]


def test_a_pair_holds_photo_reference_and_what_both_teachers_draw(photos: Photos, tmp_path: Path) -> None:
    pairs = draw_pairs(tmp_path, photos)
    content, reference, network, transport = (pairs.read(1, part) for part in Part)
    assert content.shape == (1, 3, 256, 256)
    assert not torch.equal(content, reference)
    assert (network - halfway(content, reference)).abs().max() < 2 / 255
    assert (transport - darker(content, reference)).abs().max() < 2 / 255
    assert sum(path.stat().st_size for path in tmp_path.glob("*.npy")) == pairs.size_bytes


def test_drawing_goes_on_where_it_stopped_and_can_be_asked_for_more(photos: Photos, tmp_path: Path) -> None:
    pairs = plan_reference_pairs(CONFIG, photos, tmp_path)
    drawing = pairs.draw_each(halfway, darker)
    assert [next(drawing), next(drawing)] == [0, 1]
    drawing.close()
    files = sorted(tmp_path.glob("*.npy"))
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files}
    files[0].unlink()
    draw_pairs(tmp_path, photos, replace(CONFIG, photographic=replace(LOOKS, pairs=4)))
    assert len(list(tmp_path.glob("*.npy"))) == 4
    assert files[0].read_bytes() == before[files[0]][0]
    assert files[1].stat().st_mtime_ns == before[files[1]][1]


def test_a_teacher_that_fails_leaves_nothing_half_written(photos: Photos, tmp_path: Path) -> None:
    def fail(*_: object) -> torch.Tensor:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        next(plan_reference_pairs(CONFIG, photos, tmp_path).draw_each(halfway, fail))
    assert [path.name for path in tmp_path.iterdir()] == ["about.json"]


def test_a_folder_of_other_pairs_is_refused(photos: Photos, tmp_path: Path) -> None:
    draw_pairs(tmp_path, photos)
    for other in (
        replace(CONFIG, seed=1), replace(CONFIG, photographic=replace(LOOKS, network="another")),
    ):  # fmt: skip
        with pytest.raises(TrainingError, match="other photos or of another network"):
            plan_reference_pairs(other, photos, tmp_path)
    with pytest.raises(TrainingError, match="other photos or of another network"):
        plan_reference_pairs(CONFIG, photos[:2], tmp_path)


def as_npy(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


DAMAGE = {
    "cut": as_npy(np.zeros((4, 256, 256, 3), np.uint8))[:-1],
    "empty": b"",
    "no array": b"garbage",
    "another shape": as_npy(np.zeros((4, 256, 256, 4), np.uint8)),
    "floats": as_npy(np.zeros((4, 256, 256, 3), np.float32)),
    "a pickle": pickle.dumps(print),
    "objects": as_npy(np.array([print], dtype=object)),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_pair_is_refused_before_training_and_in_it(kind: str, photos: Photos, tmp_path: Path) -> None:
    pairs = draw_pairs(tmp_path, photos)
    (tmp_path / "00001.npy").write_bytes(DAMAGE[kind])
    with pytest.raises(TrainingError, match=r"00001\.npy .* delete it"):
        pairs.read(1, Part.CONTENT)
    with pytest.raises(TrainingError, match=r"00001\.npy .* delete it"):
        draw_pairs(tmp_path, photos)


@pytest.mark.parametrize("count", [0, -1, MOST_PAIRS + 1])
def test_the_number_of_pairs_is_bounded(count: int, photos: Photos, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=f"1 to {MOST_PAIRS}"):
        ReferencePairs(tmp_path, photos, "hash", count, 0)
    with pytest.raises(TrainingError, match=f"1 to {MOST_PAIRS}"):
        replace(LOOKS, pairs=count)
