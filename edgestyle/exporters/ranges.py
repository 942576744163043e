"""How far activations reach: what lies beyond all but a few values is clipped.

True minima and maxima waste int8's 256 steps on a handful of values: with them `atelier` came to 38.0 dB, with all but
the outer 0.01% at either end to 41.0 dB (both in ONNX Runtime at 512x512 and strength 1, calibrated on the bundled
photos, measured on the eight test photos).
Leaving out more gains little in the mean and costs the worst style its highlights. A moving average of minima and
maxima, as AI Edge Quantizer keeps one by default, stops short of what few samples reach, such as full strength.
"""

import contextlib
import io
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from onnxruntime.quantization.calibrate import HistogramCollector

from edgestyle.errors import CalibrationError
from edgestyle.images import Floats

PERCENTILE = 99.98
METHOD = f"percentile {PERCENTILE} of a histogram"
_BINS = 4096
_VALUES = 8192  # drawn from each activation of each sample
_NARROWEST = 1e-3  # of a channel that is always 0: XNNPACK refuses scales that are as good as 0

Clipped = dict[str, tuple[np.float32, np.float32]]  # lowest and highest value to represent, by activation


class Ranges:
    """Histograms of named activations over many samples; ONNX Runtime's collector keeps them.

    Args:
        seed: of the values that are drawn from large activations.
    """

    def __init__(self, seed: int = 0) -> None:
        self._rng = np.random.default_rng(seed)
        self._collector = HistogramCollector("percentile", False, _BINS, 0, PERCENTILE, "same")

    def observe(self, values: Mapping[str, Floats]) -> None:
        """Count activations of any shape.

        Raises:
            CalibrationError: a value is not finite.
        """
        for name, value in values.items():
            if not np.isfinite(value).all():
                raise CalibrationError(f"activation '{name}' has values that are not finite: the network is damaged")
        with contextlib.redirect_stdout(io.StringIO()):  # it tells of every call
            self._collector.collect({name: self._draw(value) for name, value in values.items()})

    def clipped(self) -> Clipped:
        """Lowest and highest value to represent, by name; 0 is always between them, and they are never the same."""
        with contextlib.redirect_stdout(io.StringIO()):
            found = self._collector.compute_percentile()
        ends = {name: (min(low, 0.0), max(high, 0.0)) for name, (low, high, *_) in found.items()}
        return {name: (_float(low), _float(max(high, low + _NARROWEST))) for name, (low, high) in ends.items()}

    def _draw(self, value: Floats) -> NDArray[np.float32]:
        flat = value.reshape(-1)
        return flat if len(flat) <= _VALUES else flat[self._rng.integers(0, len(flat), _VALUES)]


def _float(value: float) -> np.float32:
    return np.float32(value)
