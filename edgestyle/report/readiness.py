"""Operators of an exported file that an accelerator would hand back to the CPU.

Lists can only say what an accelerator's documentation or source says; a device has the last word.
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgestyle.errors import ArtifactError
from edgestyle.exporters.inspection import count_precisions, damage, read_tflite
from edgestyle.quiet import quiet

GPU = "TFLite GPU delegate"
# tensorflow/lite/tools/versioning/gpu_compatibility.cc, of the operators that these networks may contain
_GPU_OPERATORS = frozenset({
    "ADD", "AVERAGE_POOL_2D", "CAST", "CONCATENATION", "CONV_2D", "DEPTHWISE_CONV_2D", "DEPTH_TO_SPACE",
    "DEQUANTIZE", "FULLY_CONNECTED", "HARD_SWISH", "MAXIMUM", "MEAN", "MINIMUM", "MIRROR_PAD", "MUL", "PAD", "PADV2",
    "QUANTIZE", "RELU", "RELU6", "RESHAPE", "RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR", "SLICE", "SPLIT",
    "SPLIT_V", "STRIDED_SLICE", "SUB", "SUM", "TRANSPOSE",
})  # fmt: skip
_GPU_CASTS = frozenset({"FLOAT32", "INT32", "BOOL"})


@dataclass(frozen=True)
class Readiness:
    """What one accelerator makes of a file.

    Attributes:
        target: the accelerator.
        source: who says so.
        operators: how many were looked at.
        refused: why and how often, by operator; empty where all are taken.
    """

    target: str
    source: str
    operators: int
    refused: dict[str, int]


def check_readiness(path: Path, size: int) -> list[Readiness]:
    """Ask what is known about the accelerators of a file's format.

    Args:
        path: `.onnx`, `.tflite` or `.mlpackage`.
        size: side of the picture; ONNX files are looked at as the fixed-shape copy that phones get.

    Raises:
        ArtifactError: the file is of no known format, or damaged.
    """
    checks = {".onnx": _check_onnx, ".tflite": _check_tflite, ".mlpackage": _check_coreml}
    if path.suffix not in checks:
        raise ArtifactError(f"{path} is no exported file: known are {', '.join(checks)}")
    with damage(path):
        return checks[path.suffix](path, size)


def _check_onnx(path: Path, size: int) -> list[Readiness]:
    """The checker behind `onnxruntime.tools.check_onnx_model_mobile_usability`."""
    import onnx
    from onnxruntime.tools.mobile_helpers import usability_checker as checker
    from onnxruntime.tools.onnx_model_utils import (
        ModelProtoWithShapeInfo,
        fix_output_shapes,
        make_input_shape_fixed,
        optimize_model,
    )

    with tempfile.TemporaryDirectory() as folder, quiet():
        fixed, optimized = Path(folder) / "fixed.onnx", Path(folder) / "optimized.onnx"
        model = onnx.load(path)
        make_input_shape_fixed(model.graph, "image", [1, 3, size, size])
        fix_output_shapes(model)
        onnx.save(model, fixed)
        optimize_model(fixed, optimized)
        shaped = ModelProtoWithShapeInfo(optimized).model_with_shape_info
        nnapi = checker.check_nnapi_partitions(shaped, True)
        coreml = checker.check_coreml_partitions(shaped, True, "coreml_supported_mlprogram_ops.md")
    return [_as_readiness("ONNX Runtime NNAPI", nnapi), _as_readiness("ONNX Runtime Core ML", coreml)]


def _as_readiness(target: str, info: Any) -> Readiness:
    refused = dict.fromkeys(sorted(name.removeprefix("ai.onnx:") for name in info.unsupported_ops), 0)
    left = info.num_nodes - info.num_supported_nodes
    if refused:
        refused = {", ".join(refused): left}
    elif left:
        refused = {"a shape that the checker does not see": left}
    return Readiness(target, "onnxruntime.tools.check_onnx_model_mobile_usability", info.num_nodes, refused)


def _check_tflite(path: Path, size: int) -> list[Readiness]:
    """The rules of the GPU delegate's own check that these networks could break.

    TensorFlow 2.15's Analyzer, which is that check, found the same in every file of `atelier`.
    """
    from ai_edge_litert import schema_py_generated as schema

    del size
    model = read_tflite(path)
    operators = {value: name for name, value in vars(schema.BuiltinOperator).items() if isinstance(value, int)}
    types = {value: name for name, value in vars(schema.TensorType).items() if isinstance(value, int)}
    graph = model.subgraphs[0]
    refused: dict[str, int] = {}
    for op in graph.operators:
        code = model.operatorCodes[op.opcodeIndex]
        kind = operators[max(code.builtinCode, code.deprecatedBuiltinCode)]
        first, result = graph.tensors[op.inputs[0]], graph.tensors[op.outputs[0]]
        reason = gpu_refusal(kind, len(first.shape), {types[first.type], types[result.type]})
        if reason:
            refused[reason] = refused.get(reason, 0) + 1
    return [Readiness(GPU, "gpu_compatibility.cc of TensorFlow", len(graph.operators), refused)]


def gpu_refusal(kind: str, rank: int, types: set[str]) -> str | None:
    """Why the GPU delegate would refuse an operator whose first input has so many axes; None where it takes it."""
    if kind not in _GPU_OPERATORS:
        return kind
    if kind in ("SLICE", "STRIDED_SLICE") and rank not in (3, 4):
        return f"{kind} of {rank} axes"
    if kind == "CAST" and not types <= _GPU_CASTS:
        return f"CAST of {' and '.join(sorted(types))}"
    return None


def _check_coreml(path: Path, size: int) -> list[Readiness]:
    """Apple publishes no list; that the engine computes in float16 is what experiments agree on."""
    del size
    found = count_precisions(path)
    refused = {f"float32 {kind}": count for kind, count in found.get("float32", {}).items()}
    total = sum(sum(kinds.values()) for kinds in found.values())
    return [Readiness("Core ML neural engine", "github.com/hollance/neural-engine: float16 only", total, refused)]
