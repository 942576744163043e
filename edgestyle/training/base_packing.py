"""A trained base as a pack: its network, its encoder, and a few styles by name."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from edgestyle.contract import REFERENCE_SIDE
from edgestyle.exporters.packing import build_pack
from edgestyle.images import Pixels, average_to, to_floats
from edgestyle.models.texture_encoder import TextureEncoder
from edgestyle.packs.pack import Pack
from edgestyle.quality.features import load_features
from edgestyle.training.base import Base, BaseConfig
from edgestyle.training.learning import LearningConfig, StyleLesson, learn_vector
from edgestyle.training.packaging import PackNotes, make_style_notes
from edgestyle.training.starting import record_of
from edgestyle.training.style_library import fingerprint

WORKING_SIZE = 768  # pixels; marks are learned on smaller photos than a network of filters sees


@torch.no_grad()
def encode(encoder: TextureEncoder, picture: Pixels) -> Tensor:
    """The style vector `[D]` of a picture `uint8 [h,w,3]`."""
    vector: Tensor = encoder(torch.from_numpy(to_floats(average_to(picture, REFERENCE_SIDE, REFERENCE_SIDE))))[0]
    return vector


def build_base_pack(
    name: str,
    folder: Path,
    base: Base,
    pictures: Iterable[tuple[str, Pixels]],
    scenes: Sequence[Tensor],
    config: BaseConfig,
    fitting: LearningConfig,
    notes: PackNotes,
    origin: Pack,
    library: Path,
) -> Pack:
    """Fit a vector to each picture with the network frozen, and write the pack.

    Args:
        name, folder: of the pack.
        base: trained.
        pictures: by the names of their styles, `uint8 [h,w,3]`.
        scenes: photos that the vectors are fitted on, `[1,3,H,W]`.
        config: of the training, for the record.
        fitting: how the vectors are fitted.
        notes: titles and credits.
        origin: what training started from.
        library: folder of the styles it saw.

    Raises:
        ExportError, ParityError, OutputError: as for `build_pack`.
    """
    renderer, encoder = base.renderer.eval(), base.encoder.eval()
    features, styles = load_features(), []
    encodes = config.mode == "meta"
    for style, picture in pictures:
        lesson = StyleLesson([torch.from_numpy(to_floats(picture))], features, fitting.content_weight)
        start = encode(encoder, picture) if encodes else base.table.weight.detach().mean(0)
        learned = learn_vector(renderer, lesson, scenes, {"the encoder's": start}, fitting)
        styles.append(make_style_notes(style, learned.vector.tolist(), "learned from one picture", notes))
    names = ", ".join(style.name for style in styles)
    about: dict[str, Any] = {
        "title": name.capitalize(),
        "description": f"learns a style from one picture; {names} to start with",
        "licence": notes.licence,
        "working_size": WORKING_SIZE,
        "training": _record(config, fitting, origin, library),
    }
    return build_pack(folder, name, renderer, styles, about, encoder if encodes else None)


def _record(config: BaseConfig, fitting: LearningConfig, origin: Pack, library: Path) -> dict[str, Any]:
    return {
        "base": asdict(config),
        "library_sha256": fingerprint(library),
        "styles_fitted_by": asdict(fitting),
        "started_from": record_of(origin),
        "tools": {tool: version(tool) for tool in ("edgestyle", "torch")},
    }
