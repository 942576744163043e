"""What is done to a TFLite file after conversion."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from ai_edge_litert import schema_py_generated as schema
from flatbuffers import Builder

from edgestyle.exporters.calibration import bundled_calibration
from edgestyle.exporters.channels_last import order_channels_last
from edgestyle.exporters.inspection import count_precisions
from edgestyle.exporters.operators_tflite import find_operators
from edgestyle.exporters.quantize_tflite import find_followers
from edgestyle.exporters.to_tflite import convert_tflite, embed_metadata, export_tflite
from edgestyle.models.renderer import Renderer
from edgestyle.packs.pack import Style
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


@pytest.fixture(scope="module")
def wide() -> Renderer:
    """Of the shipped networks' parts: a margin, numbers about the whole picture, several filters on the way down."""
    return make_renderer(replace(TINY, channels=8, margin=8, context=2, down_filters=2, blocks=2), seed=3)


@pytest.fixture(scope="module")
def integers(wide: Renderer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("w8a8") / "a.tflite"
    style = Style("a", (0.5, 1.0, -1.0, 0.25))
    calibration = bundled_calibration([style])
    export_tflite(wide, path, "w8a8", [64, 96], {}, replace(calibration, photos=calibration.photos[:2]))
    return path


def test_channels_in_another_order_draw_the_same(wide: Renderer) -> None:
    turned = order_channels_last(wide)
    image, style, strength = torch.rand(1, 3, 48, 40), torch.randn(1, 4), torch.tensor([0.7])
    assert torch.allclose(turned(image, style, strength), wide(image, style, strength), atol=1e-6)
    assert not torch.equal(turned.head.weight, wide.head.weight)
    assert isinstance(wide.shuffle, torch.nn.PixelShuffle), "the network that was given stays as it is"


def test_nothing_is_turned_but_in_the_two_shuffles_and_to_be_averaged(wide: Renderer, tmp_path: Path) -> None:
    export_tflite(wide, tmp_path / "a.tflite", "float32", [64], {})
    assert count_precisions(tmp_path / "a.tflite")["float32"]["TRANSPOSE"] == 3


def test_only_scales_and_shifts_leave_the_integers_between_convolutions(integers: Path) -> None:
    found = count_precisions(integers)
    blocks = 4
    assert found["int8"]["ADD"] == blocks + 2, "each block's, that of the deep ones, and that of the edges"
    assert found["int8"]["TRANSPOSE"] == 3
    assert found["int8"]["RESIZE_NEAREST_NEIGHBOR"] == 1
    assert "PAD" not in found["float32"]
    assert found["float32"]["MUL"] == blocks + 1 + 1, "each scale, and the strength"


def test_integers_follow_from_integers_only(wide: Renderer, tmp_path: Path) -> None:
    path = tmp_path / "a.tflite"
    convert_tflite(wide, False, path, [64])
    convolutions = {name for layer in find_operators(path.read_bytes(), wide).values() for name in layer}
    everything = find_followers(path.read_bytes(), convolutions)
    assert find_followers(path.read_bytes(), set()) == {}
    kinds = schema.BuiltinOperator
    head = set(find_operators(path.read_bytes(), wide)["head"])
    assert sorted(find_followers(path.read_bytes(), head).values()) == sorted(
        [kinds.RESHAPE, kinds.TRANSPOSE, kinds.RESHAPE, kinds.SLICE, kinds.SLICE]
    )
    without = find_followers(path.read_bytes(), convolutions - set(find_operators(path.read_bytes(), wide)["deep_up"]))
    assert set(everything.values()) - set(without.values()) == {kinds.RESIZE_NEAREST_NEIGHBOR}
    assert everything.keys() > without.keys()


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
