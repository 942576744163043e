"""Export a pack: build each file aside, pass the parity gate, then move it and its sidecar into place."""

import importlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from edgestyle.contract import CONTRACT_VERSION, SIZE_MULTIPLE, Layout, check_size, renderer_spec
from edgestyle.errors import ArtifactError, ExportError, MissingExtraError, OutputError
from edgestyle.exporters.parity import ParityReport, Reference, check_parity
from edgestyle.exporters.recipes import RECIPES, Recipe, find_recipe
from edgestyle.images import whole_file
from edgestyle.models.renderer import Renderer
from edgestyle.packs.networks import load_renderer
from edgestyle.packs.pack import Pack
from edgestyle.runtime.runner import open_runner
from edgestyle.sidecar import file_sha256, file_size_bytes, read_sidecar, sidecar_path

Export = Callable[[Renderer, Path, str, list[int], dict[str, str]], None]


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
) -> list[Exported]:
    """Export a pack's renderer in every wanted format and recipe.

    Args:
        pack: what to export.
        folder: gets the files and a sidecar beside each.
        formats: names in `FORMATS`.
        recipes: names in `RECIPES`.
        sizes: sides of square pictures, for formats of fixed size; parity is checked at these sizes.
        on_start: called with each file's name before work on it starts.

    Raises:
        ExportError: a format or recipe is unknown, or a conversion failed.
        ParityError: a file draws another picture; it is not left behind.
        OutputError: the folder cannot be written.
    """
    jobs = [(name, find_recipe(recipe, name)) for name in map(_known_format, formats) for recipe in recipes]
    for size in sizes:
        check_size(size, size)
    renderer = load_renderer(pack)
    reference = Reference(renderer)
    exported = []
    for name, recipe in jobs:
        path = folder / f"{pack.name}-renderer-{recipe.name}{FORMATS[name].suffix}"
        on_start(path.name)
        exported.append(_export_one(pack, renderer, reference, name, recipe, sizes, path))
    return exported


def check_file(path: Path, pack: Pack, failures: Path) -> Exported:
    """Run the parity gate again on a file from disk. Raises ArtifactError or ParityError."""
    sidecar = read_sidecar(path)
    known, recipe = FORMATS.get(sidecar.get("format", "")), RECIPES.get(sidecar.get("recipe", ""))
    if known is None or recipe is None or not isinstance(sidecar.get("sizes"), list):
        raise ArtifactError(f"{sidecar_path(path)} names a format, recipe or size that is not known here")
    reference = Reference(load_renderer(pack))
    shapes = _parity_shapes(known, [int(size) for size in sidecar["sizes"]])
    report = check_parity(open_runner(path), reference, list(pack.styles.values()), recipe, shapes, failures)
    return Exported(path, sidecar["format"], recipe.name, sidecar["size_bytes"], report)


def check_built(path: Path, pack: Pack, renderer: Renderer, failures: Path) -> ParityReport:
    """Run the parity gate on a float32 ONNX file that has no sidecar yet."""
    shapes = _parity_shapes(FORMATS["onnx"], [256])
    styles = list(pack.styles.values())
    return check_parity(open_runner(path), Reference(renderer), styles, RECIPES["float32"], shapes, failures)


def _export_one(
    pack: Pack, renderer: Renderer, reference: Reference, name: str, recipe: Recipe, sizes: list[int], path: Path
) -> Exported:
    known = FORMATS[name]
    with _workshop(path.parent) as workshop:
        built = workshop / path.name
        _exporter(known)(renderer, built, recipe.name, sizes, file_metadata(pack, recipe.name))
        failures = path.parent / "parity-failures"
        shapes = _parity_shapes(known, sizes)
        report = check_parity(open_runner(built), reference, list(pack.styles.values()), recipe, shapes, failures)
        sidecar = _sidecar(pack, name, recipe, sizes, built, report)
        _move_into_place(built, path, workshop)
        with whole_file(sidecar_path(path)) as temporary:
            temporary.write_text(json.dumps(sidecar, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return Exported(path, name, recipe.name, file_size_bytes(path), report)


def _sidecar(
    pack: Pack, name: str, recipe: Recipe, sizes: list[int], path: Path, report: ParityReport
) -> dict[str, Any]:
    known = FORMATS[name]
    spec = renderer_spec(known.layout, len(pack.style().vector))
    return {
        "contract_version": CONTRACT_VERSION,
        "pack": pack.name,
        "component": spec.component,
        "format": name,
        "recipe": recipe.name,
        "inputs": [tensor.to_json() for tensor in spec.inputs],
        "outputs": [tensor.to_json() for tensor in spec.outputs],
        "size_multiple": spec.size_multiple,
        "sizes": sizes,
        "free_size": known.free_size,
        "styles": {
            style.name: {"vector": style.as_input()[0].tolist(), "default_strength": style.default_strength}
            for style in pack.styles.values()
        },
        "sha256": file_sha256(path),
        "size_bytes": file_size_bytes(path),
        "parity": report.to_json(),
        "tools": {tool: version(tool) for tool in ("edgestyle", *known.tools)},
        "licences": {
            "pack": pack.licence,
            "styles": {s.name: {"licence": s.licence, "credit": s.credit} for s in pack.styles.values()},
        },
    }


def file_metadata(pack: Pack, recipe: str) -> dict[str, str]:
    """What is embedded in the file itself, for whoever finds it without its sidecar."""
    styles = {style.name: [float(f"{v:.8g}") for v in style.vector] for style in pack.styles.values()}
    return {
        "pack": pack.name,
        "licence": pack.licence,
        "recipe": recipe,
        "contract_version": str(CONTRACT_VERSION),
        "strength_range": "0 to 1; 0 leaves the picture untouched",
        "size_multiple": str(SIZE_MULTIPLE),
        "styles": json.dumps(styles),
    }


def _parity_shapes(known: Format, sizes: list[int]) -> list[tuple[int, int]]:
    """Square pictures, and one that is not where the format takes any size."""
    squares = [(size, size) for size in sizes]
    if not known.free_size:
        return squares
    half = max(SIZE_MULTIPLE, sizes[0] // 2 // SIZE_MULTIPLE * SIZE_MULTIPLE)
    return [*squares, (half, sizes[0])]


def _known_format(name: str) -> str:
    if name not in FORMATS:
        raise ExportError(f"unknown format '{name}'; known: {', '.join(FORMATS)}")
    return name


def _exporter(known: Format) -> Export:
    try:
        exporter: Export = getattr(importlib.import_module(known.module), known.function)
    except ImportError as error:
        raise MissingExtraError(known.package, "export") from error
    return exporter


@contextmanager
def _workshop(folder: Path) -> Iterator[Path]:
    """A temporary folder inside `folder`, gone afterwards whatever happens."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".part-", dir=folder) as name:
            yield Path(name)
    except OSError as error:
        raise OutputError(f"cannot write into {folder}: {error.strerror or error}") from error


def _move_into_place(built: Path, path: Path, workshop: Path) -> None:
    """Replace `path` by `built`. A folder cannot be replaced in one step, so the old one is moved away first."""
    sidecar_path(path).unlink(missing_ok=True)
    if path.exists():
        shutil.move(path, workshop / "replaced")
    built.replace(path)
