"""Export to TFLite with litert-torch: NHWC; a renderer has one signature per picture size, weights shared."""

import contextlib
import io
from pathlib import Path
from typing import Any

import numpy as np
import torch
from ai_edge_litert import schema_py_generated as schema
from flatbuffers import Builder
from torch import Tensor, nn

from edgestyle.contract import REFERENCE_SIDE
from edgestyle.exporters.balancing import balance
from edgestyle.exporters.calibration import Calibration, needed
from edgestyle.exporters.channels_last import order_channels_last, order_upscaler_channels_last
from edgestyle.exporters.generator_calibration import GeneratorCalibration
from edgestyle.exporters.layers import Layered, layers_of, recipe_tables
from edgestyle.exporters.operators_tflite import find_operators
from edgestyle.exporters.pixels import BytesRenderer, PixelEncoder, clamp_to_one
from edgestyle.exporters.quantize_tflite import (
    Samples,
    convolve_in_int8,
    measure_ranges,
    quantize_operators,
    store_weights_as_float16,
    store_weights_as_int8,
)
from edgestyle.exporters.ranges import Keep, Ranges
from edgestyle.exporters.recipes import RECIPES
from edgestyle.models import AnyEncoder, AnyRenderer
from edgestyle.models.renderer import add_residual, example_inputs
from edgestyle.models.upscaler import SteadyUpscaler
from edgestyle.quiet import quiet

with quiet():  # it announces what it could not load of optional libraries
    import litert_torch

ENCODE = "encode"  # signature of an encoder
ENLARGE = "enlarge"  # of an upscaler
_FILE_IDENTIFIER = b"TFL3"


def export_tflite(
    renderer: AnyRenderer,
    path: Path,
    recipe: str,
    sizes: list[int],
    metadata: dict[str, str],
    calibration: Calibration | None = None,
) -> None:
    """Write `renderer` as a `.tflite` file with signatures `s256`, `s512`, ... for square pictures.

    Args:
        renderer: the network, in eval mode.
        path: file to write.
        recipe: a name in `RECIPES` that TFLite can do.
        sizes: sides of the pictures, multiples of the contract's size multiple.
        metadata: goes into the file's metadata buffers.
        calibration: what "w8a8" measures activations on.

    Raises:
        CalibrationError: "w8a8" is asked for without a calibration, or an activation is not finite.
    """
    _export(renderer, False, path, recipe, sizes, metadata, calibration)


def export_tflite_bytes(
    renderer: AnyRenderer,
    path: Path,
    recipe: str,
    sizes: list[int],
    metadata: dict[str, str],
    calibration: Calibration | None = None,
) -> None:
    """The same with pictures of 8-bit pixels, `uint8 [1,H,W,3]`, in and out."""
    _export(renderer, True, path, recipe, sizes, metadata, calibration)


def _export(
    renderer: AnyRenderer,
    takes_bytes: bool,
    path: Path,
    recipe: str,
    sizes: list[int],
    metadata: dict[str, str],
    calibration: Calibration | None,
) -> None:
    network = balance(renderer) if RECIPES[recipe].rows_of_int8 else renderer
    convert_tflite(network, takes_bytes, path, sizes)
    samples = needed(calibration).by_signature(sizes) if recipe == "w8a8" else {}
    quantize_file(path, recipe, network, samples, calibration)
    embed_metadata(path, metadata)


def export_encoder(
    encoder: AnyEncoder,
    path: Path,
    recipe: str,
    metadata: dict[str, str],
    calibration: Calibration | None = None,
) -> None:
    """Write `encoder` as a `.tflite` file with a signature `encode`; arguments and errors as for `export_tflite`."""
    _export_encoder(encoder, False, path, recipe, metadata, calibration)


def export_encoder_bytes(
    encoder: AnyEncoder,
    path: Path,
    recipe: str,
    metadata: dict[str, str],
    calibration: Calibration | None = None,
) -> None:
    """The same for references of 8-bit pixels, `uint8 [1,256,256,3]`."""
    _export_encoder(encoder, True, path, recipe, metadata, calibration)


def _export_encoder(
    encoder: AnyEncoder,
    takes_bytes: bool,
    path: Path,
    recipe: str,
    metadata: dict[str, str],
    calibration: Calibration | None,
) -> None:
    network = EncoderChannelsLast(PixelEncoder(encoder) if takes_bytes else encoder).eval()
    picture = torch.rand(1, REFERENCE_SIDE, REFERENCE_SIDE, 3)
    inputs = {"reference": (picture * 255).to(torch.uint8) if takes_bytes else picture}
    with quiet(), contextlib.redirect_stdout(io.StringIO()):
        litert_torch.signature(ENCODE, network, sample_kwargs=inputs).convert().export(str(path))
    samples: Samples = {ENCODE: needed(calibration).references} if recipe == "w8a8" else {}
    quantize_file(path, recipe, encoder, samples, calibration)
    embed_metadata(path, metadata)


def export_upscaler(network: SteadyUpscaler, path: Path, recipe: str, side: int, metadata: dict[str, str]) -> None:
    """Write an upscaler as a `.tflite` file with a signature `enlarge` for square tiles.

    Args:
        network: in eval mode.
        path: file to write.
        recipe: "float32", or "float16" for weights stored so.
        side: of the tiles that it takes, with their margin.
        metadata: goes into the file's metadata buffers.
    """
    turned = UpscalerChannelsLast(order_upscaler_channels_last(network)).eval()
    with quiet(), contextlib.redirect_stdout(io.StringIO()):
        inputs = {"image": torch.rand(1, side, side, 3)}
        litert_torch.signature(ENLARGE, turned, sample_kwargs=inputs).convert().export(str(path))
        if recipe == "float16":
            store_weights_as_float16(path)
    embed_metadata(path, metadata)


def quantize_file(
    path: Path, recipe: str, network: Layered, samples: Samples, calibration: Calibration | GeneratorCalibration | None
) -> None:
    """Rewrite a float32 file in a recipe.

    Args:
        path: the file.
        recipe: a name in `RECIPES` that TFLite can do.
        network: what it was made from, in its layout.
        samples: what "w8a8" measures activations on.
        calibration: where the samples are from; None where the recipe needs none.
    """
    keep: Keep = Ranges if calibration is None else calibration.ranges
    with quiet(), contextlib.redirect_stdout(io.StringIO()):
        if RECIPES[recipe].rows_of_int8 and network.exact_layers:
            table = recipe_tables(layers_of(network), "tflite")[recipe]
            found = measure_ranges(path, samples, keep) if recipe == "w8a8" else None
            named = find_operators(path.read_bytes(), network).items()
            quantize_operators(path, {name: table[layer] for layer, names in named for name in names}, found)
        elif recipe == "float16" and isinstance(network, AnyEncoder) and network.float32_layers:
            named = find_operators(path.read_bytes(), network).items()
            kept = {layer: "float32" if layer in network.float32_layers else "float16" for layer, _ in named}
            quantize_operators(path, {name: kept[layer] for layer, names in named for name in names}, None)
        elif recipe == "float16":
            store_weights_as_float16(path)
        elif recipe == "w8":
            store_weights_as_int8(path)
        elif recipe == "w8a8":
            convolve_in_int8(path, samples, keep)


def convert_tflite(renderer: AnyRenderer, takes_bytes: bool, path: Path, sizes: list[int]) -> None:
    """Write a float32 file with a signature a size; the names of its tensors still say where they come from."""
    turned = order_channels_last(renderer)
    network = ChannelsLast(BytesRenderer(turned) if takes_bytes else turned).eval()
    signatures = litert_torch
    with quiet(), contextlib.redirect_stdout(io.StringIO()):
        for size in sizes:
            image, style, strength = example_inputs(renderer.config, size, size)
            image = (image * 255).to(torch.uint8) if takes_bytes else image
            inputs = {"image": image.permute(0, 2, 3, 1), "style": style, "strength": strength}
            signatures = signatures.signature(f"s{size}", network, sample_kwargs=inputs)
        signatures.convert().export(str(path))


class ChannelsLast(nn.Module):
    """The renderer with pictures `[N,H,W,3]`, as TFLite's tools expect them, of operators that its GPU delegate takes.

    Floats are blended in that layout, so that the skip is not turned round and back.

    Args:
        renderer: from `order_channels_last`, which may be wrapped.
    """

    def __init__(self, renderer: AnyRenderer | BytesRenderer) -> None:
        super().__init__()
        self.renderer = renderer

    def forward(self, image: Tensor, style: Tensor, strength: Tensor) -> dict[str, Tensor]:
        turned = image.permute(0, 3, 1, 2)
        if isinstance(self.renderer, BytesRenderer):
            return {"stylized": self.renderer(turned, style, strength).permute(0, 2, 3, 1)}
        strength = clamp_to_one(strength).reshape(-1, 1)
        residual = self.renderer.residual(turned, style, strength).permute(0, 2, 3, 1)
        return {"stylized": clamp_to_one(add_residual(image, residual, strength))}


class UpscalerChannelsLast(nn.Module):
    """An upscaler with pictures `[1,H,W,3]`.

    Args:
        upscaler: from `order_upscaler_channels_last`.
    """

    def __init__(self, upscaler: SteadyUpscaler) -> None:
        super().__init__()
        self.upscaler = upscaler

    def forward(self, image: Tensor) -> dict[str, Tensor]:
        return {"enlarged": self.upscaler(image.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)}


class EncoderChannelsLast(nn.Module):
    """The encoder with references `[1,256,256,3]`."""

    def __init__(self, encoder: AnyEncoder | PixelEncoder) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, reference: Tensor) -> dict[str, Tensor]:
        return {"style": self.encoder(reference.permute(0, 3, 1, 2))}


def embed_metadata(path: Path, metadata: dict[str, str]) -> None:
    """Add a metadata entry per item; readers find it by name with a few lines in any language."""
    packed = path.read_bytes()
    model = schema.ModelT.InitFromPackedBuf(packed, 0)
    for buffer in model.buffers:
        if buffer.offset > 1:  # the quantizer keeps large weights behind the flatbuffer, where packing would lose them
            buffer.data = np.frombuffer(packed, np.uint8, buffer.size, buffer.offset)
            buffer.offset = buffer.size = 0
    _share_buffers(model)
    _shorten_names(model)
    _repeat_operator_codes(model)
    model.metadata = list(model.metadata or [])
    for name, text in metadata.items():
        buffer = schema.BufferT()
        buffer.data = list(text.encode("utf-8"))
        model.buffers.append(buffer)
        entry = schema.MetadataT()
        entry.name, entry.buffer = f"edgestyle.{name}", len(model.buffers) - 1
        model.metadata.append(entry)
    builder = Builder(path.stat().st_size + 2**16)
    builder.Finish(model.Pack(builder), file_identifier=_FILE_IDENTIFIER)
    path.write_bytes(bytes(builder.Output()))


def _share_buffers(model: Any) -> None:
    """Let tensors with the same bytes point to one buffer; the quantizer writes weights once for every signature."""
    first: dict[bytes, int] = {}
    for graph in model.subgraphs:
        for tensor in graph.tensors:
            data = model.buffers[tensor.buffer].data
            if data is not None and len(data):
                tensor.buffer = first.setdefault(bytes(np.asarray(data, np.uint8)), tensor.buffer)
    used = {tensor.buffer for graph in model.subgraphs for tensor in graph.tensors}
    used |= {entry.buffer for entry in model.metadata or []}
    for index, buffer in enumerate(model.buffers):
        if index not in used:
            buffer.data = None


def _shorten_names(model: Any) -> None:
    """Number the tensors inside: whole paths of Python modules take 40 KB a signature. Leave out empty tables, too."""
    for graph in model.subgraphs:
        for index, tensor in enumerate(graph.tensors):
            kept = index in graph.inputs or index in graph.outputs
            tensor.name = tensor.name if kept else str(index).encode()
            if tensor.quantization is not None and tensor.quantization.scale is None:
                tensor.quantization = None


def _repeat_operator_codes(model: Any) -> None:
    """Fill the field that held an operator's number before schema 3a; AI Edge Quantizer leaves it at 0, which is ADD.

    LiteRT takes the larger of the two fields, but OpenVINO goes by the old one wherever it is below 127.
    """
    for code in model.operatorCodes:
        code.deprecatedBuiltinCode = min(code.builtinCode, schema.BuiltinOperator.PLACEHOLDER_FOR_GREATER_OP_CODES)
