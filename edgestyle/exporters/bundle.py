"""Export a pack: build each file aside, pass the parity gate, then move it and its sidecar into place."""

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

from edgestyle.contract import CONTRACT_VERSION, SIZE_MULTIPLE, SMALLEST_SIDE, check_size, renderer_spec
from edgestyle.errors import ArtifactError, ExportError
from edgestyle.exporters.calibration import Calibration, bundled_calibration
from edgestyle.exporters.formats import FORMATS, Format, find_exporter, find_format, plan_exports
from edgestyle.exporters.layer_recipes import LayerRecipe, check_fits, recipe_in_sidecar
from edgestyle.exporters.layers import layers_of, minimum_system
from edgestyle.exporters.parity import ParityReport, Reference, check_parity
from edgestyle.exporters.promises import check_compute, check_file_size
from edgestyle.exporters.ranges import METHOD
from edgestyle.exporters.recipes import RECIPES, Recipe
from edgestyle.exporters.workbenches import Workbench, conversion_errors, open_workbench
from edgestyle.images import output_errors
from edgestyle.models import AnyRenderer
from edgestyle.packs.networks import load_renderer, weights_hash
from edgestyle.packs.pack import Pack
from edgestyle.quality.network import count_parameters
from edgestyle.runtime.runner import open_runner
from edgestyle.sidecar import MAX_SIZE, file_sha256, file_size_bytes, read_sidecar, sidecar_path

T = TypeVar("T")
NETWORK_HASH = "network_sha256"  # in a sidecar: of the float weights that its file is compared with


@dataclass(frozen=True)
class Exported:
    """A file that passed the gate."""

    path: Path
    format: str
    recipe: str
    size_bytes: int
    parity: ParityReport
    promised_db: float | None = None  # least mean PSNR that its recipe allows


def export_pack(
    pack: Pack,
    folder: Path,
    formats: list[str],
    recipes: list[str],
    sizes: list[int],
    on_start: Callable[[str], None] = lambda name: None,
    calibration: Calibration | None = None,
    io: str = "float32",
    on_left_out: Callable[[str], None] | None = None,
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
        on_left_out: called with a line for each format and recipe that do not go together; None refuses them.

    Raises:
        CalibrationError: an activation is not finite.
        ExportError: a format or recipe is unknown, or a conversion failed.
        ParityError: a file draws another picture; it is not left behind.
        OutputError: the folder cannot be written.
    """
    formats, recipes, sizes = _distinct(formats), _distinct(recipes), _distinct(sizes)
    known = {name: find_format(name, io) for name in formats}
    jobs = plan_exports(formats, recipes, on_left_out)
    check_sizes(sizes)
    reference = Reference(load_renderer(pack))
    if calibration is None and any(recipe.calibrated for _, recipe in jobs):
        calibration = bundled_calibration(list(pack.styles.values()))
    exported = []
    for name, recipe in jobs:
        path = file_path(folder, pack, recipe.name, name, io)
        on_start(path.name)
        photos = calibration if recipe.calibrated else None
        trained = load_renderer(pack, recipe.name)
        exported.append(_export_one(pack, trained, reference, name, known[name], recipe, sizes, path, photos))
    return exported


def export_layers(
    pack: Pack,
    folder: Path,
    chosen: LayerRecipe,
    sizes: list[int],
    calibration: Calibration | None = None,
    io: str = "float32",
    workbench: Workbench | None = None,
    reference: Reference | None = None,
    failures: Path | None = None,
) -> Exported:
    """Export a pack's renderer with a precision for every layer.

    Args:
        pack, folder, sizes, calibration, io: as for `export_pack`.
        chosen: the recipe, which names the format.
        workbench: for these sizes and pictures, with `file_metadata` of this recipe, where one is open already.
        reference: of the pack's renderer, where there is one already.
        failures: folder for the two pictures of a failed comparison; beside the file by default.

    Raises:
        ExportError: the recipe is of another network, or a conversion failed.
        CalibrationError, ParityError, OutputError: as for `export_pack`.
    """
    known, sizes = find_format(chosen.format, io), _distinct(sizes)
    check_sizes(sizes)
    renderer = load_renderer(pack)
    layers = layers_of(renderer)
    check_fits(chosen, layers, pack.name)
    recipe = chosen.to_recipe(layers, count_parameters(renderer))
    if recipe.calibrated and calibration is None:
        calibration = bundled_calibration(list(pack.styles.values()))
    photos = calibration if recipe.calibrated else None
    if workbench is None:
        metadata = file_metadata(pack, chosen.name)
        workbench = open_workbench(chosen.format, io, renderer, sizes, metadata, photos)
    path, reference = file_path(folder, pack, chosen.name, chosen.format, io), reference or Reference(renderer)
    return _export_one(
        pack, renderer, reference, chosen.format, known, recipe, sizes, path, photos, workbench, chosen, failures
    )


def check_layer_recipes(pack: Pack, recipes: list[LayerRecipe], sizes: list[int], io: str) -> None:
    """Raise ContractError or ExportError, before any work, where one does not fit or two would make the same file."""
    check_sizes(sizes)
    layers, seen = layers_of(load_renderer(pack)), set[tuple[str, str]]()
    for one in recipes:
        find_format(one.format, io)
        check_fits(one, layers, pack.name)
        if (one.name, one.format) in seen:
            raise ExportError(f"two recipes for {one.format} are called '{one.name}'; give each a 'name' of its own")
        seen.add((one.name, one.format))


def file_path(folder: Path, pack: Pack, recipe_name: str, format_name: str, io: str) -> Path:
    """Where an exported file goes."""
    ending = ("" if io == "float32" else f"-{io}") + FORMATS[format_name].suffix
    return folder / f"{pack.name}-renderer-{recipe_name}{ending}"


def check_sizes(sizes: list[int]) -> None:
    """Raise ContractError or ExportError for a size that no file is exported for."""
    for size in sizes:
        check_size(size, size)
        if size > MAX_SIZE:
            raise ExportError(f"pictures are at most {MAX_SIZE} pixels wide, not {size}")


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
    renderer = load_renderer(pack)
    parameters = count_parameters(renderer)
    known, recipe = FORMATS.get(sidecar["format"]), recipe_in_sidecar(sidecar, layers_of(renderer), parameters)
    if known is None or recipe is None or known.suffix != path.suffix:
        raise ArtifactError(f"{sidecar_path(path)} names a format or recipe that does not fit the file")
    check_belongs(path, sidecar, pack)
    shapes, runner = _parity_shapes(known, sidecar["sizes"]), open_runner(path)
    try:
        _check_promises(path, file_metadata(pack, recipe.name), parameters, recipe, len(sidecar["sizes"]))
    except ExportError as error:
        raise ArtifactError(f"{path} is not what its sidecar says: {error}") from error
    report = check_parity(runner, reference, list(pack.styles.values()), recipe, shapes, failures)
    return Exported(path, sidecar["format"], recipe.name, sidecar["size_bytes"], report, recipe.min_mean_psnr_db)


def check_belongs(path: Path, sidecar: dict[str, Any], pack: Pack) -> None:
    """Raise ArtifactError unless a file has this pack's styles, and its weights where the sidecar says which."""
    if {name: style["vector"] for name, style in sidecar["styles"].items()} != _vectors(pack):
        raise ArtifactError(f"{sidecar_path(path)} holds other styles than the pack '{pack.name}'")
    if sidecar.get(NETWORK_HASH, expected := weights_hash(pack)) != expected:  # files of before 0.2.0 do not say
        raise ArtifactError(f"{path} was exported from other weights than those in the pack '{pack.name}'")


def check_built(path: Path, pack: Pack, renderer: AnyRenderer, failures: Path) -> ParityReport:
    """Run the parity gate on a float32 ONNX file that has no sidecar yet."""
    shapes = _parity_shapes(FORMATS["onnx"], [256])
    styles = list(pack.styles.values())
    return check_parity(open_runner(path), Reference(renderer), styles, RECIPES["float32"], shapes, failures)


def _export_one(
    pack: Pack,
    renderer: AnyRenderer,
    reference: Reference,
    name: str,
    known: Format,
    recipe: Recipe,
    sizes: list[int],
    path: Path,
    calibration: Calibration | None,
    workbench: Workbench | None = None,
    chosen: LayerRecipe | None = None,
    failures: Path | None = None,
) -> Exported:
    with _workshop(path.parent) as workshop:
        built = workshop / path.name
        metadata = file_metadata(pack, recipe.name)
        build_file(known, renderer, built, recipe, sizes, metadata, calibration, workbench)
        _check_promises(built, metadata, count_parameters(renderer), recipe, len(sizes))
        failures = failures or path.parent / "parity-failures"
        shapes = _parity_shapes(known, sizes)
        report = check_parity(open_runner(built), reference, list(pack.styles.values()), recipe, shapes, failures)
        sidecar = _sidecar(pack, name, known, recipe, sizes, built, report, calibration)
        if chosen is not None:
            sidecar["layer_recipe"] = chosen.to_json()
        text = json.dumps(sidecar, indent=2, ensure_ascii=False) + "\n"
        with output_errors(path.parent):
            sidecar_path(built).write_text(text, encoding="utf-8")
            _move_into_place(built, path, workshop)
    return Exported(path, name, recipe.name, file_size_bytes(path), report, recipe.min_mean_psnr_db)


def _check_promises(path: Path, metadata: dict[str, str], parameters: int, recipe: Recipe, sizes: int) -> None:
    """Raise ExportError where a file computes in something else than its recipe says, or is too large for it."""
    check_compute(path, recipe)
    network_bytes = file_size_bytes(path) - sum(len(text.encode()) for text in metadata.values())
    if recipe.weight_bits <= 8 or recipe.layers is not None:  # float files are as large as they must be
        check_file_size(network_bytes, parameters, recipe, sizes)


def build_file(
    known: Format,
    renderer: AnyRenderer,
    path: Path,
    recipe: Recipe,
    sizes: list[int],
    metadata: dict[str, str],
    calibration: Calibration | None,
    workbench: Workbench | None = None,
) -> None:
    """Convert and write, unchecked. Raises ExportError where that fails."""
    exporter = find_exporter(known)
    with conversion_errors(path.name):
        if workbench is not None and recipe.layers is not None:
            workbench.write(recipe.layers, path)
        else:
            exporter(renderer, path, recipe.name, sizes, metadata, calibration)


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
        NETWORK_HASH: weights_hash(pack),
        "format": name,
        "recipe": recipe.name,
        "weights": pack.components["renderer"].weights_for(recipe.name if recipe.layers is None else None),
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
        "tools": tool_versions(name),
        **(
            {"minimum_system": minimum_system((recipe.layers or {"": recipe.name}).values())}
            if name == "coreml"
            else {}
        ),
        "licences": {
            "pack": pack.licence,
            "styles": {s.name: {"licence": s.licence, "credit": s.credit} for s in pack.styles.values()},
        },
    }


def tool_versions(format_name: str) -> dict[str, str]:
    """Versions of all that makes a format's files."""
    return {tool: version(tool) for tool in ("edgestyle", *FORMATS[format_name].tools)}


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
