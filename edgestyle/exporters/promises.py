"""What a recipe promises of a file beside its picture: what it computes in, and how large it is."""

from collections import Counter
from pathlib import Path

from edgestyle.errors import ExportError
from edgestyle.exporters.inspection import CONVOLUTIONS, convolves_in_int8, count_precisions
from edgestyle.exporters.layers import Layered, count_exact_convolutions, layers_of
from edgestyle.exporters.recipes import Recipe
from edgestyle.quality.network import count_parameters
from edgestyle.sidecar import file_size_bytes

_BYTES_PER_SCALE = 12  # a channel's scale and zero point as TFLite stores them


def check_compute(path: Path, recipe: Recipe, exact: int = 0) -> None:
    """Raise ExportError where a recipe promises integer convolutions and the file's graph holds others but `exact`."""
    if recipe.layers is not None:
        wanted, found = list(recipe.layers.values()).count("w8a8"), count_precisions(path).get("int8", Counter())
        integer = sum(found[kind] for kind in CONVOLUTIONS)
        if integer != wanted:
            raise ExportError(f"{path.name} computes {integer} convolutions in int8, not the {wanted} of its recipe")
    elif recipe.activation_bits == 8 and not convolves_in_int8(path, exact):
        raise ExportError(f"{path.name} would be called {recipe.name}, but not all of its convolutions compute in int8")


def check_promises(path: Path, metadata: dict[str, str], network: Layered, recipe: Recipe, sizes: int) -> None:
    """Raise ExportError where a file computes in something else than its recipe says, or is too large for it.

    Args:
        path: the file.
        metadata: what is embedded in it, which is not counted.
        network: what it was made from.
        recipe: what it was exported in.
        sizes: how many picture sizes the file is for.
    """
    check_compute(path, recipe, count_exact_convolutions(network))
    network_bytes = file_size_bytes(path) - sum(len(text.encode()) for text in metadata.values())
    if recipe.weight_bits <= 8 or recipe.layers is not None:  # float files are as large as they must be
        check_file_size(network_bytes, count_parameters(network), recipe, sizes, _bytes_beside(network, recipe))


def check_file_size(size_bytes: int, parameters: int, recipe: Recipe, sizes: int, beside: int = 0) -> None:
    """Raise ExportError where a file for a network of so many parameters is larger than its recipe promises.

    `beside`: bytes that come with the network's layers, whatever the recipe.
    """
    largest = recipe.max_bytes(parameters, sizes) + beside
    if size_bytes > largest:
        raise ExportError(f"the file has {size_bytes} bytes; {recipe.name} of {parameters} weights allows {largest}")


def _bytes_beside(network: Layered, recipe: Recipe) -> int:
    """What floats of exact layers take more than the recipe's bits, and the scales of the other layers' channels."""
    found = 0
    for layer in layers_of(network):
        weight = network.get_parameter(f"{layer.name}.weight")
        scales = _BYTES_PER_SCALE * len(weight)
        found += layer.weights * (32 - min(recipe.weight_bits, 32)) // 8 if layer.exact else scales
    return found
