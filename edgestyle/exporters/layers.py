"""The layers of a renderer by one name in every format, and which precisions each format has for them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from torch import nn

from edgestyle.exporters.generator_graphs import FoldedGenerator, PlainMapping
from edgestyle.models import AnyEncoder, AnyRenderer
from edgestyle.models.inversion import InversionEncoder

BITS = {"float32": 32, "float16": 16, "w8": 8, "w8a8": 8, "w6": 6, "w4": 4}  # of a weight
LayerTable = Mapping[str, str]  # layer -> precision
Layered = AnyRenderer | AnyEncoder | FoldedGenerator | PlainMapping | InversionEncoder  # all have `exact_layers`

# best picture first; what each format's own tool does to one layer
_CONVOLUTION = {
    "onnx": ("float32", "w8", "w8a8"),
    "tflite": ("float32", "float16", "w8", "w8a8"),
    "coreml": ("float16", "w8", "w6", "w4"),
}
LAYER_FORMATS = tuple(_CONVOLUTION)
MANY_WEIGHTS = 2048  # Core ML's recipes give a palette of their own size to layers with more than these
FEWEST_WEIGHTS = 1024  # layers with no more than these stay float16 in Core ML: the palette would eat what it saves


@dataclass(frozen=True)
class Layer:
    """A layer with weights.

    Attributes:
        name: of the torch module, such as `blocks.0.expand`.
        kind: what it computes.
        weights: how many, without its bias.
        exact: whether it stays as precise as the format has it, in every recipe.
        floating: whether it computes with floats in "w8a8", where it is "w8", as all fully-connected layers do.
    """

    name: str
    kind: Literal["convolution", "fully connected"]
    weights: int
    exact: bool = False
    floating: bool = False


def layers_of(network: Layered) -> list[Layer]:
    """All convolutions and fully-connected layers, in the order in which the network holds them."""
    layers: list[Layer] = []
    floating = network.floating_layers if isinstance(network, FoldedGenerator) else ()
    for name, module in network.named_modules():
        exact = name in network.exact_layers
        if isinstance(module, nn.Conv2d):
            layers.append(Layer(name, "convolution", module.weight.numel(), exact, name in floating))
        elif isinstance(module, nn.Linear):
            layers.append(Layer(name, "fully connected", module.weight.numel(), exact, True))
    return layers


def count_exact_convolutions(network: Layered) -> int:
    """How many convolutions do not compute in integers even where a recipe promises that."""
    return sum((layer.exact or layer.floating) and layer.kind == "convolution" for layer in layers_of(network))


def precisions_of(layer: Layer, format_name: str) -> tuple[str, ...]:
    """What a layer can be in a format, best picture first.

    Fully-connected layers see the strength and are never computed in integers: the slider would move in steps.
    """
    able = _CONVOLUTION[format_name]
    if layer.exact:
        return able[:1]
    if format_name == "coreml":
        return able if layer.weights > FEWEST_WEIGHTS else able[:1]
    return able if layer.kind == "convolution" else tuple(one for one in able if one != "w8a8")


def best_table(layers: Sequence[Layer], format_name: str) -> dict[str, str]:
    """Every layer as precise as the format has it."""
    return {layer.name: precisions_of(layer, format_name)[0] for layer in layers}


def recipe_tables(layers: Sequence[Layer], format_name: str) -> dict[str, dict[str, str]]:
    """The recipes of a format that are a choice by layer, and which."""
    if format_name == "coreml":
        wide = {name: {layer.name for layer in layers if layer.weights > MANY_WEIGHTS} for name in ("w8", "w6", "w4")}
        best = best_table(layers, format_name)
        tables = {name: {**best, **dict.fromkeys(sorted(names), name)} for name, names in wide.items()}
        narrow = (layer.name for layer in layers if FEWEST_WEIGHTS < layer.weights <= MANY_WEIGHTS)
        tables["w4"] |= dict.fromkeys(narrow, "w8")
        return {"float16": best, **tables}
    tables = {name: {layer.name: name for layer in layers} for name in _CONVOLUTION[format_name]}
    tables["w8a8"] |= {layer.name: "w8" for layer in layers if layer.floating}
    kept = {layer.name: precisions_of(layer, format_name)[0] for layer in layers if layer.exact}
    return {name: table | (kept if BITS[name] == 8 else {}) for name, table in tables.items()}


def minimum_system(precisions: Iterable[str]) -> str:
    """The oldest systems that read a Core ML file with such weights: `w4` has a palette for a few channels."""
    return "iOS 18 or macOS 15" if "w4" in precisions else "iOS 16 or macOS 13"


def stored_bytes(table: LayerTable, layers: Sequence[Layer], parameters: int) -> int:
    """Bytes of all of a network's parameters under a table; biases are float32."""
    weights = sum(layer.weights for layer in layers)
    return sum(layer.weights * BITS[table[layer.name]] // 8 for layer in layers) + 4 * (parameters - weights)
