"""Files with a precision for every layer, tried out: how large they are and how far their pictures are off.

Measurements are kept in a small JSON as they are made, so that an interrupted search goes on where it was.
"""

import hashlib
import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from edgestyle.exporters.calibration import Calibration
from edgestyle.exporters.layers import Layer, LayerTable
from edgestyle.exporters.tally import RATED
from edgestyle.exporters.workbenches import Workbench, conversion_errors
from edgestyle.images import Floats, resize, to_floats, whole_file
from edgestyle.models import AnyRenderer
from edgestyle.runtime.runner import open_runner
from edgestyle.sidecar import file_size_bytes

SIDE = 256  # of the pictures that are compared
_MOST_PICTURES = 64
_LEAST_PHOTOS = 2
_FLOOR = 1e-14  # of a mean square: 140 dB, float32's own rounding
_VERSION = 2  # 1: before weights were balanced
_MAX_STORE_BYTES = 2**25
_MAX_FILE_BYTES = 2**40
Write = Callable[[Path], None]
Noise = NDArray[np.float64]  # mean squared difference to the network, [photos, styles, strengths 0.5 and 1]


@dataclass(frozen=True)
class Trial:
    """What a table of precisions comes to.

    Attributes:
        table: precision by layer.
        size_bytes: of the exported file.
        noise: mean squared difference to the network in float32.
    """

    table: LayerTable
    size_bytes: int
    noise: Noise

    @property
    def mean_psnr_db(self) -> float:
        """Mean PSNR over photos and styles, at the worse of strength 0.5 and 1."""
        return float(self._styles_db().mean(0).min())

    @property
    def style_psnr_db(self) -> float:
        """The same of the worst style alone."""
        return float(self._styles_db().min())

    def reaches(self, mean_db: float, style_db: float) -> bool:
        """Whether both are at least so high."""
        return self.mean_psnr_db >= mean_db and self.style_psnr_db >= style_db

    def _styles_db(self) -> Noise:
        by_style: Noise = (-10 * np.log10(np.maximum(self.noise, _FLOOR))).mean(0)
        return by_style


class Trials:
    """Tries tables out, each once.

    Args:
        renderer: the network.
        layers: of the network, in order.
        calibration: photos and styles to compare on; of the photos as many as make 64 pictures, at least two.
        small: writes files for pictures of `SIDE` pixels.
        full: writes the files whose size counts, where that is another.
        suffix: of the files.
        store: the JSON to keep measurements in.
        identity: what measurements depend on; kept ones of another identity are dropped.
    """

    def __init__(
        self,
        renderer: AnyRenderer,
        layers: list[Layer],
        calibration: Calibration,
        small: Workbench,
        full: Workbench | None,
        suffix: str,
        store: Path,
        identity: Mapping[str, Any],
    ) -> None:
        self._names = [layer.name for layer in layers]
        self._styles = [style.as_input() for style in calibration.styles]
        wanted = max(_MOST_PICTURES // (len(self._styles) * len(RATED)), _LEAST_PHOTOS)
        self._photos = [to_floats(resize(photo.pixels, SIDE, SIDE)) for photo in calibration.photos[:wanted]]
        self._shape = (len(self._photos), len(self._styles), len(RATED))
        self._small, self._full, self._suffix = small, full, suffix
        self._renderer, self._expected = renderer, dict[tuple[int, int, int], Floats]()
        self._store, self._identity = store, json.loads(json.dumps(identity))
        self._kept = _read_store(store, self._identity, self._shape)
        self._seen: dict[str, Trial] = {}

    @property
    def done(self) -> list[Trial]:
        """Everything that was asked for so far, once."""
        return list(self._seen.values())

    def measure(self, table: LayerTable) -> Trial:
        """Try a table out, or remember how it came out.

        Raises:
            ArtifactError: the runtime does not run the file.
            CalibrationError, ExportError: as for `Workbench.write`.
            OutputError: the measurement cannot be kept.
        """
        key = ",".join(table[name] for name in self._names)
        size_bytes, noise = self._keep(key, lambda: self._try(table))
        if key not in self._seen:
            self._seen[key] = Trial(dict(table), size_bytes, noise)
        return self._seen[key]

    def measure_recipe(self, name: str, table: LayerTable, write: Write, write_full: Write | None) -> Trial:
        """The same for a recipe that is no choice by layer of the network's own weights; it is not among `done`.

        Args:
            name: of the recipe.
            table: precision by layer; empty where that does not say what it is.
            write: writes the file for pictures of `SIDE` pixels.
            write_full: writes the file whose size counts, where that is another.
        """
        return Trial(table, *self._keep(f"recipe {name}", lambda: self._measure(write, write_full)))

    def _keep(self, key: str, make: Callable[[], tuple[int, Noise]]) -> tuple[int, Noise]:
        if key not in self._kept:
            size, noise = make()
            self._kept[key] = size, _rounded(noise)  # as it will be read again, so that a resumed search decides alike
            _write_store(self._store, self._identity, self._kept)
        return self._kept[key]

    def _try(self, table: LayerTable) -> tuple[int, Noise]:
        full = self._full
        return self._measure(
            lambda path: self._small.write(table, path), (lambda path: full.write(table, path)) if full else None
        )

    def _measure(self, write: Write, write_full: Write | None) -> tuple[int, Noise]:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / f"trial{self._suffix}"
            with conversion_errors(file.name):
                write(file)
            size, runner = file_size_bytes(file), open_runner(file)
            noise = np.zeros(self._shape)
            for photo, style, strength in np.ndindex(*self._shape):
                got = runner.run(self._photos[photo], self._styles[style], RATED[strength])
                difference = got - self._expect(photo, style, strength)
                noise[photo, style, strength] = np.square(difference, dtype=np.float64).mean()
            if write_full is not None:
                other = Path(folder) / f"sized{self._suffix}"
                with conversion_errors(other.name):
                    write_full(other)
                size = file_size_bytes(other)
        return size, np.nan_to_num(noise, nan=1.0, posinf=1.0)

    def _expect(self, photo: int, style: int, strength: int) -> Floats:
        """What the network draws, computed once."""
        key = (photo, style, strength)
        if key not in self._expected:
            inputs = torch.from_numpy(self._photos[photo]), torch.from_numpy(self._styles[style])
            with torch.no_grad():
                self._expected[key] = self._renderer(*inputs, torch.tensor([RATED[strength]])).numpy()
        return self._expected[key]


def fingerprint(value: object) -> str:
    """sha256 of a value's JSON."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def _read_store(path: Path, identity: Mapping[str, Any], shape: tuple[int, int, int]) -> dict[str, tuple[int, Noise]]:
    """Kept measurements; none where the file is missing, damaged or of something else: they can be made again."""
    try:
        if path.stat().st_size > _MAX_STORE_BYTES:
            return {}
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["version"] != _VERSION or data["identity"] != identity:
            return {}
        return {key: _checked(one["size_bytes"], one["noise"], shape) for key, one in data["trials"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return {}


def _checked(size: object, noise: object, shape: tuple[int, int, int]) -> tuple[int, Noise]:
    values = np.asarray(noise, np.float64)
    if type(size) is not int or not 1 <= size <= _MAX_FILE_BYTES or not np.isfinite(values).all() or (values < 0).any():
        raise ValueError("no measurement")
    return size, values.reshape(shape)


def _rounded(noise: Noise) -> Noise:
    """To six digits, which keeps the store small."""
    return np.array([float(f"{value:.6g}") for value in noise.ravel()]).reshape(noise.shape)


def _write_store(path: Path, identity: Mapping[str, Any], kept: Mapping[str, tuple[int, Noise]]) -> None:
    trials = {key: {"size_bytes": size, "noise": noise.ravel().tolist()} for key, (size, noise) in kept.items()}
    with whole_file(path) as temporary:
        temporary.write_text(json.dumps({"version": _VERSION, "identity": identity, "trials": trials}) + "\n")
