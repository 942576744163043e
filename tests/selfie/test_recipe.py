"""What an app has to know is in the recipe, and the recipe is what edgestyle does."""

import ast
import inspect
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import edgestyle.selfie
from edgestyle.cli.selfie import selfie
from edgestyle.images import resize
from edgestyle.selfie import make_selfie
from edgestyle.selfie.frames import pillow_filter
from edgestyle.selfie.making import Look
from edgestyle.selfie.recipe import RECIPE, RESAMPLING
from tests.conftest import make_photo

STEPS = sorted(path for path in Path(edgestyle.selfie.__file__).parent.glob("*.py") if path.stem != "recipe")
SHAPES_OF_NETWORKS = {"VALUES", "COUNT"}  # what a network's file says itself


def own_numbers(source: str) -> set[str]:
    """Names that get a number when a file is loaded."""
    found = set()
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            named = isinstance(node.value.value, int | float)
            found |= {target.id for target in node.targets if named and isinstance(target, ast.Name)}
    return found


@pytest.mark.parametrize("path", STEPS, ids=lambda path: path.stem)
def test_no_step_has_numbers_of_its_own(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert own_numbers(source) <= SHAPES_OF_NETWORKS
    assert "Image.Resampling." not in source, "filters are named in the recipe"


def test_numbers_of_a_step_are_seen() -> None:
    assert own_numbers("A = 3\nB = 'x'\n_C = 0.5\n") == {"A", "_C"}


def test_a_picture_is_drawn_with_the_filter_that_the_recipe_names() -> None:
    photo = make_photo(60, 80)
    named = Image.fromarray(photo).resize((37, 29), pillow_filter(RESAMPLING.drawing))
    assert np.array_equal(resize(photo, 37, 29), np.asarray(named))


def test_the_command_line_and_python_ask_for_the_same() -> None:
    asked, default = RECIPE.composing, Look()
    for function in (selfie, make_selfie):
        parameters = inspect.signature(function).parameters
        assert parameters["strength"].default == asked.default_strength == default.strength
        assert parameters["shape"].default == asked.default_shape == default.shape
        assert parameters["size"].default == asked.default_size == default.size
    assert inspect.signature(make_selfie).parameters["background"].default == default.background.kind
