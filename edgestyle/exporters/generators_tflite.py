"""Export generators, mappings and inverters to TFLite: NHWC, one signature each, `draw`, `map` and `invert`."""

import contextlib
import io
from pathlib import Path

import torch
from torch import Tensor, nn

from edgestyle.contract import SIGNATURES
from edgestyle.exporters.channels_last import ShuffleInRuns, order_for_runs
from edgestyle.exporters.equalising import equalise
from edgestyle.exporters.generator_calibration import GeneratorCalibration, faces_needed
from edgestyle.exporters.generator_graphs import FoldedGenerator, PlainMapping
from edgestyle.exporters.layers import layers_of
from edgestyle.exporters.operators_tflite import find_operators
from edgestyle.exporters.pixels import clamp_to_one
from edgestyle.exporters.quantize_tflite import Samples, quantize_operators
from edgestyle.exporters.to_tflite import embed_metadata, quantize_file
from edgestyle.models.inversion import InversionEncoder
from edgestyle.models.mapping import Mapping
from edgestyle.models.mobile_stylegan import MobileGenerator
from edgestyle.quiet import quiet

with quiet():  # it announces what it could not load of optional libraries
    import litert_torch


def export_generator(
    generator: MobileGenerator,
    path: Path,
    recipe: str,
    metadata: dict[str, str],
    calibration: GeneratorCalibration | None = None,
) -> None:
    """Write `generator` as a `.tflite` file whose pictures are float32 `[1,S,S,3]` in [0,1].

    Args:
        generator: the network, in eval mode.
        path: file to write.
        recipe: a name in `RECIPES` that TFLite can do.
        metadata: goes into the file's metadata buffers.
        calibration: what "w8a8" measures activations on.

    Raises:
        CalibrationError: "w8a8" is asked for without a calibration, or an activation is not finite.
    """
    turned = RunsGenerator(generator)
    if recipe == "w8a8":
        turned = equalise(turned, faces_needed(calibration).inputs())
    inputs = {"style": torch.zeros(1, generator.config.style_dimensions), "strength": torch.ones(1)}
    convert_component("generator", GeneratorChannelsLast(turned), inputs, path)
    samples: Samples = {SIGNATURES["generator"]: faces_needed(calibration).inputs} if recipe == "w8a8" else {}
    quantize_file(path, recipe, turned, samples, calibration)
    embed_metadata(path, metadata)


def export_mapping(
    mapping: Mapping,
    path: Path,
    recipe: str,
    metadata: dict[str, str],
    calibration: GeneratorCalibration | None = None,
) -> None:
    """Write `mapping` as a `.tflite` file; arguments as for `export_generator`.

    All of its arithmetic is float32: recipes are about its weights alone, and "w8a8" is "w8".
    """
    del calibration
    plain = PlainMapping(mapping)
    convert_component("mapping", MappingByName(plain), {"latent": torch.zeros(1, plain.latents)}, path)
    if recipe == "float16":  # but for the scores, which even that would move
        layers = [layer.name for layer in layers_of(plain) if not layer.exact]
        named = find_operators(path.read_bytes(), plain)
        with quiet(), contextlib.redirect_stdout(io.StringIO()):
            quantize_operators(path, {name: "float16" for layer in layers for name in named[layer]}, None)
    else:
        quantize_file(path, "w8" if recipe == "w8a8" else recipe, plain, {}, None)
    embed_metadata(path, metadata)


def export_inverter(
    inverter: InversionEncoder,
    path: Path,
    recipe: str,
    metadata: dict[str, str],
    calibration: GeneratorCalibration | None = None,
) -> None:
    """Write `inverter` as a `.tflite` file; arguments and errors as for `export_generator`."""
    size = inverter.config.size
    convert_component("inverter", InverterChannelsLast(inverter), {"picture": torch.rand(1, size, size, 3)}, path)
    samples: Samples = {SIGNATURES["inverter"]: faces_needed(calibration).pictures} if recipe == "w8a8" else {}
    quantize_file(path, recipe, inverter, samples, calibration)
    embed_metadata(path, metadata)


class RunsGenerator(FoldedGenerator):
    """The folded generator whose last convolution hands out pixels in the order that NHWC shuffles fastest."""

    def __init__(self, generator: MobileGenerator) -> None:
        super().__init__(generator)
        self.shuffle = ShuffleInRuns()
        for parameter in self.to_bands.parameters():
            parameter.data = order_for_runs(parameter.data)

    def picture(self, bands: Tensor) -> Tensor:
        """See `FoldedGenerator.picture`; channels come by place, then colour."""
        drawn: Tensor = self.shuffle(bands)
        return drawn

    def truncated(self, style: Tensor, strength: Tensor) -> Tensor:
        """The same numbers by operators that TFLite's GPU delegate takes."""
        mean = self.get_buffer("mean_style")
        moved: Tensor = mean + clamp_to_one(strength).reshape(-1, 1) * (style - mean)
        return moved


class GeneratorChannelsLast(nn.Module):
    """The generator with pictures `[1,S,S,3]`."""

    def __init__(self, generator: RunsGenerator) -> None:
        super().__init__()
        self.generator = generator

    def forward(self, style: Tensor, strength: Tensor) -> dict[str, Tensor]:
        drawn = self.generator.unclamped(self.generator.truncated(style, strength))
        return {"picture": clamp_to_one(drawn.permute(0, 2, 3, 1))}


class MappingByName(nn.Module):
    """The mapping with a name for what comes out."""

    def __init__(self, mapping: PlainMapping) -> None:
        super().__init__()
        self.mapping = mapping

    def forward(self, latent: Tensor) -> dict[str, Tensor]:
        return {"style": self.mapping(latent)}


class InverterChannelsLast(nn.Module):
    """The inverter with pictures `[1,S,S,3]`."""

    def __init__(self, inverter: InversionEncoder) -> None:
        super().__init__()
        self.inverter = inverter

    def forward(self, picture: Tensor) -> dict[str, Tensor]:
        return {"style": self.inverter(picture.permute(0, 3, 1, 2))}


def convert_component(component: str, network: nn.Module, inputs: dict[str, Tensor], path: Path) -> None:
    """Write any network as a float32 file with a component's signature.

    The names of its tensors still say where they come from.

    Args:
        component: a name in `SIGNATURES`.
        network: takes `inputs` by name and gives outputs by name, pictures as `[1,S,S,3]`.
        inputs: examples.
        path: file to write.
    """
    with quiet(), contextlib.redirect_stdout(io.StringIO()):
        made = litert_torch.signature(SIGNATURES[component], network.eval(), sample_kwargs=inputs)
        made.convert().export(str(path))
