"""What `pack.json` says of a trained network: its styles, and how to make it again."""

import json
import shlex
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from torch import Tensor

from edgestyle.contract import check_strength
from edgestyle.errors import ContractError, TrainingError
from edgestyle.packs.pack import Pack, Style
from edgestyle.packs.stylizing import DEFAULT_WORKING_SIZE
from edgestyle.training.distill import DistillConfig
from edgestyle.training.students import Student

_NOTES = ("title", "credit", "licence", "default_strength", "detail")


@dataclass(frozen=True)
class PackNotes:
    """What people should know of a pack and its styles, beside the numbers.

    Attributes:
        default_strength: what demos start with, where a style has none of its own.
        licence: SPDX identifier, likewise.
        styles: by style name, some of "title", "credit", "licence", "default_strength" and "detail".
        file: name of the file they are from.
    """

    default_strength: float = 0.8
    licence: str = "Apache-2.0"
    styles: dict[str, dict[str, Any]] = field(default_factory=dict)
    file: str = ""


def read_notes(path: Path | None, default_strength: float, licence: str) -> PackNotes:
    """Notes from a JSON file `{"style": {"title": ..., "credit": ...}}`; None for no file.

    Raises:
        TrainingError: it is not such a file.
        ContractError: a strength is no number from 0 to 1.
    """
    check_strength(default_strength)
    if path is None:
        return PackNotes(default_strength, licence)
    try:
        styles = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TrainingError(f"cannot read notes about styles from {path}: {error}") from error
    if not isinstance(styles, dict) or not all(
        isinstance(s, dict) and s.keys() <= set(_NOTES) for s in styles.values()
    ):
        raise TrainingError(f"{path} must map style names to some of {', '.join(_NOTES)}")
    for name, notes in styles.items():
        for key, value in notes.items():
            _check_note(value, key, f"{path}, style '{name}'")
    return PackNotes(default_strength, licence, styles, path.name)


def _check_note(value: object, key: str, where: str) -> None:
    """Raise ContractError for a strength that is none, or a text that cannot be printed on a line."""
    if key in ("default_strength", "detail"):
        if not isinstance(value, int | float) or not 0 <= value <= 1:
            raise ContractError(f"{where}: '{key}' must be a number from 0 to 1, not {value!r}")
    elif not isinstance(value, str) or not value.isprintable():
        raise ContractError(f"{where}: '{key}' must be text on one line, not {value!r}")


def make_styles(student: Student, config: DistillConfig, notes: PackNotes) -> list[Style]:
    """The styles a student learned, in order."""
    credit = "distilled from a painting" if config.paintings else "distilled from edgestyle's filter"
    vectors = zip(config.styles, student.styles.tolist(), strict=True)
    return [style_with_notes(name, vector, credit, notes) for name, vector in vectors]


def make_looks(vectors: dict[str, Tensor], notes: PackNotes) -> list[Style]:
    """The styles of a pack of photographic looks, from their vectors `[D]` by name."""
    credit = "fitted to edgestyle's grade"
    return [style_with_notes(name, vector.tolist(), credit, notes) for name, vector in vectors.items()]


def style_with_notes(name: str, vector: list[float], credit: str, notes: PackNotes) -> Style:
    """A style with what the notes say of it, and what can be said of any for the rest."""
    texts = {
        "default_strength": notes.default_strength,
        "title": name.replace("-", " ").capitalize(),
        "licence": notes.licence,
        "credit": credit,
    }
    return Style(name=name, vector=tuple(vector), **{**texts, **notes.styles.get(name, {})})


def about_pack(
    name: str,
    config: DistillConfig,
    notes: PackNotes,
    learned: list[str],
    working_size: int | None = DEFAULT_WORKING_SIZE,
    started_from: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """What `build_pack` wants to know, with the exact command that makes the pack again.

    Args:
        name: of the pack.
        config: that trained it.
        notes: about its styles.
        learned: the options that say what was learned, such as `--teacher oil`.
        working_size: long side at which its strokes look best, pixels; None where it draws at the photo's own size.
        started_from: `record_of` the pack that training started from.
    """
    options = [*learned, *training_options(config)]
    options += [f"--default-strength {notes.default_strength} --licence {shlex.quote(notes.licence)}"]
    options += [f"--working-size {working_size}"] if working_size not in (None, DEFAULT_WORKING_SIZE) else []
    options += [f"--notes {shlex.quote(notes.file)}"] if notes.file else []
    return {
        "title": name.capitalize(),
        "description": ("the look of any reference photo; " if config.photographic else "")
        + f"{', '.join(config.styles)} in one small network",
        "licence": notes.licence,
        "working_size": working_size,
        "training": {
            "command": f"edgestyle distill {name} PHOTOS -o {name} {' '.join(options)}",
            "seed": config.seed,
            "threads": config.threads,
            "steps": config.steps,
            "tools": {tool: version(tool) for tool in ("edgestyle", "torch")},
            **({"paintings": asdict(config.paintings)} if config.paintings else {}),
            **({"photographic": asdict(config.photographic)} if config.photographic else {}),
            **({"started_from": started_from} if started_from else {}),
        },
    }


def about_weights(
    pack: Pack, config: DistillConfig, exclude: tuple[str, ...], held_out: list[str], folder: bool
) -> dict[str, Any]:
    """How weights for a recipe were made, with the exact command that makes them again, for the pack's record.

    Args:
        pack: whose float network taught them.
        config: that trained them; its `exclude` names all photos that were never trained on.
        exclude: those of them that were excluded by hand.
        held_out: those that decided whether the weights are kept.
        folder: whether these are from a folder of their own.
    """
    if config.quantization is None:
        raise TrainingError("this configuration trains no weights for a recipe")
    options = ["--held-out HELD_OUT"] if folder else []
    options += training_options(replace(config, exclude=exclude))
    start = f"--from {pack.name} --qat {config.quantization.recipe}"
    return {
        "command": f"edgestyle distill {pack.name} PHOTOS -o {pack.name} {start} {' '.join(options)}",
        "seed": config.seed,
        "threads": config.threads,
        "steps": config.steps,
        "never_trained_on": sorted(config.exclude),
        "held_out": held_out,
        "taught_by_weights_sha256": config.start,
        "tools": {tool: version(tool) for tool in ("edgestyle", "torch", "torchao")},
    }


def training_options(config: DistillConfig) -> list[str]:
    """The options of `edgestyle distill` that decide what is seen and how it is learned from."""
    options = [f"--exclude {shlex.quote(photo)}" for photo in config.exclude]
    options += [f"--steps {config.steps} --batch-size {config.batch_size} --crop-size {config.crop_size}"]
    options += [f"--learning-rate {config.learning_rate} --temporal-weight {config.temporal_weight}"]
    options += [f"--precision {config.precision}"] if config.precision != "32" else []
    return [*options, f"--seed {config.seed} --threads {config.threads}"]
