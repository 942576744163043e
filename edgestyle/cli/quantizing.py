"""`edgestyle distill --qat`: a second set of weights for a pack, kept only if it wins."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from edgestyle.cli.training_options import given
from edgestyle.errors import PictureError, TrainingError

if TYPE_CHECKING:
    from edgestyle.exporters.weight_sets import Comparison
    from edgestyle.images import Pixels
    from edgestyle.models.renderer import Renderer
    from edgestyle.packs.pack import Pack
    from edgestyle.training.distill import DistillConfig
    from edgestyle.training.photos import Photo, Photos

_DEFAULTS: dict[str, Any] = {
    "steps": 500, "batch_size": 8, "crop_size": 128, "learning_rate": 3e-4, "temporal_weight": 0.0,
}  # fmt: skip


_SIZES = tuple(_DEFAULTS)
_OPTIONS = {"name", "photos", "output", "start", "run", "seed", "threads", "workers", "device", "exclude", *_SIZES}


@dataclass(frozen=True)
class QatJob:
    """What `--qat` was asked for; fields are the options of `edgestyle distill`, `sizes` those that were given."""

    name: str
    photos: Path
    output: Path
    recipe: str
    start: str | None
    run: Path
    held_out: Path | None
    exclude: tuple[str, ...]
    seed: int
    threads: int
    workers: int
    device: str
    sizes: dict[str, Any]


def train_for_recipe(context: typer.Context) -> None:
    """Train weights that bear a recipe's arithmetic, compare them with the float ones, and keep them if they win.

    Args:
        context: of `edgestyle distill`, with its options.

    Raises:
        TrainingError: an option that has no place here, another name than the pack's, a recipe that cannot be trained
            for, or no photos.
    """
    from edgestyle.cli.extras import needs

    _refuse_others(context)
    job = _job(context.params)
    with needs("torchao", "train"):
        import edgestyle.training.self_teaching
    with needs("litert_torch", "export"):
        import edgestyle.exporters.to_tflite  # noqa: F401  for the message where the converter is missing
    pack = _pack(job)
    config, photos, held_out = _plan(job, pack)
    judges = _read(held_out)
    trained = _train(job, pack, config, photos)
    comparisons = _compare(pack, job.recipe, trained, judges)
    _keep(job, pack, config, trained, comparisons, [photo.name for photo in held_out])


def _refuse_others(context: typer.Context) -> None:
    """Options that `--qat` would pass over in silence."""
    if context.params["qat"] is None:
        raise TrainingError("--held-out is for --qat, which says for which recipe to train; w8a8 is known")
    if unwanted := [written for name, written in given(context).items() if name not in _OPTIONS | {"qat", "held_out"}]:
        raise TrainingError(f"--qat teaches a pack its own styles, in one process: leave {', '.join(unwanted)} out")


def _job(options: dict[str, Any]) -> QatJob:
    name, recipe, held_out = options["name"], options["qat"], options["held_out"]
    return QatJob(
        name=name,
        photos=Path(options["photos"]),
        output=Path(options["output"]),
        recipe=recipe,
        start=options["start"],
        run=Path(options["run"] or Path("runs") / f"{name}-{recipe}"),
        held_out=Path(held_out) if held_out else None,
        exclude=tuple(options["exclude"] or []),
        **{key: options[key] for key in ("seed", "threads", "workers", "device")},
        sizes=_DEFAULTS | {key: options[key] for key in _SIZES if options[key] is not None},
    )


def _pack(job: QatJob) -> "Pack":
    """The pack to train for, which keeps its name: files that were exported from it are found by it."""
    from edgestyle.packs.loading import load_pack

    if job.start is None:
        raise TrainingError("--qat trains a second set of weights for a pack: name it with --from PACK")
    pack = load_pack(job.start)
    if pack.name != job.name:
        raise TrainingError(f"the pack keeps its name with --qat: 'edgestyle distill {pack.name} ...', not {job.name}")
    return pack


def _plan(job: QatJob, pack: "Pack") -> tuple["DistillConfig", "Photos", list["Photo"]]:
    """What to learn and how, the photos to train on, and those that decide."""
    from edgestyle.packs.networks import weights_hash
    from edgestyle.training.distill import DistillConfig
    from edgestyle.training.photos import MOST_HELD_OUT, find_photos, hold_out, spread
    from edgestyle.training.quantization import QuantizationConfig
    from edgestyle.training.starting import model_of

    quantization = QuantizationConfig(job.recipe, tuple(pack.styles))
    found, lines = find_photos(job.photos, job.exclude)
    held_out, more = (hold_out(found), []) if job.held_out is None else find_photos(job.held_out)
    judges = spread(held_out, MOST_HELD_OUT)
    if len(judges) < len(held_out):
        more.append(f"note: {len(judges)} of the {len(held_out)} photos in {job.held_out} decide; none is trained on")
    print("".join(f"{line}\n" for line in [*lines, *more]), end="", file=sys.stderr)
    exclude = tuple(dict.fromkeys([*job.exclude, *(photo.name for photo in held_out)]))
    found, _ = find_photos(job.photos, exclude)
    config = DistillConfig(
        quantization=quantization, start=weights_hash(pack), model=model_of(pack), exclude=exclude, seed=job.seed,
        threads=job.threads, **job.sizes,
    )  # fmt: skip
    return config, found, judges


def _read(photos: list["Photo"]) -> list["Pixels"]:
    """The squares to judge by, no larger than they are drawn, before hours of training."""
    from edgestyle.exporters.weight_sets import SIDE
    from edgestyle.images import fit, middle_square
    from edgestyle.training.photos import read_photo

    try:
        return [fit(middle_square(read_photo(photo).pixels), SIDE) for photo in photos]
    except PictureError as error:
        raise TrainingError(f"a photo that is held out cannot be read; --exclude it: {error}") from error


def _train(job: QatJob, pack: "Pack", config: "DistillConfig", photos: "Photos") -> "Renderer":
    from edgestyle.cli.training import train
    from edgestyle.images import make_folder
    from edgestyle.training.processes import launch
    from edgestyle.training.self_teaching import open_self_taught_lesson, quantized_student
    from edgestyle.training.students import Student

    make_folder(job.output.parent)
    fabric = launch(config.batch_size, device=job.device)
    print(f"{len(photos)} photos; checkpoints, curve and sheets in {job.run}")
    lesson, start = open_self_taught_lesson(config, pack, photos), quantized_student(pack)
    student = train(config, lesson, photos, job.run, fabric, job.workers, start)
    assert isinstance(student, Student)  # as it started
    return student.renderer.eval()


def _compare(pack: "Pack", recipe: str, trained: "Renderer", photos: list["Pixels"]) -> list["Comparison"]:
    from edgestyle.cli.screen import show, weights_table, working
    from edgestyle.exporters.weight_sets import compare_weights

    with working("comparing") as status:
        comparisons = compare_weights(
            pack, recipe, trained, photos, on_start=lambda name: status.update(f"exporting and drawing {name}")
        )
    for comparison in comparisons:
        show(weights_table(comparison, recipe))
    return comparisons


def _keep(
    job: QatJob, pack: "Pack", config: "DistillConfig", trained: "Renderer", comparisons: list["Comparison"],
    held_out: list[str],
) -> None:  # fmt: skip
    """Write the pack, with the new weights if they win in every format; what is to stay as it is is not touched."""
    from edgestyle.exporters.packing import copy_pack
    from edgestyle.training.packaging import about_weights

    training, wins = dict(pack.training), all(comparison.wins for comparison in comparisons)
    if wins:
        about = about_weights(pack, config, job.exclude, held_out, job.held_out is not None)
        about["compared"] = [comparison.to_json() for comparison in comparisons]
        training["recipe_weights"] = {**training.get("recipe_weights", {}), job.recipe: about}
    made = pack
    if wins or job.output.resolve() != pack.folder.resolve():
        made = copy_pack(pack, job.output, job.recipe, trained if wins else None, training)
    if wins:
        file = made.components["renderer"].weights_for(job.recipe)
        print(f"kept: {job.recipe} exports of '{made.name}' in {job.output} take {file}; all others are as they were")
    else:
        print(f"not kept: the new weights are not clearly better; the pack in {job.output} is as it was")
