"""What an exported file computes in, read from the types of the tensors in its graph and not from its name."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from edgestyle.errors import ArtifactError, EdgestyleError
from edgestyle.runtime.runner import open_runner

Precisions = dict[str, Counter[str]]  # precision -> how many operators of which kind

CONVOLUTIONS = frozenset({"Conv", "CONV_2D", "DEPTHWISE_CONV_2D", "conv"})
_STORAGE = frozenset({"Constant", "DequantizeLinear", "QuantizeLinear", "DEQUANTIZE", "QUANTIZE", "const"})


def count_precisions(path: Path) -> Precisions:
    """How many operators of which kind compute in "int8", "float16", "float32" or another type.

    An operator computes in the type of what goes in and what comes out. ONNX writes an int8 convolution as a float one
    between `DequantizeLinear` and `QuantizeLinear` (QDQ), which runtimes fuse; here it counts as int8 if both its
    inputs and its output are so wrapped. Operators that only store or convert numbers are not counted.

    Raises:
        ArtifactError: the file is of no known format, or damaged.
    """
    readers: dict[str, Callable[[Path], Precisions]] = {
        ".onnx": _count_onnx, ".tflite": _count_tflite, ".mlpackage": _count_coreml,
    }  # fmt: skip
    if path.suffix not in readers:
        raise ArtifactError(f"{path} is no exported file: known are {', '.join(readers)}")
    with damage(path):
        found = readers[path.suffix](path)
    if not found:
        raise ArtifactError(f"{path} is damaged: no operator in it")
    return found


@contextmanager
def damage(path: Path) -> Iterator[None]:
    """Turn whatever the readers of a format raise over a damaged or hostile file into ArtifactError, one line."""
    try:
        yield
    except (EdgestyleError, ImportError):
        raise
    except Exception as error:  # flatbuffers, protobuf and checkers raise almost any class, some with a page of text
        reason = (str(error).strip().splitlines() or [""])[0][:200]
        raise ArtifactError(f"{path} is damaged: {type(error).__name__} {reason}".rstrip()) from error


def read_tflite(path: Path) -> Any:
    """A TFLite file as `ModelT` of LiteRT's own schema, once LiteRT has verified that its offsets stay inside it."""
    from ai_edge_litert import schema_py_generated as schema

    open_runner(path)
    return schema.ModelT.InitFromPackedBuf(path.read_bytes(), 0)


def convolves_in_int8(path: Path, but: int = 0) -> bool:
    """Whether a file has convolutions and all of them, `but` so many, compute in 8-bit integers."""
    precisions = count_precisions(path).items()
    found = {precision: sum(kinds[kind] for kind in CONVOLUTIONS) for precision, kinds in precisions}
    integer = found.pop("int8", 0)
    return integer > 0 and sum(found.values()) == but


def _count_onnx(path: Path) -> Precisions:
    import onnx

    graph = onnx.shape_inference.infer_shapes(onnx.load(path)).graph
    types = {value.name: value.type.tensor_type.elem_type for value in (*graph.value_info, *graph.input, *graph.output)}
    types |= {weight.name: weight.data_type for weight in graph.initializer}
    unpacked = {node.output[0]: types.get(node.input[0]) for node in graph.node if node.op_type == "DequantizeLinear"}
    packed = {node.input[0]: types.get(node.output[0]) for node in graph.node if node.op_type == "QuantizeLinear"}

    def number_type(node: Any) -> int | None:
        if node.op_type == "Conv":
            around = {unpacked.get(node.input[0]), unpacked.get(node.input[1]), packed.get(node.output[0])}
            if around == {onnx.TensorProto.INT8}:
                return int(onnx.TensorProto.INT8)
        return types.get(node.output[0])

    names = {onnx.TensorProto.INT8: "int8", onnx.TensorProto.FLOAT16: "float16", onnx.TensorProto.FLOAT: "float32"}
    constant = {weight.name for weight in graph.initializer}
    computed = []
    for node in graph.node:  # what only unpacks weights is done once, when a file is loaded
        if node.input and constant.issuperset(node.input):
            constant.update(node.output)
        else:
            computed.append(node)
    return _count((node.op_type, names.get(number_type(node), "other")) for node in computed)


def _count_tflite(path: Path) -> Precisions:
    from ai_edge_litert import schema_py_generated as schema

    model = read_tflite(path)
    graph = model.subgraphs[0]  # further signatures hold the same operators for other sizes
    operators = {value: name for name, value in vars(schema.BuiltinOperator).items() if isinstance(value, int)}
    types = schema.TensorType
    names = {types.INT8: "int8", types.FLOAT16: "float16", types.FLOAT32: "float32", types.UINT8: "uint8"}

    def precision(op: Any) -> str:
        ends = {names.get(graph.tensors[index].type, "other") for index in (op.inputs[0], op.outputs[0])}
        return ends.pop() if len(ends) == 1 else "mixed"

    def kind(op: Any) -> str:
        code = model.operatorCodes[op.opcodeIndex]
        return str(operators[max(code.builtinCode, code.deprecatedBuiltinCode)])

    return _count((kind(op), precision(op)) for op in graph.operators)


def _count_coreml(path: Path) -> Precisions:
    from coremltools.converters.mil.mil import types

    from edgestyle.runtime.mil import load_program

    names = {types.int8: "int8", types.fp16: "float16", types.fp32: "float32"}
    operations = [op for op in load_program(path).operations if not op.op_type.startswith("constexpr")]
    return _count((op.op_type, names.get(op.outputs[0].dtype, "other")) for op in operations)


def _count(operators: Iterable[tuple[str, str]]) -> Precisions:
    found: Precisions = {}
    for kind, precision in operators:
        if kind not in _STORAGE:
            found.setdefault(precision, Counter())[kind] += 1
    return found
