"""What `learn`, `drift` and `add-style` share: where a style's files lie, how pictures are read, what is written."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from edgestyle.errors import ContractError, OutputError, PackError, PictureError
from edgestyle.packs.style_files import SUFFIX, StyleFile, read_style, save_style

if TYPE_CHECKING:
    from torch import Tensor

    from edgestyle.images import Pixels
    from edgestyle.quality.brand_report import BrandPage, Shown
    from edgestyle.quality.brands import BrandBook
    from edgestyle.training.style_learning import Result
    from edgestyle.training.style_pictures import StylePicture

PREVIEW, BOOK, REPORT = ".preview.jpg", ".brand.safetensors", ".report.html"
_SHOWN = 4  # photos in a preview
_FIRST = ("astronaut", "chelsea", "flower", "sunset")  # of the bundled photos
_STRENGTHS = (0.0, 0.25, 0.5, 0.75, 1.0)
_CELL = 208  # pixels


def find_old(folder: Path, name: str, update: bool, replace: bool) -> StyleFile | None:
    """The style that is to be updated; None for a new one.

    Raises:
        OutputError: there is one already, and neither `update` nor `replace`.
        PackError: there is none to update, or it is damaged.
        ContractError: both were asked for.
    """
    path = folder / (name + SUFFIX)
    if update and replace:
        raise ContractError("--update moves a style, --replace forgets it: give one of them")
    if update:
        if not path.exists():
            raise PackError(f"there is no {path} to update: leave --update out")
        return read_style(path)
    if path.exists() and not replace:
        raise OutputError(f"{path} is there already: give --replace to learn it anew, or --update to move it")
    return None


def read_pictures(sources: Sequence[Path], brand: Path | None) -> list["StylePicture"]:
    """Pictures of a style under a progress bar. Raises PictureError, and ContractError where a brand has too few."""
    from edgestyle.quality.drift import LEAST_BRAND
    from edgestyle.training.style_pictures import find_pictures, read_style_pictures

    paths = find_pictures(sources)
    if brand is not None and len(paths) < LEAST_BRAND:
        raise ContractError(
            f"a brand needs at least {LEAST_BRAND} pictures, better 100, and {brand} holds {len(paths)}"
        )
    with picture_bar("reading", len(paths)) as advance:
        found = read_style_pictures(paths, lambda line: print(line, file=sys.stderr), advance)
    if brand is not None and len(found) < LEAST_BRAND:
        raise ContractError(f"a brand needs at least {LEAST_BRAND} sound pictures, and {brand} holds {len(found)}")
    return found


def read_photos(folder: Path | None) -> list["Tensor"]:
    """Photos to learn on, `[1,3,384,384]`: the middle squares of a folder's, or of those that come with edgestyle.

    Raises:
        PictureError: the folder is missing, or holds no picture that can be read.
    """
    import torch

    from edgestyle.exporters.calibration import bundled_calibration
    from edgestyle.exporters.parity import parity_photo, parity_photos
    from edgestyle.quality.pictures import SIDE, centre_square, read_square
    from edgestyle.training.style_pictures import find_pictures

    if folder is None:
        names = sorted(parity_photos(), key=lambda name: (name not in _FIRST, name))
        known = [torch.from_numpy(parity_photo(name, SIDE, SIDE)) for name in names]
        return known + [centre_square(photo.pixels) for photo in bundled_calibration([]).photos]
    found = []
    for path in find_pictures([folder]):
        try:
            found.append(read_square(path))
        except PictureError as error:
            print(f"left out: {error}", file=sys.stderr)
    if not found:
        raise PictureError(f"no photo in {folder} can be read")
    return found


@contextmanager
def bar(text: str, steps: int) -> Iterator[Callable[[int, float], None]]:
    """A bar on stderr with the loss; yields what to call after each step."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[loss]}")
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as progress:
        task = progress.add_task(text, total=steps, loss="choosing a start")
        yield lambda step, loss: progress.update(task, completed=step, loss=f"loss {loss:.3f}")


def make_book(pictures: Sequence["StylePicture"], folder: Path, name: str, update: bool) -> "BrandBook":
    """What `drift` judges a brand by; an update adds to the pictures of the book that is there.

    Raises:
        PackError: that book is damaged, or of another version.
        ContractError: the pictures are all the same.
    """
    from edgestyle.quality.brands import add_pictures, load_book

    path = folder / (name + BOOK)
    before = load_book(path) if update and path.exists() else None
    new = _measure_brand(pictures)
    book = new if before is None else add_pictures(before, new)
    book.monitor()
    return book


def write_all(
    result: "Result",
    pictures: Sequence["StylePicture"],
    photos: Sequence["Tensor"],
    folder: Path,
    book: "BrandBook | None",
) -> list[Path]:
    """Write a style and its preview, and of a brand the report and the book; nothing before all of it is made."""
    from edgestyle.images import Picture, make_folder, whole_file, write_picture
    from edgestyle.quality.brand_report import brand_html
    from edgestyle.quality.brands import save_book

    name = result.file.style.name
    style, preview, report, path = (folder / (name + suffix) for suffix in (SUFFIX, PREVIEW, REPORT, BOOK))
    shown = _preview(result, pictures, photos)
    page = brand_html(_page(result, pictures, photos, book)) if book is not None else ""
    make_folder(folder)
    write_picture(Picture(shown, None), preview)
    if book is not None:
        with whole_file(report) as temporary:
            temporary.write_text(page, encoding="utf-8")
        save_book(book, path)
    save_style(result.file, style)
    return [style, preview, *([report, path] if book is not None else [])]


@contextmanager
def picture_bar(text: str, total: int) -> Iterator[Callable[[], object]]:
    """A bar on stderr for more than a few pictures; yields what to call after each."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), disable=total < 8) as progress:
        task = progress.add_task(text, total=total)
        yield lambda: progress.advance(task)


def _preview(result: "Result", pictures: Sequence["StylePicture"], photos: Sequence["Tensor"]) -> "Pixels":
    """A row of pictures that the style was learned from, then photos at five strengths."""
    import numpy as np
    import torch

    from edgestyle.images import middle_square, resize, to_pixels
    from edgestyle.quality.sheets import contact_sheet
    from edgestyle.training.learning import draw
    from edgestyle.training.style_pictures import evenly

    vector = torch.tensor(result.file.style.vector)
    shown = [pictures[place].pixels for place in evenly(len(pictures), len(_STRENGTHS))]
    sources = [resize(middle_square(pixels), _CELL, _CELL) for pixels in shown]
    rows = []
    for photo in photos[:_SHOWN]:
        drawn = [draw(result.renderer, photo, vector, strength) for strength in _STRENGTHS]
        rows.append([resize(to_pixels(one.numpy()), _CELL, _CELL) for one in drawn])
    above = contact_sheet([sources], [""] * len(sources), ["learned from"], _CELL)
    below = contact_sheet(rows, [f"strength {strength:g}" for strength in _STRENGTHS], ["drawn"] * len(rows), _CELL)
    beside = ((0, 0), (0, below.shape[1] - above.shape[1]), (0, 0))
    return np.concatenate([np.pad(above, beside, constant_values=255), below])


def _measure_brand(pictures: Sequence["StylePicture"]) -> "BrandBook":
    import numpy as np

    from edgestyle.quality.brands import BrandBook
    from edgestyle.quality.drift import MOST_MOVED, SIDE, moved_rows, picture_row
    from edgestyle.quality.features import SHIPPED_SHA256, load_features
    from edgestyle.quality.pictures import centre_square
    from edgestyle.training.style_pictures import evenly

    features = load_features()
    squares = [centre_square(picture.pixels, SIDE) for picture in pictures]
    moved = [squares[place] for place in evenly(len(squares), MOST_MOVED)]
    with picture_bar("measuring the brand", len(squares) + len(moved)) as advance:
        rows, moves = [], []
        for square in squares:
            rows.append(picture_row(square, features))
            advance()
        for square in moved:
            moves.append(moved_rows(square, features))
            advance()
    names = tuple(picture.name for picture in pictures)
    return BrandBook(np.concatenate(rows), np.mean(moves, 0, np.float32), names, SHIPPED_SHA256)


def _page(
    result: "Result", pictures: Sequence["StylePicture"], photos: Sequence["Tensor"], book: "BrandBook"
) -> "BrandPage":
    from edgestyle.quality.brand_report import BrandPage, Shown
    from edgestyle.quality.brands import describe_look, find_outliers

    style, learned = result.file.style, result.learned
    first = len(book.rows) - len(pictures)  # of these pictures, which come after those of earlier times
    odd = [(one, pictures[one.place - first]) for one in find_outliers(book) if one.place >= first]
    facts = [
        ("pictures", f"{len(pictures)} learned from, {len(book.rows)} that drift is judged by"),
        ("network", f"pack {result.file.pack}, {result.file.network_sha256[:12]}"),
        (
            "distance",
            f"of photos drawn in it to these pictures: {learned.start_distance:.3f} before, as {learned.started_from}, "
            f"{learned.distance:.3f} after; 0 would be no difference",
        ),
        ("default strength", f"{style.default_strength:g}"),
        ("licence", style.licence),
    ]
    return BrandPage(
        name=style.title,
        about=f"{len(pictures)} pictures, measured at 384 pixels.",
        look=describe_look([picture.pixels for picture in pictures]),
        pictures=[Shown(picture.pixels, picture.name) for picture in list(pictures)[:24]],
        outliers=[
            Shown(picture.pixels, f"{picture.name}: {one.times:.1f} times as far, {one.way} {one.spreads:+.1f}")
            for one, picture in odd[:12]
        ],
        drawn=_drawn(result, photos),
        facts=facts,
    )


def _drawn(result: "Result", photos: Sequence["Tensor"]) -> list["Shown"]:
    """Photos as they are, each followed by itself in the style at its default strength."""
    import torch

    from edgestyle.images import to_pixels
    from edgestyle.quality.brand_report import Shown
    from edgestyle.training.learning import draw

    style, found = result.file.style, []
    for photo in photos[:_SHOWN]:
        drawn = draw(result.renderer, photo, torch.tensor(style.vector), style.default_strength)
        found.append(Shown(to_pixels(photo.numpy()), "photo"))
        found.append(Shown(to_pixels(drawn.numpy()), f"strength {style.default_strength:g}"))
    return found
