"""What is said of an exported file: the result of its export, its sidecar, and the metadata inside of it."""

import json
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from edgestyle.contract import CONTRACT_VERSION, SIZE_MULTIPLE, ComponentSpec, encoder_spec, renderer_spec
from edgestyle.errors import ArtifactError
from edgestyle.exporters.calibration import Calibration
from edgestyle.exporters.formats import FORMATS, Format
from edgestyle.exporters.layers import minimum_system
from edgestyle.exporters.parity import ParityReport
from edgestyle.exporters.ranges import METHOD
from edgestyle.exporters.recipes import Recipe
from edgestyle.packs.networks import weights_hash
from edgestyle.packs.pack import Pack, PackFiles
from edgestyle.sidecar import file_sha256, file_size_bytes, sidecar_path

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
    component: str = "renderer"


def make_sidecar(
    pack: Pack,
    component: str,
    name: str,
    known: Format,
    recipe: Recipe,
    sizes: list[int],
    path: Path,
    report: ParityReport,
    calibration: Calibration | None,
) -> dict[str, Any]:
    """The sidecar of a file.

    Args:
        pack, component: what it was exported from, "renderer" or "encoder".
        name, known, recipe, sizes: of the export.
        path: the file.
        report, calibration: as they came out, None where the recipe is not calibrated.
    """
    about = {
        "working_size": pack.working_size or "full",
        "free_size": known.free_size and component == "renderer",
        "styles": styles_json(pack),
        "calibration": calibration and {**calibration.to_json(), "ranges": METHOD},
    }
    return describe_file(pack, _spec(component, known, pack), name, recipe, sizes, path, report, about)


def describe_file(
    pack: PackFiles,
    spec: ComponentSpec,
    name: str,
    recipe: Recipe,
    sizes: list[int],
    path: Path,
    report: ParityReport,
    about: dict[str, Any],
) -> dict[str, Any]:
    """What all sidecars have.

    Args:
        pack, name, recipe, sizes, path, report: as for `make_sidecar`.
        spec: of the component in the format's layout.
        about: what this kind of file has beside that, "styles" among it.
    """
    component = pack.components[spec.component]
    return {
        "contract_version": CONTRACT_VERSION,
        "pack": pack.name,
        "component": spec.component,
        NETWORK_HASH: weights_hash(pack, spec.component),
        "format": name,
        "recipe": recipe.name,
        "weights": component.weights_for(recipe.name if recipe.layers is None else None),
        "inputs": [tensor.to_json() for tensor in spec.inputs],
        "outputs": [tensor.to_json() for tensor in spec.outputs],
        "size_multiple": spec.size_multiple,
        "sizes": sizes,
        **about,
        "sha256": file_sha256(path),
        "size_bytes": file_size_bytes(path),
        "parity": report.to_json(),
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


def styles_json(pack: PackFiles) -> dict[str, Any]:
    """A pack's styles as they stand in a sidecar."""
    return {
        name: {"vector": list(style.vector), "default_strength": style.default_strength}
        for name, style in pack.styles.items()
    }


def check_belongs(path: Path, sidecar: dict[str, Any], pack: PackFiles) -> None:
    """Raise ArtifactError unless a file has this pack's styles, and its weights where the sidecar says which.

    It may have more: styles that were learned later and added to it.
    """
    vectors = vectors_of(pack)
    if {name: style["vector"] for name, style in sidecar["styles"].items() if name in vectors} != vectors:
        raise ArtifactError(f"{sidecar_path(path)} holds other styles than the pack '{pack.name}'")
    component = sidecar.get("component", "renderer")
    if component not in pack.components:
        raise ArtifactError(f"{sidecar_path(path)} is of a component that the pack '{pack.name}' does not have")
    expected = weights_hash(pack, component)
    if sidecar.get(NETWORK_HASH, expected) != expected:  # files of before 0.2.0 do not say
        raise ArtifactError(f"{path} was exported from other weights than those in the pack '{pack.name}'")


def tool_versions(format_name: str) -> dict[str, str]:
    """Versions of all that makes a format's files."""
    return {tool: version(tool) for tool in ("edgestyle", *FORMATS[format_name].tools)}


def file_metadata(pack: Pack, recipe: str) -> dict[str, str]:
    """What is embedded in a renderer's file itself, for whoever finds it without its sidecar."""
    return {
        "pack": pack.name,
        "licence": pack.licence,
        "recipe": recipe,
        "contract_version": str(CONTRACT_VERSION),
        "strength_range": "0 to 1; 0 leaves the picture untouched",
        "size_multiple": str(SIZE_MULTIPLE),
        "styles": json.dumps(_rounded(vectors_of(pack)), separators=(",", ":")),
    }


def encoder_metadata(pack: Pack, recipe: str) -> dict[str, str]:
    """The same for an encoder's file."""
    return component_metadata(pack, "encoder", recipe)


def component_metadata(pack: PackFiles, component: str, recipe: str) -> dict[str, str]:
    """The same for the file of any component but a renderer."""
    return {
        "pack": pack.name,
        "component": component,
        "licence": pack.licence,
        "recipe": recipe,
        "contract_version": str(CONTRACT_VERSION),
    }


def _rounded(vectors: dict[str, list[float]]) -> dict[str, list[float]]:
    """Vectors to five digits, whose rest nobody sees: all of float64 would take more bytes than the largest layer."""
    return {name: [float(f"{value:.5g}") for value in vector] for name, vector in vectors.items()}


def vectors_of(pack: PackFiles) -> dict[str, list[float]]:
    """A pack's style vectors by name."""
    return {style.name: list(style.vector) for style in pack.styles.values()}


def _spec(component: str, known: Format, pack: Pack) -> ComponentSpec:
    make = encoder_spec if component == "encoder" else renderer_spec
    return make(known.layout, len(pack.style().vector))
