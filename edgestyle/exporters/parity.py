"""Parity: the gate that an exported file draws the same picture as the network it came from.

Eight real crops, every style, strengths 0, 0.5 and 1, in the file's own runtime. At strength 0 the input must come
back exactly, for photos and for random floats.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from edgestyle.errors import ParityError
from edgestyle.exporters.recipes import Recipe
from edgestyle.images import Floats, Picture, read_picture, resize, to_floats, to_pixels, write_picture
from edgestyle.models.renderer import Renderer
from edgestyle.packs.pack import Style
from edgestyle.runtime.runner import Runner

STRENGTHS = (0.0, 0.5, 1.0)
_PHOTOS = Path(__file__).parent / "photos"
_ONE_LEVEL = 1 / 255 + 1e-6


@dataclass(frozen=True)
class ParityReport:
    """The worst of all comparisons of one file.

    Attributes:
        comparisons: how many pictures were compared.
        max_difference: largest absolute difference of a value, in units of [0,1].
        min_psnr_db: smallest PSNR of a picture; infinite where all are equal.
        identity_difference: largest difference to the input at strength 0.
    """

    comparisons: int
    max_difference: float
    min_psnr_db: float
    identity_difference: float

    def to_json(self) -> dict[str, Any]:
        """As it stands in a sidecar; null for the PSNR of equal pictures."""
        return {
            "comparisons": self.comparisons,
            "max_difference": self.max_difference,
            "min_psnr_db": round(self.min_psnr_db, 2) if np.isfinite(self.min_psnr_db) else None,
            "identity_difference": self.identity_difference,
        }


class Reference:
    """The torch network's pictures, computed once for all the files of an export."""

    def __init__(self, renderer: Renderer) -> None:
        self._renderer = renderer
        self._pictures: dict[tuple[str, float, str, int, int], Floats] = {}

    def picture(self, photo: str, style: Style, strength: float, height: int, width: int) -> Floats:
        """What the network makes of a parity photo, `[1,3,H,W]`."""
        key = (style.name, strength, photo, height, width)
        if key not in self._pictures:
            image = torch.from_numpy(parity_photo(photo, height, width))
            with torch.no_grad():
                stylized = self._renderer(image, torch.from_numpy(style.as_input()), torch.tensor([strength]))
            self._pictures[key] = stylized.numpy()
        return self._pictures[key]


def parity_photos() -> list[str]:
    """Names of the eight crops."""
    return sorted(path.stem for path in _PHOTOS.glob("*.jpg"))


@cache
def parity_photo(name: str, height: int, width: int) -> Floats:
    """A crop as `float32 [1,3,H,W]` in [0,1], squeezed to the wanted shape."""
    return to_floats(resize(read_picture(_PHOTOS / f"{name}.jpg").pixels, width, height))


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
    worst, psnr, identity, count = 0.0, float("inf"), 0.0, 0
    for height, width in shapes:
        identity = max(identity, _noise_difference(runner, styles[0], height, width))
        for style in styles:
            for strength in STRENGTHS:
                for photo in parity_photos():
                    image = parity_photo(photo, height, width)
                    expected = reference.picture(photo, style, strength, height, width)
                    got = runner.run(image, style.as_input(), strength)
                    problem = _problem(got, expected, image, strength, recipe, runner.pixel_output)
                    if problem:
                        raise _failure(problem, photo, style, strength, expected, got, failures)
                    worst = max(worst, float(np.abs(got - expected).max()))
                    psnr = min(psnr, _psnr_db(got, expected))
                    identity = max(identity, float(np.abs(got - image).max()) if strength == 0 else 0.0)
                    count += 1
    if identity > (_ONE_LEVEL if runner.pixel_output else 0):
        raise ParityError(f"strength 0 changes a picture of random numbers by {identity:.2g}; it must not at all")
    return ParityReport(count, worst, psnr, identity)


def _problem(
    got: Floats, expected: Floats, image: Floats, strength: float, recipe: Recipe, pixel_output: bool
) -> str | None:
    """What breaks the gate, or None. Pictures that come as 8-bit pixels may be one level off."""
    if got.shape != expected.shape or not np.isfinite(got).all():
        return f"gives {list(got.shape)} with values that are not finite, or not {list(expected.shape)}"
    slack = _ONE_LEVEL if pixel_output else 0.0
    if strength == 0 and (changed := float(np.abs(got - image).max())) > slack:
        return f"changes the picture by {changed:.2g} at strength 0; it must not at all"
    difference = float(np.abs(got - expected).max())
    if recipe.max_difference is not None and difference > max(recipe.max_difference, slack):
        return f"differs by {difference:.2g} from the network; {recipe.name} allows {recipe.max_difference:.2g}"
    if recipe.min_psnr_db is not None and not pixel_output and (db := _psnr_db(got, expected)) < recipe.min_psnr_db:
        return f"is {db:.1f} dB from the network; {recipe.name} must reach {recipe.min_psnr_db:.0f} dB"
    return None


def _failure(
    problem: str, photo: str, style: Style, strength: float, expected: Floats, got: Floats, folder: Path
) -> ParityError:
    """Save both pictures and say where they are."""
    paths = []
    for kind, picture in (("expected", expected), ("got", got)):
        path = folder / f"{style.name}-{strength:g}-{photo}-{kind}.png"
        write_picture(Picture(to_pixels(np.nan_to_num(picture))), path)
        paths.append(str(path))
    return ParityError(f"style '{style.name}' at strength {strength:g} {problem}; see {paths[0]} and {paths[1]}")


def _noise_difference(runner: Runner, style: Style, height: int, width: int) -> float:
    """Largest change strength 0 makes to random numbers, which unlike photos are no multiples of 1/255."""
    noise = np.random.default_rng(0).random((1, 3, height, width), dtype=np.float32)
    if runner.pixel_input:
        noise = to_floats(to_pixels(noise))
    return float(np.abs(runner.run(noise, style.as_input(), 0.0) - noise).max())


def _psnr_db(first: Floats, second: Floats) -> float:
    error = float(np.square(first.astype(np.float64) - second).mean())
    return -10 * float(np.log10(error)) if error > 0 else float("inf")
