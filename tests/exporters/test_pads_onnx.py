"""Zeros in front of a convolution become its own padding, and nothing else changes."""

from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import pytest
import torch
import torch.nn.functional as F
from onnx import TensorProto, helper
from torch import Tensor, nn

from edgestyle.exporters import to_onnx
from edgestyle.exporters.pads_onnx import absorb_pads


class Padded(nn.Module):
    """A convolution behind zeros that lie more at the right and the bottom."""

    def __init__(self, padding: int = 0, value: float = 0.0, mode: str = "constant", shared: bool = False) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(3, 4, 3, 2, padding)
        self.value, self.mode, self.shared = value, mode, shared

    def forward(self, x: Tensor) -> Tensor:
        padded = F.pad(x, (0, 1, 1, 2), self.mode, self.value if self.mode == "constant" else None)
        drawn: Tensor = self.convolution(padded)
        return drawn + padded.mean() if self.shared else drawn


def traced(network: nn.Module, monkeypatch: pytest.MonkeyPatch, absorbing: bool) -> onnx.ModelProto:
    """The network's graph with or without the pass."""
    with monkeypatch.context() as patched:
        if not absorbing:
            patched.setattr(to_onnx, "absorb_pads", lambda model: None)
        return to_onnx.trace_graph(network.eval(), (torch.rand(1, 3, 16, 16),), ["x"], "y")


def run(model: onnx.ModelProto, x: np.ndarray) -> np.ndarray:
    model.ir_version = 8
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    drawn: np.ndarray = session.run(None, {"x": x})[0]
    return drawn


@pytest.mark.parametrize("padding", [0, 1])
def test_zeros_become_padding(monkeypatch: pytest.MonkeyPatch, padding: int) -> None:
    torch.manual_seed(0)
    network, x = Padded(padding), np.random.default_rng(0).random((1, 3, 16, 16), np.float32)
    before, after = (traced(network, monkeypatch, absorbing) for absorbing in (False, True))
    assert [node.op_type for node in after.graph.node] == ["Conv"]
    assert "Pad" in {node.op_type for node in before.graph.node}
    (pads,) = [list(a.ints) for a in after.graph.node[0].attribute if a.name == "pads"]
    assert pads == [1 + padding, padding, 2 + padding, 1 + padding]
    onnx.checker.check_model(after, full_check=True)
    assert np.abs(run(before, x) - run(after, x)).max() < 1e-6
    assert {tensor.name for tensor in after.graph.initializer} == {"convolution.weight", "convolution.bias"}


@pytest.mark.parametrize("options", [{"value": 1.0}, {"mode": "reflect"}, {"shared": True}])
def test_other_pads_stay(monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]) -> None:
    after = traced(Padded(**options), monkeypatch, True)
    assert [node.op_type for node in after.graph.node].count("Pad") == 1


def operators(lengths: list[int] | None, channels: int = 1, **rule: str) -> list[str]:
    """What a graph of a `Pad` and a convolution consists of afterwards; with None the lengths are an input."""
    nodes = [helper.make_node("Pad", ["x", "lengths"], ["p"]), helper.make_node("Conv", ["p", "w"], ["y"], **rule)]
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 1, 8, 8])]
    stored = [onnx.numpy_helper.from_array(np.ones((1, channels, 3, 3), np.float32), "w")]
    if lengths is None:
        inputs.append(helper.make_tensor_value_info("lengths", TensorProto.INT64, [8]))
    else:
        stored.append(onnx.numpy_helper.from_array(np.array(lengths), "lengths"))
    result = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    graph = helper.make_graph(nodes, "g", inputs, [result], stored)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    absorb_pads(model)
    return [node.op_type for node in model.graph.node]


def test_zeros_that_are_stored_go() -> None:
    assert operators([0, 0, 1, 1, 0, 0, 1, 1]) == ["Conv"]


def test_lengths_that_are_an_input_stay() -> None:
    assert operators(None) == ["Pad", "Conv"]


def test_zeros_across_channels_stay() -> None:
    assert operators([0, 1, 0, 0, 0, 0, 0, 0], channels=2) == ["Pad", "Conv"]


def test_a_rule_of_padding_stays() -> None:
    assert operators([0, 0, 1, 1, 0, 0, 1, 1], auto_pad="SAME_UPPER") == ["Pad", "Conv"]
