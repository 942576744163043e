"""Export a pack: build each file aside, pass the parity gate, then move it and its sidecar into place."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from edgestyle.contract import SIZE_MULTIPLE, SMALLEST_SIDE, check_size
from edgestyle.errors import ArtifactError, ExportError
from edgestyle.exporters.calibration import Calibration, bundled_calibration
from edgestyle.exporters.describing import Exported, check_belongs, file_metadata, make_sidecar
from edgestyle.exporters.encoder_parity import Looks
from edgestyle.exporters.encoders import export_encoder
from edgestyle.exporters.formats import FORMATS, Format, find_exporter, find_format, plan_exports
from edgestyle.exporters.layer_recipes import LayerRecipe, check_fits, recipe_in_sidecar
from edgestyle.exporters.layers import layers_of
from edgestyle.exporters.parity import ParityReport, Reference, check_parity
from edgestyle.exporters.placing import file_path, put_in_place, workshop_in
from edgestyle.exporters.promises import check_promises
from edgestyle.exporters.recipes import RECIPES, Recipe
from edgestyle.exporters.workbenches import Workbench, conversion_errors, open_workbench
from edgestyle.models import AnyRenderer
from edgestyle.models.colour import ColourRenderer
from edgestyle.packs.networks import load_encoder, load_renderer
from edgestyle.packs.pack import Pack, Style
from edgestyle.quality.network import count_parameters
from edgestyle.runtime.runner import open_runner
from edgestyle.sidecar import MAX_SIZE, file_size_bytes, read_sidecar, sidecar_path

T = TypeVar("T")


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
    """Export a pack's renderer, and its encoder if it has one, in every wanted format and recipe.

    Args:
        pack: what to export.
        folder: gets the files and a sidecar beside each.
        formats: names in `FORMATS`.
        recipes: names in `RECIPES`.
        sizes: sides of square pictures, for formats of fixed size; parity is checked at these sizes. Core ML gets a
            file for each, its name ending in the size, where the network cannot be converted for several.
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
        photos = calibration if recipe.calibrated else None
        trained = load_renderer(pack, recipe.name)
        groups = size_groups(trained, name, sizes)
        for group in groups:
            size = str(group[0]) if len(groups) > 1 else ""
            path = file_path(folder, pack, recipe.name, name, io, size=size)
            on_start(path.name)
            exported.append(_export_one(pack, trained, reference, name, known[name], recipe, group, path, photos))
    if pack.encodes:
        looks = Looks(reference.renderer, load_encoder(pack))
        for name, recipe in jobs:
            on_start(file_path(folder, pack, recipe.name, name, io, "encoder").name)
            photos = calibration if recipe.calibrated else None
            exported.append(export_encoder(pack, folder, looks, name, known[name], recipe, io, photos))
    return exported


def size_groups(renderer: AnyRenderer, format_name: str, sizes: list[int]) -> list[list[int]]:
    """Which sizes share a file: all of them, but one a file where Core ML would enlarge to a size that varies."""
    if format_name == "coreml" and isinstance(renderer, ColourRenderer):
        return [[size] for size in sizes]
    return [sizes]


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
    layers, parameters = layers_of(renderer), count_parameters(renderer)
    known, recipe = FORMATS.get(sidecar["format"]), recipe_in_sidecar(sidecar, layers, parameters)
    if known is None or recipe is None or known.suffix != path.suffix:
        raise ArtifactError(f"{sidecar_path(path)} names a format or recipe that does not fit the file")
    check_belongs(path, sidecar, pack)
    shapes, runner = _parity_shapes(known, sidecar["sizes"]), open_runner(path)
    try:
        check_promises(path, file_metadata(pack, recipe.name), renderer, recipe, len(sidecar["sizes"]))
    except ExportError as error:
        raise ArtifactError(f"{path} is not what its sidecar says: {error}") from error
    report = check_parity(runner, reference, list(pack.styles.values()), recipe, shapes, failures)
    return Exported(path, sidecar["format"], recipe.name, sidecar["size_bytes"], report, recipe.min_mean_psnr_db)


def check_style(
    path: Path, sidecar: dict[str, Any], style: Style, reference: Reference, failures: Path
) -> ParityReport:
    """Run the parity gate on one style that a renderer's file was not exported with.

    Args:
        path: the file, which is the one that `sidecar` describes.
        sidecar: as it was read.
        style: any of the network's.
        reference: of the network.
        failures: folder for the two pictures of a failed comparison.

    Raises:
        ArtifactError: the sidecar names a format or recipe that is not known.
        ParityError: the file draws another picture.
    """
    renderer = reference.renderer
    known, recipe = (
        FORMATS.get(sidecar["format"]),
        recipe_in_sidecar(sidecar, layers_of(renderer), count_parameters(renderer)),
    )
    if known is None or recipe is None:
        raise ArtifactError(f"{sidecar_path(path)} names a format or recipe that does not fit the file")
    shapes = _parity_shapes(known, sidecar["sizes"][:1])
    return check_parity(open_runner(path), reference, [style], recipe, shapes, failures)


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
    with workshop_in(path.parent) as workshop:
        built = workshop / path.name
        metadata = file_metadata(pack, recipe.name)
        build_file(known, renderer, built, recipe, sizes, metadata, calibration, workbench)
        check_promises(built, metadata, renderer, recipe, len(sizes))
        failures = failures or path.parent / "parity-failures"
        shapes = _parity_shapes(known, sizes)
        report = check_parity(open_runner(built), reference, list(pack.styles.values()), recipe, shapes, failures)
        sidecar = make_sidecar(pack, "renderer", name, known, recipe, sizes, built, report, calibration)
        if chosen is not None:
            sidecar["layer_recipe"] = chosen.to_json()
        put_in_place(built, path, sidecar)
    return Exported(path, name, recipe.name, file_size_bytes(path), report, recipe.min_mean_psnr_db)


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


def _parity_shapes(known: Format, sizes: list[int]) -> list[tuple[int, int]]:
    """Square pictures, and one that is not where the format takes any size."""
    squares = [(size, size) for size in sizes]
    if not known.free_size:
        return squares
    half = max(SMALLEST_SIDE, sizes[0] // 2 // SIZE_MULTIPLE * SIZE_MULTIPLE)
    return [*squares, (half, sizes[0])]


def _distinct(wanted: list[T]) -> list[T]:
    return list(dict.fromkeys(wanted))
