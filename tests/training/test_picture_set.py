"""Pictures in memory, with what they show."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from edgestyle.errors import TrainingError
from edgestyle.images import Picture, write_picture
from edgestyle.training.avatar_drawing import ATTRIBUTES_FILE
from edgestyle.training.picture_set import PictureSet, read_picture_set
from tests.conftest import make_photo


def fill(folder: Path, shown: list[dict[str, str]]) -> None:
    for place, _ in enumerate(shown):
        write_picture(Picture(make_photo(40 + place, 30, seed=place)), folder / f"{place}.png")
    lines = [json.dumps({"file": f"{place}.png", "attributes": one}) for place, one in enumerate(shown)]
    (folder / ATTRIBUTES_FILE).write_text("\n".join(lines))


def test_pictures_come_square_at_size_with_what_varies(tmp_path: Path) -> None:
    fill(tmp_path, [{"hair": hair, "base": "one"} for hair in ("long", "short", "long")])
    (tmp_path / "broken.png").write_text("text")
    pictures, lines = read_picture_set(tmp_path, 16)
    assert pictures.images.shape == (3, 3, 16, 16)
    assert pictures.images.dtype == torch.uint8
    assert "broken.png" in lines[0]
    assert pictures.attributes is not None
    assert pictures.attributes.values == {"hair": ("long", "short")}  # base says nothing
    assert pictures.attributes.indices.tolist() == [[0], [1], [0]]


def test_any_folder_of_pictures_will_do(photo_folder: Path) -> None:
    pictures, _ = read_picture_set(photo_folder, 32)
    assert len(pictures) == 3
    assert pictures.attributes is None


def test_attributes_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    fill(tmp_path, [{"hair": "long"}, {"hair": "short"}])
    for text in ('{"file": "0.png", "attributes": {"hair": "long"}}', "no json", '{"file": "0.png"}', "[]"):
        (tmp_path / ATTRIBUTES_FILE).write_text(text)
        with pytest.raises(TrainingError, match=ATTRIBUTES_FILE):
            read_picture_set(tmp_path, 16)


def test_a_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="no readable picture"):
        read_picture_set(tmp_path, 16)


def test_a_third_is_held_back_and_never_trained_on() -> None:
    images = torch.from_numpy(np.arange(30, dtype=np.uint8)).reshape(30, 1, 1, 1).expand(-1, 3, 8, 8)
    kept, back = PictureSet(images).split()
    values = [set(part.images[:, 0, 0, 0].tolist()) for part in (kept, back)]
    assert (len(kept), len(back)) == (20, 10)
    assert not values[0] & values[1]
    with pytest.raises(TrainingError, match="too few"):
        PictureSet(images[:5]).split()
