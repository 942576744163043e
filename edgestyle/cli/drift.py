"""`edgestyle drift`."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edgestyle.errors import ContractError, PackError, PictureError

if TYPE_CHECKING:
    from edgestyle.quality.brands import BrandBook
    from edgestyle.quality.drift import Drift, Rows

_DRIFTED = 1  # exit code
_PLAINLY = 0.3  # spreads, from which a way of drifting is worth a word


def drift(
    brand: Annotated[str, typer.Argument(help="Name of the brand as it was learned, or the path of its files.")],
    pictures: Annotated[list[Path], typer.Argument(help="New pictures, or folders of them.", metavar="FOLDER...")],
    farthest: Annotated[int, typer.Option(help="How many of the least alike pictures to list.", min=0)] = 5,
    as_json: Annotated[bool, typer.Option("--json", help="Print the numbers as JSON.")] = False,
    seed: Annotated[int, typer.Option(help="Of the draws that find the threshold.")] = 0,
) -> None:
    """Say whether new pictures still keep a brand's style: a number, a threshold, yes or no. Exit code 1: they drifted.

    Learn it:  edgestyle learn acme --brand campaign/ --pack lumen
    Watch it:  edgestyle drift acme new-pictures/

    The number is a Fréchet distance between statistics of colour and marks; the threshold is what the brand's own
    pictures stay below in 98 of 100 draws of as many.
    """
    from edgestyle.cli.extras import needs

    path = _find_book(brand)
    with needs("torch", "evaluate"):
        from edgestyle.quality.brands import load_book
        from edgestyle.quality.features import SHIPPED_SHA256
    book = load_book(path)
    if book.features != SHIPPED_SHA256:
        raise PackError(f"{path} was made by another version of edgestyle: learn the brand anew with --replace")
    monitor = book.monitor()
    rows, names = _look_at(pictures)
    found = monitor.judge(rows, seed)
    if as_json:
        print(json.dumps(_to_json(found, names, book), indent=1, ensure_ascii=False))
    else:
        _tell(found, names, book, farthest)
    if found.drifted:
        sys.exit(_DRIFTED)


def _find_book(brand: str) -> Path:
    """The file that drift is judged by, from the brand's name or the path of any of its files."""
    from edgestyle.cli.learning import BOOK, PREVIEW, REPORT
    from edgestyle.packs.style_files import SUFFIX

    stem = brand
    for suffix in (BOOK, SUFFIX, PREVIEW, REPORT):
        stem = stem.removesuffix(suffix)
    path = Path(stem + BOOK)
    if not path.is_file():
        taken = Path(stem + SUFFIX).is_file()  # learned from pictures that are no brand's
        name = f"{Path(stem).name}-brand" if taken else Path(stem).name
        raise PackError(f"there is no {path}: learn the brand first, edgestyle learn {name} --brand FOLDER")
    return path


def _look_at(sources: list[Path]) -> tuple["Rows", list[str]]:
    """Statistics of all pictures that can be read, a few in memory at a time, and their names."""
    import numpy as np

    from edgestyle.cli.learning import picture_bar
    from edgestyle.quality.drift import LEAST_NEW, picture_row
    from edgestyle.quality.features import load_features
    from edgestyle.training.style_pictures import find_pictures, read_ahead, read_small_square

    paths, features = find_pictures(sources), load_features()
    rows, names = [], []
    with picture_bar("looking", len(paths)) as advance:
        for path, read in read_ahead(paths, read_small_square):
            try:
                rows.append(picture_row(read(), features))
                names.append(str(path))
            except PictureError as error:
                print(f"left out: {error}", file=sys.stderr)
            advance()
    if len(rows) < LEAST_NEW:
        raise ContractError(f"judging drift takes at least {LEAST_NEW} pictures that can be read, not {len(rows)}")
    return np.concatenate(rows), names


def _tell(found: "Drift", names: list[str], book: "BrandBook", farthest: int) -> None:
    verdict = "yes, they drifted" if found.drifted else "no, they keep the style"
    print(f"drifted: {verdict}")
    print(f"distance {found.distance:.3f}, threshold {found.threshold:.3f}")
    compared = f", {found.pictures} at a time" if found.pictures < len(names) else ""
    print(f"{len(names)} pictures{compared}, against {len(book.rows)} of the brand's")
    if found.drifted:
        moves = [f"{name} {value:+.1f}" for name, value in found.moved.items() if abs(value) >= _PLAINLY]
        print(f"moved, in spreads of the brand: {', '.join(moves) or 'in no one way'}")
    if farthest:
        print("least like the brand, in its spreads:")
    for place in found.farthest[:farthest]:
        print(f"  {found.picture_distances[place]:5.2f}  {names[place]}")


def _to_json(found: "Drift", names: list[str], book: "BrandBook") -> dict[str, object]:
    return {
        "drifted": found.drifted,
        "distance": found.distance,
        "threshold": found.threshold,
        "pictures": len(names),
        "compared_at_a_time": found.pictures,
        "brand_pictures": len(book.rows),
        "moved": found.moved,
        "farthest": [{"picture": names[place], "distance": found.picture_distances[place]} for place in found.farthest],
    }
