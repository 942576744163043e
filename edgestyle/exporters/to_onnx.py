"""Export a renderer to ONNX: opset 17, free height and width, for ONNX Runtime on phones and in browsers."""

import copy
import io
from pathlib import Path

import onnx
import torch
from torch import Tensor, nn

from edgestyle.exporters.calibration import Calibration, needed
from edgestyle.exporters.quantize_onnx import quantize_convolutions, quantize_weights
from edgestyle.models import AnyRenderer
from edgestyle.models.renderer import blend, example_inputs
from edgestyle.quiet import quiet

OPSET = 17
IR_VERSION = 8  # what opset 17 was released with; older phone and browser runtimes read it


def export_onnx(
    renderer: AnyRenderer,
    path: Path,
    recipe: str,
    sizes: list[int],
    metadata: dict[str, str],
    calibration: Calibration | None = None,
) -> None:
    """Write `renderer` as an `.onnx` file.

    Args:
        renderer: the network, in eval mode.
        path: file to write.
        recipe: a name in `RECIPES` that ONNX can do.
        sizes: height and width stay free; calibration is done at the first of them.
        metadata: goes into the file's `metadata_props`.
        calibration: what "w8a8" measures activations on.

    Raises:
        CalibrationError: "w8a8" is asked for without a calibration, or an activation is not finite.
    """
    network = HalfResidual(renderer) if recipe == "float16" else renderer
    model = trace_onnx(network)
    if recipe == "w8":
        model = quantize_weights(model)
    elif recipe == "w8a8":
        model = quantize_convolutions(model, needed(calibration), sizes[0])
    save_onnx(model, path, metadata)


def trace_onnx(network: "AnyRenderer | HalfResidual") -> onnx.ModelProto:
    """The network as an ONNX model with free height and width; weights keep their names in the network."""
    free, file = {2: "height", 3: "width"}, io.BytesIO()
    with quiet():  # the tracing exporter announces its successor, which reaches opset 17 only by a second conversion
        torch.onnx.export(
            network,
            example_inputs(network.config, 64, 64),
            file,  # type: ignore[arg-type]  # the tracing exporter takes it, the newer one does not
            input_names=["image", "style", "strength"],
            output_names=["stylized"],
            dynamic_axes={"image": free, "stylized": free},
            opset_version=OPSET,
            dynamo=False,
        )
    return onnx.load_from_string(file.getvalue())


def save_onnx(model: onnx.ModelProto, path: Path, metadata: dict[str, str]) -> None:
    """Check a model and write it as the contract wants it; it is changed."""
    model.ir_version = IR_VERSION
    _name_every_input(model.graph)
    del model.metadata_props[:]
    del model.graph.value_info[:]  # shapes that quantizers leave behind, 7 KB; runtimes infer them
    onnx.helper.set_model_props(model, metadata)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)


def _name_every_input(graph: onnx.GraphProto) -> None:
    """Give `Resize` the empty region that it may do without: checkers take an input without a name for a free shape."""
    unnamed = [node for node in graph.node if node.op_type == "Resize" and len(node.input) > 1 and not node.input[1]]
    for node in unnamed:
        node.input[1] = "no_region"
    if unnamed:
        graph.initializer.append(onnx.helper.make_tensor("no_region", onnx.TensorProto.FLOAT, [0], []))


class HalfResidual(nn.Module):
    """The renderer with its residual in float16; skip, strength and clamps stay float32."""

    def __init__(self, renderer: AnyRenderer) -> None:
        super().__init__()
        self.renderer = copy.deepcopy(renderer).half()
        self.config = renderer.config

    def forward(self, image: Tensor, style: Tensor, strength: Tensor) -> Tensor:
        strength = strength.clamp(0, 1).reshape(-1, 1)
        residual = self.renderer.residual(image.half(), style.half(), strength.half()).float()
        return blend(image, residual, strength)
