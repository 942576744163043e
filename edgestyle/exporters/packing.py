"""Turn a trained renderer and its style vectors into a pack."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from edgestyle.errors import ExportError
from edgestyle.exporters.bundle import check_built
from edgestyle.exporters.describing import encoder_metadata, file_metadata
from edgestyle.exporters.encoders import check_built_encoder
from edgestyle.exporters.parity import parity_photo
from edgestyle.exporters.to_onnx import export_encoder, export_onnx
from edgestyle.exporters.whole_packs import copy_file, files_of, whole_pack
from edgestyle.images import Picture, to_pixels, whole_file, write_picture
from edgestyle.models import AnyEncoder, AnyRenderer
from edgestyle.models.colour import ColourRenderer
from edgestyle.models.texture_encoder import TextureEncoder
from edgestyle.packs.loading import load_pack, save_pack_json
from edgestyle.packs.networks import load_renderer, save_network
from edgestyle.packs.pack import Component, Pack, Style
from edgestyle.packs.stylizing import DEFAULT_WORKING_SIZE

_PREVIEW_PHOTO, _PREVIEW_SIZE, _PREVIEW_QUALITY = "astronaut", 256, 80


def build_pack(
    folder: Path,
    pack_name: str,
    renderer: AnyRenderer,
    styles: list[Style],
    about: dict[str, Any],
    encoder: AnyEncoder | None = None,
) -> Pack:
    """Write a pack: weights, float32 ONNX files that passed parity, previews and `pack.json`.

    Args:
        folder: of the pack; an older build there is replaced, once the new one is complete. Files that its `pack.json`
            does not name, such as notes and exports, stay.
        pack_name: as it will be typed.
        renderer: trained, in eval mode.
        styles: in the order to list them; previews are added.
        about: "title", "description", "licence" and "training"; "working_size" where it is not 1024, None for a pack
            that draws at the photo's own size.
        encoder: trained, in eval mode, for a pack that takes reference pictures; its vectors are as long as a style's.

    Raises:
        ExportError: the pack would be invalid, or the folder holds something else.
        ParityError: the ONNX file draws another picture.
        OutputError: the folder cannot be written.
    """
    if encoder is not None and encoder.config.style_dimensions != renderer.config.style_dimensions:
        numbers = f"{encoder.config.style_dimensions} numbers, its renderer takes {renderer.config.style_dimensions}"
        raise ExportError(f"the encoder of pack '{pack_name}' gives vectors of {numbers}")
    with whole_pack(folder) as built:
        pack = _describe_pack(built, pack_name, renderer, encoder, styles, about)
        _write_pack(pack, renderer, encoder, folder.parent / "parity-failures")
    return load_pack(folder.resolve())


def copy_pack(pack: Pack, folder: Path, recipe: str, renderer: AnyRenderer | None, training: dict[str, Any]) -> Pack:
    """Write a pack again, whose float weights and networks stay the same bytes, with weights for a recipe.

    Args:
        pack: what to copy.
        folder: of the copy, which may be the pack's own; an older build there is replaced as in `build_pack`.
        recipe: whose exports take the weights of `renderer`.
        renderer: of the pack's size; None adds no weights.
        training: the copy's record.

    Raises:
        ExportError: the folder holds something else.
        PackError: a file of the pack is missing.
        OutputError: the folder cannot be written.
    """
    component = pack.components["renderer"]
    if renderer is not None:
        file = f"{Path(component.weights).with_suffix('')}-{recipe}.safetensors"
        component = replace(component, recipe_weights={**component.recipe_weights, recipe: file})
    with whole_pack(folder) as built:
        copy = replace(pack, folder=built, components={**pack.components, "renderer": component}, training=training)
        for name in files_of(copy):
            if renderer is not None and name == component.weights_for(recipe):
                save_network(renderer, built / name)
            else:
                copy_file(pack.file(name), built / name)
        save_pack_json(copy)
        load_renderer(load_pack(built), recipe)  # as whoever exports it will
    return load_pack(folder.resolve())


def _describe_pack(
    folder: Path,
    name: str,
    renderer: AnyRenderer,
    encoder: AnyEncoder | None,
    styles: list[Style],
    about: dict[str, Any],
) -> Pack:
    """A pack whose files are yet to be written."""
    model = "colour" if isinstance(renderer, ColourRenderer) else "renderer"
    components = {"renderer": Component(model, asdict(renderer.config), "renderer.safetensors", "renderer.onnx")}
    if encoder is not None:
        kind = "texture-encoder" if isinstance(encoder, TextureEncoder) else "encoder"
        components["encoder"] = Component(kind, asdict(encoder.config), "encoder.safetensors", "encoder.onnx")
    return Pack(
        name=name,
        folder=folder,
        title=about["title"],
        description=about["description"],
        licence=about["licence"],
        components=components,
        styles={style.name: replace(style, preview=f"previews/{style.name}.jpg") for style in styles},
        working_size=about.get("working_size", DEFAULT_WORKING_SIZE),
        training=about["training"],
    )


def _write_pack(pack: Pack, renderer: AnyRenderer, encoder: AnyEncoder | None, failures: Path) -> None:
    component = pack.components["renderer"]
    save_network(renderer, pack.folder / component.weights)
    with whole_file(pack.folder / component.onnx) as temporary:
        export_onnx(renderer, temporary, "float32", [], file_metadata(pack, "float32"))
        check_built(temporary, pack, renderer, failures)
    if encoder is not None:
        _write_encoder(pack, renderer, encoder, failures)
    save_pack_json(pack)
    _write_previews(pack)
    if list(load_pack(pack.folder).styles) != list(pack.styles):
        raise ExportError(f"pack '{pack.name}' does not read back as it was written")


def _write_encoder(pack: Pack, renderer: AnyRenderer, encoder: AnyEncoder, failures: Path) -> None:
    component = pack.components["encoder"]
    save_network(encoder, pack.folder / component.weights)
    with whole_file(pack.folder / component.onnx) as temporary:
        export_encoder(encoder, temporary, "float32", encoder_metadata(pack, "float32"))
        check_built_encoder(temporary, renderer, encoder, failures)


def write_preview(pack: Pack, style: Style) -> None:
    """Draw the preview that a style of a pack names, at its default strength."""
    photo = to_pixels(parity_photo(_PREVIEW_PHOTO, 2 * _PREVIEW_SIZE, 2 * _PREVIEW_SIZE))
    stylized = pack.stylize(photo, style)
    halves = stylized.reshape(_PREVIEW_SIZE, 2, _PREVIEW_SIZE, 2, 3).mean(axis=(1, 3))
    write_picture(Picture(np.rint(halves).astype(np.uint8)), pack.folder / style.preview, _PREVIEW_QUALITY)


def _write_previews(pack: Pack) -> None:
    for style in pack.styles.values():
        write_preview(pack, style)
