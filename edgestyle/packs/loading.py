"""Load and save packs.

A pack is a folder: `pack.json`, weights as safetensors, a float32 ONNX file per component, previews. Packs come from
strangers, so nothing in them is executed, no name may lead out of the folder, sizes of files and of weights are checked
before they are loaded, and weights must be finite.
"""

import json
import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from edgestyle.contract import SMALLEST_SIDE, STYLE_DIMENSIONS, check_strength
from edgestyle.errors import ContractError, PackError
from edgestyle.images import whole_file
from edgestyle.packs.pack import Component, Pack, Style
from edgestyle.packs.stylizing import DEFAULT_WORKING_SIZE

PACK_FORMAT = 1
SHIPPED = Path(__file__).parent
MAX_JSON_BYTES = 4 * 2**20
MAX_WORKING_SIZE = 8192
MAX_WIDTH = 1024  # of layers; no phone network comes near
MAX_LAYERS = 32  # whose widths a list holds
MAX_RECIPES = 8
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


def load_pack(name_or_folder: str | Path) -> Pack:
    """Load a shipped pack by name, or any pack by its folder.

    Raises:
        PackError: there is none (the message lists the shipped ones), it is damaged, or it draws avatars.
    """
    folder = find_folder(name_or_folder)
    if folder is None:
        known = ", ".join(shipped_packs())
        raise PackError(f"unknown pack '{name_or_folder}'; shipped packs: {known}, or give a folder")
    data = read_pack_json(folder)
    if draws_avatars(data):
        command = f"edgestyle avatar --pack {name_or_folder}"
        raise PackError(f"pack '{name_or_folder}' draws avatars and takes no pictures: {command}")
    with pack_errors(folder):
        return _parse(data, folder)


def shipped_packs() -> list[str]:
    """Names of the packs that come with edgestyle and redraw pictures, sorted."""
    return [name for name in _shipped() if not draws_avatars(read_pack_json(SHIPPED / name))]


def shipped_avatars() -> list[str]:
    """Names of the packs that come with edgestyle and draw avatars, sorted."""
    return [name for name in _shipped() if draws_avatars(read_pack_json(SHIPPED / name))]


def save_pack_json(pack: Pack) -> None:
    """Write `pack.json` into the pack's folder, whole or not at all."""
    data = {
        "format": PACK_FORMAT,
        "name": pack.name,
        "title": pack.title,
        "description": pack.description,
        "licence": pack.licence,
        "components": {name: component_json(component) for name, component in pack.components.items()},
        "styles": {name: style_json(style) for name, style in pack.styles.items()},
        "working_size": pack.working_size or "full",
        "training": pack.training,
    }
    write_pack_json(pack.folder, data)


def write_pack_json(folder: Path, data: dict[str, Any]) -> None:
    """Write `data` as a folder's `pack.json`, whole or not at all."""
    with whole_file(folder / "pack.json") as temporary:
        temporary.write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def check_name(name: object) -> str:
    """Return `name` if it can name a pack or style; raise PackError otherwise."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise PackError(f"{name!r} is not a name: use a-z, 0-9, - and _")
    return name


def find_folder(name_or_folder: str | Path) -> Path | None:
    """The folder of a shipped pack of any kind, or the folder itself; None where there is no pack."""
    if str(name_or_folder) in _shipped():
        return SHIPPED / str(name_or_folder)
    folder = Path(name_or_folder)
    try:
        return folder if (folder / "pack.json").is_file() else None
    except OSError:  # such as a name no file system takes
        return None


def read_pack_json(folder: Path) -> dict[str, Any]:
    """What a folder's `pack.json` holds. Raises PackError where it is too large, no JSON or of another format."""
    path = folder / "pack.json"
    if path.stat().st_size > MAX_JSON_BYTES:
        raise PackError(f"{path} is larger than {MAX_JSON_BYTES // 2**20} MB")
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise PackError(f"{path} is not JSON: {error}") from error
    if not isinstance(data, dict) or data.get("format") != PACK_FORMAT:
        raise PackError(f"{path} is not a pack of format {PACK_FORMAT}")
    return data


def draws_avatars(data: dict[str, Any]) -> bool:
    """Whether a `pack.json` describes a pack that draws avatars, and not one that redraws pictures."""
    components = data.get("components")
    return isinstance(components, dict) and "generator" in components


@contextmanager
def pack_errors(folder: Path) -> Iterator[None]:
    """Turn what a damaged `pack.json` raises while it is parsed into PackError."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        reason = f"it lacks {error}" if isinstance(error, KeyError) else str(error)
        raise PackError(f"{folder / 'pack.json'} is not a pack: {reason}") from error


def _shipped() -> list[str]:
    return sorted(path.parent.name for path in SHIPPED.glob("*/pack.json"))


def _parse(data: dict[str, Any], folder: Path) -> Pack:
    components = {name: parse_component(name, entry) for name, entry in data["components"].items()}
    dimensions = int(components["renderer"].config.get("style_dimensions", STYLE_DIMENSIONS))
    if "encoder" in components and components["encoder"].config.get("style_dimensions") != dimensions:
        raise ValueError(f"its encoder does not give vectors of {dimensions} numbers, as its renderer takes")
    styles = {name: parse_style(name, entry, dimensions) for name, entry in data["styles"].items()}
    if not styles:
        raise ValueError("it has no style")
    return Pack(
        name=check_name(data["name"]),
        folder=folder,
        title=parse_text(data.get("title", "")),
        description=parse_text(data.get("description", "")),
        licence=parse_text(data["licence"]),
        components=components,
        styles=styles,
        working_size=_working_size(data.get("working_size", DEFAULT_WORKING_SIZE)),
        training=dict(data.get("training", {})),
    )


def parse_component(name: str, entry: dict[str, Any], lists: bool = False) -> Component:
    """A network of a pack.

    Args:
        name: of the component.
        entry: as it stands in `pack.json`.
        lists: whether its configuration may hold lists of widths.

    Raises:
        KeyError, TypeError, ValueError, AttributeError, PackError: it is none.
    """
    config = dict(entry["config"])
    if not all(_is_width(value) or (lists and _are_widths(value)) for value in config.values()):
        raise ValueError(f"component '{name}' has a width or depth out of range")
    trained = dict(entry.get("recipe_weights", {}))
    if len(trained) > MAX_RECIPES:
        raise ValueError(f"component '{name}' has weights for more than {MAX_RECIPES} recipes")
    recipe_weights = {check_name(recipe): _plain(file) for recipe, file in trained.items()}
    return Component(str(entry["model"]), config, _plain(entry["weights"]), _plain(entry["onnx"]), recipe_weights)


def _is_width(value: object) -> bool:
    return type(value) in (int, float) and 0 <= value <= MAX_WIDTH  # type: ignore[operator]  # numbers by now


def _are_widths(value: object) -> bool:
    return isinstance(value, list) and len(value) <= MAX_LAYERS and all(map(_is_width, value))


def parse_style(name: str, entry: dict[str, Any], dimensions: int) -> Style:
    """A style of a pack, whose vector has `dimensions` numbers; arguments and errors as for `parse_component`."""
    vector = tuple(float(value) for value in entry["vector"])
    if len(vector) != dimensions or not all(math.isfinite(value) for value in vector):
        raise ValueError(f"style '{name}' is not a vector of {dimensions} finite numbers")
    try:
        strength, detail = check_strength(float(entry["default_strength"])), check_strength(entry.get("detail", 0.0))
    except ContractError as error:
        raise ValueError(f"style '{name}': {error}") from error
    return Style(
        name=check_name(name),
        vector=vector,
        default_strength=strength,
        title=parse_text(entry.get("title", name)),
        licence=parse_text(entry["licence"]),
        credit=parse_text(entry.get("credit", "")),
        preview=_plain(entry["preview"]) if entry.get("preview") else "",
        detail=detail,
    )


def _working_size(value: object) -> int | None:
    """Pixels, or None for "full"."""
    if value == "full":
        return None
    if type(value) is not int or not SMALLEST_SIDE <= value <= MAX_WORKING_SIZE:
        raise ValueError(f"a working size must be 'full' or a whole number up to {MAX_WORKING_SIZE}, not {value!r}")
    return value


def component_json(component: Component) -> dict[str, Any]:
    """A component as it stands in `pack.json`."""
    entry = asdict(component)
    return entry if component.recipe_weights else {k: v for k, v in entry.items() if k != "recipe_weights"}


def style_json(style: Style) -> dict[str, Any]:
    """A style as it stands in `pack.json`."""
    entry = asdict(style)
    del entry["name"]
    return entry


def parse_text(value: object) -> str:
    """Text that can be printed: control characters could drive a terminal. Raises ValueError for anything else."""
    if not isinstance(value, str) or not value.isprintable():
        raise ValueError(f"{value!r} is no plain text")
    return value


def _plain(name: object) -> str:
    """A relative file name made of harmless parts."""
    parts = str(name).split("/")
    if not isinstance(name, str) or any(not re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._-]*", p) for p in parts):
        raise ValueError(f"{name!r} is not a plain file name")
    return name
