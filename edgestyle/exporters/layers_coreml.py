"""A precision for every layer in Core ML: float16, or a palette of 8, 6 or 4 bits."""

from pathlib import Path
from typing import Any

from edgestyle.errors import ExportError
from edgestyle.exporters.calibration import Calibration
from edgestyle.exporters.layers import LayerTable
from edgestyle.exporters.to_coreml import convert_coreml, palettize_layers, save_coreml, weight_names
from edgestyle.models import AnyRenderer


class CoreMLWorkbench:
    """One network, converted once and then written with many tables; see `Workbench`."""

    def __init__(
        self, renderer: AnyRenderer, sizes: list[int], metadata: dict[str, str], calibration: Calibration | None
    ) -> None:
        del calibration
        self._renderer, self._sizes, self._metadata = renderer, sizes, metadata
        self._models: dict[bool, Any] = {}  # by whether it has 4-bit palettes, which older systems cannot read

    def write(self, table: LayerTable, path: Path) -> None:
        """See `Workbench.write`."""
        grouped = "w4" in table.values()
        if grouped not in self._models:
            self._models[grouped] = convert_coreml(self._renderer, "w4" if grouped else "float16", self._sizes)
        names = weight_names(self._models[grouped], table)
        missing = {layer for layer, bits in table.items() if layer not in names and bits != "float16"}
        if missing:  # the converter joins small ones with what comes next, which stay as they are
            raise ExportError(f"the converted model has no weights for {', '.join(sorted(missing))}")
        palettes = {name: table[layer] for layer, name in names.items()}
        model = palettize_layers(self._models[grouped], palettes)
        save_coreml(model, path, self._renderer, self._metadata)
