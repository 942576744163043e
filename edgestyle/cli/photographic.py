"""`edgestyle distill --photographic`: a pack that takes the look of any reference picture, with a few looks by name."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from edgestyle.cli.training_options import given
from edgestyle.errors import TrainingError

if TYPE_CHECKING:
    from lightning_fabric import Fabric
    from torch import Tensor

    from edgestyle.teachers.photographic import PhotographicTeacher
    from edgestyle.training.batches import Lesson
    from edgestyle.training.distill import DistillConfig
    from edgestyle.training.packaging import PackNotes
    from edgestyle.training.photos import Photos
    from edgestyle.training.reference_pairs import ReferencePairs
    from edgestyle.training.students import AnyStudent, PhotographicStudent

DEFAULTS: dict[str, Any] = {
    "steps": 5_000, "batch_size": 8, "crop_size": 128, "learning_rate": 1e-3, "gradient_clip": 1.0,
    "temporal_weight": 0.0,
}  # fmt: skip
DEFAULT_PAIRS = 900
_SETTINGS = ("precision", "seed", "threads")
_PROCESSES = ("device", "devices", "nodes")
_OPTIONS = {
    "name", "photos", "output", "run", "workers", "exclude", "default_strength", "licence", "notes", "photographic",
    "pairs", *_SETTINGS, *_PROCESSES, *DEFAULTS,
}  # fmt: skip


@dataclass(frozen=True)
class LooksJob:
    """What `--photographic` was asked for; fields are the options of `edgestyle distill`.

    Attributes:
        processes: "device", "devices" and "nodes".
    """

    name: str
    photos: Path
    output: Path
    run: Path
    weights: Path
    workers: int
    processes: dict[str, Any]


def train_looks(context: typer.Context) -> None:
    """Draw the teachers' pairs, train a student on them, fit its looks, and make a pack.

    Args:
        context: of `edgestyle distill`, with its options.

    Raises:
        TrainingError: an option that has no place here, a setting that is impossible, or no photos.
        ArtifactError: the weights of the teacher are missing or damaged.
    """
    from edgestyle.cli.training import find_and_launch, train_in_all
    from edgestyle.teachers.photographic import PhotographicTeacher
    from edgestyle.training.packaging import read_notes

    _refuse_others(context)
    job, options = _job(context.params), context.params
    notes = read_notes(options["notes"], options["default_strength"], options["licence"])
    teacher = PhotographicTeacher(job.weights)
    config = _config(job, options)
    photos, fabric = find_and_launch(job.photos, config, notes, **job.processes)
    student = train_in_all(
        config, lambda: _lesson(config, photos, job.run, teacher, fabric), photos, job.run, job.output, fabric,
        job.workers,
    )  # fmt: skip
    if student is not None:
        _save(job, student, config, photos, notes)


def _refuse_others(context: typer.Context) -> None:
    """Options that looks would pass over in silence."""
    if context.params["photographic"] is None:
        raise TrainingError("--pairs is for --photographic, which says what teaches them; give it pcakd_VGG.npz")
    if unwanted := [written for name, written in given(context).items() if name not in _OPTIONS]:
        raise TrainingError(f"--photographic learns the looks of photos alone: leave {', '.join(unwanted)} out")


def _job(options: dict[str, Any]) -> LooksJob:
    return LooksJob(
        name=options["name"],
        photos=Path(options["photos"]),
        output=Path(options["output"]),
        run=Path(options["run"] or Path("runs") / options["name"]),
        weights=Path(options["photographic"]),
        workers=options["workers"],
        processes={key: options[key] for key in _PROCESSES},
    )


def _config(job: LooksJob, options: dict[str, Any]) -> "DistillConfig":
    """What to learn and how: what is given, and the defaults of looks for the rest."""
    from edgestyle.models.colour import ColourConfig
    from edgestyle.teachers.pcakd_weights import VGG_FILE
    from edgestyle.training.distill import DistillConfig
    from edgestyle.training.photographic import PhotographicConfig
    from edgestyle.training.teacher_pictures import file_hashes

    file = job.weights / VGG_FILE if job.weights.is_dir() else job.weights
    pairs = DEFAULT_PAIRS if options["pairs"] is None else options["pairs"]
    looks = PhotographicConfig(file_hashes({"network": file})["network"], pairs=pairs)
    sizes = DEFAULTS | {key: options[key] for key in DEFAULTS if options.get(key) is not None}
    settings = {key: options[key] for key in _SETTINGS} | {"exclude": tuple(options["exclude"] or [])}
    return DistillConfig(photographic=looks, model=ColourConfig(), **sizes, **settings)


def _lesson(
    config: "DistillConfig", photos: "Photos", run: Path, teacher: "PhotographicTeacher", fabric: "Fabric"
) -> "Lesson":
    """Open what is to be learned, for which the first process draws the teachers' pairs before."""
    from edgestyle.training.lessons import open_photographic_lesson, plan_reference_pairs

    pairs = plan_reference_pairs(config, photos, run / "pairs")
    with fabric.rank_zero_first():
        if fabric.is_global_zero:
            _draw(pairs, teacher, config.threads)
    return open_photographic_lesson(config, pairs)


def _draw(pairs: "ReferencePairs", teacher: "PhotographicTeacher", threads: int) -> None:
    """Draw the pairs that are missing under a progress bar."""
    import torch
    from rich.console import Console
    from rich.progress import track

    from edgestyle.teachers import REFERENCE_TEACHERS

    torch.set_num_threads(threads)
    print(f"the teachers' pictures are kept in {pairs.folder}, {pairs.size_bytes / 1e6:.0f} MB", file=sys.stderr)
    drawn = pairs.draw_each(teacher, REFERENCE_TEACHERS["optimal-transport"])
    for _ in track(drawn, "teachers", pairs.count, console=Console(stderr=True)):
        pass


def _save(job: LooksJob, student: "AnyStudent", config: "DistillConfig", photos: "Photos", notes: "PackNotes") -> None:
    """Make a pack of the networks, with a style for each look."""
    from edgestyle.exporters.packing import build_pack
    from edgestyle.training.packaging import about_pack, make_looks
    from edgestyle.training.students import PhotographicStudent

    assert isinstance(student, PhotographicStudent)  # as the configuration asked for
    styles = make_looks(_fit(student.eval(), config, photos), notes)
    assert config.photographic is not None
    learned = [f"--photographic PCAKD --pairs {config.photographic.pairs}"]
    about = about_pack(job.name, config, notes, learned, working_size=None)
    pack = build_pack(job.output, job.name, student.renderer, styles, about, encoder=student.encoder)
    print(f"pack '{pack.name}' with an encoder of references and {', '.join(pack.styles)} in {job.output}")


def _fit(student: "PhotographicStudent", config: "DistillConfig", photos: "Photos") -> dict[str, "Tensor"]:
    """The vectors of the looks by name, fitted under a progress bar."""
    from rich.console import Console
    from rich.progress import track

    from edgestyle.training.fitting import fit_looks, fitting_photos

    crops = fitting_photos(photos, config.seed)
    learned = dict(zip(config.styles, student.looks.detach(), strict=True))
    fitted = fit_looks(student.renderer, learned, crops, seed=config.seed)
    return dict(track(fitted, "looks", len(config.styles), console=Console(stderr=True)))
