"""Parity: the gate that an exported file draws the same picture as the network it came from.

Eight real crops, every style, strengths 0, 0.25, 0.5, 0.75 and 1, in the file's own runtime. At strength 0 the input
must come back exactly, for photos and for random floats; the distance to it must grow where the network's does.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from edgestyle.errors import ParityError
from edgestyle.exporters.recipes import Recipe
from edgestyle.exporters.shelf import Shelf
from edgestyle.exporters.tally import RATED, Tally
from edgestyle.images import Floats, Picture, read_picture, resize, to_floats, to_pixels, write_picture
from edgestyle.models import AnyRenderer
from edgestyle.packs.pack import Style
from edgestyle.quality.fidelity import psnr_db
from edgestyle.runtime.runner import Runner

STRENGTHS = (0.0, 0.25, 0.5, 0.75, 1.0)
_PHOTOS = Path(__file__).parent / "photos"
NOISE = "noise"
_MOST_LEVELS = 1.01


@dataclass(frozen=True)
class ParityReport:
    """The worst of all comparisons of one file.

    Attributes:
        comparisons: how many pictures were compared.
        max_difference: largest absolute difference of a value, in units of [0,1].
        min_psnr_db: smallest PSNR of a picture, before its values are rounded to 8 bits; infinite where all are equal.
        identity_difference: largest difference to the input at strength 0.
        mean_half_psnr_db, mean_psnr_db: mean PSNR over styles and photos at strength 0.5 and at 1.
        worst_style: whose mean PSNR at one of the two is lowest.
        worst_style_psnr_db: that mean.
    """

    comparisons: int
    max_difference: float
    min_psnr_db: float
    identity_difference: float
    mean_half_psnr_db: float
    mean_psnr_db: float
    worst_style: str
    worst_style_psnr_db: float

    def to_json(self) -> dict[str, Any]:
        """As it stands in a sidecar; null for the PSNR of equal pictures."""
        return {
            "comparisons": self.comparisons,
            "max_difference": self.max_difference,
            "min_psnr_db": _finite(self.min_psnr_db),
            "identity_difference": self.identity_difference,
            "mean_half_psnr_db": _finite(self.mean_half_psnr_db),
            "mean_psnr_db": _finite(self.mean_psnr_db),
            "worst_style": self.worst_style,
            "worst_style_psnr_db": _finite(self.worst_style_psnr_db),
        }


@dataclass(frozen=True)
class Case:
    """One comparison: a parity photo or `NOISE`, a style, a strength and a shape."""

    photo: str
    style: Style
    strength: float
    height: int
    width: int


class Reference:
    """The torch network's pictures, computed once for all the files of an export and kept on disk.

    Attributes:
        renderer: the network.
    """

    def __init__(self, renderer: AnyRenderer) -> None:
        self.renderer = renderer
        self._kept = Shelf()

    def picture(self, case: Case, pixels: bool) -> Floats:
        """What the network makes of a case's picture, rounded to 8 bits before if `pixels`: `[1,3,H,W]`."""
        key = (case, pixels and case.photo == NOISE)  # photos have 8 bits anyway
        found = self._kept.get(key)
        if found is None:
            image = torch.from_numpy(parity_photo(case.photo, case.height, case.width, pixels))
            style, strength = torch.from_numpy(case.style.as_input()), torch.tensor([case.strength])
            with torch.no_grad():
                found = self.renderer(image, style, strength).numpy()
            self._kept.put(key, found)
        return found


def parity_photos() -> list[str]:
    """Names of the eight crops."""
    return sorted(path.stem for path in _PHOTOS.glob("*.jpg"))


def bundled_photo(name: str) -> Path:
    """The file of a crop."""
    return _PHOTOS / f"{name}.jpg"


@cache
def parity_photo(name: str, height: int, width: int, pixels: bool = False) -> Floats:
    """A crop, or random numbers for `NOISE`, as `float32 [1,3,H,W]` in [0,1]; of 8-bit levels if `pixels`."""
    if name == NOISE:
        noise = np.random.default_rng(0).random((1, 3, height, width), dtype=np.float32)
        return to_floats(to_pixels(noise)) if pixels else noise
    return to_floats(resize(read_picture(bundled_photo(name)).pixels, width, height))


def check_parity(
    runner: Runner,
    reference: Reference,
    styles: list[Style],
    recipe: Recipe,
    shapes: list[tuple[int, int]],
    failures: Path,
) -> ParityReport:
    """Compare a file with its network.

    Args:
        runner: the opened file.
        reference: of the network.
        styles: all that the file offers.
        recipe: says how close the picture must stay.
        shapes: heights and widths to check.
        failures: folder for the two pictures of a failed comparison.

    Raises:
        ParityError: names the style and strength and gives both pictures' paths.
    """
    tallies: dict[tuple[int, int], Tally] = {shape: Tally() for shape in shapes}
    worst, psnr, identity, count = 0.0, float("inf"), 0.0, 0
    for case in _cases(styles, shapes):
        image = parity_photo(case.photo, case.height, case.width, runner.pixel_input)
        expected = reference.picture(case, runner.pixel_input)
        got = runner.run(image, case.style.as_input(), case.strength)
        problem = _problem(got, expected, image, case.strength, recipe, runner.pixel_output)
        if problem:
            raise _failure(problem, case, expected, got, failures)
        db = picture_psnr_db(got, expected, runner.pixel_output)
        if case.photo != NOISE:
            tallies[case.height, case.width].add(case.style.name, case.strength, image, expected, got, db)
        worst, psnr = max(worst, float(np.abs(got - expected).max())), min(psnr, db)
        identity = max(identity, float(np.abs(got - image).max()) if case.strength == 0 else 0.0)
        count += 1
    if count == 0:
        raise ParityError("nothing to compare: no style or no size")
    _check_means(tallies, runner, reference, styles, recipe, failures)
    name, lowest = min((tally.worst_style() for tally in tallies.values()), key=lambda found: found[1])
    half, full = (min(tally.mean_db(strength) for tally in tallies.values()) for strength in RATED)
    return ParityReport(count, worst, psnr, identity, half, full, name, lowest)


def _check_means(
    tallies: dict[tuple[int, int], Tally],
    runner: Runner,
    reference: Reference,
    styles: list[Style],
    recipe: Recipe,
    failures: Path,
) -> None:
    """Raise ParityError where a mean or the growth of the distance is not as the recipe promises."""
    promised = promises_means(recipe, runner.pixel_output)
    for (height, width), tally in tallies.items():
        problem = tally.problem(promised)
        if problem:
            name, strength, text = problem
            style = next(style for style in styles if style.name == name)
            case = Case(parity_photos()[0], style, strength, height, width)
            image = parity_photo(case.photo, height, width, runner.pixel_input)
            got = runner.run(image, style.as_input(), strength)
            raise _failure(text, case, reference.picture(case, runner.pixel_input), got, failures)


def _cases(styles: list[Style], shapes: list[tuple[int, int]]) -> Iterator[Case]:
    """Every style, strength and photo at every shape, and random numbers at strength 0."""
    for height, width in shapes:
        for style in styles:
            yield Case(NOISE, style, 0.0, height, width)
            for strength in STRENGTHS:
                for photo in parity_photos():
                    yield Case(photo, style, strength, height, width)


def _problem(
    got: Floats, expected: Floats, image: Floats, strength: float, recipe: Recipe, pixel_output: bool
) -> str | None:
    """What breaks the gate, or None; at strength 0 nothing may have changed at all."""
    problem = unsound(got, expected)
    if problem is None and strength == 0 and not np.array_equal(got, image):
        return f"changes the picture by {np.abs(got - image).max():.2g} at strength 0; it must not at all"
    return problem or picture_problem(got, expected, recipe, pixel_output)


def unsound(got: Floats, expected: Floats) -> str | None:
    """Why `got` is no picture of finite numbers as `expected` is, or None."""
    if got.shape != expected.shape:
        return f"has shape {list(got.shape)}, not {list(expected.shape)}"
    return None if np.isfinite(got).all() else "has values that are not finite"


def picture_problem(got: Floats, expected: Floats, recipe: Recipe, pixel_output: bool) -> str | None:
    """How one picture breaks what a recipe promises of every picture, or None.

    A runtime that hands back 8-bit pixels may round them one level off. Coarse recipes differ by more than a level, so
    dB decide, those before the rounding.

    Args:
        got, expected: sound, `[1,3,H,W]` in [0,1].
        recipe: of the file.
        pixel_output: whether `got` was rounded to 8 bits.
    """
    if pixel_output and not _is_coarse(recipe):
        levels = 255 * float(np.abs(got - to_floats(to_pixels(expected))).max())
        return f"is {levels:.0f} levels off" if levels > _MOST_LEVELS else None
    difference = float(np.abs(got - expected).max())
    if recipe.max_difference is not None and difference > recipe.max_difference:
        return f"differs by {difference:.2g} from the network; {recipe.name} allows {recipe.max_difference:.2g}"
    db = picture_psnr_db(got, expected, pixel_output)
    if recipe.min_psnr_db is not None and db < recipe.min_psnr_db:
        return f"is {db:.1f} dB from the network; {recipe.name} must reach {recipe.min_psnr_db:.0f} dB"
    return None


def picture_psnr_db(got: Floats, expected: Floats, pixel_output: bool) -> float:
    """PSNR of a picture before its values were rounded to 8 bits, if they were.

    Rounding a picture has a mean square error that is independent of how far the picture was off before, and rounding
    the network's own picture has the same: the difference is what was there before. It is never below 0, as no level
    is closer to a value than the one that it is rounded to. Without it no 8-bit picture has more than 58.9 dB.
    """
    if not pixel_output:
        return psnr_db(torch.from_numpy(got), torch.from_numpy(expected))
    rounded = to_floats(to_pixels(expected))
    errors = (np.square(one - expected, dtype=np.float64).mean() for one in (got, rounded))
    before = next(errors) - next(errors)
    return float(-10 * np.log10(before)) if before > 0 else float("inf")


def promises_means(recipe: Recipe, pixel_output: bool) -> Recipe:
    """The recipe as means are held to it: without one where pictures were rounded and levels decide."""
    by_levels = pixel_output and not _is_coarse(recipe) and recipe.layers is None
    return replace(recipe, min_mean_psnr_db=None) if by_levels else recipe


def _is_coarse(recipe: Recipe) -> bool:
    """Whether a recipe may differ by more than one of 255 levels."""
    return recipe.weight_bits <= 8


def _finite(value: float) -> float | None:
    return round(value, 2) if np.isfinite(value) else None


def _failure(problem: str, case: Case, expected: Floats, got: Floats, folder: Path) -> ParityError:
    where = f"style '{case.style.name}' at strength {case.strength:g}"
    return parity_failure(
        f"{where} {problem}", f"{case.style.name}-{case.strength:g}-{case.photo}", expected, got, folder
    )


def parity_failure(problem: str, stem: str, expected: Floats, got: Floats, folder: Path) -> ParityError:
    """Save both pictures, if they are pictures, and say where they are.

    Args:
        problem: what is wrong with which picture.
        stem: what the names of both files begin with.
        expected, got: the pictures, `[1,3,H,W]` in [0,1].
        folder: for both files.
    """
    if got.ndim != 4 or got.shape[:2] != (1, 3):
        return ParityError(problem)
    paths = []
    for kind, picture in (("expected", expected), ("got", got)):
        path = folder / f"{stem}-{kind}.png"
        write_picture(Picture(to_pixels(np.nan_to_num(picture))), path)
        paths.append(str(path))
    return ParityError(f"{problem}; see {paths[0]} and {paths[1]}")
