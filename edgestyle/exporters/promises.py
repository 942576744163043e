"""What a recipe promises of a file beside its picture: what it computes in, and how large it is."""

from collections import Counter
from pathlib import Path

from edgestyle.errors import ExportError
from edgestyle.exporters.inspection import CONVOLUTIONS, convolves_in_int8, count_precisions
from edgestyle.exporters.recipes import Recipe


def check_compute(path: Path, recipe: Recipe) -> None:
    """Raise ExportError where a recipe promises integer convolutions and the file's graph holds others."""
    if recipe.layers is not None:
        wanted, found = list(recipe.layers.values()).count("w8a8"), count_precisions(path).get("int8", Counter())
        integer = sum(found[kind] for kind in CONVOLUTIONS)
        if integer != wanted:
            raise ExportError(f"{path.name} computes {integer} convolutions in int8, not the {wanted} of its recipe")
    elif recipe.activation_bits == 8 and not convolves_in_int8(path):
        raise ExportError(f"{path.name} would be called {recipe.name}, but not all of its convolutions compute in int8")


def check_file_size(size_bytes: int, parameters: int, recipe: Recipe, sizes: int) -> None:
    """Raise ExportError where a file for a network of so many parameters is larger than its recipe promises."""
    largest = recipe.max_bytes(parameters, sizes)
    if size_bytes > largest:
        raise ExportError(f"the file has {size_bytes} bytes; {recipe.name} of {parameters} weights allows {largest}")
