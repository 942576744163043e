"""Operators with few buffers: what WebGPU gives to one is enough for every exported graph."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper

from edgestyle.exporters.narrow_onnx import MOST_OUTPUTS, narrow
from edgestyle.exporters.to_onnx import OPSET, export_onnx, save_onnx
from edgestyle.models.renderer import NETWORK_SIZES
from tests.conftest import make_colour_renderer, make_renderer


def splitting(sizes: list[int], fixed: bool = True) -> onnx.ModelProto:
    """A graph that cuts `x` `[1,C,1,1]` into parts and gives all of them."""
    names = [f"part{index}" for index in range(len(sizes))]
    values = [
        helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1, size, 1, 1])
        for name, size in zip(["x", *names], [sum(sizes), *sizes], strict=True)
    ]
    written = [helper.make_tensor("sizes", onnx.TensorProto.INT64, [len(sizes)], sizes)]
    free = [helper.make_tensor_value_info("sizes", onnx.TensorProto.INT64, [len(sizes)])]
    node = helper.make_node("Split", ["x", "sizes"], names, "cut", axis=1)
    graph = helper.make_graph(
        [node], "g", values[:1] + ([] if fixed else free), values[1:], initializer=written if fixed else []
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])


def widest(model: onnx.ModelProto) -> int:
    """Most outputs that one operator has."""
    return max(len(node.output) for node in model.graph.node)


@pytest.mark.parametrize("count", [2, 7, 8, 10, 16, 49, 60])
def test_all_parts_stay_the_same_however_many_there_are(count: int, tmp_path: Path) -> None:
    sizes = [1 + index % 3 for index in range(count)]
    x = np.random.default_rng(0).random((1, sum(sizes), 1, 1), dtype=np.float32)
    model = splitting(sizes)
    expected = onnxruntime.InferenceSession(model.SerializeToString()).run(None, {"x": x})
    save_onnx(model, tmp_path / "a.onnx", {})
    assert widest(onnx.load(tmp_path / "a.onnx")) <= MOST_OUTPUTS
    found = onnxruntime.InferenceSession(tmp_path / "a.onnx").run(None, {"x": x})
    assert all((one == other).all() for one, other in zip(expected, found, strict=True))
    assert [node.op_type for node in model.graph.node].count("Split") == 1 or count > MOST_OUTPUTS


def test_parts_of_unknown_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="the sizes of cut, a Split, are not written"):
        narrow(splitting([1] * 8, fixed=False).graph)


@pytest.mark.parametrize("recipe", ["float32", "float16", "w8"])
@pytest.mark.parametrize("network", [*NETWORK_SIZES, "colour"])
def test_no_operator_of_a_renderer_takes_more_buffers_than_webgpu_has(
    network: str, recipe: str, tmp_path: Path
) -> None:
    renderer = make_colour_renderer() if network == "colour" else make_renderer(NETWORK_SIZES[network])
    export_onnx(renderer, tmp_path / "a.onnx", recipe, [64], {})
    model = onnx.load(tmp_path / "a.onnx")
    used = {name for node in model.graph.node for name in node.input} | {"stylized"}
    assert {name for node in model.graph.node for name in node.output} <= used, "no sizes are left over"
    buffers = [len({*node.input, *node.output}) for node in model.graph.node if node.op_type != "Concat"]
    assert max(buffers) <= MOST_OUTPUTS + 2, "of a Split one is its sizes, which no shader reads"
    assert widest(model) <= MOST_OUTPUTS
