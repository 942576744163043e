"""The gates of avatar packs notice what is wrong, name the face, and show both pictures."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from edgestyle.errors import ParityError
from edgestyle.exporters.generator_parity import SeedFaces, check_generator, check_inverter, check_mapping, draw
from edgestyle.exporters.generator_recipes import avatar_recipe
from edgestyle.exporters.recipes import RECIPES
from edgestyle.images import Floats, to_floats, to_pixels
from edgestyle.models.inversion import InversionEncoder
from tests.conftest import make_generator, make_inverter, make_mapping

Change = Callable[[Floats, Floats, float], Floats]  # picture, style, strength -> what the file draws instead


class TorchFile:
    """An exported generator that draws what the network does, but for a change."""

    runtime, pixel_output = "torch", False

    def __init__(self, faces: SeedFaces, change: Change = lambda picture, style, strength: picture) -> None:
        self.faces, self.change = faces, change

    def bind(self, style: Floats, strength: float) -> Callable[[], object]:
        return lambda: self.draw(style, strength)

    def draw(self, style: Floats, strength: float) -> Floats:
        return self.change(draw(self.faces.generator, style, strength), style, strength)

    def placement(self, style: Floats, strength: float) -> None:
        return None


class Levels(TorchFile):
    """One that hands back 8-bit pixels."""

    pixel_output = True

    def draw(self, style: Floats, strength: float) -> Floats:
        return to_floats(to_pixels(super().draw(style, strength)))


class TorchMapping:
    """An exported mapping that gives the network's styles, but for a change."""

    runtime = "torch"

    def __init__(self, change: Callable[[Floats], Floats] = lambda style: style) -> None:
        self.network, self.change = make_mapping(), change

    def bind(self, latent: Floats) -> Callable[[], object]:
        return lambda: self.map(latent)

    def map(self, latent: Floats) -> Floats:
        return self.change(self.network(torch.from_numpy(latent)).numpy())

    def placement(self, latent: Floats) -> None:
        return None


class TorchInverter:
    """An exported inverter that gives the network's styles, but for a change that may depend on the picture."""

    runtime, pixel_input = "torch", True

    def __init__(self, network: InversionEncoder, change: Callable[[Floats, Floats], Floats]) -> None:
        self.network, self.change = network, change

    def bind(self, reference: Floats) -> Callable[[], object]:
        return lambda: self.encode(reference)

    def encode(self, reference: Floats) -> Floats:
        return self.change(self.network(torch.from_numpy(reference)).numpy(), reference)

    def placement(self, reference: Floats) -> None:
        return None


@pytest.fixture(scope="module")
def faces() -> SeedFaces:
    return SeedFaces(make_generator(), make_mapping())


def test_a_faithful_file_passes_with_its_figures(faces: SeedFaces, tmp_path: Path) -> None:
    report = check_generator(TorchFile(faces), faces, avatar_recipe("float32", "generator"), tmp_path)
    assert (report.comparisons, report.max_difference, report.identity_difference) == (48, 0.0, 0.0)
    assert report.to_json()["min_psnr_db"] is None
    rounded = check_generator(Levels(faces), faces, avatar_recipe("float16", "generator"), tmp_path)
    assert rounded.max_difference <= 0.51 / 255
    assert not list(tmp_path.iterdir())


def other_mean(picture: Floats, style: Floats, strength: float) -> Floats:
    """A truncation that leaves a trace of the style."""
    return picture + np.float32(1e-7) * style[0, 0] if strength == 0 else picture


def weaker(picture: Floats, style: Floats, strength: float) -> Floats:
    """Full strength that is no stronger than half."""
    return draw(make_generator(), style, 0.5) if strength == 1 else picture


def broken(picture: Floats, style: Floats, strength: float) -> Floats:
    return picture * np.float32(np.nan) if strength == 0.25 else picture


def smaller(picture: Floats, style: Floats, strength: float) -> Floats:
    return picture[..., ::2, ::2]


def noisy(size: float) -> Change:
    def change(picture: Floats, style: Floats, strength: float) -> Floats:
        random = np.random.default_rng(0).uniform(-size, size, picture.shape)
        return (picture + random).astype(np.float32)

    return change


@pytest.mark.parametrize(
    ("recipe", "change", "message"),
    [
        ("float32", other_mean, "seed-2' at strength 0 .*the mean face must be the very same"),
        ("w8a8", weaker, "at strength 1 is .*"),
        ("float32", broken, "seed-1' at strength 0.25 has values that are not finite"),
        ("float32", smaller, r"has shape \[1, 3, 16, 16\], not \[1, 3, 32, 32\]"),
        ("float32", noisy(2e-3), "float32 allows 0.001"),
        ("float16", noisy(0.02), "float16 must reach 45 dB"),
        ("w8a8", noisy(0.06), "w8a8 must reach 32 dB"),
        ("w8a8", noisy(0.2), "w8a8 must reach 26 dB"),
    ],
)
def test_the_gate_of_generators_notices(
    recipe: str, change: Change, message: str, faces: SeedFaces, tmp_path: Path
) -> None:
    with pytest.raises(ParityError, match=message) as caught:
        check_generator(TorchFile(faces, change), faces, avatar_recipe(recipe, "generator"), tmp_path)
    pictures = re.findall(r"\S+\.png", str(caught.value))
    assert len(pictures) == 2
    assert all(Path(picture).is_file() for picture in pictures)


def test_the_gate_notices_that_the_distance_does_not_grow(faces: SeedFaces, tmp_path: Path) -> None:
    lenient = RECIPES["w8a8"].__class__("lenient", ("onnx",), 8)
    with pytest.raises(ParityError, match=r"at strength 1 is no stronger than at 0\.5"):
        check_generator(TorchFile(faces, weaker), faces, lenient, tmp_path)


def test_pixels_may_be_one_level_off_and_no_more(faces: SeedFaces, tmp_path: Path) -> None:
    def shifted(levels: int) -> Change:
        return lambda picture, style, strength: np.clip(picture + np.float32(levels / 255), 0, 1)

    recipe = avatar_recipe("float16", "generator")
    check_generator(Levels(faces, shifted(1)), faces, recipe, tmp_path)
    with pytest.raises(ParityError, match="levels off"):
        check_generator(Levels(faces, shifted(2)), faces, recipe, tmp_path)


def test_no_face_is_no_comparison(faces: SeedFaces, tmp_path: Path) -> None:
    empty = SeedFaces(faces.generator, make_mapping())
    empty.styles.clear()
    with pytest.raises(ParityError, match="nothing to compare"):
        check_generator(TorchFile(faces), empty, avatar_recipe("w8", "generator"), tmp_path)


@pytest.mark.parametrize(
    ("recipe", "change", "message"),
    [
        ("float32", lambda style: style + np.float32(2e-3), "differs by 0.002 .* float32 allows 0.001"),
        ("w8", lambda style: style * np.float32(np.nan), "not finite"),
        ("w8", lambda style: style[:, :5], r"\[1, 5\], not a style vector \[1, 12\]"),
        ("w8a8", lambda style: style * np.float32(-1), "face 'seed-"),
    ],
)
def test_the_gate_of_mappings_notices(
    recipe: str, change: Callable[[Floats], Floats], message: str, faces: SeedFaces, tmp_path: Path
) -> None:
    check_mapping(TorchMapping(), faces, avatar_recipe("float32", "mapping"), tmp_path)
    with pytest.raises(ParityError, match=message):
        check_mapping(TorchMapping(change), faces, avatar_recipe(recipe, "mapping"), tmp_path)


def not_for_white(style: Floats, picture: Floats) -> Floats:
    return style * np.float32(np.nan) if (picture == 1).all() else style


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (not_for_white, "'white' becomes a style of numbers that are not finite"),
        (lambda style, picture: style[:, :5], "not a style vector"),
        (lambda style, picture: -style, "face 'seed-"),
    ],
)
def test_the_gate_of_inverters_notices(
    change: Callable[[Floats, Floats], Floats], message: str, faces: SeedFaces, tmp_path: Path
) -> None:
    inverter, recipe = make_inverter(), avatar_recipe("w8", "inverter")
    faithful = TorchInverter(inverter, lambda style, picture: style)
    assert check_inverter(faithful, faces, inverter, recipe, tmp_path).max_difference == 0
    with pytest.raises(ParityError, match=message):
        check_inverter(TorchInverter(inverter, change), faces, inverter, recipe, tmp_path)


def test_a_mapping_computes_with_floats_in_every_recipe() -> None:
    assert not avatar_recipe("w8a8", "mapping").calibrated
    assert avatar_recipe("w8a8", "generator").calibrated
