"""Export generators, mappings and inverters to ONNX; everything has a fixed shape."""

import copy
from collections.abc import Iterable
from pathlib import Path

import onnx
import torch
from torch import Tensor, nn

from edgestyle.exporters.calibration import Inputs
from edgestyle.exporters.equalising import equalise
from edgestyle.exporters.generator_calibration import GeneratorCalibration, faces_needed
from edgestyle.exporters.generator_graphs import FoldedGenerator, HalfGenerator, PlainMapping
from edgestyle.exporters.halves import rounded_to_half, store_weights_as_half
from edgestyle.exporters.layers import Layered, layers_of, recipe_tables
from edgestyle.exporters.quantize_onnx import measure_ranges, quantize_layers
from edgestyle.exporters.recipes import RECIPES
from edgestyle.exporters.to_onnx import HalfEncoder, save_onnx, trace_graph
from edgestyle.models.inversion import InversionEncoder
from edgestyle.models.mapping import Mapping
from edgestyle.models.mobile_stylegan import MobileGenerator


def export_generator(
    generator: MobileGenerator,
    path: Path,
    recipe: str,
    metadata: dict[str, str],
    calibration: GeneratorCalibration | None = None,
    half_weights: bool = False,
) -> None:
    """Write `generator` as an `.onnx` file.

    Args:
        generator: the network, in eval mode.
        path: file to write.
        recipe: a name in `RECIPES` that ONNX can do.
        metadata: goes into the file's `metadata_props`.
        calibration: what "w8a8" measures activations on.
        half_weights: for "float32": store weights in half the bytes where float16 holds them exactly, for packs.

    Raises:
        CalibrationError: "w8a8" is asked for without a calibration, or an activation is not finite.
    """
    folded = FoldedGenerator(generator)
    if recipe == "w8a8":
        folded = equalise(folded, faces_needed(calibration).inputs())
    inputs = torch.zeros(1, generator.config.style_dimensions), torch.ones(1)
    traced = HalfGenerator(folded) if recipe == "float16" else folded
    model = trace_graph(traced, inputs, ["style", "strength"], "picture")
    samples = faces_needed(calibration).inputs() if recipe == "w8a8" else ()
    _write(model, path, recipe, folded, metadata, samples, calibration, half_weights)


def export_mapping(
    mapping: Mapping,
    path: Path,
    recipe: str,
    metadata: dict[str, str],
    calibration: GeneratorCalibration | None = None,
    half_weights: bool = False,
) -> None:
    """Write `mapping` as an `.onnx` file; arguments as for `export_generator`.

    All of its arithmetic is float32, which takes a millionth of a picture's: recipes are about its weights alone, and
    "w8a8" is "w8".
    """
    del calibration
    plain = PlainMapping(mapping)
    if recipe == "float16":
        plain.layers = rounded_to_half(copy.deepcopy(plain.layers))
    model = trace_graph(plain, (torch.zeros(1, plain.latents),), ["latent"], "style")
    half_weights = half_weights or recipe == "float16"
    _write(model, path, "w8" if recipe == "w8a8" else recipe, plain, metadata, (), None, half_weights)


def export_inverter(
    inverter: InversionEncoder,
    path: Path,
    recipe: str,
    metadata: dict[str, str],
    calibration: GeneratorCalibration | None = None,
    half_weights: bool = False,
) -> None:
    """Write `inverter` as an `.onnx` file; arguments and errors as for `export_generator`."""
    size = inverter.config.size
    traced: nn.Module = HalfEncoder(inverter) if recipe == "float16" else inverter
    picture: Tensor = torch.rand(1, 3, size, size)
    model = trace_graph(traced, (picture,), ["picture"], "style")
    samples = faces_needed(calibration).pictures() if recipe == "w8a8" else ()
    _write(model, path, recipe, inverter, metadata, samples, calibration, half_weights)


def _write(
    model: onnx.ModelProto,
    path: Path,
    recipe: str,
    network: Layered,
    metadata: dict[str, str],
    samples: Iterable[Inputs],
    calibration: GeneratorCalibration | None,
    half_weights: bool,
) -> None:
    """Bring the float model of a network to its recipe and write it."""
    if RECIPES[recipe].rows_of_int8:
        found = measure_ranges(model, samples, faces_needed(calibration).ranges) if recipe == "w8a8" else None
        model = quantize_layers(model, recipe_tables(layers_of(network), "onnx")[recipe], found)
    elif half_weights:
        model = store_weights_as_half(model)
    save_onnx(model, path, metadata)
