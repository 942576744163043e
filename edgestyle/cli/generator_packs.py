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
    from edgestyle.models.stylegan import Generator
    from edgestyle.training.generator_distillation import GeneratorDistillConfig
    from edgestyle.training.generator_lessons import GeneratorStudent

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


def save_faces(
    folder: Path, teacher: Generator, student: GeneratorStudent, named: dict[str, int],
    config: GeneratorDistillConfig, about: dict[str, Any],
) -> None:  # fmt: skip
    """Make a pack of the student, with the teacher's mapping.

    Args:
        folder: of the pack, whose name is the pack's.
        teacher: whose mapping turns random numbers into styles.
        student: trained.
        named: seeds by name.
        config: that trained it.
        about: "licence", "credit", and "teacher", what was noted in the teacher's file.

    Raises:
        ExportError, ParityError, OutputError: as for `build_avatars`.
    """
    student.eval().requires_grad_(False)
    styles = name_seeds(teacher.mapping, named, about["licence"], about["credit"])
    pack = build_avatars(
        folder, folder.resolve().name, student.generator, teacher.mapping, student.encoder, styles,
        {
            "title": folder.resolve().name.capitalize(),
            "description": "drawn faces without end, from a seed, a name or a picture of one",
            "licence": about["licence"],
            "training": _record(config, about),
        },
    )  # fmt: skip
    print(f"pack '{pack.name}' with {', '.join(pack.styles)} in {folder}")


def _record(config: GeneratorDistillConfig, about: dict[str, Any]) -> dict[str, Any]:
    """How the pack was made."""
    lesson = config.lesson
    return {
        "command": f"edgestyle distill-generator TEACHER -o faces --steps {config.steps} --batch-size "
        f"{lesson.batch_size} --learning-rate {lesson.learning_rate} --seed {config.seed} --threads {config.threads}",
        "seed": config.seed,
        "threads": config.threads,
        "steps": config.steps,
        "teacher_sha256": config.teacher,
        "teacher": about["teacher"],
        "lesson": asdict(lesson),
        "tools": {tool: version(tool) for tool in ("edgestyle", "torch")},
        **({"start": config.start} if config.start else {}),
    }
