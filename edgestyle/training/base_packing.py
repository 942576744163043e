"""A trained base as a pack: its network, its encoder, and a few styles by name."""

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

import torch
from torch import Tensor

from edgestyle.images import Pixels, to_floats
from edgestyle.packs.pack import Pack, Style
from edgestyle.quality.features import load_features
from edgestyle.training.base import Base, BaseConfig
from edgestyle.training.learning import LearningConfig, StyleLesson, learn_vector
from edgestyle.training.packaging import PackNotes, style_with_notes
from edgestyle.training.starting import record_of
from edgestyle.training.style_library import StyleLibrary
from edgestyle.training.style_pictures import encode

WORKING_SIZE = 768  # pixels; marks are learned on smaller photos than a network of filters sees


def fit_styles(
    base: Base,
    pictures: Iterable[tuple[str, Pixels]],
    scenes: Sequence[Tensor],
    fitting: LearningConfig,
    notes: PackNotes,
    encodes: bool,
) -> list[Style]:
    """Fit a vector to each picture with the network frozen.

    Args:
        base: trained.
        pictures: by the names of their styles, `uint8 [h,w,3]`.
        scenes: photos that the vectors are fitted on, `[1,3,H,W]`.
        fitting: how.
        notes: titles and credits.
        encodes: whether vectors start as the encoder's, and not as the mean of the table.

    Raises:
        TrainingError: as for `learn_vector`.
    """
    renderer, encoder, features, styles = base.renderer.eval(), base.encoder.eval(), load_features(), []
    for style, picture in pictures:
        lesson = StyleLesson([torch.from_numpy(to_floats(picture))], features, fitting.content_weight)
        start = encode(encoder, picture) if encodes else base.table.weight.detach().mean(0)
        learned = learn_vector(renderer, lesson, scenes, {"start": start}, fitting)
        styles.append(style_with_notes(style, learned.vector.tolist(), "learned from one picture", notes))
    return styles


def about_base(
    name: str, styles: Sequence[Style], config: BaseConfig, fitting: LearningConfig, licence: str, origin: Pack,
    library: StyleLibrary, given: Sequence[str],
) -> dict[str, Any]:  # fmt: skip
    """What `build_pack` wants to know of a base.

    Args:
        name: of the pack.
        styles: that it has by name.
        config, fitting: how it was trained, and how the styles' vectors were fitted.
        licence: SPDX identifier.
        origin: what training started from.
        library: of the styles that it saw.
        given: options that say what it was made of, such as `--style wave=wave.jpg`.
    """
    options = [
        *given, f"--from {shlex.quote(origin.folder.resolve().name)} --mode {config.mode}",
        f"--steps {config.steps} --batch-size {config.batch_size} --learning-rate {config.learning_rate}",
        f"--colour-steps {config.colour_steps} --temporal-weight {config.temporal_weight}",
        f"--temporal-start {config.temporal_start} --rounding-weight {config.rounding_weight}",
        f"--fitting-steps {fitting.steps} --seed {config.seed}",
    ]  # fmt: skip
    return {
        "title": name.capitalize(),
        "description": f"learns a style from one picture; {', '.join(style.name for style in styles)} to start with",
        "licence": licence,
        "working_size": WORKING_SIZE,
        "training": {
            "command": f"edgestyle train-base {name} PHOTOS -o {name} --lite LITE --features VGG16 {' '.join(options)}",
            "seed": config.seed,
            "threads": torch.get_num_threads(),
            "base": asdict(config),
            "library": {"sha256": library.sha256, **library.plan},
            "styles_fitted_by": asdict(fitting),
            "started_from": record_of(origin),
            "tools": {tool: version(tool) for tool in ("edgestyle", "torch")},
        },
    }
