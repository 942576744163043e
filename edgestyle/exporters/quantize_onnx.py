"""Quantize an ONNX model with ONNX Runtime's own tools; `image`, `strength` and the final addition are not touched."""

from collections.abc import Collection, Iterable, Sequence, Set
from typing import Any

import onnx
from onnxruntime import InferenceSession
from onnxruntime.quantization import CalibrationMethod, QuantType
from onnxruntime.quantization.calibrate import TensorsData
from onnxruntime.quantization.qdq_quantizer import QDQQuantizer

from edgestyle.errors import ExportError
from edgestyle.exporters.calibration import Inputs
from edgestyle.exporters.layers import LayerTable
from edgestyle.exporters.ranges import Clipped, Keep
from edgestyle.quiet import quiet

_LAYERS = ["Conv", "Gemm"]
_CONVOLUTIONS = ["Conv", "Relu"]  # with its ReLU a convolution's output is never negative, which is half the range


def quantize_convolutions(
    model: onnx.ModelProto, samples: Iterable[Inputs], keep: Keep, exact: Collection[str] = ()
) -> onnx.ModelProto:
    """The model with convolutions between int8 activations (QDQ), and int8 weights in fully-connected layers.

    Args:
        model: float32; it is changed.
        samples: what activations are measured on.
        keep: makes what learns how far activations reach.
        exact: layers that stay as they are.

    Raises:
        CalibrationError: an activation is not finite.
    """
    convolutions, connected = (_nodes_but(model, exact, kind) for kind in _LAYERS)
    model = convolve_in_int8(model, measure_ranges(model, samples, keep), convolutions)
    return quantize_weights(model, ["Gemm"], connected)


def quantize_layers(model: onnx.ModelProto, table: LayerTable, found: Clipped | None) -> onnx.ModelProto:
    """The model with a precision for every layer.

    Args:
        model: float32; it is changed.
        table: by layer "float32", "w8" or, for a convolution, "w8a8".
        found: from `measure_ranges`, where there is a "w8a8".
    """
    nodes = {layer: node.name for layer, node in layer_nodes(model).items()}
    integer = [nodes[layer] for layer, precision in table.items() if precision == "w8a8"]
    stored = [nodes[layer] for layer, precision in table.items() if precision == "w8"]
    if integer and found is not None:
        model = convolve_in_int8(model, found, integer)
    return quantize_weights(model, nodes=stored) if stored else model


def layer_nodes(model: onnx.ModelProto) -> dict[str, onnx.NodeProto]:
    """The node of each layer, by the layer's name in the network; those that were traced as `MatMul` are missing."""
    weighted = [(name, node) for node in model.graph.node for name in node.input[1:2] if name.endswith(".weight")]
    return {name.removesuffix(".weight"): node for name, node in weighted}


def _nodes_but(model: onnx.ModelProto, exact: Collection[str], *kinds: str) -> list[str]:
    """Names of the nodes of some kinds but those of `exact` layers, as the functions here want them: [] for all."""
    nodes = layer_nodes(model).items() if exact else ()
    return [node.name for layer, node in nodes if layer not in exact and node.op_type in kinds]


def convolve_in_int8(model: onnx.ModelProto, found: Clipped, convolutions: Sequence[str] = ()) -> onnx.ModelProto:
    """The model with convolutions between int8 activations, and nothing else changed.

    Args:
        model: float32; it is changed.
        found: from `measure_ranges`.
        convolutions: names of their nodes; all by default.
    """
    chosen = list(convolutions)
    outputs = {name for node in model.graph.node if node.name in chosen for name in node.output}
    chosen += [node.name for node in model.graph.node if node.op_type == "Relu" and node.input[0] in outputs]
    ranges = TensorsData(CalibrationMethod.MinMax, dict(found.items()))  # the names of a low and a high end
    int8 = QuantType.QInt8
    with quiet():
        tool = QDQQuantizer(model, True, False, int8, int8, ranges, chosen, [], _CONVOLUTIONS, {})
        tool.quantize_model()
    tool.model.topological_sort()
    return tool.model.model


def measure_ranges(model: onnx.ModelProto, samples: Iterable[Inputs], keep: Keep) -> Clipped:
    """Ranges of everything that enters or leaves a convolution or its ReLU; arguments as above."""
    nodes = [node for node in model.graph.node if node.op_type in _CONVOLUTIONS]
    names = list(dict.fromkeys(name for node in nodes for name in (node.input[0], node.output[0])))
    opened = onnx.ModelProto()
    opened.CopyFrom(model)
    del opened.graph.output[:]
    opened.graph.output.extend(onnx.helper.make_tensor_value_info(n, onnx.TensorProto.FLOAT, None) for n in names)
    session = InferenceSession(opened.SerializeToString(), providers=["CPUExecutionProvider"])
    ranges = keep()
    for sample in samples:
        values = session.run(names, sample)
        ranges.observe(dict(zip(names, values, strict=True)))
    return ranges.clipped()


def quantize_weights(
    model: onnx.ModelProto,
    layers: list[str] | None = None,
    nodes: Sequence[str] = (),
    exact: Collection[str] = (),
) -> onnx.ModelProto:
    """The model with int8 weights, a scale per output channel, unpacked before use; activations as before.

    Args:
        model: float32; it is changed.
        layers: which operators' weights; convolutions and fully-connected layers by default.
        nodes: names of the nodes among them; all by default.
        exact: layers whose weights stay as they are, where no `nodes` are named.
    """
    nodes = nodes or _nodes_but(model, exact, *(layers or _LAYERS))
    int8, integers = QuantType.QInt8, {node.name for node in model.graph.node if node.op_type == "DequantizeLinear"}
    with quiet():
        tool = _WeightsOnly(model, True, False, int8, int8, None, list(nodes), None, layers or _LAYERS, {})
        tool.quantize_model()
    _unpack_once(tool.model.model.graph, integers)
    tool.model.topological_sort()  # the tool appends what it adds
    return tool.model.model


def _unpack_once(graph: onnx.GraphProto, integers: Set[str]) -> None:
    """Write each `DequantizeLinear` but `integers` as a `Cast` and a multiplication by the scale, which is the same.

    ONNX Runtime folds those into float weights when it loads the file. It never folds a `DequantizeLinear`, in case an
    integer kernel wants it, and convolves by its slow path, half as long again, for weights that it takes for inputs.
    """
    weights = {weight.name: weight for weight in graph.initializer}
    for node in [node for node in graph.node if node.op_type == "DequantizeLinear" and node.name not in integers]:
        stored, scale, zero = (weights[name] for name in node.input)
        if onnx.numpy_helper.to_array(zero).any():
            raise ExportError(f"the quantizer gave '{stored.name}' a zero point, which int8 weights have none of")
        axis = next((attribute.i for attribute in node.attribute if attribute.name == "axis"), 0)
        shape = [-1 if index == axis % len(stored.dims) else 1 for index in range(len(stored.dims))]
        scales = onnx.numpy_helper.to_array(scale).reshape(shape)
        scale.CopyFrom(onnx.numpy_helper.from_array(scales, scale.name))
        floats = f"{stored.name}_floats"
        graph.node.append(onnx.helper.make_node("Cast", [stored.name], [floats], floats, to=onnx.TensorProto.FLOAT))
        graph.node.append(onnx.helper.make_node("Mul", [floats, scale.name], list(node.output), node.name))
        graph.node.remove(node)
        graph.initializer.remove(zero)


class _WeightsOnly(QDQQuantizer):  # type: ignore[misc]  # the library has no types
    """ONNX Runtime's quantizer, told to leave activations and biases alone."""

    def quantize_activation_tensor(self, *arguments: Any, **options: Any) -> None:
        pass

    def quantize_bias_tensor(self, *arguments: Any, **options: Any) -> None:
        pass
