"""A precision for every layer in TFLite."""

import contextlib
import io
import tempfile
from pathlib import Path

from edgestyle.exporters.balancing import balance
from edgestyle.exporters.calibration import Calibration, needed
from edgestyle.exporters.layers import LayerTable
from edgestyle.exporters.operators_tflite import find_operators
from edgestyle.exporters.quantize_tflite import FoundRanges, measure_ranges, quantize_operators
from edgestyle.exporters.to_tflite import convert_tflite, embed_metadata
from edgestyle.models import AnyRenderer
from edgestyle.quiet import quiet


class TFLiteWorkbench:
    """One network, converted once and then written with many tables; see `Workbench`."""

    takes_bytes = False

    def __init__(
        self, renderer: AnyRenderer, sizes: list[int], metadata: dict[str, str], calibration: Calibration | None
    ) -> None:
        network = balance(renderer)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "float32.tflite"
            convert_tflite(network, self.takes_bytes, file, sizes)
            self._float32 = file.read_bytes()
        self._operators = find_operators(self._float32, network)
        self._sizes, self._metadata, self._calibration = sizes, metadata, calibration
        self._ranges: FoundRanges | None = None

    def write(self, table: LayerTable, path: Path) -> None:
        """See `Workbench.write`."""
        path.write_bytes(self._float32)
        with quiet(), contextlib.redirect_stdout(io.StringIO()):
            if "w8a8" in table.values() and self._ranges is None:
                calibration = needed(self._calibration)
                self._ranges = measure_ranges(path, calibration.by_signature(self._sizes), calibration.ranges)
            operators = {name: table[layer] for layer, names in self._operators.items() for name in names}
            quantize_operators(path, operators, self._ranges)
        embed_metadata(path, self._metadata)


class TFLiteBytesWorkbench(TFLiteWorkbench):
    """The same for pictures of 8-bit pixels."""

    takes_bytes = True
