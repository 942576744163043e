"""What a brand's pictures have in common: palette, light, contrast, marks, and which of them do not fit in."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from edgestyle.errors import PackError
from edgestyle.images import Pixels, whole_file
from edgestyle.quality.drift import LEAST_BRAND, DriftMonitor, Rows

MAX_PICTURES, MAX_COLUMNS = 5000, 4096
_PALETTE_COLOURS = 6
_OUTLIER = 3.0  # how many times as far as the middle picture
_NO_DISTANCE = 1e-9  # of copies, which nothing is divided by
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


@dataclass(frozen=True)
class BrandBook:
    """What is kept of a brand's pictures to judge others by.

    Attributes:
        rows: their statistics, `float32 [N,d]`.
        moves: how these change when a picture drifts, the mean of `moved_rows` over many of them, `[K,d]`.
        names: of their files.
        features: sha256 of the network that looked at them.
    """

    rows: Rows
    moves: Rows
    names: tuple[str, ...]
    features: str

    def monitor(self) -> DriftMonitor:
        """Raises ContractError where there are too few pictures."""
        return DriftMonitor(self.rows, self.moves)


@dataclass(frozen=True)
class BrandLook:
    """A brand's look in numbers that people know.

    Attributes:
        palette: its colours with the share of pixels nearest to each, the most frequent first: `(r, g, b), share`.
        light: mean luma of the pictures, in [0,1], and how much it differs between them.
        contrast: mean standard deviation of luma within a picture, and how much that differs.
        saturation: mean saturation (HSV), and how much it differs.
        detail: mean absolute difference between neighbouring pixels' luma, and how much that differs.
    """

    palette: list[tuple[tuple[int, int, int], float]]
    light: tuple[float, float]
    contrast: tuple[float, float]
    saturation: tuple[float, float]
    detail: tuple[float, float]


@dataclass(frozen=True)
class Outlier:
    """A picture that does not fit in with a brand's others.

    Attributes:
        place: of the picture in the brand book.
        times: how many times as far from the brand's middle as the middle picture.
        way: the way to drift that it lies off by the most, a name in `drift.MOVES`.
        spreads: by how many of the brand's spreads; below 0 the other way, such as less saturation.
    """

    place: int
    times: float
    way: str
    spreads: float


def save_book(book: BrandBook, path: Path) -> None:
    """Write a brand book as safetensors, whole or not at all."""
    metadata = {"features": book.features, "names": json.dumps(book.names)}
    with whole_file(path) as temporary:
        temporary.write_bytes(save({"rows": book.rows, "moves": book.moves}, metadata))


def load_book(path: Path) -> BrandBook:
    """Read a brand book.

    Raises:
        PackError: it is missing, damaged, too large, or holds numbers that are not finite.
    """
    try:
        with safe_open(path, framework="np") as file:
            shapes = [file.get_slice(name).get_shape() for name in ("rows", "moves")]
            if any(len(shape) != 2 or shape[0] > MAX_PICTURES or shape[1] > MAX_COLUMNS for shape in shapes):
                raise PackError(f"{path} is too large for a brand's pictures: {shapes}")
            about, rows, moves = file.metadata() or {}, file.get_tensor("rows"), file.get_tensor("moves")
        names = json.loads(about["names"])
    except (SafetensorError, OSError, KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise PackError(f"{path} is no record of a brand's pictures: {error}") from error
    sound = isinstance(names, list) and all(isinstance(name, str) for name in names)
    sound &= all(values.dtype == np.float32 and np.isfinite(values).all() for values in (rows, moves))
    if not sound or len(names) != len(rows) or moves.shape[1] != rows.shape[1]:
        raise PackError(f"{path} is a damaged record of a brand's pictures: learn the brand anew")
    return BrandBook(rows, moves, tuple(names), about.get("features", ""))


def add_pictures(book: BrandBook, new: BrandBook) -> BrandBook:
    """What is known of a brand with further pictures, which come last; the oldest are left out above 5000.

    Pictures that are in both count once.

    Raises:
        PackError: the book is of another feature network.
    """
    if book.features != new.features or book.rows.shape[1] != new.rows.shape[1]:
        raise PackError("what is known of the brand was made by another version of edgestyle: learn it with --replace")
    again = {row.tobytes() for row in new.rows}
    kept = [place for place, row in enumerate(book.rows) if row.tobytes() not in again]
    kept = kept[max(0, len(kept) + len(new.rows) - MAX_PICTURES) :]
    rows, names = np.concatenate([book.rows[kept], new.rows]), tuple(book.names[place] for place in kept)
    return BrandBook(rows, new.moves, names + new.names, new.features)


def describe_look(pictures: Sequence[Pixels]) -> BrandLook:
    """Measure a brand's pictures `uint8 [h,w,3]`."""
    measures = np.array([_measure(pixels) for pixels in pictures])
    light, contrast, saturation, detail = (
        (float(column.mean()), float(column.std())) for column in measures.T
    )  # fmt: skip
    return BrandLook(find_palette(pictures), light, contrast, saturation, detail)


def find_palette(pictures: Sequence[Pixels]) -> list[tuple[tuple[int, int, int], float]]:
    """Six colours that stand for all pictures' pixels: median cut (Heckbert, SIGGRAPH 1982), then k-means by Pillow."""
    small = [np.asarray(Image.fromarray(pixels).resize((48, 48), Image.Resampling.BOX)) for pixels in pictures]
    wall = Image.fromarray(np.concatenate(small))
    few = wall.quantize(_PALETTE_COLOURS, Image.Quantize.MEDIANCUT, kmeans=8)
    table = np.reshape(few.getpalette() or [], (-1, 3))[:_PALETTE_COLOURS]
    counts = np.bincount(np.asarray(few).ravel(), minlength=len(table))
    order = np.argsort(-counts[: len(table)])
    return [((int(table[i][0]), int(table[i][1]), int(table[i][2])), float(counts[i] / counts.sum())) for i in order]


def find_outliers(book: BrandBook) -> list[Outlier]:
    """Pictures that lie three times as far from the brand's middle as the middle one, the farthest first.

    Each is judged by axes found without it. So few pictures that drift cannot be judged have none.
    """
    if len(book.rows) < LEAST_BRAND:
        return []
    monitor = book.monitor()
    times = monitor.picture_distances / max(float(np.median(monitor.picture_distances)), _NO_DISTANCE)
    found = []
    for place in np.argsort(-times):
        if times[place] > _OUTLIER:
            way, spreads = next(iter(monitor.picture_moved(place).items()))
            found.append(Outlier(int(place), float(times[place]), way, spreads))
    return found


def _measure(pixels: Pixels) -> tuple[float, float, float, float]:
    values = pixels.astype(np.float32) / 255
    luma = values @ _LUMA
    top, bottom = values.max(-1), values.min(-1)
    saturation = np.where(top > 0, (top - bottom) / np.maximum(top, 1e-6), 0)
    detail = (np.abs(np.diff(luma, axis=0)).mean() + np.abs(np.diff(luma, axis=1)).mean()) / 2
    return float(luma.mean()), float(luma.std()), float(saturation.mean()), float(detail)
