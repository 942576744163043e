"""Export to Core ML: image in, image or vector out, an `.mlpackage` from iOS 16 (`w4`: 18) on. Works on Linux."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from edgestyle.contract import REFERENCE_SIDE, ComponentSpec, encoder_spec, renderer_spec, upscaler_spec
from edgestyle.errors import ExportError
from edgestyle.exporters.calibration import Calibration
from edgestyle.exporters.layers import FEWEST_WEIGHTS, MANY_WEIGHTS
from edgestyle.exporters.pixels import PixelEncoder, PixelRenderer, PixelUpscaler
from edgestyle.models import AnyEncoder, AnyRenderer
from edgestyle.models.colour import ColourRenderer
from edgestyle.models.renderer import example_inputs
from edgestyle.models.upscaler import SteadyUpscaler
from edgestyle.quiet import quiet

with quiet():  # it announces every native library that Linux lacks
    import coremltools as ct
    import coremltools.optimize.coreml as compression

_PALETTE_BITS = {"w8": 8, "w6": 6, "w4": 4}
_GROUPED = {"granularity": "per_grouped_channel", "group_size": 4}  # of w4: a palette for a few output channels


def export_coreml(
    renderer: AnyRenderer,
    path: Path,
    recipe: str,
    sizes: list[int],
    metadata: dict[str, str],
    calibration: Calibration | None = None,
) -> None:
    """Write `renderer` as an `.mlpackage` whose pictures are RGB pixel buffers of the given square sizes.

    Args:
        renderer: the network, in eval mode.
        path: folder to write.
        recipe: a name in `RECIPES` that Core ML can do; all but "float32" compute the residual in float16 and keep
            skip, strength and clamps in float32.
        sizes: sides of the pictures; the first is the default. A colour renderer takes one only.
        metadata: goes into the model's user-defined metadata.
        calibration: not needed here.

    Raises:
        ExportError: a colour renderer is to take pictures of several sizes.
    """
    del calibration
    model = compress(convert_coreml(renderer, recipe, sizes), recipe)
    save_coreml(model, path, renderer, metadata)


def export_encoder(
    encoder: AnyEncoder,
    path: Path,
    recipe: str,
    metadata: dict[str, str],
    calibration: Calibration | None = None,
) -> None:
    """Write `encoder` as an `.mlpackage` whose reference is an RGB pixel buffer; arguments as for `export_coreml`.

    All recipes but "float32" compute in float16.
    """
    del calibration
    pixels = PixelEncoder(encoder).eval()
    picture = torch.rand(1, 3, REFERENCE_SIDE, REFERENCE_SIDE) * 255
    with quiet():
        model = ct.convert(
            torch.jit.trace(pixels, (picture,), check_trace=False),
            inputs=[ct.ImageType("reference", shape=picture.shape, color_layout=ct.colorlayout.RGB)],
            outputs=[ct.TensorType("style", dtype=np.float32)],
            compute_precision=ct.precision.FLOAT32 if recipe == "float32" else _precision_of(encoder),
            minimum_deployment_target=target(recipe),
            skip_model_load=True,
        )
    model = compress(model, recipe, encoder.unpalettized)
    with quiet():
        describe(model, encoder_spec("image", encoder.config.style_dimensions), metadata)
        model.save(str(path))


def _precision_of(encoder: AnyEncoder) -> Any:
    """float16, in an encoder that it is too coarse for only in the convolutions that it is not."""
    if not encoder.float32_layers:
        return ct.precision.FLOAT16

    def is_coarse(op: Any) -> bool:
        return op.op_type == "conv" and not any(f".{layer}." in op.weight.name for layer in encoder.float32_layers)

    return ct.transform.FP16ComputePrecision(op_selector=is_coarse)


def export_upscaler(network: SteadyUpscaler, path: Path, recipe: str, side: int, metadata: dict[str, str]) -> None:
    """Write an upscaler as an `.mlpackage` whose square tiles are RGB pixel buffers.

    Args:
        network: in eval mode.
        path: folder to write.
        recipe: "float32" or "float16", of weights and arithmetic.
        side: of the tiles that it takes, with their margin.
        metadata: goes into the model's user-defined metadata.
    """
    tile = torch.rand(1, 3, side, side) * 255
    with quiet():
        model = ct.convert(
            torch.jit.trace(PixelUpscaler(network).eval(), (tile,), check_trace=False),
            inputs=[ct.ImageType("image", shape=tile.shape, color_layout=ct.colorlayout.RGB)],
            outputs=[ct.ImageType("enlarged", color_layout=ct.colorlayout.RGB)],
            compute_precision=ct.precision.FLOAT32 if recipe == "float32" else ct.precision.FLOAT16,
            minimum_deployment_target=target(recipe),
            skip_model_load=True,
        )
        describe(model, upscaler_spec("image", network.config.factor, side), metadata)
        model.save(str(path))


def compress(model: Any, recipe: str, exact: Iterable[str] = ()) -> Any:
    """The model with the palettes of a recipe.

    Args:
        model: as it was converted.
        recipe: a name in `RECIPES` that Core ML can do.
        exact: layers, and parameters of no layer, that get none.
    """
    with quiet():
        names = list(compression.get_weights_metadata(model, weight_threshold=0)) if exact else []
        kept = {name: None for name in names if _is_named(name, exact)}
        for palettes in _palettes(recipe, kept):
            model = compression.palettize_weights(model, palettes)
    return model


def _is_named(name: str, layers: Iterable[str]) -> bool:
    """Whether the converter's name of a weight is that of one of these layers or parameters."""
    plain = name.removesuffix("_to_fp16").removesuffix("_weight")
    calls = [layer.replace(".", "_") for layer in layers]
    return any(plain == call or plain.endswith(f"_{call}") for call in calls)


def convert_coreml(renderer: AnyRenderer, recipe: str, sizes: list[int]) -> Any:
    """A model with the arithmetic and for the systems of a recipe, its weights not compressed yet."""
    image, style, strength = example_inputs(renderer.config, sizes[0], sizes[0])
    shapes = [(1, 3, size, size) for size in sizes]
    shape = ct.EnumeratedShapes(shapes, default=shapes[0]) if len(shapes) > 1 else shapes[0]
    with quiet():
        return ct.convert(
            _trace(renderer, sizes, (image * 255, style, strength)),
            inputs=[
                ct.ImageType("image", shape=shape, color_layout=ct.colorlayout.RGB),
                ct.TensorType("style", shape=style.shape, dtype=np.float32),
                ct.TensorType("strength", shape=strength.shape, dtype=np.float32),
            ],
            outputs=[ct.ImageType("stylized", color_layout=ct.colorlayout.RGB)],
            compute_precision=_precision(recipe),
            minimum_deployment_target=target(recipe),
            skip_model_load=True,
        )


def _trace(renderer: AnyRenderer, sizes: list[int], inputs: tuple[Tensor, ...]) -> Any:
    """The renderer for pixels as TorchScript; a colour renderer's with its one size written in, which Core ML needs."""
    pixels: nn.Module = PixelRenderer(renderer).eval()
    if isinstance(renderer, ColourRenderer):
        if len(sizes) > 1:
            raise ExportError("a colour renderer takes pictures of one size in Core ML: export one file for each")
        pixels = torch.export.export(pixels, inputs).module()
    return torch.jit.trace(pixels, inputs, check_trace=False)


def target(recipe: str) -> Any:
    """The oldest system that reads a file of a recipe."""
    return ct.target.iOS18 if recipe == "w4" else ct.target.iOS16


def save_coreml(model: Any, path: Path, renderer: AnyRenderer, metadata: dict[str, str]) -> None:
    """Describe a model and write it."""
    with quiet():
        describe(model, renderer_spec("image", renderer.config.style_dimensions), metadata)
        model.save(str(path))


def weight_names(model: Any, layers: Iterable[str]) -> dict[str, str]:
    """What the converter called the weights of these layers, named as in the network; without those not found."""
    with quiet():
        found = compression.get_weights_metadata(model, weight_threshold=0)
    calls = {layer: f"renderer_{layer.replace('.', '_')}_weight" for layer in layers}
    return {layer: name for layer, call in calls.items() for name in found if name in (call, f"{call}_to_fp16")}


def palettize_layers(model: Any, precisions: Mapping[str, str]) -> Any:
    """The model with a palette of its own for each of the named weights that is not to stay "float16"."""
    palettes = {
        name: _palette(_PALETTE_BITS[bits], 0, **(_GROUPED if bits == "w4" else {}))
        for name, bits in precisions.items()
        if bits in _PALETTE_BITS
    }
    if not palettes:
        return model
    with quiet():
        return compression.palettize_weights(model, compression.OptimizationConfig(op_name_configs=palettes))


def _precision(recipe: str) -> Any:
    if recipe == "float32":
        return ct.precision.FLOAT32
    return ct.transform.FP16ComputePrecision(op_selector=lambda op: not _is_skip(op))


def _palettes(recipe: str, kept: Mapping[str, None]) -> list[Any]:
    """k-means palettes, one a layer; in w4 one for a few output channels (coremltools, "Palettization Overview").

    Args:
        recipe: as it is typed.
        kept: names of weights that get none.
    """
    if recipe not in _PALETTE_BITS:
        return []
    if recipe != "w4":
        return [_everywhere(_palette(_PALETTE_BITS[recipe], MANY_WEIGHTS), kept)]
    coarse, fine = _palette(4, MANY_WEIGHTS, **_GROUPED), _palette(8, FEWEST_WEIGHTS)
    return [_everywhere(coarse, kept), _everywhere(fine, kept)]


def _palette(bits: int, fewest_weights: int, **options: Any) -> Any:
    return compression.OpPalettizerConfig(mode="kmeans", nbits=bits, weight_threshold=fewest_weights, **options)


def _everywhere(palette: Any, kept: Mapping[str, None]) -> Any:
    return compression.OptimizationConfig(global_config=palette, op_name_configs=dict(kept))


def _is_skip(op: Any) -> bool:
    """Whether a MIL operation belongs to `clamp(image + strength * 255 * residual)`."""
    if op.op_type == "clip":
        return True
    followers = [child for output in op.outputs for child in output.child_ops]
    if op.op_type == "add":
        return any(child.op_type == "clip" for child in followers)
    if op.op_type in ("mul", "reshape"):
        return any(child.op_type in ("add", "mul") and _is_skip(child) for child in followers)
    return False


def describe(model: Any, spec: ComponentSpec, metadata: dict[str, str]) -> None:
    """Fill what Xcode shows of the model."""
    for tensor in spec.inputs:
        model.input_description[tensor.name] = f"{tensor.meaning} (range {tensor.minimum} to {tensor.maximum})"
    for tensor in spec.outputs:
        model.output_description[tensor.name] = tensor.meaning
    of_pack = f" of the pack '{metadata['pack']}'" if "pack" in metadata else ""
    model.short_description = f"edgestyle {spec.component}{of_pack}"
    model.license = metadata["licence"]
    for key, value in metadata.items():
        model.user_defined_metadata[f"edgestyle.{key}"] = value
