"""A reference evaluator of saved Core ML programs, so that Linux can check what an iPhone will draw.

It reads the `.mlpackage` from disk, graph and weights, and executes it operator by operator with torch. An operator
it does not know raises: a check that guesses is none. Float16 values are rounded to float16 after every operator.
It is for correctness; its speed says nothing.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from edgestyle.errors import ArtifactError
from edgestyle.quiet import quiet

Values = dict[str, Any]


def load_program(path: Path) -> Any:
    """Load the MIL function `main` of an `.mlpackage`.

    Raises:
        ArtifactError: it is not a readable ML program.
    """
    try:
        with quiet():  # coremltools announces every native library that Linux lacks
            import coremltools as ct
            from coremltools.converters.mil.frontend.milproto.load import load

            model = ct.models.MLModel(str(path), skip_model_load=True)
            spec = model.get_spec()
            return load(spec, spec.specificationVersion, model.weights_dir).functions["main"]
    except ImportError:
        raise
    except Exception as error:  # protobuf, file and format errors of many classes; all mean the same here
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise ArtifactError(f"{path} is not a readable Core ML program: {reason}") from error


def evaluate(function: Any, inputs: Values) -> Values:
    """Execute a MIL function.

    Args:
        function: from `load_program`.
        inputs: a torch tensor for every input, by name, and the weights of `decompress_weights` where there are any.

    Returns:
        A torch tensor for every output, by name.

    Raises:
        ArtifactError: the program uses an operator this evaluator does not know.
    """
    operators = _operators()
    values = dict(inputs)
    for op in function.operations:
        if op.op_type == "const" or op.outputs[0].name in values:
            continue
        if op.op_type not in operators:
            raise ArtifactError(f"the Core ML program uses operator '{op.op_type}', which the evaluator does not know")
        results = operators[op.op_type](**{name: _value(var, values) for name, var in op.inputs.items()})
        results = results if len(op.outputs) > 1 else (results,)
        for var, result in zip(op.outputs, results, strict=True):
            values[var.name] = _round_to(var, result)
    return {var.name: values[var.name] for var in function.outputs}


def decompress_weights(function: Any) -> Values:
    """The weights of a MIL function that are stored compressed, such as palettes, as float32 torch tensors by name.

    Core ML's own Python definition of its `constexpr` operators does it (coremltools, `materialized_val_inference`).
    Give them to `evaluate` among the inputs.

    Raises:
        ArtifactError: a weight is stored in a way that coremltools does not unpack.
    """
    import torch

    weights = {}
    for op in function.operations:
        if not op.op_type.startswith("constexpr_"):
            continue
        if not hasattr(op, "materialized_val_inference"):
            raise ArtifactError(f"the Core ML program stores a weight by '{op.op_type}', which cannot be unpacked")
        try:
            unpacked = op.materialized_val_inference()
        except Exception as error:  # palettes and indices of a damaged program that do not fit together
            raise ArtifactError(f"the Core ML program's weight '{op.name}' cannot be unpacked") from error
        weights[op.outputs[0].name] = torch.from_numpy(unpacked.astype(np.float32))
    return weights


def _value(var: Any, values: Values) -> Any:
    """A torch tensor or plain value for a MIL variable, constant or computed."""
    import torch

    if isinstance(var, list | tuple):
        return [_value(part, values) for part in var]
    if var.name in values:
        return values[var.name]
    constant = var.val
    if isinstance(constant, np.ndarray) and constant.dtype.kind == "f":
        tensor = torch.from_numpy(constant.astype(np.float32))
        values[var.name] = tensor
        return tensor
    if isinstance(constant, np.ndarray):
        return constant.tolist()
    return constant.item() if isinstance(constant, np.generic) else constant


def _round_to(var: Any, result: Any) -> Any:
    """Round to float16 where the program says a value is float16; arithmetic itself is float32."""
    from coremltools.converters.mil.mil import types

    return result.half().float() if var.dtype == types.fp16 else result


def _operators() -> dict[str, Callable[..., Any]]:
    """Core ML's operators as functions of their named inputs (Core ML's MIL Ops reference, iOS 16)."""
    import torch.nn.functional as F

    return {
        "add": lambda *, x, y: x + y,
        "cast": lambda *, x, dtype: x,  # the output variable's type rounds
        "clip": lambda *, x, alpha, beta: x.clamp(alpha, beta),
        "leaky_relu": lambda *, x, alpha: F.leaky_relu(x, alpha),
        "linear": lambda *, x, weight, bias: F.linear(x, weight, bias),
        "mul": lambda *, x, y: x * y,
        "reduce_mean": lambda *, x, axes, keep_dims: x.mean(axes, keepdim=keep_dims),
        "real_div": lambda *, x, y: x / y,
        "relu": lambda *, x: F.relu(x),
        "relu6": lambda *, x: F.relu6(x),
        "rsqrt": lambda *, x, epsilon: (x + epsilon).rsqrt(),
        "softmax": lambda *, x, axis: x.softmax(axis),
        "sqrt": lambda *, x: x.sqrt(),
        "sub": lambda *, x, y: x - y,
        **_picture_operators(),
        **_shape_operators(),
    }


def _picture_operators() -> dict[str, Callable[..., Any]]:
    """Those that compute with neighbouring pixels."""
    import torch.nn.functional as F

    def conv(*, x: Any, weight: Any, bias: Any = None, strides: Any, pad_type: str, pad: Any, dilations: Any,
             groups: int) -> Any:  # fmt: skip
        if pad_type == "custom":
            x = F.pad(x, (pad[2], pad[3], pad[0], pad[1]))
        elif pad_type != "valid":
            raise ArtifactError(f"the Core ML program pads '{pad_type}', which the evaluator does not know")
        return F.conv2d(x, weight, bias, strides, 0, dilations, groups)

    def avg_pool(
        *, x: Any, kernel_sizes: Any, strides: Any, pad_type: str, exclude_padding_from_average: bool = False,
        pad: Any = (), ceil_mode: bool = False,
    ) -> Any:  # fmt: skip
        if (pad_type != "valid" and any(pad)) or pad_type not in ("valid", "custom") or ceil_mode:
            raise ArtifactError(f"the Core ML program pads '{pad_type}' to average, which the evaluator does not know")
        return F.avg_pool2d(x, kernel_sizes, strides)

    def upsample(*, x: Any, scale_factor_height: float, scale_factor_width: float) -> Any:
        return F.interpolate(x, scale_factor=(scale_factor_height, scale_factor_width), mode="nearest")

    def upsample_bilinear(
        *, x: Any, scale_factor_height: float, scale_factor_width: float, align_corners: bool,
        half_pixel_centers: bool | None = None,
    ) -> Any:  # fmt: skip
        if align_corners or half_pixel_centers is False:
            raise ArtifactError("the Core ML program aligns corners to resize, which the evaluator does not know")
        scales = (scale_factor_height, scale_factor_width)  # a trifle too large, so that rounding down gives the size
        sides = [int(side * scale) for side, scale in zip(x.shape[2:], scales, strict=True)]
        return F.interpolate(x, sides, mode="bilinear", align_corners=False)

    return {
        "avg_pool": avg_pool,
        "conv": conv,
        "pixel_shuffle": lambda *, x, upscale_factor: F.pixel_shuffle(x, upscale_factor),
        "upsample_bilinear": upsample_bilinear,
        "upsample_nearest_neighbor": upsample,
    }


def _shape_operators() -> dict[str, Callable[..., Any]]:
    """Those that cut, join and reshape."""
    import torch
    import torch.nn.functional as F

    def concat(*, values: Any, axis: int, interleave: bool = False) -> Any:
        if interleave:
            raise ArtifactError("the Core ML program interleaves a concat, which the evaluator does not know")
        return torch.cat(values, axis)

    def pad(*, x: Any, pad: Any, mode: str = "constant", constant_val: float = 0.0) -> Any:
        pairs = [(pad[i], pad[i + 1]) for i in range(0, len(pad), 2)]
        if mode not in ("reflect", "constant") or any(pair != (0, 0) for pair in pairs[:-2]):
            raise ArtifactError(f"the Core ML program pads '{mode}' by {pad}, which the evaluator does not know")
        around = (*pairs[-1], *pairs[-2])
        return F.pad(x, around, "reflect") if mode == "reflect" else F.pad(x, around, value=constant_val)

    def slice_by_index(
        *, x: Any, begin: Any, end: Any, begin_mask: Any = None, end_mask: Any = None, **other: Any
    ) -> Any:
        if any(np.any(np.asarray(value) != (1 if name == "stride" else 0)) for name, value in other.items()):
            raise ArtifactError(f"the Core ML program slices by {other}, which the evaluator does not know")
        begins, ends = begin_mask or [False] * len(begin), end_mask or [False] * len(end)
        starts = [None if masked else start for start, masked in zip(begin, begins, strict=True)]
        stops = [None if masked else stop for stop, masked in zip(end, ends, strict=True)]
        return x[tuple(slice(start, stop) for start, stop in zip(starts, stops, strict=True))]

    def expand_dims(*, x: Any, axes: Any) -> Any:
        for axis in sorted(axes):
            x = x.unsqueeze(axis)
        return x

    return {
        "concat": concat,
        "expand_dims": expand_dims,
        "pad": pad,
        "reshape": lambda *, x, shape: x.reshape(shape),
        "slice_by_index": slice_by_index,
        "split": lambda *, x, split_sizes, axis: x.split(split_sizes, axis),
    }
