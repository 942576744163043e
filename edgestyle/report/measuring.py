"""Measure exported files side by side: how close, how fast here, what they compute in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import numpy as np
import torch

from edgestyle.bench.measuring import measure_interleaved_ms
from edgestyle.bench.statistics import LatencySummary, summarise
from edgestyle.errors import ArtifactError, PictureError
from edgestyle.exporters.inspection import Precisions, convolves_in_int8, count_precisions, damage
from edgestyle.exporters.parity import parity_photo, parity_photos
from edgestyle.images import PICTURE_SUFFIXES, Floats, Pixels, middle_square, read_picture, resize, to_floats, to_pixels
from edgestyle.models import AnyRenderer
from edgestyle.packs.pack import Style
from edgestyle.quality.fidelity import psnr_db, ssim
from edgestyle.report.analyzer import ask_tensorflow
from edgestyle.report.readiness import Readiness, check_readiness
from edgestyle.report.xnnpack import check_xnnpack
from edgestyle.runtime.runner import Runner, can_time, open_runner
from edgestyle.sidecar import read_sidecar

STRENGTHS = (0.5, 1.0)


@dataclass(frozen=True)
class Closeness:
    """A style at a strength against the torch network in float32, averaged over photos; infinite PSNR for equality."""

    style: str
    strength: float
    psnr_db: float
    ssim: float


@dataclass(frozen=True)
class Worst:
    """The picture with the lowest PSNR: what it is of, what the network and the file make of it, `[1,3,H,W]`."""

    style: str
    strength: float
    photo: str
    psnr_db: float
    expected: Floats
    got: Floats


@dataclass(frozen=True)
class FileReport:
    """All that is measured of one exported file.

    Attributes:
        name, format, recipe, size_bytes: from its sidecar.
        int8: whether its graph computes all convolutions in 8-bit integers.
        precisions: its operators by what they compute in.
        closeness: one entry a style and strength.
        worst: of all pictures.
        readiness: one entry an accelerator.
        runtime: what ran it.
        pixels: whether it takes and gives 8-bit pixels.
        latency: None where this machine cannot run it natively, or nothing was timed.
    """

    name: str
    format: str
    recipe: str
    size_bytes: int
    int8: bool
    precisions: Precisions
    closeness: tuple[Closeness, ...]
    worst: Worst
    readiness: tuple[Readiness, ...]
    runtime: str
    latency: LatencySummary | None = None
    pixels: bool = False

    def mean_psnr_db(self, strength: float) -> float:
        """Mean over styles at one of `STRENGTHS`."""
        return fmean(one.psnr_db for one in self.closeness if one.strength == strength)

    @property
    def worst_style(self) -> Closeness:
        """The style and strength with the lowest mean PSNR."""
        return min(self.closeness, key=lambda one: one.psnr_db)


def report_photos(size: int) -> dict[str, Pixels]:
    """The eight bundled crops at this size, by name."""
    return {name: to_pixels(parity_photo(name, size, size)) for name in parity_photos()}


def folder_photos(folder: Path, size: int) -> dict[str, Pixels]:
    """The middle squares of a folder's pictures at this size, by name, `uint8 [S,S,3]`; read one at a time.

    Raises:
        PictureError: the folder is missing or holds no picture, or a picture cannot be read.
    """
    if not folder.is_dir():
        raise PictureError(f"no such folder of photos: {folder}; give one with pictures, or leave --photos out")
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in PICTURE_SUFFIXES)
    if not found:
        raise PictureError(f"no picture in {folder}")
    return {str(path.relative_to(folder)): _square(path, size) for path in found}


def _square(path: Path, size: int) -> Pixels:
    return resize(middle_square(read_picture(path).pixels), size, size)


def measure_file(
    path: Path,
    renderer: AnyRenderer,
    styles: list[Style],
    photos: Mapping[str, Pixels],
    advance: Callable[[], object] = lambda: None,
    tensorflow: Path | None = None,
) -> FileReport:
    """Measure everything but the time.

    Args:
        path: the file, with its sidecar beside it.
        renderer: the network it was exported from.
        styles: to draw.
        photos: square ones, `uint8 [S,S,3]`, of a size that the file takes.
        advance: called after each style.
        tensorflow: a Python with TensorFlow whose Analyzer judges TFLite files; None goes by the list of rules.

    Raises:
        ArtifactError: the file or its sidecar is missing or damaged, or a picture is not finite.
    """
    sidecar, runner = read_sidecar(path), open_runner(path)
    closeness, worst = [], None
    for style in styles:
        for strength in STRENGTHS:
            pairs = [_draw(name, photo, style, strength, renderer, runner) for name, photo in photos.items()]
            lowest = min(pairs, key=lambda pair: pair.psnr_db)
            worst = lowest if worst is None or lowest.psnr_db < worst.psnr_db else worst
            similar = fmean(ssim(torch.from_numpy(p.got), torch.from_numpy(p.expected)) for p in pairs)
            closeness.append(Closeness(style.name, strength, fmean(p.psnr_db for p in pairs), similar))
        advance()
    if worst is None:
        raise ArtifactError(f"nothing to compare {path} on: no style or no photo")
    size = worst.expected.shape[-1]
    return FileReport(
        name=path.name,
        format=sidecar["format"],
        recipe=sidecar["recipe"],
        size_bytes=sidecar["size_bytes"],
        int8=convolves_in_int8(path),
        precisions=count_precisions(path),
        closeness=tuple(closeness),
        worst=worst,
        readiness=_readiness(path, size, tensorflow),
        runtime=runner.runtime,
        pixels=sidecar["format"] == "tflite" and runner.pixel_input,
    )


def time_files(paths: list[Path], style: Style, size: int, rounds: int, threads: int = 1) -> dict[str, LatencySummary]:
    """Latencies by file name, all in this process and in turns; without those this machine cannot run natively."""
    image = np.random.default_rng(0).random((1, 3, size, size), dtype=np.float32)
    runners = {path.name: open_runner(path, threads) for path in paths if can_time(path)}
    calls = {name: runner.bind(image, style.as_input(), 1.0) for name, runner in runners.items()}
    return {name: summarise(samples) for name, samples in measure_interleaved_ms(calls, rounds).items()}


def _readiness(path: Path, size: int, tensorflow: Path | None) -> tuple[Readiness, ...]:
    if path.suffix != ".tflite":
        return tuple(check_readiness(path, size))
    gpu = [ask_tensorflow(path, tensorflow)] if tensorflow else check_readiness(path, size)
    with damage(path):
        return (*gpu, check_xnnpack(path))


def _draw(name: str, photo: Pixels, style: Style, strength: float, renderer: AnyRenderer, runner: Runner) -> Worst:
    image = to_floats(photo)
    with torch.no_grad():
        vector = torch.from_numpy(style.as_input())
        expected = renderer(torch.from_numpy(image), vector, torch.tensor([strength])).numpy()
    got = runner.run(image, style.as_input(), strength)
    if not np.isfinite(got).all():
        raise ArtifactError(f"the file draws numbers that are not finite in style '{style.name}'")
    return Worst(style.name, strength, name, psnr_db(torch.from_numpy(got), torch.from_numpy(expected)), expected, got)
