"""A precision for every layer in ONNX."""

from pathlib import Path

import onnx

from edgestyle.exporters.balancing import balance
from edgestyle.exporters.calibration import Calibration, needed
from edgestyle.exporters.layers import LayerTable
from edgestyle.exporters.quantize_onnx import measure_ranges, quantize_layers
from edgestyle.exporters.ranges import Clipped
from edgestyle.exporters.to_onnx import save_onnx, trace_onnx
from edgestyle.models import AnyRenderer


class OnnxWorkbench:
    """One network, converted once and then written with many tables; see `Workbench`."""

    def __init__(
        self, renderer: AnyRenderer, sizes: list[int], metadata: dict[str, str], calibration: Calibration | None
    ) -> None:
        self._model = trace_onnx(balance(renderer))
        self._size, self._metadata, self._calibration = sizes[0], metadata, calibration
        self._ranges: Clipped | None = None

    def write(self, table: LayerTable, path: Path) -> None:
        """See `Workbench.write`."""
        model = onnx.ModelProto()
        model.CopyFrom(self._model)
        if "w8a8" in table.values() and self._ranges is None:
            calibration = needed(self._calibration)
            samples = calibration.inputs(self._size, self._size)
            self._ranges = measure_ranges(self._model, samples, calibration.ranges)
        save_onnx(quantize_layers(model, table, self._ranges), path, self._metadata)
