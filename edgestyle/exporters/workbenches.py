"""Where files with a precision for every layer are made; one class a format."""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from edgestyle.errors import EdgestyleError, ExportError, MissingExtraError
from edgestyle.exporters.calibration import Calibration
from edgestyle.exporters.layers import LayerTable
from edgestyle.models import AnyRenderer


class Workbench(Protocol):
    """One network, converted once for some picture sizes and then written with many tables."""

    def write(self, table: LayerTable, path: Path) -> None:
        """Write the file that the table asks for, its metadata inside.

        Args:
            table: a precision for every layer, one that the format has.
            path: the file.

        Raises:
            CalibrationError: a layer is to be "w8a8" and there is no calibration, or an activation is not finite.
            ExportError: a converted layer cannot be told from another.
        """
        ...


# format and kind of pictures -> (module, class, package it needs)
WORKBENCHES: dict[tuple[str, str], tuple[str, str, str]] = {
    ("onnx", "float32"): ("edgestyle.exporters.layers_onnx", "OnnxWorkbench", "onnx"),
    ("tflite", "float32"): ("edgestyle.exporters.layers_tflite", "TFLiteWorkbench", "litert_torch"),
    ("tflite", "uint8"): ("edgestyle.exporters.layers_tflite", "TFLiteBytesWorkbench", "litert_torch"),
    ("coreml", "float32"): ("edgestyle.exporters.layers_coreml", "CoreMLWorkbench", "coremltools"),
}


def open_workbench(
    format_name: str,
    io: str,
    renderer: AnyRenderer,
    sizes: list[int],
    metadata: dict[str, str],
    calibration: Calibration | None,
) -> Workbench:
    """Convert a network for many tables.

    Args:
        format_name: a name in `FORMATS`.
        io: "float32", or "uint8" for pictures of 8-bit pixels.
        renderer: the network, in eval mode.
        sizes: sides of the pictures; calibration is done at them.
        metadata: goes into every file.
        calibration: what "w8a8" measures activations on.

    Raises:
        ExportError: the conversion failed.
        MissingExtraError: the converter is not installed.
    """
    module, name, package = WORKBENCHES[format_name, io]
    try:
        maker = getattr(importlib.import_module(module), name)
    except ImportError as error:
        raise MissingExtraError(package, "export") from error
    with conversion_errors(format_name):
        workbench: Workbench = maker(renderer, sizes, metadata, calibration)
    return workbench


@contextmanager
def conversion_errors(what: str) -> Iterator[None]:
    """Converters raise errors of many classes, which all become ExportError; `what` they were to make."""
    try:
        yield
    except EdgestyleError:
        raise
    except Exception as error:
        raise ExportError(f"converting to {what} failed: {error}") from error
