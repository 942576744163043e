"""Let ONNX convolutions pad by themselves: a `Pad` before one makes runtimes rearrange the map twice."""

from collections import Counter

import numpy as np
import onnx
from onnx.reference import ReferenceEvaluator

_SPACE = (2, 3)  # axes of [N,C,H,W]


def absorb_pads(model: onnx.ModelProto) -> None:
    """Move zeros that a `Pad` puts around a map into the padding of the one convolution behind it.

    The model is changed; it computes the same. A `Pad` of other values, of lengths that depend on an input, of more
    consumers than one, or before a convolution that says its padding by a rule (`auto_pad`) stays.
    So does a graph with branches or loops.
    """
    graph = model.graph
    if any(attribute.HasField("g") for node in graph.node for attribute in node.attribute):
        return
    makers = {name: node for node in graph.node for name in node.output}
    uses = Counter(name for node in graph.node for name in node.input)
    uses.update(value.name for value in graph.output)
    absorbed = []
    for convolution in [node for node in graph.node if node.op_type == "Conv" and not _has_rule(node)]:
        pad = makers.get(convolution.input[0])
        if pad is None or pad.op_type != "Pad" or uses[pad.output[0]] > 1:
            continue
        lengths = _zeros_around(model, pad, makers)
        if lengths is not None:
            _widen(convolution, lengths)
            convolution.input[0] = pad.input[0]
            absorbed.append(pad)
    for pad in absorbed:
        graph.node.remove(pad)
    if absorbed:
        _drop_unused(graph)


def _has_rule(convolution: onnx.NodeProto) -> bool:
    return any(attribute.name == "auto_pad" and attribute.s != b"NOTSET" for attribute in convolution.attribute)


def _zeros_around(
    model: onnx.ModelProto, pad: onnx.NodeProto, makers: dict[str, onnx.NodeProto]
) -> tuple[int, ...] | None:
    """Zeros above, at the left, below and at the right; None where it is not known, or not that, what is padded."""
    modes = [attribute.s for attribute in pad.attribute if attribute.name == "mode"]
    if modes not in ([], [b"constant"]) or len(pad.input) > 3:
        return None
    lengths = _constant(model, pad.input[1], makers)
    filling = _constant(model, pad.input[2], makers) if len(pad.input) == 3 and pad.input[2] else np.zeros(1)
    if lengths is None or filling is None or lengths.size != 8 or filling.any():
        return None
    before, after = lengths.reshape(2, 4).astype(int)
    if before[:2].any() or after[:2].any() or min(*before, *after) < 0:
        return None
    return (*(int(before[axis]) for axis in _SPACE), *(int(after[axis]) for axis in _SPACE))


def _constant(
    model: onnx.ModelProto, name: str, makers: dict[str, onnx.NodeProto]
) -> "np.typing.NDArray[np.generic] | None":
    """What a value is in every run; None where it depends on an input."""
    stored = {tensor.name: tensor for tensor in model.graph.initializer}
    needed, open_names = set[str](), [name]
    while open_names:
        current = open_names.pop()
        if current in needed or current in stored or not current:
            continue
        if current not in makers:
            return None
        needed.add(current)
        open_names += makers[current].input
    nodes = [node for node in model.graph.node if needed & set(node.output)]
    wanted = onnx.helper.make_empty_tensor_value_info(name)
    used = {value for node in nodes for value in node.input} | {name}
    part = onnx.helper.make_graph(nodes, "constant", [], [wanted], [stored[one] for one in used & stored.keys()])
    value: np.typing.NDArray[np.generic] = ReferenceEvaluator(
        onnx.helper.make_model(part, opset_imports=model.opset_import)
    ).run(None, {})[0]
    return value


def _widen(convolution: onnx.NodeProto, lengths: tuple[int, ...]) -> None:
    """Add to a convolution's padding."""
    for attribute in convolution.attribute:
        if attribute.name == "pads":
            attribute.ints[:] = [a + b for a, b in zip(attribute.ints, lengths, strict=True)]
            return
    convolution.attribute.append(onnx.helper.make_attribute("pads", lengths))


def _drop_unused(graph: onnx.GraphProto) -> None:
    """Remove nodes and stored values that nothing asks for."""
    outputs = {value.name for value in graph.output}
    while True:
        used = outputs.union(*(node.input for node in graph.node))
        unused = [node for node in graph.node if not used & set(node.output)]
        if not unused:
            break
        for node in unused:
            graph.node.remove(node)
    kept = [tensor for tensor in graph.initializer if tensor.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)
