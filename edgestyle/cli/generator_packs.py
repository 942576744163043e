"""What `edgestyle distill-generator` makes of a trained student: a pack of avatars, some of them with names."""

import json
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from edgestyle.cli.extras import needs
from edgestyle.errors import EdgestyleError, TrainingError
from edgestyle.packs.loading import check_name
from edgestyle.packs.seeds import parse_seed

with needs("torch", "train"):
    from edgestyle.exporters.avatar_packing import build_avatars, name_seeds
    from edgestyle.exporters.whole_packs import check_replaceable
    from edgestyle.models.generator_files import load_generator
    from edgestyle.models.stylegan import Generator
    from edgestyle.training.checkpoints import read_state
    from edgestyle.training.generator_distillation import GeneratorDistillConfig
    from edgestyle.training.generator_lessons import GeneratorStudent
    from edgestyle.training.provenance import settle_provenance

_FACES = 8  # that are named by their seeds where nobody names any


def read_avatars(path: Path | None) -> dict[str, int]:
    """Seeds by name from a JSON file `{"juniper": 7, ...}`; face-0 to face-7 without one.

    Raises:
        TrainingError: it is not such a file.
    """
    if path is None:
        return {f"face-{seed}": seed for seed in range(_FACES)}
    try:
        named = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(named, dict) or not named:
            raise ValueError("it has no names")
        return {check_name(name): parse_seed(str(seed)) for name, seed in named.items()}
    except (OSError, ValueError, EdgestyleError) as error:
        raise TrainingError(f'{path} must give names seeds, as {{"juniper": 7}}: {error}') from error


def plan_faces(
    folder: Path, teacher: Path, avatars: Path | None, licence: str | None, credit: str | None, start: Path | None
) -> tuple[Generator, dict[str, Any]]:
    """Read the teacher, and find out now, not after hours of training, whether a pack can be made.

    Args:
        folder: of the pack.
        teacher: file of the network that is distilled.
        avatars: as for `read_avatars`.
        licence, credit: as for `settle_provenance`.
        start: folder of the run that this one starts from.

    Returns the teacher, and what `save_faces` wants to know.

    Raises:
        ExportError, PackError, OutputError: the folder cannot be a pack's.
        ArtifactError: there is no such teacher.
        TrainingError: names of avatars are damaged, or the licence is not known.
    """
    check_name(folder.resolve().name)
    check_replaceable(folder)
    named = read_avatars(avatars)
    network, notes = load_generator(teacher)
    about = {"named": named, "teacher": notes, **settle_provenance(licence, credit, notes)}
    return network, about | ({"started_from": (read_state(start) or {}).get("config")} if start else {})


def save_faces(
    folder: Path, teacher: Generator, student: GeneratorStudent, config: GeneratorDistillConfig, about: dict[str, Any],
    command: str,
) -> None:  # fmt: skip
    """Make a pack of the student, with the teacher's mapping.

    Args:
        folder: of the pack, whose name is the pack's.
        teacher: whose mapping turns random numbers into styles.
        student: trained.
        config: that trained it.
        about: from `plan_faces`.
        command: that makes the pack again.

    Raises:
        ExportError, ParityError, OutputError: as for `build_avatars`.
    """
    student.eval().requires_grad_(False)
    styles = name_seeds(teacher.mapping, about["named"], about["licence"], about["credit"])
    pack = build_avatars(
        folder, folder.resolve().name, student.generator, teacher.mapping, student.encoder, styles,
        {
            "title": folder.resolve().name.capitalize(),
            "description": "drawn faces without end, from a seed, a name or a picture of one",
            "licence": about["licence"],
            "training": _record(config, about, command),
        },
    )  # fmt: skip
    print(f"pack '{pack.name}' with {', '.join(pack.styles)} in {folder}")


def _record(config: GeneratorDistillConfig, about: dict[str, Any], command: str) -> dict[str, Any]:
    """How the pack was made; of a run that it started from, how that was."""
    record = {
        "command": command,
        "seed": config.seed,
        "threads": config.threads,
        "steps": config.steps,
        "teacher_sha256": config.teacher,
        "teacher": about["teacher"],
        "lesson": asdict(config.lesson),
        "tools": {tool: version(tool) for tool in ("edgestyle", "torch")},
    }
    if config.start:
        record["started_from"] = {"student_sha256": config.start, "config": about["started_from"]}
    return record
