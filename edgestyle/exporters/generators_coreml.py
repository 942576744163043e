"""Export generators, mappings and inverters to Core ML: pictures are RGB images, everything else multi-arrays."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from edgestyle.contract import ComponentSpec, generator_spec, inverter_spec, mapping_spec
from edgestyle.exporters.generator_calibration import GeneratorCalibration
from edgestyle.exporters.generator_graphs import FoldedGenerator, PlainMapping
from edgestyle.exporters.pixels import PixelEncoder
from edgestyle.exporters.to_coreml import compress, describe, target
from edgestyle.models.inversion import InversionEncoder
from edgestyle.models.mapping import Mapping
from edgestyle.models.mobile_stylegan import MobileGenerator
from edgestyle.quiet import quiet

with quiet():  # it announces every native library that Linux lacks
    import coremltools as ct


def export_generator(
    generator: MobileGenerator,
    path: Path,
    recipe: str,
    metadata: dict[str, str],
    calibration: GeneratorCalibration | None = None,
) -> None:
    """Write `generator` as an `.mlpackage` whose picture is an RGB pixel buffer.

    Args:
        generator: the network, in eval mode.
        path: folder to write.
        recipe: a name in `RECIPES` that Core ML can do; all but "float32" compute in float16, between a truncation and
            a clamp in float32.
        metadata: goes into the model's user-defined metadata.
        calibration: not needed here.
    """
    del calibration
    config = generator.config
    inputs = {"style": torch.zeros(1, config.style_dimensions), "strength": torch.ones(1)}
    picture = ct.ImageType("picture", color_layout=ct.colorlayout.RGB)
    model = _convert(PixelGenerator(generator), inputs, picture, recipe, lambda op: not _is_exact(op))
    exact = [*FoldedGenerator.exact_layers, "constant"]
    _write(
        compress(model, recipe, exact), path, generator_spec("image", config.style_dimensions, config.size), metadata
    )


def export_mapping(
    mapping: Mapping,
    path: Path,
    recipe: str,
    metadata: dict[str, str],
    calibration: GeneratorCalibration | None = None,
) -> None:
    """Write `mapping` as an `.mlpackage`; arguments as for `export_generator`.

    All recipes but "float32" compute its layers in float16, but for the scores and what stands between layers.
    """
    del calibration
    plain = PlainMapping(mapping)
    inputs, style = {"latent": torch.zeros(1, plain.latents)}, ct.TensorType("style", dtype=np.float32)
    model = _convert(plain, inputs, style, recipe, lambda op: op.op_type == "linear" and op.inputs["x"].op is not None)
    with torch.no_grad():
        dimensions = plain(inputs["latent"]).shape[1]
    _write(compress(model, recipe, plain.exact_layers), path, mapping_spec(plain.latents, dimensions), metadata)


def export_inverter(
    inverter: InversionEncoder,
    path: Path,
    recipe: str,
    metadata: dict[str, str],
    calibration: GeneratorCalibration | None = None,
) -> None:
    """Write `inverter` as an `.mlpackage` whose picture is an RGB pixel buffer; arguments as for `export_generator`.

    All recipes but "float32" compute in float16.
    """
    del calibration
    config = inverter.config
    inputs = {"picture": torch.rand(1, 3, config.size, config.size) * 255}
    model = _convert(PixelEncoder(inverter), inputs, ct.TensorType("style", dtype=np.float32), recipe, lambda op: True)
    exact = inverter.exact_layers
    _write(compress(model, recipe, exact), path, inverter_spec("image", config.style_dimensions, config.size), metadata)


class PixelGenerator(nn.Module):
    """The generator for pictures of values 0 to 255."""

    def __init__(self, generator: MobileGenerator) -> None:
        super().__init__()
        self.generator = FoldedGenerator(generator)

    def forward(self, style: Tensor, strength: Tensor) -> Tensor:
        truncated = self.generator.truncated(style, strength)
        return (self.generator.unclamped(truncated) * 255).clamp(0, 255)


def _convert(network: nn.Module, inputs: dict[str, Tensor], output: Any, recipe: str, is_half: Any) -> Any:
    """A model of the recipe's arithmetic; `is_half` says which MIL operations compute in float16."""

    def tensor_type(name: str, value: Tensor) -> Any:
        if value.ndim == 4:
            return ct.ImageType(name, shape=value.shape, color_layout=ct.colorlayout.RGB)
        return ct.TensorType(name, shape=value.shape, dtype=np.float32)

    half = ct.transform.FP16ComputePrecision(op_selector=is_half)
    with quiet():
        return ct.convert(
            torch.jit.trace(network.eval(), tuple(inputs.values()), check_trace=False),
            inputs=[tensor_type(name, value) for name, value in inputs.items()],
            outputs=[output],
            compute_precision=ct.precision.FLOAT32 if recipe == "float32" else half,
            minimum_deployment_target=target(recipe),
            skip_model_load=True,
        )


def _is_exact(op: Any) -> bool:
    """Whether a MIL operation belongs to the truncation or to the last step, from [0,1] to clamped pixels."""
    if op.op_type in ("sub", "mul", "add", "reshape", "clip", "expand_dims") and _rank(op) <= 2:
        return True
    return op.op_type == "clip" or (op.op_type == "mul" and any(child.op_type == "clip" for child in _children(op)))


def _rank(op: Any) -> int:
    return max(len(output.shape) for output in op.outputs)


def _children(op: Any) -> Iterable[Any]:
    return [child for output in op.outputs for child in output.child_ops]


def _write(model: Any, path: Path, spec: ComponentSpec, metadata: dict[str, str]) -> None:
    with quiet():
        describe(model, spec, metadata)
        model.save(str(path))
