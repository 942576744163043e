"""Parity of an encoder: what the network draws with a file's vectors is what it draws with the torch encoder's.

A vector's numbers mean nothing by themselves, so pictures are compared: each parity photo is a reference, and the float
renderer draws all of them in its look. The gate is then the renderers' own, with its strengths and a recipe's promises.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from edgestyle.contract import REFERENCE_SIDE
from edgestyle.errors import ParityError
from edgestyle.exporters.parity import (
    NOISE,
    ParityReport,
    Reference,
    bundled_photo,
    check_parity,
    parity_photo,
    parity_photos,
)
from edgestyle.exporters.recipes import Recipe
from edgestyle.images import Floats, read_picture
from edgestyle.models import AnyEncoder, AnyRenderer
from edgestyle.packs.pack import Style
from edgestyle.packs.stylizing import reference_input
from edgestyle.runtime.encoder import EncoderRunner

_DRAWN = (128, 128)  # height and width of the pictures that are compared
_FLAT = {"black": 0.0, "grey": 0.5, "white": 1.0}


class Looks:
    """The looks of the parity photos by a pack's torch encoder, and its torch renderer's pictures in them.

    Args:
        renderer, encoder: the pack's float networks, in eval mode.

    Attributes:
        styles: a style a photo, with the torch encoder's vector.
        pictures: computed once for all files of an export.
    """

    def __init__(self, renderer: AnyRenderer, encoder: AnyEncoder) -> None:
        self.renderer = renderer
        self.pictures = Reference(renderer)
        self.styles = {name: Style(f"like-{name}", _encode(encoder, name)) for name in parity_photos()}


def check_encoder(runner: EncoderRunner, looks: Looks, recipe: Recipe, failures: Path) -> ParityReport:
    """Compare an encoder's file with its network.

    Args:
        runner: the opened file.
        looks: of the pack.
        recipe: says how close the pictures must stay.
        failures: folder for the two pictures of a failed comparison.

    Returns:
        What `check_parity` does; its styles are called `like-` and a photo's name.

    Raises:
        ParityError: the vector of any reference, flat colours and random numbers too, is not finite or has another
            length, or a picture is not close enough; the message names the photo and gives both pictures' paths.
    """
    length = len(next(iter(looks.styles.values())).vector)
    for name in (*_FLAT, NOISE):
        _checked(runner.encode(_odd_reference(name)), length, name)
    vectors = {
        style.as_input().tobytes(): _checked(runner.encode(_reference(name)), length, name)
        for name, style in looks.styles.items()
    }
    drawing = _Drawing(looks.renderer, vectors, runner.runtime)
    return check_parity(drawing, looks.pictures, list(looks.styles.values()), recipe, [_DRAWN], failures)


class _Drawing:
    """A `Runner` that draws with the file's vector where it is given the torch encoder's.

    Args:
        renderer: what draws.
        vectors: the file's, by the bytes of the torch encoder's for the same reference.
        runtime: what the file runs on.
    """

    pixel_input = False
    pixel_output = False

    def __init__(self, renderer: AnyRenderer, vectors: dict[bytes, Floats], runtime: str) -> None:
        self.runtime = runtime
        self._renderer, self._vectors = renderer, vectors

    def bind(self, image: Floats, style: Floats, strength: float) -> Callable[[], object]:
        """See `Runner.bind`."""
        inputs = image, self._vectors[style.tobytes()], np.array([strength], np.float32)
        return lambda: self._renderer(*map(torch.from_numpy, inputs)).numpy()

    def run(self, image: Floats, style: Floats, strength: float) -> Floats:
        """See `Runner.run`."""
        with torch.no_grad():
            return np.asarray(self.bind(image, style, strength)(), np.float32)

    def placement(self, image: Floats, style: Floats, strength: float) -> None:
        """See `Runner.placement`: nobody asks."""


def _checked(vector: Floats, length: int, name: str) -> Floats:
    """`vector` if it is `[1,length]` and finite; raise ParityError otherwise."""
    if vector.shape != (1, length):
        raise ParityError(f"reference '{name}' becomes {list(vector.shape)}, not a style vector [1,{length}]")
    if not np.isfinite(vector).all():
        raise ParityError(f"reference '{name}' becomes a vector of numbers that are not finite")
    return vector


def _encode(encoder: AnyEncoder, name: str) -> tuple[float, ...]:
    with torch.no_grad():
        vector = encoder(torch.from_numpy(_reference(name)))
    return tuple(vector[0].tolist())


def _reference(name: str) -> Floats:
    return reference_input(read_picture(bundled_photo(name)))


def _odd_reference(name: str) -> Floats:
    """Flat colours and random numbers, `[1,3,256,256]` of 8-bit levels."""
    if name == NOISE:
        return parity_photo(NOISE, REFERENCE_SIDE, REFERENCE_SIDE, True)
    return np.full((1, 3, REFERENCE_SIDE, REFERENCE_SIDE), round(255 * _FLAT[name]) / 255, np.float32)
