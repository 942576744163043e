"""Two sets of weights for one recipe, both really exported: which of them draws more like the float network."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

import torch

from edgestyle.errors import ExportError
from edgestyle.exporters.bundle import build_file
from edgestyle.exporters.calibration import Calibration, bundled_calibration
from edgestyle.exporters.formats import FORMATS
from edgestyle.exporters.layers import count_exact_convolutions
from edgestyle.exporters.promises import check_compute
from edgestyle.exporters.recipes import RECIPES, Recipe
from edgestyle.exporters.shelf import Shelf
from edgestyle.exporters.tally import RATED, Tally
from edgestyle.images import Floats, Pixels, middle_square, resize, to_floats
from edgestyle.models import AnyRenderer
from edgestyle.packs.networks import load_renderer
from edgestyle.packs.pack import Pack, Style
from edgestyle.quality.fidelity import psnr_db
from edgestyle.runtime.runner import Runner, open_runner

SIDE = 512  # of the squares that are compared
LEAST_GAIN_DB = 0.2  # in the mean; less is not worth the bytes of a second set


@dataclass(frozen=True)
class Comparison:
    """Both sets in one format: how far each is from the float network, by style and strength."""

    format: str
    without: Tally
    trained: Tally

    def style_gains_db(self) -> dict[str, tuple[float, float]]:
        """By style, mean PSNR over photos and the strengths 0.5 and 1, of the file without and with the new set."""
        styles = self.without.style_means_db(RATED[0])
        return {style: (_mean(self.without, style), _mean(self.trained, style)) for style in styles}

    @property
    def wins(self) -> bool:
        """Whether the new set is clearly better in the mean, not worse at either strength, nor for the worst style."""
        gains = [self.trained.mean_db(strength) - self.without.mean_db(strength) for strength in RATED]
        worst_gain = self.trained.worst_style()[1] - self.without.worst_style()[1]
        return fmean(gains) >= LEAST_GAIN_DB and min(*gains, worst_gain) >= 0

    def to_json(self) -> dict[str, Any]:
        """As it stands in a pack's record, dB."""
        return {"format": self.format, "without": _summary(self.without), "with": _summary(self.trained)}


def compare_weights(
    pack: Pack,
    recipe: str,
    trained: AnyRenderer,
    photos: list[Pixels],
    size: int = SIDE,
    without: AnyRenderer | None = None,
    on_start: Callable[[str], None] = lambda name: None,
) -> list[Comparison]:
    """Export a pack in every format of a recipe, as it is and with other weights, and compare with the float network.

    Args:
        pack: whose float network is the reference.
        recipe: that computes with integers; calibrated on the bundled photos.
        trained: the other weights.
        photos: `uint8 [H,W,3]`, that neither was trained on; their middle squares are drawn.
        size: side of the squares.
        without: what to compare with; what the pack exports now by default.
        on_start: called with the name of what is drawn next.

    Raises:
        ExportError: there is nothing to compare, a conversion failed, or a file does not compute as its recipe says.
    """
    if not photos:
        raise ExportError("no photo to compare on")
    sets = (load_renderer(pack, recipe) if without is None else without, trained)
    styles, known = list(pack.styles.values()), RECIPES[recipe]
    cases = _Cases(load_renderer(pack), styles, [resize(middle_square(pixels), size, size) for pixels in photos])
    calibration = bundled_calibration(styles)
    comparisons = []
    for name in known.formats:
        tallies = []
        for label, renderer in zip(("without", "with"), sets, strict=True):
            on_start(f"{name}, {label} the new weights")
            with tempfile.TemporaryDirectory() as folder:
                runner = _open(name, renderer, known, size, calibration, Path(folder))
                tallies.append(_tally(runner, cases))
        comparisons.append(Comparison(name, *tallies))
    return comparisons


@dataclass(frozen=True)
class _Case:
    style: Style
    strength: float
    image: Floats
    expected: Floats


class _Cases:
    """The float network's pictures of every square, style and strength, computed once and kept on disk."""

    def __init__(self, reference: AnyRenderer, styles: list[Style], squares: list[Pixels]) -> None:
        self._reference, self._styles, self._squares = reference, styles, squares
        self._kept = Shelf()

    def __iter__(self) -> Iterator[_Case]:
        for number, pixels in enumerate(self._squares):
            image = to_floats(pixels)
            for style in self._styles:
                for strength in RATED:
                    key = (number, style.name, strength)
                    expected = self._kept.get(key)
                    if expected is None:
                        expected = self._draw(image, style, strength)
                        self._kept.put(key, expected)
                    yield _Case(style, strength, image, expected)

    def _draw(self, image: Floats, style: Style, strength: float) -> Floats:
        inputs = torch.from_numpy(image), torch.from_numpy(style.as_input()), torch.tensor([strength])
        with torch.no_grad():
            drawn: Floats = self._reference(*inputs).numpy()
        return drawn


def _open(
    name: str, renderer: AnyRenderer, recipe: Recipe, size: int, calibration: Calibration, folder: Path
) -> Runner:
    path = folder / f"trial{FORMATS[name].suffix}"
    build_file(FORMATS[name], renderer, path, recipe, [size], {}, calibration)
    check_compute(path, recipe, count_exact_convolutions(renderer))
    return open_runner(path)


def _tally(runner: Runner, cases: _Cases) -> Tally:
    tally = Tally()
    for case in cases:
        got = runner.run(case.image, case.style.as_input(), case.strength)
        db = psnr_db(torch.from_numpy(got), torch.from_numpy(case.expected))
        tally.add(case.style.name, case.strength, case.image, case.expected, got, db)
    return tally


def _mean(tally: Tally, style: str) -> float:
    return fmean(tally.style_means_db(strength)[style] for strength in RATED)


def _summary(tally: Tally) -> dict[str, Any]:
    name, worst = tally.worst_style()
    half, full = (round(tally.mean_db(strength), 2) for strength in RATED)
    return {
        "mean_half_psnr_db": half, "mean_psnr_db": full, "worst_style": name, "worst_style_psnr_db": round(worst, 2),
    }  # fmt: skip
