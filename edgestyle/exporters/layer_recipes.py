"""Recipes by layer as JSON: what a search chose, to be used again."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edgestyle.errors import ArtifactError, ExportError
from edgestyle.exporters.layers import BITS, LAYER_FORMATS, Layer, LayerTable, precisions_of, stored_bytes
from edgestyle.exporters.recipes import FLOOR_DB, RECIPES, Recipe
from edgestyle.images import whole_file

VERSION = 1
SUFFIX = ".recipe.json"
_MAX_BYTES = 2**18
_MAX_LAYERS = 2048
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_MAX_DB = 200.0
_MOST_NESTED = 4


@dataclass(frozen=True)
class LayerRecipe:
    """A precision for every layer of a network in one format.

    Attributes:
        name: of the recipe, as files are called after it.
        format: that it was made for.
        network: what it was made for, for people: a pack's name and its weights' sha256.
        layers: precision by layer.
        min_mean_psnr_db, min_style_psnr_db: what its files promise, as in `Recipe`.
        found: how it was found and what was measured then, for people.
    """

    name: str
    format: str
    network: Mapping[str, str]
    layers: LayerTable
    min_mean_psnr_db: float
    min_style_psnr_db: float
    found: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """As it stands in a file and in a sidecar."""
        return {
            "recipe_version": VERSION,
            "name": self.name,
            "format": self.format,
            "network": dict(self.network),
            "promise": {"min_mean_psnr_db": self.min_mean_psnr_db, "min_style_psnr_db": self.min_style_psnr_db},
            "layers": dict(self.layers),
            "found": dict(self.found),
        }

    def to_recipe(self, layers: Sequence[Layer] = (), parameters: int = 0) -> Recipe:
        """The same for the exporter, which needs the network's layers and number of parameters to limit the size."""
        return Recipe(
            self.name,
            (self.format,),
            weight_bits=min(BITS[precision] for precision in self.layers.values()),
            activation_bits=8 if "w8a8" in self.layers.values() else 32,
            min_mean_psnr_db=self.min_mean_psnr_db,
            min_style_psnr_db=self.min_style_psnr_db,
            layers=dict(self.layers),
            weights_bytes=stored_bytes(self.layers, layers, parameters) if layers else None,
        )


def write_layer_recipe(recipe: LayerRecipe, path: Path) -> None:
    """Write it as JSON, whole or not at all."""
    with whole_file(path) as temporary:
        temporary.write_text(json.dumps(recipe.to_json(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read_layer_recipe(path: Path) -> LayerRecipe:
    """Read a recipe, which may come from anybody. Raises ExportError where it is none."""
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise ExportError(f"cannot read the recipe {path}: {error.strerror or error}") from error
    if len(data) > _MAX_BYTES:
        raise ExportError(f"the recipe {path} is larger than {_MAX_BYTES} bytes; one by layer has a few thousand")
    try:
        return parse_layer_recipe(json.loads(data, parse_constant=_refuse))
    except ExportError as error:
        raise ExportError(f"the recipe {path} cannot be used: {error}") from error
    except (ValueError, RecursionError) as error:
        raise ExportError(f"the recipe {path} is no JSON: {error}") from error


def parse_layer_recipe(data: object) -> LayerRecipe:
    """Take JSON for a recipe; raise ExportError that says what is wrong with it."""
    fields = _object(data, "a recipe")
    if fields.get("recipe_version") != VERSION:
        raise ExportError(f"'recipe_version' is {fields.get('recipe_version')!r:.40}; this edgestyle reads {VERSION}")
    name = _text(fields.get("name"), "'name'")
    if not _NAME.fullmatch(name) or name in RECIPES:
        raise ExportError(
            f"'name' is {name!r:.60}; it is small letters, digits and '-', and none of {', '.join(RECIPES)}"
        )
    format_name = _text(fields.get("format"), "'format'")
    if format_name not in LAYER_FORMATS:
        raise ExportError(f"'format' is {format_name!r:.40}; known: {', '.join(LAYER_FORMATS)}")
    layers = _texts(fields.get("layers"), "'layers'")
    for layer, precision in layers.items():
        if precision not in BITS:
            raise ExportError(f"layer {layer!r:.60} is to be {precision!r:.40}; known: {', '.join(BITS)}")
    if not layers:
        raise ExportError("'layers' is empty; it names a precision for every layer")
    promise = _object(fields.get("promise"), "'promise'")
    return LayerRecipe(
        name=name,
        format=format_name,
        network=_texts(fields.get("network", {}), "'network'"),
        layers=layers,
        min_mean_psnr_db=_db(promise.get("min_mean_psnr_db"), "'min_mean_psnr_db'", FLOOR_DB[0]),
        min_style_psnr_db=_db(promise.get("min_style_psnr_db"), "'min_style_psnr_db'", FLOOR_DB[1]),
        found=_plain(_object(fields.get("found", {}), "'found'")),
    )


def recipe_in_sidecar(sidecar: dict[str, Any], layers: Sequence[Layer], parameters: int) -> Recipe | None:
    """The recipe that a sidecar names, which may be one for these layers; None where it is unknown."""
    if sidecar["recipe"] in RECIPES or "layer_recipe" not in sidecar:
        return RECIPES.get(sidecar["recipe"])
    try:
        chosen = parse_layer_recipe(sidecar["layer_recipe"])
        check_fits(chosen, layers, sidecar["pack"])
    except ExportError as error:
        raise ArtifactError(f"the sidecar's recipe by layer is damaged: {error}") from error
    fits = (chosen.name, chosen.format) == (sidecar["recipe"], sidecar["format"])
    return chosen.to_recipe(layers, parameters) if fits else None


def check_fits(recipe: LayerRecipe, layers: Sequence[Layer], network: str) -> None:
    """Raise ExportError unless the recipe names exactly these layers, each with a precision that it can have."""
    known = {layer.name: layer for layer in layers}
    missing = [name for name in known if name not in recipe.layers]
    unknown = [name for name in recipe.layers if name not in known]
    if missing or unknown:
        parts = [
            f"{word} {_listed(names)}" for word, names in (("lacks", missing), ("names unknown", unknown)) if names
        ]
        raise ExportError(
            f"the recipe '{recipe.name}' is of another network than '{network}': it {' and '.join(parts)}"
        )
    for name, precision in recipe.layers.items():
        able = precisions_of(known[name], recipe.format)
        if precision not in able:
            raise ExportError(f"layer '{name}' cannot be {precision} in {recipe.format}; it can be {', '.join(able)}")


def _listed(names: list[str]) -> str:
    shown = ", ".join(f"{name!r:.60}" for name in names[:4])
    return shown + (f" and {len(names) - 4} more" if len(names) > 4 else "")


def _object(value: object, what: str) -> dict[str, Any]:
    if not isinstance(value, dict) or len(value) > _MAX_LAYERS:
        raise ExportError(f"{what} is not a JSON object of at most {_MAX_LAYERS} entries")
    return value


def _texts(value: object, what: str) -> dict[str, str]:
    fields = _object(value, what)
    return {_text(name, f"a name in {what}"): _text(one, f"{what}, {name!r:.60},") for name, one in fields.items()}


def _text(value: object, what: str) -> str:
    if not isinstance(value, str) or len(value) > 200 or not _encodes(value):
        raise ExportError(f"{what} is not a short text")
    return value


def _encodes(text: str) -> bool:
    """Whether a text can be written as UTF-8; half of a surrogate pair cannot."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _plain(found: dict[str, Any]) -> dict[str, Any]:
    """The same, if it can be written again: it goes into sidecars."""
    if not _is_flat(found, _MOST_NESTED):
        raise ExportError(f"'found' is nested more than {_MOST_NESTED} times")
    try:
        fits = _encodes(json.dumps(found, ensure_ascii=False, allow_nan=False))
    except ValueError:  # a number such as 1e999
        fits = False
    if not fits:
        raise ExportError("'found' holds a text or a number that cannot be written")
    return found


def _is_flat(value: object, most: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return most >= 0 and all(_is_flat(one, most - 1) for one in inner)


def _db(value: object, what: str, least: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= _MAX_DB:
        raise ExportError(f"{what} is not a number of dB from {least:g} to {_MAX_DB:g}")
    return float(value)


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is no number")
