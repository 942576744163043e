"""Export to ONNX: opset 17, for ONNX Runtime on phones and in browsers; a renderer with free height and width."""

import copy
import io
from pathlib import Path

import onnx
import torch
from torch import Tensor, nn

from edgestyle.contract import REFERENCE_SIDE
from edgestyle.exporters.balancing import balance
from edgestyle.exporters.calibration import Calibration, needed
from edgestyle.exporters.narrow_onnx import narrow
from edgestyle.exporters.pads_onnx import absorb_pads
from edgestyle.exporters.pixel_rows import lay_pixels_in_a_row
from edgestyle.exporters.quantize_onnx import quantize_convolutions, quantize_weights
from edgestyle.exporters.recipes import RECIPES
from edgestyle.exporters.tidy_onnx import tidy
from edgestyle.models import AnyEncoder, AnyRenderer
from edgestyle.models.inversion import InversionEncoder
from edgestyle.models.renderer import blend, example_inputs
from edgestyle.models.upscaler import SteadyUpscaler
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
    network = balance(renderer) if RECIPES[recipe].rows_of_int8 else renderer
    model = trace_onnx(HalfResidual(network) if recipe == "float16" else network)
    if recipe == "w8":
        model = quantize_weights(model, exact=renderer.exact_layers)
    elif recipe == "w8a8":
        samples = needed(calibration).inputs(sizes[0], sizes[0])
        model = quantize_convolutions(model, samples, needed(calibration).ranges, renderer.exact_layers)
    save_onnx(model, path, metadata)


def trace_onnx(network: "AnyRenderer | HalfResidual") -> onnx.ModelProto:
    """The network as an ONNX model with free height and width; weights keep their names in the network."""
    free, inputs = {2: "height", 3: "width"}, example_inputs(network.config, 64, 64)
    names, output = ["image", "style", "strength"], "stylized"
    if isinstance(network, HalfResidual):
        network.renderer = lay_pixels_in_a_row(network.renderer)
    else:
        network = lay_pixels_in_a_row(network)
    return trace_graph(network, inputs, names, output, {"image": free, output: free})


def export_encoder(
    encoder: AnyEncoder,
    path: Path,
    recipe: str,
    metadata: dict[str, str],
    calibration: Calibration | None = None,
) -> None:
    """Write `encoder` as an `.onnx` file; arguments and errors as for `export_onnx`, the photos are its references."""
    model = trace_encoder(HalfEncoder(encoder) if recipe == "float16" else encoder)
    if recipe == "w8":
        model = quantize_weights(model, exact=encoder.exact_layers)
    elif recipe == "w8a8":
        samples = needed(calibration).references()
        model = quantize_convolutions(model, samples, needed(calibration).ranges, encoder.exact_layers)
    save_onnx(model, path, metadata)


def trace_encoder(network: "AnyEncoder | HalfEncoder") -> onnx.ModelProto:
    """The network as an ONNX model; weights keep their names in the network."""
    return trace_graph(network, (torch.rand(1, 3, REFERENCE_SIDE, REFERENCE_SIDE),), ["reference"], "style")


def export_upscaler(network: SteadyUpscaler, path: Path, recipe: str, side: int, metadata: dict[str, str]) -> None:
    """Write an upscaler as an `.onnx` file for square tiles.

    Args:
        network: in eval mode.
        path: file to write.
        recipe: "float32", or "float16", which computes the network in float16 and what steadies its picture in float32.
        side: of the tiles that it takes, with their margin.
        metadata: goes into the file's `metadata_props`.
    """
    save_onnx(trace_upscaler(HalfUpscaler(network) if recipe == "float16" else network, side), path, metadata)


def trace_upscaler(network: "SteadyUpscaler | HalfUpscaler", side: int | None = None) -> onnx.ModelProto:
    """The network as an ONNX model with free height and width, or for one size; weights keep their names in it."""
    free = {"image": {2: "height", 3: "width"}, "enlarged": {2: "enlarged_height", 3: "enlarged_width"}}
    tile = torch.rand(1, 3, side or 32, side or 32)
    return trace_graph(network, (tile,), ["image"], "enlarged", {} if side else free)


def trace_graph(
    network: nn.Module,
    inputs: tuple[Tensor, ...],
    names: list[str],
    output: str,
    free: dict[str, dict[int, str]] | None = None,
) -> onnx.ModelProto:
    """Any network as an ONNX model; weights keep their names in the network.

    Args:
        network: in eval mode, with one output.
        inputs: examples.
        names, output: what to call them.
        free: by name, axes of any length and what to call those.
    """
    file = io.BytesIO()
    with quiet():  # the tracing exporter announces its successor, which reaches opset 17 only by a second conversion
        torch.onnx.export(
            network,
            inputs,
            file,  # type: ignore[arg-type]  # the tracing exporter takes it, the newer one does not
            input_names=names,
            output_names=[output],
            dynamic_axes=free or {},
            opset_version=OPSET,
            dynamo=False,
        )
    model = onnx.load_from_string(file.getvalue())
    absorb_pads(model)
    return model


def save_onnx(model: onnx.ModelProto, path: Path, metadata: dict[str, str]) -> None:
    """Check a model and write it as the contract wants it; it is changed."""
    model.ir_version = IR_VERSION
    _name_every_input(model.graph)
    narrow(model.graph)
    tidy(model.graph)
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


class HalfEncoder(nn.Module):
    """An encoder in float16, or in as much of it as it bears, between a picture and a vector in float32."""

    def __init__(self, encoder: AnyEncoder | InversionEncoder) -> None:
        super().__init__()
        self.encoder = copy.deepcopy(encoder)
        self.whole = not self.encoder.float32_layers
        if self.whole:
            self.encoder.half()
        for name, layer in self.encoder.named_modules():
            if isinstance(layer, nn.Conv2d) and name not in encoder.float32_layers:
                layer.half()

    def forward(self, reference: Tensor) -> Tensor:
        vector: Tensor = self.encoder(reference.half() if self.whole else reference)
        return vector.float()


class HalfUpscaler(nn.Module):
    """An upscaler whose network is in float16; what steadies its picture stays float32."""

    def __init__(self, upscaler: SteadyUpscaler) -> None:
        super().__init__()
        self.network, self.upscaler = copy.deepcopy(upscaler.network).half(), upscaler

    def forward(self, image: Tensor) -> Tensor:
        return self.upscaler.steady(self.network(image.half()).float(), image)
