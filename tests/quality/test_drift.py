"""Drift: a brand's own pictures raise few alarms, other looks and small shifts of colour are found and named."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor

from edgestyle.errors import ContractError, PackError
from edgestyle.exporters.calibration import bundled_calibration
from edgestyle.exporters.parity import bundled_photo, parity_photos
from edgestyle.images import read_picture, to_floats
from edgestyle.quality.brands import (
    MAX_PICTURES,
    BrandBook,
    add_pictures,
    describe_look,
    find_outliers,
    find_palette,
    load_book,
    save_book,
)
from edgestyle.quality.drift import MOVES, SIDE, DriftMonitor, Rows, moved_rows, picture_row
from edgestyle.quality.features import load_features
from edgestyle.teachers.grades import GRADES

FEATURES = load_features()
SCENES = [read_picture(bundled_photo(name)).pixels for name in parity_photos()] + [
    photo.pixels for photo in bundled_calibration([]).photos
]


def draw_pictures(count: int, seed: int, look: str = "film") -> list[Tensor]:
    """Parts of the bundled photos in one look, `[1,3,192,192]`."""
    numbers, found = np.random.default_rng(seed), []
    for _ in range(count):
        scene = Image.fromarray(SCENES[numbers.integers(len(SCENES))])
        side = int(min(scene.size) * numbers.uniform(0.4, 1))
        left, top = (int(numbers.integers(0, length - side + 1)) for length in scene.size)
        part = scene.crop((left, top, left + side, top + side)).resize((SIDE, SIDE))
        found.append(GRADES[look].apply(torch.from_numpy(to_floats(np.asarray(part)))))
    return found


def rows_of(pictures: list[Tensor], move: Callable[[Tensor], Tensor] = lambda picture: picture) -> Rows:
    return np.concatenate([picture_row(move(picture).clamp(0, 1), FEATURES) for picture in pictures])


@pytest.fixture(scope="module")
def book() -> BrandBook:
    pictures = draw_pictures(100, 1)
    moves = np.mean([moved_rows(picture, FEATURES) for picture in pictures[:30]], 0, np.float32)
    return BrandBook(rows_of(pictures), moves, tuple(f"{i}.jpg" for i in range(100)), "f" * 64)


@pytest.fixture(scope="module")
def fresh() -> list[Tensor]:
    return draw_pictures(50, 2)


def test_the_brands_own_new_pictures_raise_few_alarms(book: BrandBook, fresh: list[Tensor]) -> None:
    monitor, rows, numbers = book.monitor(), rows_of(fresh), np.random.default_rng(0)
    alarms = [monitor.judge(rows[numbers.permutation(len(rows))[:25]]).drifted for _ in range(10)]
    assert sum(alarms) <= 1
    assert not monitor.judge(rows).drifted


def test_a_shift_of_saturation_is_found_and_named(book: BrandBook, fresh: list[Tensor]) -> None:
    monitor = book.monitor()
    drift = monitor.judge(rows_of(fresh, MOVES["saturation"]))
    assert drift.drifted
    assert next(iter(drift.moved)) == "saturation"
    assert drift.moved["saturation"] > 0.4


@pytest.mark.parametrize("look", [look for look in GRADES if look != "film"])
def test_another_look_is_found(book: BrandBook, look: str) -> None:
    assert book.monitor().judge(rows_of(draw_pictures(12, 3, look))).drifted


def test_the_pictures_that_do_not_belong_are_listed_first(book: BrandBook, fresh: list[Tensor]) -> None:
    odd = rows_of(draw_pictures(2, 4, "noir"))
    rows = np.concatenate([rows_of(fresh[:10]), odd])
    drift = book.monitor().judge(rows)
    assert set(drift.farthest[:2]) == {10, 11}
    assert drift.picture_distances[10] > 2 * np.median(drift.picture_distances[:10])


def test_the_same_pictures_give_the_same_numbers(book: BrandBook, fresh: list[Tensor]) -> None:
    rows = rows_of(fresh[:20])
    assert book.monitor().judge(rows) == book.monitor().judge(rows)


def test_the_brands_own_pictures_have_not_drifted(book: BrandBook) -> None:
    assert not book.monitor().judge(book.rows).drifted
    assert not book.monitor().judge(book.rows[:30]).drifted


def test_too_few_pictures_are_refused_with_the_number_needed(book: BrandBook) -> None:
    with pytest.raises(ContractError, match="at least 20 brand pictures, better 100, not 3"):
        DriftMonitor(book.rows[:3], book.moves)
    with pytest.raises(ContractError, match="at least 5 pictures, not 4"):
        book.monitor().judge(book.rows[:4])


def test_numbers_that_are_not_finite_or_of_another_network_are_refused(book: BrandBook) -> None:
    with pytest.raises(ContractError, match="not finite"):
        book.monitor().judge(np.full_like(book.rows[:5], np.nan))
    with pytest.raises(ContractError, match="another feature network"):
        book.monitor().judge(book.rows[:5, :-1])
    with pytest.raises(ContractError, match="learn the brand anew"):
        DriftMonitor(book.rows, book.moves[:2])
    with pytest.raises(ContractError, match="learn the brand anew"):
        DriftMonitor(book.rows, np.zeros_like(book.moves))
    with pytest.raises(ContractError, match="not finite"):
        DriftMonitor(book.rows * np.float32(1e30), book.moves)
    with pytest.raises(ContractError, match="all the same one"):
        DriftMonitor(book.rows[:1].repeat(30, 0), book.moves)


def test_a_book_is_read_as_it_was_written(book: BrandBook, tmp_path: Path) -> None:
    save_book(book, tmp_path / "acme.brand.safetensors")
    read = load_book(tmp_path / "acme.brand.safetensors")
    assert np.array_equal(read.rows, book.rows)
    assert np.array_equal(read.moves, book.moves)
    assert (read.names, read.features) == (book.names, book.features)


def test_names_in_a_book_may_be_anything(book: BrandBook, tmp_path: Path) -> None:
    odd = replace(book, names=("two\nlines.jpg", "\udcff.jpg", *book.names[2:]))
    save_book(odd, tmp_path / "acme.brand.safetensors")
    assert load_book(tmp_path / "acme.brand.safetensors").names == odd.names


def test_pictures_that_are_added_come_last_and_count_once(book: BrandBook) -> None:
    new = replace(book, rows=book.rows[:30] + np.float32([[0]] * 20 + [[0.01]] * 10), names=("new.jpg",) * 30)
    grown = add_pictures(book, new)
    assert grown.rows.shape[0] == len(grown.names) == 110
    assert np.array_equal(grown.rows[-30:], new.rows)
    many = replace(book, rows=np.repeat(book.rows, 50, 0), names=book.names * 50)
    assert len(add_pictures(many, replace(new, rows=new.rows + 1)).rows) == MAX_PICTURES
    with pytest.raises(PackError, match="another version"):
        add_pictures(replace(book, features="0" * 64), new)


@pytest.mark.parametrize(
    ("metadata", "rows"),
    [
        ({}, torch.zeros(2, 3)), ({"names": "a.jpg"}, torch.zeros(2, 3)), ({"names": "5"}, torch.zeros(2, 3)),
        ({"names": "[1, 2]"}, torch.zeros(2, 3)), ({"names": '["a", "b"]'}, torch.zeros(2, 3, dtype=torch.bfloat16)),
        ({"names": '["a", "b"]'}, torch.zeros(2)), ({"names": "[" * 9999}, torch.zeros(2, 3)),
    ],
)  # fmt: skip
def test_a_strangers_book_is_refused(tmp_path: Path, metadata: dict[str, str], rows: Tensor) -> None:
    save_file({"rows": rows, "moves": torch.zeros(7, 3)}, tmp_path / "x.safetensors", metadata)
    with pytest.raises(PackError, match=r"record of a brand|too large"):
        load_book(tmp_path / "x.safetensors")


def test_a_damaged_book_is_refused(book: BrandBook, tmp_path: Path) -> None:
    path = tmp_path / "acme.brand.safetensors"
    broken = BrandBook(np.full_like(book.rows, np.inf), book.moves, book.names, book.features)
    for write in (lambda: save_book(broken, path), lambda: path.write_bytes(b"x" * 100), lambda: path.unlink()):
        write()
        with pytest.raises(PackError):
            load_book(path)


def test_the_picture_that_does_not_fit_in_is_an_outlier(book: BrandBook) -> None:
    rows = np.concatenate([book.rows, rows_of(draw_pictures(1, 5, "noir"), lambda picture: 1 - picture)])
    grown = BrandBook(rows, book.moves, (*book.names, "odd.jpg"), book.features)
    odd = find_outliers(grown)[0]
    assert odd.place == 100
    assert odd.times > 3
    assert odd.way in MOVES
    assert abs(odd.spreads) == max(abs(value) for value in grown.monitor().picture_moved(100).values())
    assert len(find_outliers(grown)) < 10


def test_a_palette_holds_the_colours_with_their_shares() -> None:
    picture = np.zeros((100, 100, 3), np.uint8)
    picture[:, :75] = (200, 30, 40)
    picture[:, 75:] = (20, 60, 220)
    (first, most), (second, fewer), *_ = find_palette([picture, picture])
    assert np.abs(np.subtract(first, (200, 30, 40))).max() < 12
    assert np.abs(np.subtract(second, (20, 60, 220))).max() < 12
    assert (most, fewer) == (pytest.approx(0.75, abs=0.03), pytest.approx(0.25, abs=0.03))
    assert describe_look([picture]).saturation[0] > 0.8
