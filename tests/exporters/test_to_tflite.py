"""What is done to a TFLite file after conversion."""

from pathlib import Path

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from flatbuffers import Builder

from edgestyle.exporters.to_tflite import embed_metadata, export_tflite
from edgestyle.runtime.runner import open_runner
from tests.conftest import TINY, make_renderer


def test_weights_that_lie_behind_the_flatbuffer_survive_metadata(tmp_path: Path) -> None:
    path = tmp_path / "a.tflite"
    export_tflite(make_renderer(TINY), path, "float32", [32], {})
    image, style = np.random.default_rng(0).random((1, 3, 32, 32), np.float32), np.ones((1, 4), np.float32)
    before = open_runner(path, 1).run(image, style, 1.0)
    move_largest_buffer_behind(path)
    assert np.array_equal(open_runner(path, 1).run(image, style, 1.0), before)
    embed_metadata(path, {"recipe": "float32"})
    assert np.array_equal(open_runner(path, 1).run(image, style, 1.0), before)


def move_largest_buffer_behind(path: Path) -> None:
    """As ai-edge-quantizer writes large models: the buffer says at which byte of the file its data begins."""
    model = schema.ModelT.InitFromPackedBuf(path.read_bytes(), 0)
    largest = max(model.buffers, key=lambda buffer: 0 if buffer.data is None else len(buffer.data))
    data, largest.data = bytes(largest.data), None
    largest.offset, largest.size = 2, len(data)  # any number above 1 takes the same space
    largest.offset = -(-len(pack(model)) // 16) * 16
    packed = pack(model)
    path.write_bytes(packed.ljust(largest.offset, b"\0") + data)


def pack(model: schema.ModelT) -> bytes:
    builder = Builder(2**20)
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())
