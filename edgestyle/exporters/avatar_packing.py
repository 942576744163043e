"""Turn a trained generator, its mapping and its inverter into a pack that draws avatars."""

import copy
from collections.abc import Callable
from collections.abc import Mapping as Named
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import nn

from edgestyle.errors import ExportError
from edgestyle.exporters.describing import component_metadata
from edgestyle.exporters.generator_parity import Faces, SeedFaces, check_generator, check_inverter, check_mapping
from edgestyle.exporters.generator_recipes import avatar_recipe
from edgestyle.exporters.generators_onnx import export_generator, export_inverter, export_mapping
from edgestyle.exporters.halves import rounded_to_half
from edgestyle.exporters.whole_packs import files_of, whole_pack
from edgestyle.images import Picture, write_picture
from edgestyle.models.inversion import InversionEncoder
from edgestyle.models.mapping import Mapping
from edgestyle.models.mapping_config import describe_mapping
from edgestyle.models.mobile_stylegan import MobileGenerator
from edgestyle.packs.avatar_networks import save_halves
from edgestyle.packs.avatars import AvatarPack, load_avatars, save_avatars_json, sizes_of
from edgestyle.packs.pack import Component, Style
from edgestyle.packs.seeds import draw_latent

Network = TypeVar("Network", bound=nn.Module)

MAX_PACK_BYTES = 4_000_000  # a pack ships with the library and inside of apps


@dataclass(frozen=True)
class _Networks:
    """A pack's networks with weights that float16 holds."""

    generator: MobileGenerator
    mapping: Mapping
    inverter: InversionEncoder | None


def build_avatars(
    folder: Path,
    name: str,
    generator: MobileGenerator,
    mapping: Mapping,
    inverter: InversionEncoder | None,
    styles: list[Style],
    about: dict[str, Any],
) -> AvatarPack:
    """Write a pack of avatars: weights as float16, ONNX files of the same that passed parity, previews, `pack.json`.

    Weights are rounded to float16 before anything else, so that the safetensors and the ONNX files hold the same
    numbers in half the bytes; arithmetic stays float32.

    Args:
        folder: of the pack; an older build there is replaced, once the new one is complete. Files that its `pack.json`
            does not name stay.
        name: of the pack as it will be typed.
        generator, mapping, inverter: trained, of one style space. Without an inverter pictures cannot be drawn again.
        styles: the avatars that have names, see `name_seeds`; previews are added.
        about: "title", "description", "licence" and "training"; "default_strength" where faces from seeds are not
            drawn at 1.

    Raises:
        ExportError: the networks do not fit together, a weight is beyond float16, the pack would be invalid or larger
            than 4 MB, or the folder holds something else.
        ParityError: an ONNX file draws another picture than its network.
        OutputError: the folder cannot be written.
    """
    networks = _Networks(_in_halves(generator), _in_halves(mapping), _in_halves(inverter) if inverter else None)
    with whole_pack(folder) as built:
        pack = _describe(built, name, networks, styles, about)
        _write(pack, networks, folder.parent / "parity-failures")
    return load_avatars(folder.resolve())


def name_seeds(mapping: Mapping, seeds: Named[str, int], licence: str, credit: str = "") -> list[Style]:
    """Give seeds a name: the styles that a pack with this mapping draws them in, for `build_avatars`.

    Args:
        mapping: trained.
        seeds: by name; titles are the names, capitalised.
        licence: SPDX identifier.
        credit: whose design the faces are.
    """
    rounded = _in_halves(mapping)
    styles = []
    for name, seed in seeds.items():
        latent = torch.from_numpy(draw_latent(seed, describe_mapping(mapping).latent_dimensions))
        vector = rounded(latent[None])[0].tolist()
        title = name.replace("-", " ").replace("_", " ").title()
        styles.append(Style(name, _digits(vector), title=title, licence=licence, credit=credit))
    return styles


def _in_halves(network: Network) -> Network:
    """A frozen copy whose parameters float16 holds. Raises ExportError where one is beyond."""
    try:
        return rounded_to_half(copy.deepcopy(network).eval().requires_grad_(False))
    except ValueError as error:
        raise ExportError(f"weights cannot be stored as float16: {error}") from error


def _describe(folder: Path, name: str, networks: _Networks, styles: list[Style], about: dict[str, Any]) -> AvatarPack:
    """A pack whose files are yet to be written."""
    components = {
        "generator": _component("mobile-stylegan", "generator", networks.generator.config),
        "mapping": _component("mapping", "mapping", describe_mapping(networks.mapping)),
    }
    if networks.inverter is not None:
        components["inverter"] = _component("inversion", "inverter", networks.inverter.config)
    try:
        size, latents, dimensions = sizes_of(components)
    except ValueError as error:
        raise ExportError(f"pack '{name}' would not work: {error}") from error
    previews = [replace(style, vector=_digits(style.vector), preview=f"previews/{style.name}.jpg") for style in styles]
    return AvatarPack(
        name=name,
        folder=folder,
        title=about["title"],
        description=about["description"],
        licence=about["licence"],
        components=components,
        styles={style.name: style for style in previews},
        size=size,
        latents=latents,
        dimensions=dimensions,
        default_strength=about.get("default_strength", 1.0),
        training=about["training"],
    )


def _component(model: str, name: str, config: Any) -> Component:
    return Component(model, asdict(config), f"{name}.safetensors", f"{name}.onnx")


def _write(pack: AvatarPack, networks: _Networks, failures: Path) -> None:
    _write_network(pack, "generator", networks.generator, export_generator)
    _write_network(pack, "mapping", networks.mapping, export_mapping)
    if networks.inverter is not None:
        _write_network(pack, "inverter", networks.inverter, export_inverter)
    save_avatars_json(pack)
    written = load_avatars(pack.folder)
    if written.styles != pack.styles:
        raise ExportError(f"pack '{pack.name}' does not read back as it was written")
    _check_parity(written, networks, failures)
    for style in pack.styles.values():
        write_picture(Picture(written.draw(style.name)), pack.folder / style.preview)
    _check_size(pack)


def _check_parity(pack: AvatarPack, networks: _Networks, failures: Path) -> None:
    """Raise ParityError unless the pack's ONNX files draw what its networks draw: seeds, and avatars with names."""
    recipe, faces = avatar_recipe("float32", "generator"), SeedFaces(networks.generator, networks.mapping)
    named = {style.name: style.as_input() for style in pack.styles.values()}
    check_generator(pack.generator, Faces(networks.generator, {**faces.styles, **named}), recipe, failures)
    check_mapping(pack.mapping, faces, recipe, failures)
    if networks.inverter is not None:
        check_inverter(pack.inverter, faces, networks.inverter, recipe, failures)


def _write_network(pack: AvatarPack, name: str, network: Any, export: Callable[..., None]) -> None:
    component = pack.components[name]
    save_halves(network, pack.folder / component.weights)
    metadata = component_metadata(pack, name, "float32")
    export(network, pack.folder / component.onnx, "float32", metadata, half_weights=True)


def _check_size(pack: AvatarPack) -> None:
    """Raise ExportError unless the pack is light."""
    size = sum((pack.folder / name).stat().st_size for name in ("pack.json", *files_of(pack)))
    if size > MAX_PACK_BYTES:
        most = f"{MAX_PACK_BYTES / 1e6:g} MB"
        raise ExportError(f"pack '{pack.name}' takes {size / 1e6:.1f} MB, more than {most}: make its networks smaller")


def _digits(vector: Any) -> tuple[float, ...]:
    """Numbers to nine digits, which are all that float32 has."""
    return tuple(float(f"{value:.9g}") for value in vector)
