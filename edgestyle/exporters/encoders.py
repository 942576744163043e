"""Export a pack's encoder: each file passes its parity gate before it is moved into place."""

from pathlib import Path

from edgestyle.contract import REFERENCE_SIDE
from edgestyle.errors import ArtifactError, ExportError
from edgestyle.exporters.calibration import Calibration
from edgestyle.exporters.describing import Exported, check_belongs, encoder_metadata, make_sidecar
from edgestyle.exporters.encoder_parity import Looks, check_encoder
from edgestyle.exporters.formats import FORMATS, Format, find_encoder_exporter
from edgestyle.exporters.parity import ParityReport
from edgestyle.exporters.placing import file_path, put_in_place, workshop_in
from edgestyle.exporters.promises import check_promises
from edgestyle.exporters.recipes import RECIPES, Recipe
from edgestyle.exporters.workbenches import conversion_errors
from edgestyle.models import AnyEncoder, AnyRenderer
from edgestyle.packs.networks import load_encoder
from edgestyle.packs.pack import Pack
from edgestyle.runtime.encoder import open_encoder
from edgestyle.sidecar import file_size_bytes, read_sidecar, sidecar_path


def export_encoder(
    pack: Pack,
    folder: Path,
    looks: Looks,
    name: str,
    known: Format,
    recipe: Recipe,
    io: str,
    calibration: Calibration | None,
) -> Exported:
    """Export a pack's encoder in one format and recipe.

    Args:
        pack, folder, io, calibration: as for `export_pack`; the calibration's photos are references here.
        looks: of the pack.
        name, known: the format.
        recipe: which the format can do.

    Raises:
        CalibrationError, ExportError, OutputError: as for `export_pack`.
        ParityError: a vector draws another picture than the network's; the file is not left behind.
    """
    path = file_path(folder, pack, recipe.name, name, io, "encoder")
    encoder, metadata = load_encoder(pack, recipe.name), encoder_metadata(pack, recipe.name)
    with workshop_in(folder) as workshop:
        built = workshop / path.name
        exporter = find_encoder_exporter(known)
        with conversion_errors(path.name):
            exporter(encoder, built, recipe.name, metadata, calibration)
        check_promises(built, metadata, encoder, recipe, 1)
        report = check_encoder(open_encoder(built), looks, recipe, folder / "parity-failures")
        sizes = [REFERENCE_SIDE]
        put_in_place(built, path, make_sidecar(pack, "encoder", name, known, recipe, sizes, built, report, calibration))
    return Exported(path, name, recipe.name, file_size_bytes(path), report, recipe.min_mean_psnr_db, "encoder")


def check_encoder_file(path: Path, pack: Pack, looks: Looks, failures: Path) -> Exported:
    """Run the parity gate again on an encoder's file from disk.

    Args:
        path: the file, with its sidecar beside it.
        pack: what it was exported from.
        looks: of the pack.
        failures: folder for the two pictures of a failed comparison.

    Raises:
        ArtifactError: the file or its sidecar is damaged, or they do not fit the pack.
        ParityError: its vectors draw other pictures.
    """
    sidecar = read_sidecar(path)
    known, recipe = FORMATS.get(sidecar["format"]), RECIPES.get(sidecar["recipe"])
    if known is None or recipe is None or known.suffix != path.suffix or sidecar["format"] not in recipe.formats:
        raise ArtifactError(f"{sidecar_path(path)} names a format or recipe that does not fit the file")
    check_belongs(path, sidecar, pack)
    runner = open_encoder(path)
    try:
        check_promises(path, encoder_metadata(pack, recipe.name), load_encoder(pack), recipe, 1)
    except ExportError as error:
        raise ArtifactError(f"{path} is not what its sidecar says: {error}") from error
    report = check_encoder(runner, looks, recipe, failures)
    size = sidecar["size_bytes"]
    return Exported(path, sidecar["format"], recipe.name, size, report, recipe.min_mean_psnr_db, "encoder")


def check_built_encoder(path: Path, renderer: AnyRenderer, encoder: AnyEncoder, failures: Path) -> ParityReport:
    """Run the parity gate on a float32 ONNX file that has no sidecar yet."""
    return check_encoder(open_encoder(path), Looks(renderer, encoder), RECIPES["float32"], failures)
