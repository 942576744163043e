"""Export a renderer to TFLite with litert-torch: NHWC, one signature per picture size, weights shared."""

import contextlib
import io
from pathlib import Path

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from flatbuffers import Builder
from torch import Tensor, nn

from edgestyle.exporters.quantize_tflite import store_weights_as_float16, store_weights_as_int8
from edgestyle.models.renderer import Renderer, example_inputs
from edgestyle.quiet import quiet

with quiet():  # it announces what it could not load of optional libraries
    import litert_torch

_FILE_IDENTIFIER = b"TFL3"


def export_tflite(renderer: Renderer, path: Path, recipe: str, sizes: list[int], metadata: dict[str, str]) -> None:
    """Write `renderer` as a `.tflite` file with signatures `s256`, `s512`, ... for square pictures.

    Args:
        renderer: the network, in eval mode.
        path: file to write.
        recipe: a name in `RECIPES` that TFLite can do.
        sizes: sides of the pictures, multiples of the contract's size multiple.
        metadata: goes into the file's metadata buffers.
    """
    channels_last = ChannelsLast(renderer).eval()
    signatures = litert_torch
    with quiet(), contextlib.redirect_stdout(io.StringIO()):
        for size in sizes:
            image, style, strength = example_inputs(renderer.config, size, size)
            inputs = {"image": image.permute(0, 2, 3, 1), "style": style, "strength": strength}
            signatures = signatures.signature(f"s{size}", channels_last, sample_kwargs=inputs)
        signatures.convert().export(str(path))
        if recipe == "float16":
            store_weights_as_float16(path)
        elif recipe == "w8":
            store_weights_as_int8(path)
    _embed_metadata(path, metadata)


class ChannelsLast(nn.Module):
    """The renderer with pictures `[N,H,W,3]`, as TFLite's tools expect them."""

    def __init__(self, renderer: Renderer) -> None:
        super().__init__()
        self.renderer = renderer

    def forward(self, image: Tensor, style: Tensor, strength: Tensor) -> dict[str, Tensor]:
        stylized = self.renderer(image.permute(0, 3, 1, 2), style, strength)
        return {"stylized": stylized.permute(0, 2, 3, 1)}


def _embed_metadata(path: Path, metadata: dict[str, str]) -> None:
    """Add a metadata entry per item; readers find it by name with a few lines in any language."""
    packed = path.read_bytes()
    model = schema.ModelT.InitFromPackedBuf(packed, 0)
    for buffer in model.buffers:
        if buffer.offset > 1:  # the quantizer keeps large weights behind the flatbuffer, where packing would lose them
            buffer.data = np.frombuffer(packed, np.uint8, buffer.size, buffer.offset)
            buffer.offset = buffer.size = 0
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
