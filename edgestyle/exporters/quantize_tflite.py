"""Quantize a TFLite file with AI Edge Quantizer; `image`, `strength` and the final addition are not touched."""

from pathlib import Path

from edgestyle.quiet import quiet

with quiet():  # it announces what it could not load of optional libraries
    from ai_edge_quantizer import qtyping, quantizer
    from ai_edge_quantizer.algorithm_manager import AlgorithmName

_CONVOLUTIONS = (qtyping.TFLOperationName.CONV_2D, qtyping.TFLOperationName.DEPTHWISE_CONV_2D)
_LAYERS = (*_CONVOLUTIONS, qtyping.TFLOperationName.FULLY_CONNECTED)


def store_weights_as_float16(path: Path) -> None:
    """Rewrite the file with float16 weights behind `DEQUANTIZE`, so that arithmetic is what the delegate likes."""
    tool = quantizer.Quantizer(str(path))
    weights = qtyping.TensorQuantizationConfig(num_bits=16, dtype=qtyping.TensorDataType.FLOAT)
    tool.update_quantization_recipe(
        regex=".*",
        operation_name=qtyping.TFLOperationName.ALL_SUPPORTED,
        op_config=qtyping.OpQuantizationConfig(
            weight_tensor_config=weights, compute_precision=qtyping.ComputePrecision.FLOAT, explicit_dequantize=True
        ),
        algorithm_key=AlgorithmName.FLOAT_CASTING,
    )
    tool.quantize().export_model(str(path), overwrite=True)


def store_weights_as_int8(path: Path) -> None:
    """Rewrite the file with int8 weights, a scale per output channel, behind `DEQUANTIZE`; arithmetic stays float32."""
    tool = quantizer.Quantizer(str(path))
    for layer in _LAYERS:
        tool.add_weight_only_config(".*", layer, 8)
    tool.quantize().export_model(str(path), overwrite=True)
