"""Export a pack: build each file aside, pass the parity gate, then move it and its sidecar into place."""

import importlib
import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

from edgestyle.contract import CONTRACT_VERSION, SIZE_MULTIPLE, SMALLEST_SIDE, Layout, check_size, renderer_spec
from edgestyle.errors import ArtifactError, ExportError, MissingExtraError
from edgestyle.exporters.calibration import Calibration, bundled_calibration
from edgestyle.exporters.inspection import convolves_in_int8
from edgestyle.exporters.parity import ParityReport, Reference, check_parity
from edgestyle.exporters.ranges import METHOD
from edgestyle.exporters.recipes import RECIPES, Recipe, find_recipe
from edgestyle.images import output_errors
from edgestyle.models.renderer import Renderer
from edgestyle.packs.networks import load_renderer
from edgestyle.packs.pack import Pack
from edgestyle.quality.network import count_parameters
from edgestyle.runtime.runner import open_runner
from edgestyle.sidecar import MAX_SIZE, file_sha256, file_size_bytes, read_sidecar, sidecar_path

T = TypeVar("T")
Export = Callable[[Renderer, Path, str, list[int], dict[str, str], Calibration | None], None]


@dataclass(frozen=True)
class Format:
    """An export format.

    Attributes:
        suffix: of its files.
        layout: of its pictures.
        module, function: what writes it, with the signature of `export_onnx`.
        package: what must be installed for it.
        tools: distributions whose versions go into the sidecar.
        free_size: whether one file takes pictures of any size.
    """

    suffix: str
    layout: Layout
    module: str
    function: str
    package: str
    tools: tuple[str, ...]
    free_size: bool


FORMATS: dict[str, Format] = {
    "onnx": Format(
        ".onnx", "NCHW", "edgestyle.exporters.to_onnx", "export_onnx", "onnx", ("torch", "onnx", "onnxruntime"), True
    ),
    "coreml": Format(
        ".mlpackage", "image", "edgestyle.exporters.to_coreml", "export_coreml", "coremltools",
        ("torch", "coremltools"), False,
    ),
    "tflite": Format(
        ".tflite", "NHWC", "edgestyle.exporters.to_tflite", "export_tflite", "litert_torch",
        ("torch", "litert-torch", "ai-edge-quantizer", "ai-edge-litert"), False,
    ),
}  # fmt: skip

BYTES_FORMATS: dict[str, Format] = {  # the same for pictures of 8-bit pixels; Core ML takes nothing else anyway
    "tflite": replace(FORMATS["tflite"], layout="bytes", function="export_tflite_bytes"),
}
IO: dict[str, dict[str, Format]] = {"float32": FORMATS, "uint8": BYTES_FORMATS}


@dataclass(frozen=True)
class Exported:
    """A file that passed the gate."""

    path: Path
    format: str
    recipe: str
    size_bytes: int
    parity: ParityReport


def export_pack(
    pack: Pack,
    folder: Path,
    formats: list[str],
    recipes: list[str],
    sizes: list[int],
    on_start: Callable[[str], None] = lambda name: None,
    calibration: Calibration | None = None,
    io: str = "float32",
) -> list[Exported]:
    """Export a pack's renderer in every wanted format and recipe.

    Args:
        pack: what to export.
        folder: gets the files and a sidecar beside each.
        formats: names in `FORMATS`.
        recipes: names in `RECIPES`.
        sizes: sides of square pictures, for formats of fixed size; parity is checked at these sizes.
        on_start: called with each file's name before work on it starts.
        calibration: for recipes that compute with integers; the bundled photos by default.
        io: "float32", or "uint8" for pictures of 8-bit pixels, which TFLite can.

    Raises:
        CalibrationError: an activation is not finite.
        ExportError: a format or recipe is unknown, or a conversion failed.
        ParityError: a file draws another picture; it is not left behind.
        OutputError: the folder cannot be written.
    """
    formats, recipes, sizes = _distinct(formats), _distinct(recipes), _distinct(sizes)
    known = {name: find_format(name, io) for name in formats}
    jobs = [(name, find_recipe(recipe, name)) for name in formats for recipe in recipes]
    for size in sizes:
        check_size(size, size)
        if size > MAX_SIZE:
            raise ExportError(f"pictures are at most {MAX_SIZE} pixels wide, not {size}")
    reference = Reference(load_renderer(pack))
    if calibration is None and any(recipe.calibrated for _, recipe in jobs):
        calibration = bundled_calibration(list(pack.styles.values()))
    exported = []
    for name, recipe in jobs:
        ending = ("" if io == "float32" else f"-{io}") + known[name].suffix
        path = folder / f"{pack.name}-renderer-{recipe.name}{ending}"
        on_start(path.name)
        photos = calibration if recipe.calibrated else None
        trained = load_renderer(pack, recipe.name)
        exported.append(_export_one(pack, trained, reference, name, known[name], recipe, sizes, path, photos))
    return exported


def check_file(path: Path, pack: Pack, reference: Reference, failures: Path) -> Exported:
    """Run the parity gate again on a file from disk.

    Args:
        path: the file, with its sidecar beside it.
        pack: what it was exported from.
        reference: of the pack's renderer.
        failures: folder for the two pictures of a failed comparison.

    Raises:
        ArtifactError: the file or its sidecar is damaged, or they do not fit the pack.
        ParityError: the file draws another picture.
    """
    sidecar = read_sidecar(path)
    known, recipe = FORMATS.get(sidecar["format"]), RECIPES.get(sidecar["recipe"])
    if known is None or recipe is None or known.suffix != path.suffix:
        raise ArtifactError(f"{sidecar_path(path)} names a format or recipe that does not fit the file")
    if {name: style["vector"] for name, style in sidecar["styles"].items()} != _vectors(pack):
        raise ArtifactError(f"{sidecar_path(path)} holds other styles than the pack '{pack.name}'")
    shapes = _parity_shapes(known, sidecar["sizes"])
    report = check_parity(open_runner(path), reference, list(pack.styles.values()), recipe, shapes, failures)
    return Exported(path, sidecar["format"], recipe.name, sidecar["size_bytes"], report)


def check_built(path: Path, pack: Pack, renderer: Renderer, failures: Path) -> ParityReport:
    """Run the parity gate on a float32 ONNX file that has no sidecar yet."""
    shapes = _parity_shapes(FORMATS["onnx"], [256])
    styles = list(pack.styles.values())
    return check_parity(open_runner(path), Reference(renderer), styles, RECIPES["float32"], shapes, failures)


def _export_one(
    pack: Pack,
    renderer: Renderer,
    reference: Reference,
    name: str,
    known: Format,
    recipe: Recipe,
    sizes: list[int],
    path: Path,
    calibration: Calibration | None,
) -> Exported:
    with _workshop(path.parent) as workshop:
        built = workshop / path.name
        metadata = file_metadata(pack, recipe.name)
        build_file(known, renderer, built, recipe, sizes, metadata, calibration)
        check_compute(built, recipe)
        failures = path.parent / "parity-failures"
        shapes = _parity_shapes(known, sizes)
        report = check_parity(open_runner(built), reference, list(pack.styles.values()), recipe, shapes, failures)
        network_bytes = file_size_bytes(built) - sum(len(text.encode()) for text in metadata.values())
        if recipe.weight_bits <= 8:  # float files are as large as they must be
            check_file_size(network_bytes, count_parameters(renderer), recipe, len(sizes))
        sidecar = _sidecar(pack, name, known, recipe, sizes, built, report, calibration)
        text = json.dumps(sidecar, indent=2, ensure_ascii=False) + "\n"
        with output_errors(path.parent):
            sidecar_path(built).write_text(text, encoding="utf-8")
            _move_into_place(built, path, workshop)
    return Exported(path, name, recipe.name, file_size_bytes(path), report)


def check_compute(path: Path, recipe: Recipe) -> None:
    """Raise ExportError where a recipe promises integer convolutions and the file's graph holds others."""
    if recipe.activation_bits == 8 and not convolves_in_int8(path):
        raise ExportError(f"{path.name} would be called {recipe.name}, but not all of its convolutions compute in int8")


def check_file_size(size_bytes: int, parameters: int, recipe: Recipe, sizes: int) -> None:
    """Raise ExportError where a file for a network of so many parameters is larger than its recipe promises."""
    largest = recipe.max_bytes(parameters, sizes)
    if size_bytes > largest:
        raise ExportError(f"the file has {size_bytes} bytes; {recipe.name} of {parameters} weights allows {largest}")


def build_file(
    known: Format,
    renderer: Renderer,
    path: Path,
    recipe: Recipe,
    sizes: list[int],
    metadata: dict[str, str],
    calibration: Calibration | None,
) -> None:
    """Convert and write, unchecked; converters raise errors of many classes, which all become ExportError."""
    exporter = _exporter(known)
    try:
        exporter(renderer, path, recipe.name, sizes, metadata, calibration)
    except ExportError:
        raise
    except Exception as error:
        raise ExportError(f"converting to {path.name} failed: {error}") from error


def _sidecar(
    pack: Pack,
    name: str,
    known: Format,
    recipe: Recipe,
    sizes: list[int],
    path: Path,
    report: ParityReport,
    calibration: Calibration | None,
) -> dict[str, Any]:
    spec = renderer_spec(known.layout, len(pack.style().vector))
    return {
        "contract_version": CONTRACT_VERSION,
        "pack": pack.name,
        "component": spec.component,
        "format": name,
        "recipe": recipe.name,
        "weights": pack.components["renderer"].weights_for(recipe.name),
        "inputs": [tensor.to_json() for tensor in spec.inputs],
        "outputs": [tensor.to_json() for tensor in spec.outputs],
        "size_multiple": spec.size_multiple,
        "sizes": sizes,
        "working_size": pack.working_size,
        "free_size": known.free_size,
        "styles": {
            name: {"vector": vector, "default_strength": pack.style(name).default_strength}
            for name, vector in _vectors(pack).items()
        },
        "sha256": file_sha256(path),
        "size_bytes": file_size_bytes(path),
        "parity": report.to_json(),
        "calibration": calibration and {**calibration.to_json(), "ranges": METHOD},
        "tools": {tool: version(tool) for tool in ("edgestyle", *known.tools)},
        "licences": {
            "pack": pack.licence,
            "styles": {s.name: {"licence": s.licence, "credit": s.credit} for s in pack.styles.values()},
        },
    }


def file_metadata(pack: Pack, recipe: str) -> dict[str, str]:
    """What is embedded in the file itself, for whoever finds it without its sidecar."""
    return {
        "pack": pack.name,
        "licence": pack.licence,
        "recipe": recipe,
        "contract_version": str(CONTRACT_VERSION),
        "strength_range": "0 to 1; 0 leaves the picture untouched",
        "size_multiple": str(SIZE_MULTIPLE),
        "styles": json.dumps(_vectors(pack)),
    }


def _parity_shapes(known: Format, sizes: list[int]) -> list[tuple[int, int]]:
    """Square pictures, and one that is not where the format takes any size."""
    squares = [(size, size) for size in sizes]
    if not known.free_size:
        return squares
    half = max(SMALLEST_SIDE, sizes[0] // 2 // SIZE_MULTIPLE * SIZE_MULTIPLE)
    return [*squares, (half, sizes[0])]


def find_format(name: str, io: str) -> Format:
    """The format `name` for such pictures; raise ExportError before any work where there is none."""
    if name not in FORMATS:
        raise ExportError(f"unknown format '{name}'; known: {', '.join(FORMATS)}")
    if io not in IO:
        raise ExportError(f"unknown kind of pictures '{io}'; known: {', '.join(IO)}")
    if name not in IO[io]:
        raise ExportError(f"format '{name}' does not come with {io} pictures; {', '.join(IO[io])} does")
    return IO[io][name]


def _exporter(known: Format) -> Export:
    try:
        exporter: Export = getattr(importlib.import_module(known.module), known.function)
    except ImportError as error:
        raise MissingExtraError(known.package, "export") from error
    return exporter


def _vectors(pack: Pack) -> dict[str, list[float]]:
    return {style.name: list(style.vector) for style in pack.styles.values()}


def _distinct(wanted: list[T]) -> list[T]:
    return list(dict.fromkeys(wanted))


@contextmanager
def _workshop(folder: Path) -> Iterator[Path]:
    """A temporary folder inside `folder`, gone afterwards whatever happens."""
    with output_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        workshop = tempfile.TemporaryDirectory(prefix=".part-", dir=folder)
    with workshop as name:
        yield Path(name)


def _move_into_place(built: Path, path: Path, workshop: Path) -> None:
    """Put a file and its sidecar where the old ones were, which are moved away first: folders cannot be replaced."""
    for old in (path, sidecar_path(path)):
        if old.exists():
            old.replace(workshop / f"replaced-{old.name}")
    built.replace(path)
    sidecar_path(built).replace(sidecar_path(path))
