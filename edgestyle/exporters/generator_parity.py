"""Parity of avatar packs: the gate that files draw the same faces as the networks they came from.

A dozen seeds at strengths 0, 0.25, 0.5 and 1, in the file's own runtime. At strength 0 a file must draw the very same
face for all of them, and the distance from it must grow where the network's does. A style's numbers mean nothing by
themselves, so mappings and inverters are judged by what the torch generator draws of them.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch

from edgestyle.errors import ParityError
from edgestyle.exporters.generator_recipes import MAX_STYLE_DIFFERENCE
from edgestyle.exporters.parity import (
    ParityReport,
    parity_failure,
    picture_problem,
    picture_psnr_db,
    promises_means,
    unsound,
)
from edgestyle.exporters.recipes import Recipe
from edgestyle.exporters.tally import RATED, Tally
from edgestyle.images import Floats, to_floats, to_pixels
from edgestyle.models.inversion import InversionEncoder
from edgestyle.models.mapping import Mapping as MappingNetwork
from edgestyle.models.mobile_stylegan import MobileGenerator
from edgestyle.packs.seeds import draw_latent
from edgestyle.runtime.generator import GeneratorRunner, InverterRunner, MappingRunner

SEEDS = tuple(range(1, 13))
STRENGTHS = (0.0, 0.25, 0.5, 1.0)
_FLAT = {"black": 0.0, "grey": 0.5, "white": 1.0}


class Faces:
    """What a torch generator draws of some styles, computed once for all the files of an export.

    Args:
        generator: in eval mode.
        styles: `[1,D]` by name.

    Attributes:
        generator, styles: as given.
    """

    def __init__(self, generator: MobileGenerator, styles: Mapping[str, Floats]) -> None:
        self.generator, self.styles = generator, dict(styles)
        self._drawn: dict[tuple[str, float], Floats] = {}

    def picture(self, name: str, strength: float) -> Floats:
        """The network's picture of a style, `[1,3,S,S]`."""
        key = name, strength
        if key not in self._drawn:
            self._drawn[key] = draw(self.generator, self.styles[name], strength)
        return self._drawn[key]


class SeedFaces(Faces):
    """The faces of the seeds that all of a pack's files are judged by.

    Args:
        generator, mapping: the pack's float networks, in eval mode.

    Attributes:
        latents: `[1,L]` by name.
    """

    def __init__(self, generator: MobileGenerator, mapping: MappingNetwork) -> None:
        self.latents = {f"seed-{seed}": draw_latent(seed, mapping.latents)[None] for seed in SEEDS}
        with torch.no_grad():
            styles = {name: mapping(torch.from_numpy(latent)).numpy() for name, latent in self.latents.items()}
        super().__init__(generator, styles)


def draw(generator: MobileGenerator, style: Floats, strength: float) -> Floats:
    """What a torch generator draws, `[1,3,S,S]`."""
    with torch.no_grad():
        picture = generator(torch.from_numpy(np.array(style)), torch.tensor([strength], dtype=torch.float32))
    return np.asarray(picture.numpy(), np.float32)


def check_generator(runner: GeneratorRunner, faces: Faces, recipe: Recipe, failures: Path) -> ParityReport:
    """Compare a generator's file with its network.

    Args:
        runner: the opened file.
        faces: of the network.
        recipe: says how close the pictures must stay.
        failures: folder for the two pictures of a failed comparison.

    Returns:
        What `check_parity` does; its styles are faces, and `identity_difference` is how far two faces differ at
        strength 0.

    Raises:
        ParityError: names the face and the strength and gives both pictures' paths.
    """
    tally, means = Tally(), list[Floats]()
    worst, psnr, count = 0.0, float("inf"), 0
    for name, style in faces.styles.items():
        for strength in STRENGTHS:
            got, expected = runner.draw(style, strength), faces.picture(name, strength)
            means += [got] if strength == 0 else []
            problem = unsound(got, expected) or _mean_problem(means) or picture_problem(
                got, expected, recipe, runner.pixel_output
            )  # fmt: skip
            if problem:
                raise _failure(problem, name, strength, expected, got, failures)
            db = picture_psnr_db(got, expected, runner.pixel_output)
            tally.add(name, strength, faces.picture(name, 0.0), expected, got, db)
            worst, psnr, count = max(worst, float(np.abs(got - expected).max())), min(psnr, db), count + 1
    if not count:
        raise ParityError("nothing to compare: no face")
    broken = tally.problem(promises_means(recipe, runner.pixel_output))
    if broken:
        name, strength, text = broken
        got = runner.draw(faces.styles[name], strength)
        raise _failure(text, name, strength, faces.picture(name, strength), got, failures)
    identity = max(float(np.abs(mean - means[0]).max()) for mean in means)
    half, full = (tally.mean_db(strength) for strength in RATED)
    return ParityReport(count, worst, psnr, identity, half, full, *tally.worst_style())


def check_mapping(runner: MappingRunner, faces: SeedFaces, recipe: Recipe, failures: Path) -> ParityReport:
    """Compare a mapping's file with its network: what the torch generator draws of the seeds' styles.

    Args:
        runner: the opened file.
        faces, recipe, failures: as for `check_generator`. A recipe with a bar for the largest difference holds the
            styles' numbers to 1e-3, too.

    Raises:
        ParityError: a style is not finite, has another length or numbers too far off, or draws another picture.
    """
    vectors = {}
    for name, latent in faces.latents.items():
        expected = faces.styles[name]
        vector = _checked(runner.map(latent), expected, name)
        difference = float(np.abs(vector - expected).max())
        if recipe.max_difference is not None and difference > MAX_STYLE_DIFFERENCE:
            allowed = f"{recipe.name} allows {MAX_STYLE_DIFFERENCE:g}"
            raise ParityError(f"the style of '{name}' differs by {difference:.2g} from the network's; {allowed}")
        vectors[expected.tobytes()] = vector
    return check_generator(_Drawing(faces.generator, vectors, runner.runtime), faces, recipe, failures)


def check_inverter(
    runner: InverterRunner, faces: SeedFaces, inverter: InversionEncoder, recipe: Recipe, failures: Path
) -> ParityReport:
    """Compare an inverter's file with its network: faces that are drawn, found by both, and drawn again.

    Args:
        runner: the opened file.
        faces, recipe, failures: as for `check_generator`.
        inverter: the network.

    Raises:
        ParityError: the style of any picture, flat colours and random numbers too, is not finite or has another length,
            or draws another picture.
    """
    pictures = {name: to_floats(to_pixels(faces.picture(name, 1.0))) for name in faces.styles}
    for name, picture in _odd_pictures(inverter.config.size).items():
        _checked(runner.encode(picture), _invert(inverter, picture), name)
    found = Faces(faces.generator, {name: _invert(inverter, picture) for name, picture in pictures.items()})
    vectors = {
        expected.tobytes(): _checked(runner.encode(pictures[name]), expected, name)
        for name, expected in found.styles.items()
    }
    return check_generator(_Drawing(faces.generator, vectors, runner.runtime), found, recipe, failures)


class _Drawing:
    """A `GeneratorRunner` that draws with the file's style where it is given the torch network's.

    Args:
        generator: what draws.
        vectors: the file's, by the bytes of the torch network's for the same face.
        runtime: what the file runs on.
    """

    pixel_output = False

    def __init__(self, generator: MobileGenerator, vectors: dict[bytes, Floats], runtime: str) -> None:
        self.runtime, self._generator, self._vectors = runtime, generator, vectors

    def bind(self, style: Floats, strength: float) -> Callable[[], object]:
        """See `GeneratorRunner.bind`."""
        return lambda: self.draw(style, strength)

    def draw(self, style: Floats, strength: float) -> Floats:
        """See `GeneratorRunner.draw`."""
        return draw(self._generator, self._vectors[style.tobytes()], strength)

    def placement(self, style: Floats, strength: float) -> None:
        """See `GeneratorRunner.placement`: nobody asks."""


def _mean_problem(means: list[Floats]) -> str | None:
    """Why the last of the pictures at strength 0 is not the mean face that the first is, or None."""
    if not means or np.array_equal(means[-1], means[0]):
        return None
    return f"is {np.abs(means[-1] - means[0]).max():.2g} from another style's: the mean face must be the very same"


def _checked(vector: Floats, expected: Floats, name: str) -> Floats:
    """`vector` if it is finite and of the right length; raise ParityError otherwise."""
    if vector.shape != expected.shape:
        raise ParityError(f"'{name}' becomes {list(vector.shape)}, not a style vector {list(expected.shape)}")
    if not np.isfinite(vector).all():
        raise ParityError(f"'{name}' becomes a style of numbers that are not finite")
    return vector


def _invert(inverter: InversionEncoder, picture: Floats) -> Floats:
    with torch.no_grad():
        return np.asarray(inverter(torch.from_numpy(picture)).numpy(), np.float32)


def _odd_pictures(size: int) -> dict[str, Floats]:
    """Flat colours and random numbers, of 8-bit levels."""
    flat = {name: np.full((1, 3, size, size), round(255 * level) / 255, np.float32) for name, level in _FLAT.items()}
    noise = np.random.default_rng(0).random((1, 3, size, size), dtype=np.float32)
    return {**flat, "noise": to_floats(to_pixels(noise))}


def _failure(problem: str, name: str, strength: float, expected: Floats, got: Floats, folder: Path) -> ParityError:
    return parity_failure(
        f"face '{name}' at strength {strength:g} {problem}", f"{name}-{strength:g}", expected, got, folder
    )
