"""Add a learned style to what is there already: exported files, whose vector is an input, and packs."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from edgestyle.errors import ArtifactError, ExportError, PackError
from edgestyle.exporters.bundle import check_style
from edgestyle.exporters.describing import NETWORK_HASH
from edgestyle.exporters.packing import build_pack, write_preview
from edgestyle.exporters.parity import ParityReport, Reference
from edgestyle.exporters.whole_packs import copy_file, files_of, whole_pack
from edgestyle.images import whole_file
from edgestyle.packs.corrections import fold
from edgestyle.packs.loading import SHIPPED, load_pack, save_pack_json
from edgestyle.packs.networks import load_renderer, weights_hash
from edgestyle.packs.pack import Pack
from edgestyle.packs.style_files import StyleFile, check_fits
from edgestyle.sidecar import read_sidecar, sidecar_path


def find_exported(target: Path) -> list[Path]:
    """The exported files that a target stands for: itself, or those in a folder that have a sidecar.

    Raises:
        ArtifactError: there is none.
    """
    if target.suffix == ".json" and target.with_suffix("").exists():
        target = target.with_suffix("")
    if sidecar_path(target).is_file():
        return [target]
    found = sorted(path.with_suffix("") for path in target.glob("*.json") if path.with_suffix("").exists())
    if not found:
        raise ArtifactError(f"{target} is neither an exported file, nor a folder of some, nor a pack")
    return found


def find_fitting(target: Path, file: StyleFile, pack: Pack) -> list[Path]:
    """The files that a target stands for and a style can be added to: in a folder, those of the style's network.

    Raises:
        ArtifactError: there is none, or a file is damaged.
    """
    found = find_exported(target)
    if found == [target] or target.suffix == ".json":
        return found
    fitting = [path for path in found if _is_of(read_sidecar(path), file, pack)]
    if not fitting:
        raise ArtifactError(
            f"no file in {target} is of the network that style '{file.style.name}' was learned with, that of pack "
            f"'{file.pack}': export it there first, edgestyle export {file.pack} -o {target}"
        )
    return fitting


def _is_of(sidecar: dict[str, Any], file: StyleFile, pack: Pack) -> bool:
    """Whether a file is of the renderer that a style was learned with, or of its pack's encoder."""
    component = sidecar.get("component", "renderer")
    if component not in ("renderer", "encoder") or component not in pack.components:
        return False
    known = file.network_sha256 if component == "renderer" else weights_hash(pack, component)
    return bool(sidecar.get(NETWORK_HASH, known if sidecar["pack"] == pack.name else "") == known)


def add_to_file(path: Path, file: StyleFile, pack: Pack, failures: Path, replaces: bool = False) -> ParityReport | None:
    """Add a style to an exported file: only its sidecar changes, the vector is an input.

    Args:
        path: the file.
        file: the style.
        pack: that it was learned with and the file was exported from.
        failures: folder for the two pictures of a failed comparison.
        replaces: whether a style of this name may be there already.

    Returns:
        how close the file draws the style to the network; None for an encoder, which draws nothing.

    Raises:
        PackError: the style is of another network, has a correction, or its name is taken.
        ArtifactError: the file is damaged, of other weights, or of a network that takes no style.
        ParityError: the file does not draw this style as its recipe promises; nothing has changed then.
    """
    check_fits(file, pack)
    _refuse_correction(file)
    sidecar, name = read_sidecar(path), file.style.name
    renders = sidecar.get("component", "renderer") == "renderer"
    if not _is_of(sidecar, file, pack):
        raise ArtifactError(f"{path} was exported from other weights than style '{name}' was learned with")
    if name in sidecar["styles"] and not replaces:
        raise PackError(f"{path} has a style '{name}' already: give --replace to put this one in its place")
    report = check_style(path, sidecar, file.style, Reference(load_renderer(pack)), failures) if renders else None
    sidecar["styles"][name] = {"vector": list(file.style.vector), "default_strength": file.style.default_strength}
    licences = sidecar.setdefault("licences", {}).setdefault("styles", {})
    licences[name] = {"licence": file.style.licence, "credit": file.style.credit}
    with whole_file(sidecar_path(path)) as temporary:
        temporary.write_text(json.dumps(sidecar, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return report


def add_to_pack(folder: Path, file: StyleFile, replaces: bool = False) -> Pack:
    """Add a style to a pack of one's own; its network and other styles stay as they are, bit for bit.

    Raises:
        PackError: the style is of another network, has a correction, or its name is taken; or the pack is shipped.
        OutputError: the folder cannot be written.
    """
    pack, style = load_pack(folder), file.style
    check_fits(file, pack)
    _refuse_correction(file)
    if pack.folder.resolve().is_relative_to(SHIPPED.resolve()):
        raise PackError(f"pack '{pack.name}' comes with edgestyle and stays as it is: give --make-pack FOLDER")
    if style.name in pack.styles and not replaces:
        raise PackError(
            f"pack '{pack.name}' has a style '{style.name}' already: give --replace, or learn by another name"
        )
    added = replace(style, preview=f"previews/{style.name}.jpg")
    grown = replace(pack, styles={**pack.styles, style.name: added}, training=_record(pack, file))
    write_preview(grown, added)
    save_pack_json(grown)
    return load_pack(folder)


def make_pack(folder: Path, file: StyleFile, pack: Pack, replaces: bool = False) -> Pack:
    """A new pack with a learned style.

    Args:
        folder: of the new pack.
        file: the style. With a correction, the new pack holds this style alone, since others would be drawn otherwise.
        pack: that it was learned with.
        replaces: whether the folder may hold a pack already, and the pack a style of this name.

    Raises:
        PackError: the style is of another network, the folder or the name is taken, or a file of the pack is missing.
        ExportError: the folder holds something else than a pack.
        ParityError, OutputError: as for `build_pack`.
    """
    check_fits(file, pack)
    if folder.resolve().is_relative_to(SHIPPED.resolve()):
        raise ExportError(f"{folder} is where shipped packs are: choose another folder")
    if (folder / "pack.json").exists() and not replaces:
        raise PackError(f"{folder} is a pack already: give it as a TARGET to add to it, or --replace to make it anew")
    if file.style.name in pack.styles and not file.correction and not replaces:
        raise PackError(
            f"pack '{pack.name}' has a style '{file.style.name}' already: give --replace, or learn by another name"
        )
    if file.correction:
        renderer = fold(load_renderer(pack), file.correction, file.style.name)
        about = {
            "title": file.style.title, "description": f"{file.style.title}, learned", "licence": file.style.licence,
            "working_size": pack.working_size, "training": _record(pack, file),
        }  # fmt: skip
        return build_pack(folder, file.style.name, renderer, [file.style], about)
    added = replace(file.style, preview=f"previews/{file.style.name}.jpg")
    with whole_pack(folder) as built:
        copy = replace(
            pack, folder=built, styles={**pack.styles, added.name: added}, training=_record(pack, file)
        )  # fmt: skip
        for name in files_of(pack):
            copy_file(pack.file(name), built / name)
        write_preview(copy, added)
        save_pack_json(copy)
    return load_pack(folder.resolve())


def _refuse_correction(file: StyleFile) -> None:
    if file.correction:
        raise PackError(
            f"style '{file.style.name}' has a correction of the network and needs a pack of its own: "
            "give --make-pack FOLDER, and export that"
        )


def _record(pack: Pack, file: StyleFile) -> dict[str, Any]:
    """A pack's record of its training, with how the style was learned."""
    return {**pack.training, "learned": {**dict(pack.training.get("learned", {})), file.style.name: file.learned}}
