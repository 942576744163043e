"""Whose work a generator learned from: what is read of a folder, and which of two words counts."""

from pathlib import Path

import pytest

from edgestyle.errors import TrainingError
from edgestyle.training.avatar_drawing import _CREDITS
from edgestyle.training.provenance import read_provenance, settle_provenance

_ABOUT = {
    "count": 3, "title": "Open Peeps", "creator": "Pablo Stanley", "source": "https://a.example", "homepage": "x",
    "url": "https://b.example", "versions": "core 1",
}  # fmt: skip


@pytest.mark.parametrize(("name", "identifier"), [("CC0 1.0", "CC0-1.0"), ("CC BY 4.0", "CC-BY-4.0")])
def test_credits_as_they_are_written_are_read(tmp_path: Path, name: str, identifier: str) -> None:
    (tmp_path / "CREDITS.md").write_text(_CREDITS.format(licence=name, **_ABOUT))
    assert read_provenance(tmp_path) == {"licence": identifier, "credit": 'design "Open Peeps" by Pablo Stanley'}


def test_other_words_are_not_guessed_at(tmp_path: Path) -> None:
    assert read_provenance(tmp_path) == {}
    (tmp_path / "CREDITS.md").write_bytes(b"mine, all mine \xff")
    assert read_provenance(tmp_path) == {}
    (tmp_path / "CREDITS.md").write_text(_CREDITS.format(licence="Free for all", **_ABOUT))
    assert read_provenance(tmp_path) == {}


def test_what_is_typed_counts_more_than_what_the_teacher_says() -> None:
    notes = {"licence": "CC0-1.0", "credit": "somebody", "step": 3}
    assert settle_provenance(None, None, notes) == {"licence": "CC0-1.0", "credit": "somebody"}
    assert settle_provenance("MIT", "", notes) == {"licence": "MIT", "credit": ""}
    with pytest.raises(TrainingError, match="--licence SPDX"):
        settle_provenance(None, "me", {"step": 3})
    with pytest.raises(TrainingError, match="one line"):
        settle_provenance(None, None, {"licence": ["CC0-1.0"]})
