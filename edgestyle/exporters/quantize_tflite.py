"""Quantize a TFLite file with AI Edge Quantizer; `image`, `strength` and the final addition are not touched."""

import re
from collections.abc import Callable, Iterator, Mapping, Set
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from edgestyle.exporters.calibration import Inputs
from edgestyle.exporters.ranges import Keep
from edgestyle.images import Floats, to_pixels
from edgestyle.quiet import quiet

with quiet():  # it announces what it could not load of optional libraries
    from ai_edge_quantizer import qtyping, quantizer
    from ai_edge_quantizer.algorithm_manager import AlgorithmName
    from ai_edge_quantizer.utils import tfl_interpreter_utils as interpreters

_CODES, _NAMES = schema.BuiltinOperator, qtyping.TFLOperationName
_CONVOLUTIONS = (_NAMES.CONV_2D, _NAMES.DEPTHWISE_CONV_2D)
_CONVOLUTION_CODES = (_CODES.CONV_2D, _CODES.DEPTHWISE_CONV_2D)
_FULLY = _CODES.FULLY_CONNECTED
_FOLLOWERS = {
    _CODES.PAD: _NAMES.PAD,
    _CODES.RESHAPE: _NAMES.RESHAPE,
    _CODES.TRANSPOSE: _NAMES.TRANSPOSE,
    _CODES.SLICE: _NAMES.SLICE,
    _CODES.STRIDED_SLICE: _NAMES.STRIDED_SLICE,
    _CODES.RESIZE_NEAREST_NEIGHBOR: _NAMES.RESIZE_NEAREST_NEIGHBOR,
    _CODES.ADD: _NAMES.ADD,
}
Samples = Mapping[str, Callable[[], Iterator[Inputs]]]  # by signature: what activations are measured on
FoundRanges = dict[str, dict[str, Floats]]  # "min" and "max" of an activation, by its tensor's name
_LAYERS = (*_CONVOLUTIONS, _NAMES.FULLY_CONNECTED)


def store_weights_as_float16(path: Path) -> None:
    """Rewrite the file with float16 weights behind `DEQUANTIZE`, so that arithmetic is what the delegate likes."""
    tool = quantizer.Quantizer(str(path))
    _add_float16(tool, ".*", _NAMES.ALL_SUPPORTED)
    tool.quantize().export_model(str(path), overwrite=True)


def _add_float16(tool: Any, scope: str, operation: Any) -> None:
    weights = qtyping.TensorQuantizationConfig(num_bits=16, dtype=qtyping.TensorDataType.FLOAT)
    tool.update_quantization_recipe(
        regex=scope,
        operation_name=operation,
        op_config=qtyping.OpQuantizationConfig(
            weight_tensor_config=weights, compute_precision=qtyping.ComputePrecision.FLOAT, explicit_dequantize=True
        ),
        algorithm_key=AlgorithmName.FLOAT_CASTING,
    )


def store_weights_as_int8(path: Path) -> None:
    """Rewrite the file with int8 weights, a scale per output channel, behind `DEQUANTIZE`; arithmetic stays float32."""
    tool = quantizer.Quantizer(str(path))
    for layer in _LAYERS:
        tool.add_weight_only_config(".*", layer, 8)
    tool.quantize().export_model(str(path), overwrite=True)


def convolve_in_int8(path: Path, samples: Samples, keep: Keep) -> None:
    """Rewrite the file with convolutions between int8 activations, and int8 weights in fully-connected layers.

    Args:
        path: a float32 file.
        samples: for each of its signatures; pictures are `[1,3,H,W]`.
        keep: makes what learns how far activations reach, anew for each signature.

    Raises:
        CalibrationError: an activation is not finite.
    """
    found = measure_ranges(path, samples, keep)
    operators = _name_layers(path)
    quantize_operators(path, {name: "w8" if code == _FULLY else "w8a8" for name, code in operators.items()}, found)


def measure_ranges(path: Path, samples: Samples, keep: Keep) -> FoundRanges:
    """What `quantize_operators` needs to compute any of the file's convolutions in int8; arguments as above."""
    tool = quantizer.Quantizer(str(path))
    _add_integers(tool, path, {name for name, code in _name_layers(path).items() if code != _FULLY})
    found: FoundRanges = {}
    for signature, inputs in samples.items():
        found |= _measure(tool, path, signature, inputs, keep)
    return found


def quantize_operators(path: Path, precisions: Mapping[str, str], found: FoundRanges | None) -> None:
    """Rewrite a float32 file with a precision for each operator.

    Args:
        path: the file.
        precisions: by operator, which is named by the name of the tensor that comes out of it: "float32", "float16",
            "w8" or, for a convolution, "w8a8".
        found: from `measure_ranges`, where there is a "w8a8".
    """
    tool = quantizer.Quantizer(str(path))
    for name, precision in precisions.items():
        for operation in _LAYERS:
            if precision == "float16":
                _add_float16(tool, _scope(name), operation)
            elif precision == "w8":
                tool.add_weight_only_config(_scope(name), operation, 8)
    _add_integers(tool, path, {name for name, precision in precisions.items() if precision == "w8a8"})
    if set(precisions.values()) != {"float32"}:
        tool.quantize(found).export_model(str(path), overwrite=True)


def _add_integers(tool: Any, path: Path, convolutions: Set[str]) -> None:
    """Ask for int8 in some convolutions and in what follows from them."""
    for name in convolutions:
        for operation in _CONVOLUTIONS:
            tool.add_static_config(_scope(name), operation, activation_num_bits=8, weight_num_bits=8)
    for name, code in find_followers(path.read_bytes(), convolutions).items():
        tool.add_static_config(_scope(name), _FOLLOWERS[code], activation_num_bits=8, weight_num_bits=8)


def find_followers(file: bytes, convolutions: Set[str]) -> dict[str, int]:
    """Operators that pad, move, repeat or add nothing but what int8 convolutions give: they stay in integers too.

    Else each convolution would pay for a way from floats and one back, as much as it saves. So do the zeros round the
    picture before the first: XNNPACK makes them part of a convolution of the same type. The style's scales and shifts
    stay floats, and with them all that follows.

    Args:
        file: a float32 TFLite file.
        convolutions: those in int8, by the names of the tensors that come out of them.

    Returns:
        The operators' codes, by the names of the tensors that come out of them.
    """
    model = schema.ModelT.InitFromPackedBuf(file, 0)
    found: dict[str, int] = {}
    for graph in model.subgraphs:
        names = [tensor.name.decode() for tensor in graph.tensors]
        stored = [model.buffers[tensor.buffer].data is not None for tensor in graph.tensors]
        integers = {one.outputs[0] for one in graph.operators if names[one.outputs[0]] in convolutions}
        convolved = {one.inputs[0] for one in graph.operators if one.outputs[0] in integers}
        for operator in graph.operators:  # in the order in which they run
            code, output = operator_code(model, operator), operator.outputs[0]
            varying = {index for index in operator.inputs if not stored[index]}
            follows = code in _FOLLOWERS and varying and varying <= integers
            if follows or (code == _CODES.PAD and output in convolved):
                integers.add(output)
                found[names[output]] = code
    return found


def _name_layers(path: Path) -> dict[str, int]:
    """Codes of all convolutions and fully-connected layers, by the names of what comes out of them."""
    model = schema.ModelT.InitFromPackedBuf(path.read_bytes(), 0)
    operators = [(graph, operator) for graph in model.subgraphs for operator in graph.operators]
    codes = {graph.tensors[one.outputs[0]].name.decode(): operator_code(model, one) for graph, one in operators}
    return {name: code for name, code in codes.items() if code in (*_CONVOLUTION_CODES, _FULLY)}


def operator_code(model: Any, operator: Any) -> int:
    """What an operator of a TFLite model is; files of before and after schema 3a keep it in different fields."""
    code = model.operatorCodes[operator.opcodeIndex]
    return max(int(code.builtinCode), int(code.deprecatedBuiltinCode))


def _scope(name: str) -> str:
    """What the tool takes for the operator whose first output has this name."""
    return f"^{re.escape(name)};$"


def _measure(tool: Any, path: Path, signature: str, inputs: Callable[[], Iterator[Inputs]], keep: Keep) -> FoundRanges:
    """Ranges of one signature's activations as the quantizer takes them.

    Its own calibration keeps a moving average of minima and maxima; it is asked only which activations it wants.
    """
    interpreter = interpreters.create_tfl_interpreter(str(path), num_threads=1)
    details = interpreter.get_signature_runner(signature).get_input_details()
    takes_bytes = any(one["dtype"] is np.uint8 for one in details.values())
    wanted = tool.calibrate({signature: [_feeds(next(inputs()), takes_bytes)]})
    wanted = {name: ends for name, ends in wanted.items() if ends}
    graph = interpreters.get_signature_main_subgraph_index(interpreter, signature)
    indices = {d["name"]: d["index"] for d in interpreter.get_tensor_details(graph) if d["name"] in wanted}
    run, ranges = interpreter.get_signature_runner(signature), keep()
    for sample in inputs():
        run(**_feeds(sample, takes_bytes))
        ranges.observe({name: interpreter.get_tensor(index, graph) for name, index in indices.items()})
    clipped = ranges.clipped()
    return {
        name: {"min": np.full_like(ends["min"], clipped[name][0]), "max": np.full_like(ends["max"], clipped[name][1])}
        for name, ends in wanted.items()
        if name in clipped
    }


def _feeds(sample: Inputs, takes_bytes: bool) -> dict[str, Any]:
    """A sample with its pictures as the file takes them: `[1,H,W,3]`, of bytes if it `takes_bytes`."""

    def turned(value: Floats) -> Any:
        if value.ndim != 4:
            return value
        return to_pixels(value)[None] if takes_bytes else np.ascontiguousarray(value.transpose(0, 2, 3, 1))

    return {name: turned(value) for name, value in sample.items()}
