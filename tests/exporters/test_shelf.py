"""The pictures of a parity check lie on disk, are what they were, and are computed once."""

import numpy as np
import pytest

from edgestyle.exporters.parity import NOISE, Case, Reference
from edgestyle.exporters.shelf import Shelf
from edgestyle.packs.networks import load_renderer
from edgestyle.packs.pack import Pack


def test_arrays_come_back_as_they_were() -> None:
    shelf, rng = Shelf(), np.random.default_rng(0)
    arrays = {key: rng.random((1, 3, key, 5), dtype=np.float32) for key in (1, 7, 3)}
    for key, array in arrays.items():
        shelf.put(key, array.transpose(0, 1, 3, 2).transpose(0, 1, 3, 2))
    for key, array in arrays.items():
        found = shelf.get(key)
        assert found is not None
        assert np.array_equal(found, array)
    assert shelf.get("other") is None


def test_what_does_not_fit_is_not_held_and_nothing_else_suffers() -> None:
    shelf, array = Shelf(most_bytes=100), np.ones(20, np.float32)
    shelf.put("first", array)
    shelf.put("second", array)
    first = shelf.get("first")
    assert first is not None
    assert np.array_equal(first, array)
    assert shelf.get("second") is None


def test_a_full_disk_only_costs_time(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def seek(self, place: int) -> None:
            raise OSError("no space left on device")

    shelf = Shelf()
    monkeypatch.setattr(shelf, "_file", Full())
    shelf.put("first", np.ones(2, np.float32))
    assert shelf.get("first") is None


def test_the_network_is_run_once_for_all_files(tiny_pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    renderer = load_renderer(tiny_pack)
    runs, forward = [], renderer.forward
    monkeypatch.setattr(renderer, "forward", lambda *inputs: runs.append(1) or forward(*inputs))
    reference, style = Reference(renderer), tiny_pack.style()
    for _ in range(2):
        for photo in ("alps", NOISE):
            for pixels in (False, True):
                case = Case(photo, style, 1.0, 32, 40)
                assert reference.picture(case, pixels).shape == (1, 3, 32, 40)
    assert len(runs) == 3, "noise is another picture in 8 bits, photos are not"
