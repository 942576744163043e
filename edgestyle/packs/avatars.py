"""Load and save packs that draw avatars; what `loading` promises of packs from strangers holds for them too."""

from pathlib import Path
from typing import Any

import numpy as np

from edgestyle.contract import check_strength
from edgestyle.errors import ContractError, PackError
from edgestyle.packs.avatar_pack import AvatarPack as AvatarPack
from edgestyle.packs.loading import (
    MAX_WIDTH,
    PACK_FORMAT,
    check_name,
    component_json,
    draws_avatars,
    find_folder,
    load_pack,
    pack_errors,
    parse_component,
    parse_style,
    parse_text,
    read_pack_json,
    shipped_avatars,
    style_json,
    write_pack_json,
)
from edgestyle.packs.pack import Component, Pack, Style

DEFAULT_AVATARS = "faces"
_NEEDED, _KNOWN = ("generator", "mapping"), ("generator", "mapping", "inverter")


def load_avatars(name_or_folder: str | Path) -> AvatarPack:
    """Load a shipped pack of avatars by name, or any by its folder.

    Raises:
        PackError: there is none (the message lists the shipped ones), it is damaged, or it redraws pictures.
    """
    folder = find_folder(name_or_folder)
    if folder is None:
        known = ", ".join(shipped_avatars())
        wanted = (
            f"shipped ones: {known}, or give a folder" if known else "none is shipped: --pack FOLDER takes your own"
        )
        raise PackError(
            f"unknown pack of avatars '{name_or_folder}'; {wanted} (README, 'Draw avatars from nothing', makes one)"
        )
    data = read_pack_json(folder)
    if not draws_avatars(data):
        command = f"edgestyle stylize PHOTO -o OUTPUT --pack {name_or_folder}"
        raise PackError(f"pack '{name_or_folder}' redraws pictures and draws no avatars: {command}")
    with pack_errors(folder):
        return _parse(data, folder)


def load_any_pack(name_or_folder: str | Path) -> Pack | AvatarPack:
    """Load a pack of either kind; errors as for `load_pack`."""
    folder = find_folder(name_or_folder)
    if folder is not None and draws_avatars(read_pack_json(folder)):
        return load_avatars(name_or_folder)
    return load_pack(name_or_folder)


def save_avatars_json(pack: AvatarPack) -> None:
    """Write `pack.json` into the pack's folder, whole or not at all."""
    data = {
        "format": PACK_FORMAT,
        "name": pack.name,
        "title": pack.title,
        "description": pack.description,
        "licence": pack.licence,
        "components": {name: component_json(component) for name, component in pack.components.items()},
        "styles": {name: _avatar_json(style) for name, style in pack.styles.items()},
        "default_strength": pack.default_strength,
        "training": pack.training,
    }
    write_pack_json(pack.folder, data)


def sizes_of(components: dict[str, Component]) -> tuple[int, int, int]:
    """Side of the pictures, how many random numbers make a style, and its length, as the networks' sizes say.

    Raises:
        KeyError, TypeError, ValueError: a size is missing or odd, or the networks do not fit together.
    """
    generator, mapping = (components[name].config for name in _NEEDED)
    size, dimensions = 4 * 2 ** len(generator["widths"]), _whole(generator["style_dimensions"])
    if size > MAX_WIDTH:
        raise ValueError(f"pictures of {size} pixels are too large")
    if list(mapping["sizes"][-1:]) != [dimensions]:
        raise ValueError(f"its mapping does not give vectors of {dimensions} numbers, as its generator takes")
    if "inverter" in components:
        inverter = components["inverter"].config
        if (inverter["style_dimensions"], inverter["size"]) != (dimensions, size):
            raise ValueError(f"its inverter does not turn {size} pixels into {dimensions} numbers")
    return size, _whole(mapping["latent_dimensions"]), dimensions


def _parse(data: dict[str, Any], folder: Path) -> AvatarPack:
    components = {name: parse_component(name, entry, lists=True) for name, entry in data["components"].items()}
    if unknown := sorted(components.keys() - set(_KNOWN)):
        raise ValueError(f"it has a component '{unknown[0]}'; packs of avatars have {', '.join(_KNOWN)}")
    size, latents, dimensions = sizes_of(components)
    return AvatarPack(
        name=check_name(data["name"]),
        folder=folder,
        title=parse_text(data.get("title", "")),
        description=parse_text(data.get("description", "")),
        licence=parse_text(data["licence"]),
        components=components,
        styles={name: _parse_avatar(name, entry, dimensions) for name, entry in data["styles"].items()},
        size=size,
        latents=latents,
        dimensions=dimensions,
        default_strength=_parse_strength(data.get("default_strength", 1.0)),
        training=dict(data.get("training", {})),
    )


def _parse_avatar(name: str, entry: dict[str, Any], dimensions: int) -> Style:
    if check_name(name).isdecimal():
        raise ValueError(f"an avatar is called '{name}', which is a seed")
    style = parse_style(name, entry, dimensions)
    if max(map(abs, style.vector)) > float(np.finfo(np.float32).max):
        raise ValueError(f"style '{name}' has numbers that float32 does not hold")
    return style


def _avatar_json(style: Style) -> dict[str, Any]:
    return {key: value for key, value in style_json(style).items() if key != "detail"}  # there is no photo to keep


def _parse_strength(value: Any) -> float:
    try:
        return check_strength(float(value))
    except ContractError as error:
        raise ValueError(str(error)) from error


def _whole(value: object) -> int:
    if type(value) is not int or value < 1:
        raise ValueError(f"{value!r} is no length of a vector")
    return value
