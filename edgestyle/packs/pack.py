"""Load and save packs.

A pack is a folder: `pack.json`, weights as safetensors, a float32 ONNX file per component, previews. Packs come from
strangers, so nothing in them is executed, no name may lead out of the folder, sizes are checked before anything is
allocated and numbers must be finite.
"""

import json
import math
import re
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgestyle.contract import STYLE_DIMENSIONS, check_strength
from edgestyle.errors import ContractError, PackError
from edgestyle.images import Floats, Picture, PictureLike, as_picture, like_original, whole_file
from edgestyle.packs.stylizing import DEFAULT_WORKING_SIZE, stylize_pixels
from edgestyle.runtime.runner import Runner, open_runner

PACK_FORMAT = 1
SHIPPED = Path(__file__).parent
MAX_JSON_BYTES = 4 * 2**20
MAX_WEIGHTS_BYTES = 256 * 2**20
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


@dataclass(frozen=True)
class Style:
    """One style of a pack.

    Attributes:
        name: lower-case, as it is typed.
        vector: D floats.
        default_strength: what a demo should start with, in [0,1].
        title: for people.
        licence: SPDX identifier of the vector and what it was learned from.
        credit: whom or what it was learned from.
        preview: picture file in the pack, "" where there is none.
        detail: how much of a large photo's fine detail stays at full strength, in [0,1].
    """

    name: str
    vector: tuple[float, ...]
    default_strength: float = 1.0
    title: str = ""
    licence: str = "Apache-2.0"
    credit: str = ""
    preview: str = ""
    detail: float = 0.0

    def as_input(self) -> NDArray[np.float32]:
        """The vector as a network takes it, `float32 [1,D]`."""
        return np.asarray([self.vector], dtype=np.float32)


@dataclass(frozen=True)
class Component:
    """A network of a pack: which architecture, how wide, and its files' names."""

    model: str
    config: dict[str, Any]
    weights: str
    onnx: str


@dataclass(frozen=True)
class Pack:
    """A loaded pack.

    Attributes:
        name: as it is typed.
        folder: where its files are.
        title, description, licence: for people.
        components: by name; a picture pack has "renderer".
        styles: by name, the default first.
        training: how it was made: command, seed, threads, versions.
    """

    name: str
    folder: Path
    title: str
    description: str
    licence: str
    components: dict[str, Component]
    styles: dict[str, Style]
    training: dict[str, Any] = field(default_factory=dict)

    def style(self, name: str | None = None) -> Style:
        """The style called `name`, or the pack's first. Raises PackError with the list of known names."""
        if name is None:
            return next(iter(self.styles.values()))
        if name not in self.styles:
            raise PackError(f"pack '{self.name}' has no style '{name}'; it has {', '.join(self.styles)}")
        return self.styles[name]

    def file(self, name: str) -> Path:
        """A file of the pack. Raises PackError where it is missing or lies outside the pack's folder."""
        path = (self.folder / name).resolve()
        if not path.is_relative_to(self.folder.resolve()):
            raise PackError(f"pack '{self.name}' points out of its folder: {name}")
        if not path.is_file():
            raise PackError(f"pack '{self.name}' lacks its file {name}")
        if path.stat().st_size > MAX_WEIGHTS_BYTES:
            raise PackError(f"pack '{self.name}': {name} is larger than {MAX_WEIGHTS_BYTES // 2**20} MB")
        return path

    @cached_property
    def renderer(self) -> Runner:
        """The pack's renderer on ONNX Runtime, opened once."""
        return open_runner(self.file(self.components["renderer"].onnx))

    def stylize(
        self,
        image: PictureLike,
        style: str | None = None,
        strength: float | None = None,
        working_size: int | None = DEFAULT_WORKING_SIZE,
    ) -> PictureLike:
        """Stylize a picture; runs without torch.

        Args:
            image: a Pillow image, or an array `uint8 [H,W,3]` of sRGB pixels; any size.
            style: a name in `styles`; the first one by default.
            strength: 0 gives the picture back, 1 is the full style; the style's own default by default.
            working_size: long side at which the network runs; None for the picture's own size.

        Returns:
            The same kind of picture, of the same size; a Pillow image comes back as RGB, or RGBA if it had alpha.

        Raises:
            PackError: no such style.
            ContractError: the strength is no number from 0 to 1, or the array is no picture.
        """
        chosen = self.style(style)
        strength = check_strength(chosen.default_strength if strength is None else strength)

        def render(small: Floats) -> Floats:
            return self.renderer.run(small, chosen.as_input(), strength)

        picture = as_picture(image)
        kept_detail = 1 - strength * (1 - chosen.detail)
        pixels = stylize_pixels(render, picture.pixels, working_size, kept_detail)
        return like_original(Picture(pixels, picture.alpha), image)


def load_pack(name_or_folder: str | Path) -> Pack:
    """Load a shipped pack by name, or any pack by its folder.

    Raises:
        PackError: there is none (the message lists the shipped ones), or it is damaged.
    """
    folder = _find(name_or_folder)
    data = _read_json(folder / "pack.json")
    try:
        return _parse(data, folder)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise PackError(f"{folder / 'pack.json'} is not a pack: {_reason(error)}") from error


def shipped_packs() -> list[str]:
    """Names of the packs that come with edgestyle, sorted."""
    return sorted(path.parent.name for path in SHIPPED.glob("*/pack.json"))


def save_pack_json(pack: Pack) -> None:
    """Write `pack.json` into the pack's folder, whole or not at all."""
    data = {
        "format": PACK_FORMAT,
        "name": pack.name,
        "title": pack.title,
        "description": pack.description,
        "licence": pack.licence,
        "components": {name: asdict(component) for name, component in pack.components.items()},
        "styles": {name: _style_json(style) for name, style in pack.styles.items()},
        "training": pack.training,
    }
    with whole_file(pack.folder / "pack.json") as temporary:
        temporary.write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _find(name_or_folder: str | Path) -> Path:
    as_path = Path(name_or_folder)
    if (as_path / "pack.json").is_file():
        return as_path
    if _NAME.fullmatch(str(name_or_folder)) and (SHIPPED / str(name_or_folder) / "pack.json").is_file():
        return SHIPPED / str(name_or_folder)
    raise PackError(f"unknown pack '{name_or_folder}'; shipped packs: {', '.join(shipped_packs())}, or give a folder")


def _read_json(path: Path) -> dict[str, Any]:
    if path.stat().st_size > MAX_JSON_BYTES:
        raise PackError(f"{path} is larger than {MAX_JSON_BYTES // 2**20} MB")
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise PackError(f"{path} is not JSON: {error}") from error
    if not isinstance(data, dict) or data.get("format") != PACK_FORMAT:
        raise PackError(f"{path} is not a pack of format {PACK_FORMAT}")
    return data


def _parse(data: dict[str, Any], folder: Path) -> Pack:
    components = {name: _parse_component(name, entry) for name, entry in data["components"].items()}
    dimensions = int(components["renderer"].config.get("style_dimensions", STYLE_DIMENSIONS))
    styles = {name: _parse_style(name, entry, dimensions) for name, entry in data["styles"].items()}
    if not styles:
        raise ValueError("it has no style")
    return Pack(
        name=_checked_name(data["name"]),
        folder=folder,
        title=str(data.get("title", "")),
        description=str(data.get("description", "")),
        licence=str(data["licence"]),
        components=components,
        styles=styles,
        training=dict(data.get("training", {})),
    )


def _parse_component(name: str, entry: dict[str, Any]) -> Component:
    config = dict(entry["config"])
    if not all(isinstance(v, int | float) and 0 < v <= 4096 for v in config.values()):
        raise ValueError(f"component '{name}' has a width or depth out of range")
    return Component(str(entry["model"]), config, _plain(entry["weights"]), _plain(entry["onnx"]))


def _parse_style(name: str, entry: dict[str, Any], dimensions: int) -> Style:
    vector = tuple(float(value) for value in entry["vector"])
    if len(vector) != dimensions or not all(math.isfinite(value) for value in vector):
        raise ValueError(f"style '{name}' is not a vector of {dimensions} finite numbers")
    try:
        strength, detail = check_strength(float(entry["default_strength"])), check_strength(entry.get("detail", 0.0))
    except ContractError as error:
        raise ValueError(f"style '{name}': {error}") from error
    return Style(
        name=_checked_name(name),
        vector=vector,
        default_strength=strength,
        title=str(entry.get("title", name)),
        licence=str(entry["licence"]),
        credit=str(entry.get("credit", "")),
        preview=_plain(entry["preview"]) if entry.get("preview") else "",
        detail=detail,
    )


def _style_json(style: Style) -> dict[str, Any]:
    entry = asdict(style)
    del entry["name"]
    entry["vector"] = [float(f"{value:.8g}") for value in style.vector]
    return entry


def _checked_name(name: object) -> str:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not a name: use a-z, 0-9, - and _")
    return name


def _plain(name: object) -> str:
    """A relative file name made of harmless parts."""
    parts = str(name).split("/")
    if not isinstance(name, str) or any(not re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._-]*", p) for p in parts):
        raise ValueError(f"{name!r} is not a plain file name")
    return name


def _reason(error: Exception) -> str:
    return f"it lacks {error}" if isinstance(error, KeyError) else str(error)
