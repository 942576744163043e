"""Quantize an ONNX model with ONNX Runtime's own tools; `image`, `strength` and the final addition are not touched."""

from typing import Any

import onnx
from onnxruntime.quantization import QuantType
from onnxruntime.quantization.qdq_quantizer import QDQQuantizer

from edgestyle.quiet import quiet

_LAYERS = ["Conv", "Gemm"]


def quantize_weights(model: onnx.ModelProto, layers: list[str] | None = None) -> onnx.ModelProto:
    """The model with int8 weights, a scale per output channel, each behind a `DequantizeLinear`; activations as before.

    Args:
        model: float32; it is changed.
        layers: which operators' weights; convolutions and fully-connected layers by default.
    """
    int8 = QuantType.QInt8
    with quiet():
        tool = _WeightsOnly(model, True, False, int8, int8, None, None, None, layers or _LAYERS, {})
        tool.quantize_model()
    tool.model.topological_sort()  # the tool appends what it adds
    return tool.model.model


class _WeightsOnly(QDQQuantizer):  # type: ignore[misc]  # the library has no types
    """ONNX Runtime's quantizer, told to leave activations and biases alone."""

    def quantize_activation_tensor(self, *arguments: Any, **options: Any) -> None:
        pass

    def quantize_bias_tensor(self, *arguments: Any, **options: Any) -> None:
        pass
