"""A precision for every layer in TFLite."""

import contextlib
import io
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from numpy.typing import NDArray

from edgestyle.errors import ExportError
from edgestyle.exporters.calibration import Calibration, needed
from edgestyle.exporters.channels_last import order_channels_last
from edgestyle.exporters.layers import LayerTable, layers_of
from edgestyle.exporters.quantize_tflite import FoundRanges, measure_ranges, operator_code, quantize_operators
from edgestyle.exporters.to_tflite import convert_tflite, embed_metadata
from edgestyle.models import AnyRenderer
from edgestyle.quiet import quiet

_LAYERS = {
    schema.BuiltinOperator.CONV_2D,
    schema.BuiltinOperator.DEPTHWISE_CONV_2D,
    schema.BuiltinOperator.FULLY_CONNECTED,
}
Weight = NDArray[np.float32]


class TFLiteWorkbench:
    """One network, converted once and then written with many tables; see `Workbench`."""

    takes_bytes = False

    def __init__(
        self, renderer: AnyRenderer, sizes: list[int], metadata: dict[str, str], calibration: Calibration | None
    ) -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "float32.tflite"
            convert_tflite(renderer, self.takes_bytes, file, sizes)
            self._float32 = file.read_bytes()
        self._operators = find_operators(self._float32, renderer)
        self._sizes, self._metadata, self._calibration = sizes, metadata, calibration
        self._ranges: FoundRanges | None = None

    def write(self, table: LayerTable, path: Path) -> None:
        """See `Workbench.write`."""
        path.write_bytes(self._float32)
        with quiet(), contextlib.redirect_stdout(io.StringIO()):
            if "w8a8" in table.values() and self._ranges is None:
                calibration = needed(self._calibration)
                self._ranges = measure_ranges(path, calibration.by_signature(self._sizes), calibration.seed)
            operators = {name: table[layer] for layer, names in self._operators.items() for name in names}
            quantize_operators(path, operators, self._ranges)
        embed_metadata(path, self._metadata)


class TFLiteBytesWorkbench(TFLiteWorkbench):
    """The same for pictures of 8-bit pixels."""

    takes_bytes = True


def find_operators(file: bytes, renderer: AnyRenderer) -> dict[str, list[str]]:
    """Names of the tensors that come out of each layer's operators, one a signature.

    The converter's names say the same for blocks of different depth, so layers are known by their weights.

    Raises:
        ExportError: an operator's weights are none of the network's, or a layer has not one operator a signature.
    """
    model = schema.ModelT.InitFromPackedBuf(file, 0)
    layers = {_key(weight): name for name, weight in _weights(renderer)}
    found: dict[str, list[str]] = defaultdict(list)
    for graph in model.subgraphs:
        for operator in graph.operators:
            if operator_code(model, operator) in _LAYERS:
                weight = model.buffers[graph.tensors[operator.inputs[1]].buffer].data
                name = graph.tensors[operator.outputs[0]].name.decode()
                key = b"" if weight is None else _key(np.asarray(weight, np.uint8).view(np.float32))
                if key not in layers:
                    raise ExportError(f"the converted file computes '{name:.80}' with weights of no layer")
                found[layers[key]].append(name)
    wrong = [name for name in layers.values() if len(found[name]) != len(model.subgraphs)]
    if wrong or len(layers) != len(layers_of(renderer)):
        raise ExportError(f"the converted file cannot be told apart by layer: {', '.join(wrong) or 'equal weights'}")
    return dict(found)


def _weights(renderer: AnyRenderer) -> Iterator[tuple[str, Weight]]:
    """Each layer's weights as TFLite stores them: `[O,H,W,I]`, depthwise `[1,H,W,O]`, fully connected `[O,I]`."""
    turned = order_channels_last(renderer)
    for layer in layers_of(turned):
        weight = turned.get_parameter(f"{layer.name}.weight").detach().numpy()
        if weight.ndim == 4:
            depthwise = weight.shape[1] == 1 and weight.shape[0] > 1
            weight = weight.transpose((1, 2, 3, 0) if depthwise else (0, 2, 3, 1))
        yield layer.name, weight


def _key(weight: Weight) -> bytes:
    return np.ascontiguousarray(weight, np.float32).tobytes()
