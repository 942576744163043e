"""Make an ONNX graph run on graphics cards that give an operator few buffers, as WebGPU does."""

from itertools import pairwise

import onnx
from onnx import helper, numpy_helper

MOST_OUTPUTS = 7  # with the input 8 buffers, which every WebGPU adapter has: https://www.w3.org/TR/webgpu/#limits


def narrow(graph: onnx.GraphProto) -> None:
    """Split in steps where a `Split` has more outputs than `MOST_OUTPUTS`; the graph is changed, its values are not.

    Raises:
        ValueError: the sizes of such a split are not written in the graph.
    """
    nodes: list[onnx.NodeProto] = []
    for node in graph.node:
        wide = node.op_type == "Split" and len(node.output) > MOST_OUTPUTS
        nodes += _in_steps(node, _sizes(graph, node)) if wide else [node]
    used = {name for node in nodes for name in node.input}
    kept = [node for node in nodes if node.op_type != "Constant" or node.output[0] in used]  # old sizes are not
    copies = [onnx.NodeProto.FromString(node.SerializeToString()) for node in kept]
    del graph.node[:]
    graph.node.extend(copies)


def _in_steps(node: onnx.NodeProto, sizes: list[int]) -> list[onnx.NodeProto]:
    """Nodes that do as a `Split` into parts of these sizes does: one into few groups, then one for each group."""
    count = len(sizes)
    if count <= MOST_OUTPUTS:
        written = helper.make_tensor("", onnx.TensorProto.INT64, [count], sizes)
        node.input[1:] = [f"{node.name}/sizes"]
        return [helper.make_node("Constant", [], node.input[1:], f"{node.name}/sizes", value=written), node]
    groups = min(-(-count // MOST_OUTPUTS), MOST_OUTPUTS)
    bounds = [count * group // groups for group in range(groups + 1)]  # as even as can be
    first, rest, widths = onnx.NodeProto.FromString(node.SerializeToString()), list[onnx.NodeProto](), list[int]()
    for group, (begin, end) in enumerate(pairwise(bounds)):
        name = f"{node.name}/{group}"
        part = helper.make_node("Split", [name], node.output[begin:end], name)
        part.attribute.extend(node.attribute)
        rest += _in_steps(part, sizes[begin:end])
        widths.append(sum(sizes[begin:end]))
    first.output[:] = [f"{node.name}/{group}" for group in range(groups)]
    return [*_in_steps(first, widths), *rest]


def _sizes(graph: onnx.GraphProto, node: onnx.NodeProto) -> list[int]:
    """Of the parts that a `Split` makes."""
    written = {one.name: one for one in graph.initializer}
    for constant in (other for other in graph.node if other.op_type == "Constant"):
        written[constant.output[0]] = constant.attribute[0].t
    name = node.input[1] if len(node.input) > 1 else ""
    if name not in written:
        raise ValueError(f"the sizes of {node.name}, a Split, are not written in the graph")
    return [int(size) for size in numpy_helper.to_array(written[name])]
