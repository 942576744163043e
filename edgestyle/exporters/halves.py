"""Float32 networks in files of half the size: weights that float16 holds exactly are stored in it."""

from typing import TypeVar

import numpy as np
import onnx
import torch
from torch import nn

_FEWEST = 64  # values of a weight that is worth an operator more

T = TypeVar("T", bound=nn.Module)


def store_weights_as_half(model: onnx.ModelProto) -> onnx.ModelProto:
    """Store weights as float16 with a `Cast` behind them, where that changes no value; the model is changed.

    ONNX Runtime folds the casts when it loads the file and computes with the same float32 numbers. Weights that float16
    does not hold exactly stay as they are, so round them before: see `rounded_to_half`.
    """
    graph, casts = model.graph, []
    for weight in list(graph.initializer):
        if weight.data_type != onnx.TensorProto.FLOAT:
            continue
        values = onnx.numpy_helper.to_array(weight)
        with np.errstate(over="ignore"):
            half = values.astype(np.float16)
        if values.size < _FEWEST or not np.array_equal(half.astype(np.float32), values):
            continue
        stored, name = f"{weight.name}_half", weight.name
        casts.append(onnx.helper.make_node("Cast", [stored], [name], f"{name}_cast", to=onnx.TensorProto.FLOAT))
        weight.CopyFrom(onnx.numpy_helper.from_array(half, stored))
    nodes = [*casts, *graph.node]
    copies = [onnx.NodeProto.FromString(node.SerializeToString()) for node in nodes]
    del graph.node[:]
    graph.node.extend(copies)
    return model


def rounded_to_half(network: T) -> T:
    """Round all parameters of a network to values that float16 holds, in place; buffers stay as they are.

    Raises:
        ValueError: a parameter is beyond what float16 holds.
    """
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            rounded = parameter.half().float()
            if not torch.isfinite(rounded).all():
                raise ValueError(f"'{name}' holds values beyond 65504, the largest of float16")
            parameter.copy_(rounded)
    return network
