"""Which operators of a TFLite file are which layers of a network."""

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from numpy.typing import NDArray

from edgestyle.errors import ExportError
from edgestyle.exporters.channels_last import order_channels_last
from edgestyle.exporters.layers import Layered, layers_of
from edgestyle.exporters.quantize_tflite import operator_code
from edgestyle.models.colour import ColourRenderer
from edgestyle.models.renderer import Renderer

_LAYERS = {
    schema.BuiltinOperator.CONV_2D,
    schema.BuiltinOperator.DEPTHWISE_CONV_2D,
    schema.BuiltinOperator.FULLY_CONNECTED,
}
Weight = NDArray[np.float32]


def find_operators(file: bytes, network: Layered) -> dict[str, list[str]]:
    """Names of the tensors that come out of each layer's operators, one a signature.

    The converter's names say the same for blocks of different depth, so layers are known by their weights.

    Raises:
        ExportError: an operator's weights are none of the network's, or a layer has not one operator a signature.
    """
    model = schema.ModelT.InitFromPackedBuf(file, 0)
    layers = {_key(weight): name for name, weight in _weights(network)}
    found: dict[str, list[str]] = defaultdict(list)
    for graph in model.subgraphs:
        for operator in graph.operators:
            if operator_code(model, operator) in _LAYERS:
                weight = model.buffers[graph.tensors[operator.inputs[1]].buffer].data
                name = graph.tensors[operator.outputs[0]].name.decode()
                values = np.asarray([] if weight is None else weight, np.uint8).view(np.float32)
                key = _key(values) if _key(values) in layers else _find_scaled(values, layers)
                if key not in layers:
                    raise ExportError(f"the converted file computes '{name:.80}' with weights of no layer")
                found[layers[key]].append(name)
    wrong = [name for name in layers.values() if len(found[name]) != len(model.subgraphs)]
    if wrong or len(layers) != len(layers_of(network)):
        raise ExportError(f"the converted file cannot be told apart by layer: {', '.join(wrong) or 'equal weights'}")
    return dict(found)


def _weights(network: Layered) -> Iterator[tuple[str, Weight]]:
    """Each layer's weights as TFLite stores them: `[O,H,W,I]`, depthwise `[1,H,W,O]`, fully connected `[O,I]`."""
    turned = order_channels_last(network) if isinstance(network, Renderer | ColourRenderer) else network
    for layer in layers_of(turned):
        weight = turned.get_parameter(f"{layer.name}.weight").detach().numpy()
        if weight.ndim == 4:
            depthwise = weight.shape[1] == 1 and weight.shape[0] > 1
            weight = weight.transpose((1, 2, 3, 0) if depthwise else (0, 2, 3, 1))
        yield layer.name, weight


def _find_scaled(weight: Weight, layers: dict[bytes, str]) -> bytes:
    """The key of a layer whose weights these are but for a factor: 8-bit files take pixels up to 255."""
    for key in layers:
        other = np.frombuffer(key, np.float32)
        if other.size == weight.size > 0 and np.abs(other).max() > 0:
            scaled = weight.reshape(-1) * (np.abs(other).max() / max(np.abs(weight).max(), 1e-30))
            if np.allclose(scaled, other, rtol=1e-4, atol=1e-7):
                return key
    return b""


def _key(weight: Weight) -> bytes:
    return np.ascontiguousarray(weight, np.float32).tobytes()
