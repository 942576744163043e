"""What all recipes do: export packs past their parity gates, copy previews, and write an index of it all."""

import json
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgestyle.contract import SMALLEST_SIDE
from edgestyle.errors import ArtifactError
from edgestyle.exporters.avatars import export_avatars
from edgestyle.exporters.bundle import export_pack, size_groups
from edgestyle.exporters.describing import NETWORK_HASH, tool_versions
from edgestyle.exporters.placing import file_path
from edgestyle.images import make_folder, whole_file
from edgestyle.packs.avatars import AvatarPack, load_any_pack
from edgestyle.packs.networks import load_renderer, weights_hash
from edgestyle.packs.pack import Pack, Style
from edgestyle.selfie.making import Look, SelfieMaker
from edgestyle.selfie.recipe import RECIPE
from edgestyle.selfie.record import drawing_json
from edgestyle.sidecar import file_sha256, file_size_bytes, read_sidecar, sidecar_path

DEFAULT_PACKS = ("atelier", "lumen", "faces")
INDEX_FORMAT = 1
Say = Callable[[str], None]
AnyPack = Pack | AvatarPack
Sizes = list[list[int]] | None


@dataclass(frozen=True)
class Order:
    """What a platform's app is to get.

    Attributes:
        folder: that the app reads its models, previews and recipe from.
        format_name: of the models, a name in `FORMATS`.
        recipe: their precision.
        sizes: sides of square pictures, for formats of fixed size.
    """

    folder: Path
    format_name: str
    recipe: str = "w8"
    sizes: tuple[int, ...] = (512,)

    @property
    def models(self) -> Path:
        """The folder with a folder for each pack."""
        return self.folder / "models"


@dataclass(frozen=True)
class ModelFile:
    """An exported file of a pack.

    Attributes:
        component: whose network it is.
        path: where it is.
        sizes: heights and widths of pictures that it takes; None where any multiple of its `size_multiple` will do.
    """

    component: str
    path: Path
    sizes: Sizes = None


def load_packs(names: Iterable[str]) -> list[AnyPack]:
    """Packs by name or folder, each once. Raises PackError where there is none."""
    return [load_any_pack(name) for name in dict.fromkeys(names)]


def export_models(pack: AnyPack, order: Order, say: Say) -> list[ModelFile]:
    """Export a pack into a folder of its own, unless what is there is as it should be.

    Args:
        pack: what to export.
        order: where to and how.
        say: called with a line for each file before work on it starts.

    Returns:
        All files of the pack, in the order of its components.

    Raises:
        ParityError: a file draws another picture.
        ExportError, OutputError: as for `export_pack`.
    """
    files = planned_files(pack, order)
    if all(is_current(file, pack, order) for file in files):
        say(f"{pack.name}: as it should be")
        return files
    folder = order.models / pack.name
    if isinstance(pack, AvatarPack):
        export_avatars(pack, folder, [order.format_name], [order.recipe], lambda name: say(f"{name}: exporting"))
    else:
        names, recipes = [order.format_name], [order.recipe]
        export_pack(pack, folder, names, recipes, list(order.sizes), lambda name: say(f"{name}: exporting"))
    return files


def planned_files(pack: AnyPack, order: Order) -> list[ModelFile]:
    """The files that `export_models` makes of a pack."""

    def path(component: str, size: str = "") -> Path:
        folder = order.models / pack.name
        return file_path(folder, pack, order.recipe, order.format_name, "float32", component, size)

    if isinstance(pack, AvatarPack):
        square: Sizes = [[pack.size, pack.size]]
        return [ModelFile(name, path(name), None if name == "mapping" else square) for name in pack.components]
    if order.format_name == "onnx":
        files = [ModelFile("renderer", path("renderer"))]
    else:
        groups = size_groups(load_renderer(pack), order.format_name, list(order.sizes))
        files = [
            ModelFile("renderer", path("renderer", str(group[0]) if len(groups) > 1 else ""), [[s, s] for s in group])
            for group in groups
        ]
    return files + ([ModelFile("encoder", path("encoder"))] if pack.encodes else [])


def is_current(file: ModelFile, pack: AnyPack, order: Order) -> bool:
    """Whether a file is there, whole, and what this version of edgestyle would make of the pack."""
    try:
        sidecar = read_sidecar(file.path)
    except ArtifactError:
        return False
    expected = {
        NETWORK_HASH: weights_hash(pack, file.component),
        "recipe": order.recipe,
        "tools": tool_versions(order.format_name),
    }
    sides = sidecar["sizes"] if file.component != "renderer" or file.sizes is None else [s for s, _ in file.sizes]
    return sidecar["sizes"] == sides and all(sidecar.get(key) == value for key, value in expected.items())


def remove_others(pack: AnyPack, order: Order, files: list[ModelFile]) -> None:
    """Remove files of a pack that an earlier run with other options left; what is not named like one stays."""
    kept = {file.path for file in files} | {sidecar_path(file.path) for file in files}
    for path in sorted((order.models / pack.name).glob(f"{pack.name}-*")):
        if path not in kept:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def copy_previews(pack: AnyPack, folder: Path) -> dict[str, str]:
    """Copy a pack's previews to `previews/PACK/STYLE.jpg` in `folder`, and give these paths by style."""
    copied = {}
    for style in pack.styles.values():
        if style.preview:
            name = f"previews/{pack.name}/{style.name}.jpg"
            copy_whole(pack.file(style.preview), folder / name)
            copied[style.name] = name
    return copied


def copy_whole(source: Path, path: Path) -> None:
    """Copy a file, whole or not at all, unless the same is there. Raises OutputError."""
    if path.is_file() and file_sha256(path) == file_sha256(source):
        return
    with whole_file(path) as temporary:
        temporary.write_bytes(source.read_bytes())


def pack_json(pack: AnyPack, order: Order, files: list[ModelFile], previews: dict[str, str]) -> dict[str, Any]:
    """A pack as it stands in the index; paths in it are relative to the order's folder."""
    return {
        "name": pack.name, "title": pack.title, "description": pack.description, "licence": pack.licence,
        **(_avatars_json(pack) if isinstance(pack, AvatarPack) else _pictures_json(pack)),
        "files": [_file_json(file, order) for file in files],
        "styles": [_style_json(style, previews.get(style.name)) for style in pack.styles.values()],
    }  # fmt: skip


def write_index(order: Order, packs: list[dict[str, Any]]) -> Path:
    """Write `models/index.json`, whole or not at all, and give its path."""
    index = {
        "what": "models in this app: paths are relative to the folder above; sizes are heights and widths of pictures "
        "that a file takes, null where any multiple of its sidecar's size_multiple from smallest_side up will do",
        "format": INDEX_FORMAT,
        "smallest_side": SMALLEST_SIDE,
        "packs": packs,
    }
    path = order.models / "index.json"
    write_json(path, index)
    return path


def write_selfie(order: Order, packs: Iterable[AnyPack], networks: Iterable[Path]) -> None:
    """Write `selfie/recipe.json` for the first of the packs that redraws pictures, the networks of its steps beside it.

    `drawing` and `pack` in it are as `edgestyle selfie --recipe` writes them.
    """
    found = list(networks)
    for network in found:
        copy_whole(network, order.folder / "selfie" / network.name)
    hashes = {network.name: file_sha256(network) for network in found}
    drawing = [
        {"pack": pack.name, "drawing": drawing_json(SelfieMaker(pack), Look())}
        for pack in packs
        if isinstance(pack, Pack)
    ]
    recipe = {**RECIPE.to_json(), "networks": hashes, **(drawing[0] if drawing else {})}
    write_json(order.folder / "selfie" / "recipe.json", recipe)


def write_json(path: Path, data: dict[str, Any]) -> None:
    """Write JSON, whole or not at all, unless the same is there. Raises OutputError."""
    text = json.dumps(data, indent=1, ensure_ascii=False) + "\n"
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return
    make_folder(path.parent)
    with whole_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _file_json(file: ModelFile, order: Order) -> dict[str, Any]:
    return {
        "component": file.component, "format": order.format_name,
        "path": file.path.relative_to(order.folder).as_posix(),
        "sidecar": sidecar_path(file.path).relative_to(order.folder).as_posix(),
        "sizes": file.sizes, "sha256": file_sha256(file.path), "size_bytes": file_size_bytes(file.path),
    }  # fmt: skip


def _pictures_json(pack: Pack) -> dict[str, Any]:
    return {
        "kind": "pictures",
        "working_size": pack.working_size or "full",
        "selfie": drawing_json(SelfieMaker(pack), Look()),
    }


def _avatars_json(pack: AvatarPack) -> dict[str, Any]:
    return {
        "kind": "avatars",
        "picture_size": pack.size,
        "latents": pack.latents,
        "default_strength": pack.default_strength,
    }


def _style_json(style: Style, preview: str | None) -> dict[str, Any]:
    return {
        "name": style.name, "title": style.title or style.name, "default_strength": style.default_strength,
        "detail": style.detail, "preview": preview, "licence": style.licence, "credit": style.credit,
    }  # fmt: skip
