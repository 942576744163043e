"""Export an avatar pack: generator, mapping and inverter, each past its parity gate before it is moved into place."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from edgestyle.contract import ComponentSpec, generator_spec, inverter_spec, mapping_spec
from edgestyle.errors import ArtifactError, ExportError
from edgestyle.exporters.describing import Exported, check_belongs, component_metadata, describe_file, styles_json
from edgestyle.exporters.formats import FORMATS, Format, find_avatar_exporter, find_format, plan_exports
from edgestyle.exporters.generator_calibration import GeneratorCalibration
from edgestyle.exporters.generator_graphs import FoldedGenerator, PlainMapping
from edgestyle.exporters.generator_parity import SeedFaces, check_generator, check_inverter, check_mapping
from edgestyle.exporters.generator_recipes import avatar_recipe
from edgestyle.exporters.layers import Layered
from edgestyle.exporters.parity import ParityReport
from edgestyle.exporters.placing import file_path, put_in_place, workshop_in
from edgestyle.exporters.promises import check_promises
from edgestyle.exporters.recipes import RECIPES
from edgestyle.exporters.workbenches import conversion_errors
from edgestyle.models.inversion import InversionEncoder
from edgestyle.models.mapping import Mapping
from edgestyle.models.mobile_stylegan import MobileGenerator
from edgestyle.packs.avatar_networks import load_generator_network, load_inverter, load_mapping
from edgestyle.packs.avatar_pack import AvatarPack
from edgestyle.runtime.generator import open_generator, open_inverter, open_mapping
from edgestyle.sidecar import file_size_bytes, read_sidecar, sidecar_path

COMPONENTS = ("generator", "mapping", "inverter")


@dataclass(frozen=True)
class AvatarNetworks:
    """A pack's float networks, in eval mode, and what they draw.

    Attributes:
        pack: which they are of.
        generator, mapping: always there.
        inverter: None where the pack has none.
    """

    pack: AvatarPack
    generator: MobileGenerator
    mapping: Mapping
    inverter: InversionEncoder | None

    @cached_property
    def faces(self) -> SeedFaces:
        """What files are compared with, computed once."""
        return SeedFaces(self.generator, self.mapping)

    @property
    def components(self) -> list[str]:
        """Names of those that are there."""
        return [name for name in COMPONENTS if getattr(self, name) is not None]

    def layered(self, component: str) -> Layered:
        """A network as it is written, by which layers and weights are counted."""
        if component == "inverter":
            assert self.inverter is not None
            return self.inverter
        return FoldedGenerator(self.generator) if component == "generator" else PlainMapping(self.mapping)


def load_networks(pack: AvatarPack) -> AvatarNetworks:
    """The networks of a pack; errors as for `load_generator_network`."""
    inverter = load_inverter(pack) if "inverter" in pack.components else None
    return AvatarNetworks(pack, load_generator_network(pack), load_mapping(pack), inverter)


def export_avatars(
    pack: AvatarPack,
    folder: Path,
    formats: list[str],
    recipes: list[str],
    on_start: Callable[[str], None] = lambda name: None,
    seed: int = 0,
    on_left_out: Callable[[str], None] | None = None,
) -> list[Exported]:
    """Export all of a pack's networks in every wanted format and recipe.

    Args:
        pack: what to export.
        folder: gets the files and a sidecar beside each.
        formats: names in `FORMATS`.
        recipes: names in `RECIPES`.
        on_start: called with each file's name before work on it starts.
        seed: of the random faces that recipes that compute with integers are calibrated on.
        on_left_out: called with a line for each format and recipe that do not go together; None refuses them.

    Raises:
        CalibrationError: an activation is not finite.
        ExportError: a format or recipe is unknown, or a conversion failed.
        ParityError: a file draws other faces; it is not left behind.
        PackError: the pack's networks are damaged.
        OutputError: the folder cannot be written.
    """
    formats, recipes = list(dict.fromkeys(formats)), list(dict.fromkeys(recipes))
    for name in formats:
        find_format(name, "float32")
    jobs = plan_exports(formats, recipes, on_left_out)
    networks, exported = load_networks(pack), []
    calibration = GeneratorCalibration(networks.mapping, networks.generator, seed=seed)
    for name, recipe in jobs:
        for component in networks.components:
            on_start(file_path(folder, pack, recipe.name, name, "float32", component).name)
            exported.append(_export_one(networks, folder, component, name, recipe.name, calibration))
    return exported


def check_avatar_file(path: Path, networks: AvatarNetworks, failures: Path) -> Exported:
    """Run the parity gate again on a file from disk.

    Args:
        path: the file, with its sidecar beside it.
        networks: what it was exported from.
        failures: folder for the two pictures of a failed comparison.

    Raises:
        ArtifactError: the file or its sidecar is damaged, or they do not fit the pack.
        ParityError: it draws other faces.
    """
    sidecar = read_sidecar(path)
    known, name = FORMATS.get(sidecar["format"]), sidecar["recipe"]
    if known is None or name not in RECIPES or known.suffix != path.suffix:
        raise ArtifactError(f"{sidecar_path(path)} names a format or recipe that does not fit the file")
    if sidecar["format"] not in RECIPES[name].formats or sidecar.get("component") not in networks.components:
        raise ArtifactError(f"{sidecar_path(path)} names a recipe or component that does not fit the file")
    check_belongs(path, sidecar, networks.pack)
    component = sidecar["component"]
    recipe, metadata = avatar_recipe(name, component), component_metadata(networks.pack, component, name)
    report = _check(path, networks, component, name, failures)
    try:
        check_promises(path, metadata, networks.layered(component), recipe, 1)
    except ExportError as error:
        raise ArtifactError(f"{path} is not what its sidecar says: {error}") from error
    size = sidecar["size_bytes"]
    return Exported(path, sidecar["format"], name, size, report, recipe.min_mean_psnr_db, component)


def _export_one(
    networks: AvatarNetworks,
    folder: Path,
    component: str,
    name: str,
    recipe_name: str,
    calibration: GeneratorCalibration,
) -> Exported:
    pack, known, recipe = networks.pack, FORMATS[name], avatar_recipe(recipe_name, component)
    path = file_path(folder, pack, recipe.name, name, "float32", component)
    faces, metadata = calibration if recipe.calibrated else None, component_metadata(pack, component, recipe.name)
    with workshop_in(folder) as workshop:
        built = workshop / path.name
        exporter = find_avatar_exporter(known, component)
        with conversion_errors(path.name):
            exporter(getattr(networks, component), built, recipe.name, metadata, faces)
        check_promises(built, metadata, networks.layered(component), recipe, 1)
        report = _check(built, networks, component, recipe.name, folder / "parity-failures")
        spec, about = _spec(networks, component, known), _about(networks, component, faces)
        sizes = [networks.generator.config.size]
        put_in_place(built, path, describe_file(pack, spec, name, recipe, sizes, built, report, about))
    return Exported(path, name, recipe.name, file_size_bytes(path), report, recipe.min_mean_psnr_db, component)


def _check(path: Path, networks: AvatarNetworks, component: str, recipe_name: str, failures: Path) -> ParityReport:
    recipe = avatar_recipe(recipe_name, component)
    if component == "generator":
        return check_generator(open_generator(path), networks.faces, recipe, failures)
    if component == "mapping":
        return check_mapping(open_mapping(path), networks.faces, recipe, failures)
    assert networks.inverter is not None
    return check_inverter(open_inverter(path), networks.faces, networks.inverter, recipe, failures)


def _spec(networks: AvatarNetworks, component: str, known: Format) -> ComponentSpec:
    config = networks.generator.config
    if component == "mapping":
        return mapping_spec(networks.mapping.latents, config.style_dimensions)
    make = generator_spec if component == "generator" else inverter_spec
    return make(known.layout, config.style_dimensions, config.size)


def _about(networks: AvatarNetworks, component: str, faces: GeneratorCalibration | None) -> dict[str, Any]:
    """What only sidecars of avatar packs have."""
    return {
        "styles": styles_json(networks.pack),
        "mean_style": networks.generator.get_buffer("mean_style").tolist(),
        **({"latents": networks.mapping.latents} if component == "mapping" else {}),
        "calibration": faces and faces.to_json(),
    }
