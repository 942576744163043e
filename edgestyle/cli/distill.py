"""`edgestyle distill`."""

import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from edgestyle.cli import training_options as options
from edgestyle.cli.photographic import train_looks
from edgestyle.cli.quantizing import train_for_recipe
from edgestyle.errors import TrainingError

if TYPE_CHECKING:
    from lightning_fabric import Fabric

    from edgestyle.packs.pack import Pack
    from edgestyle.teachers.magenta import ArbitraryStylizer
    from edgestyle.training.batches import Lesson
    from edgestyle.training.distill import DistillConfig
    from edgestyle.training.lessons import PaintingSources
    from edgestyle.training.packaging import PackNotes
    from edgestyle.training.paintings import PaintingConfig
    from edgestyle.training.photos import Photos
    from edgestyle.training.students import AnyStudent
    from edgestyle.training.teacher_pictures import TeacherPictures


_OF_OTHERS = ("qat", "held_out", "photographic", "pairs")  # options of other kinds of training
_FILTER_DEFAULTS = {
    "steps": 20_000, "batch_size": 8, "crop_size": 128, "learning_rate": 4e-3, "gradient_clip": 0.0,
    "temporal_weight": 0.01,
}  # fmt: skip
_PAINTING_DEFAULTS = {
    "steps": 20_000, "batch_size": 4, "crop_size": 240, "learning_rate": 2e-3, "gradient_clip": 1.0,
    "temporal_weight": 8.0, "temporal_start": 0.45, "temporal_slack": 0.12, "temporal_squared": True, "border": 24,
}  # fmt: skip


def distill(
    context: typer.Context,
    name: options.Name,
    photos: options.Photos,
    output: options.Output,
    teachers: options.Teachers = None,
    paintings: options.Paintings = None,
    stylizer: options.Stylizer = None,
    features: options.Features = None,
    frames: options.Frames = 300,
    network: options.Network = None,
    start: options.Start = None,
    run: options.Run = None,
    steps: options.Steps = None,
    batch_size: options.BatchSize = None,
    crop_size: options.CropSize = None,
    learning_rate: options.LearningRate = None,
    temporal_weight: options.TemporalWeight = None,
    precision: options.Precision = "32",
    seed: options.Seed = 0,
    threads: options.Threads = 1,
    workers: options.Workers = 1,
    device: options.Device = "cpu",
    devices: options.Devices = 1,
    nodes: options.Nodes = 1,
    exclude: options.Exclude = None,
    default_strength: options.DefaultStrength = 0.8,
    licence: options.Licence = "Apache-2.0",
    working_size: options.WorkingSize = 1024,
    notes: options.Notes = None,
    qat: options.Quantization = None,
    held_out: options.HeldOut = None,
    photographic: options.Photographic = None,
    pairs: options.Pairs = None,
) -> None:
    """Train a pack: distil filters, paintings or photographic looks into one small network.

    Interrupt it freely; the same command goes on exactly.

    Example: edgestyle distill mine ~/Pictures -o packs/mine --teacher cartoon --teacher oil
    """
    _check_name_and_tools(name)
    if photographic is not None or pairs is not None:
        train_looks(context)
    elif qat is not None or held_out is not None:
        train_for_recipe(context)
    else:
        _train_styles(**{option: context.params[option] for option in context.params if option not in _OF_OTHERS})


def _train_styles(
    name: str, photos: Path, output: Path, teachers: list[str] | None, paintings: list[str] | None,
    stylizer: Path | None, features: Path | None, frames: int, network: str | None, start: str | None,
    run: Path | None, workers: int, device: str, devices: int, nodes: int, exclude: list[str] | None,
    default_strength: float, licence: str, working_size: int, notes: Path | None, precision: str, seed: int,
    threads: int, **sizes: float | None,
) -> None:  # fmt: skip
    """Train a pack of filters or paintings; arguments are the options of `distill`."""
    from edgestyle.cli.training import find_and_launch, train_in_all
    from edgestyle.packs.loading import load_pack
    from edgestyle.training.packaging import read_notes
    from edgestyle.training.starting import student_from

    about = read_notes(notes, default_strength, licence)
    origin = load_pack(start) if start else None
    network = network or (None if origin else "large" if paintings else "small")
    sources = _sources(paintings or [], stylizer, features)
    settings = {"precision": precision, "seed": seed, "threads": threads, "exclude": tuple(exclude or [])}
    settings |= _sizes(sources is not None, **sizes) | _beginning(origin, network)
    config = _config(teachers or [], sources, frames, origin, settings)
    found, fabric = find_and_launch(photos, config, about, device, devices, nodes)
    folder, start_from = run or Path("runs") / name, student_from(origin, config) if origin else None
    student = train_in_all(
        config, lambda: _lesson(config, found, folder, sources, fabric), found, folder, output, fabric, workers,
        start_from,
    )  # fmt: skip
    if student is not None:
        _save(output, name, student, config, about, _learned(config, sources, network, origin), working_size, origin)


def _check_name_and_tools(name: str) -> None:
    """Say what is wrong or missing now, not after hours of training."""
    from edgestyle.cli.extras import needs
    from edgestyle.packs.loading import check_name

    check_name(name)
    with needs("torch", "train"):
        import edgestyle.cli.training
    with needs("onnx", "export"):
        import edgestyle.exporters.packing  # noqa: F401


def _config(
    teachers: list[str], sources: "PaintingSources | None", frames: int, origin: "Pack | None", settings: dict[str, Any]
) -> "DistillConfig":
    """What to learn and how."""
    from edgestyle.training.distill import DistillConfig

    return DistillConfig(tuple(teachers), _painting_config(sources, frames, origin), **settings)


def _save(
    output: Path, name: str, student: "AnyStudent", config: "DistillConfig", notes: "PackNotes", learned: list[str],
    working_size: int, origin: "Pack | None",
) -> None:  # fmt: skip
    """Make a pack of what was learned."""
    from edgestyle.exporters.packing import build_pack
    from edgestyle.training.packaging import about_pack, make_styles
    from edgestyle.training.starting import record_of
    from edgestyle.training.students import Student

    assert isinstance(student, Student)  # filters and paintings have vectors of their own
    about = about_pack(name, config, notes, learned, working_size, record_of(origin) if origin else None)
    pack = build_pack(output, name, student.renderer.eval(), make_styles(student, config, notes), about)
    print(f"pack '{pack.name}' with {', '.join(pack.styles)} in {output}")


def _sizes(paintings: bool, **given: float | None) -> dict[str, Any]:
    """What is given, and the defaults of filters or paintings for the rest."""
    defaults: dict[str, Any] = _PAINTING_DEFAULTS if paintings else _FILTER_DEFAULTS
    return defaults | {key: value for key, value in given.items() if value is not None}


def _beginning(origin: "Pack | None", network: str | None) -> dict[str, Any]:
    """The settings that say what is trained: a network of the size called `network`, a pack's where none is named."""
    from edgestyle.models.renderer import NETWORK_SIZES
    from edgestyle.packs.networks import weights_hash
    from edgestyle.training.starting import model_of

    if network is not None and network not in NETWORK_SIZES:
        raise TrainingError(f"there is no network '{network}'; known: {', '.join(NETWORK_SIZES)}")
    beginning: dict[str, Any] = {"model": NETWORK_SIZES[network]} if network else {}
    if origin is not None:
        beginning |= {"start": weights_hash(origin), "temporal_start": 0.0}
        beginning.setdefault("model", model_of(origin))
    return beginning


def _learned(
    config: "DistillConfig", sources: "PaintingSources | None", network: str | None, origin: "Pack | None"
) -> list[str]:
    """The options that say what was learned, for the pack's record."""
    start = [f"--from {shlex.quote(origin.folder.resolve().name)}"] if origin else []
    size = " ".join([*start, *([f"--network {network}"] if network else [])])
    if sources is None or config.paintings is None:
        return [*(f"--teacher {teacher}" for teacher in config.teachers), size]
    paintings = [f"--painting {shlex.quote(f'{style}={path.name}')}" for style, path in sources.paintings.items()]
    return [*paintings, f"--stylizer MAGENTA --features VGG16 --frames {config.paintings.frames} {size}"]


def _sources(paintings: list[str], stylizer: Path | None, features: Path | None) -> "PaintingSources | None":
    """Where paintings and the networks to learn them come from; None where filters are learned."""
    from edgestyle.cli.pairs import read_pairs
    from edgestyle.training.lessons import PaintingSources

    if not paintings:
        return None
    files = {style: Path(file) for style, file in read_pairs(paintings, "--painting", "STYLE=FILE").items()}
    if stylizer is None:
        raise TrainingError("learning paintings needs --stylizer FOLDER, Magenta's two networks (see the README)")
    return PaintingSources(files, stylizer, features)


def _painting_config(sources: "PaintingSources | None", frames: int, origin: "Pack | None") -> "PaintingConfig | None":
    """What to learn of paintings; a pack to start from knows their colours, and its texture is there already."""
    from edgestyle.training.paintings import PaintingConfig
    from edgestyle.training.teacher_pictures import file_hashes

    if sources is None:
        return None
    hashes = file_hashes(sources.paintings)
    features = file_hashes({"features": sources.features})["features"] if sources.features else "torchvision"
    config = PaintingConfig(tuple(hashes), tuple(hashes.values()), features, frames)
    return replace(config, colour_steps=0) if origin else config


def _lesson(
    config: "DistillConfig", photos: "Photos", run: Path, sources: "PaintingSources | None", fabric: "Fabric"
) -> "Lesson":
    """Open what is to be learned; where that is paintings, the first process draws the teacher's pictures before."""
    from edgestyle.models.vgg import load_vgg16
    from edgestyle.teachers.magenta import ArbitraryStylizer
    from edgestyle.training.lessons import open_filter_lesson, open_painting_lesson, plan_teacher_pictures

    if sources is None:
        return open_filter_lesson(config, photos)
    stylizer = ArbitraryStylizer(sources.stylizer)
    pictures = plan_teacher_pictures(config, photos, run / "teacher", sources.paintings, stylizer)
    features = load_vgg16(sources.features)  # before the teacher paints for minutes
    with fabric.rank_zero_first():
        if fabric.is_global_zero:
            _draw(pictures, stylizer)
    return open_painting_lesson(config, pictures, features, str(fabric.device))


def _draw(pictures: "TeacherPictures", stylizer: "ArbitraryStylizer") -> None:
    """Draw the teacher's pictures under a progress bar."""
    from rich.console import Console
    from rich.progress import track

    megabytes = pictures.largest_bytes / 1e6
    print(f"the teacher's pictures are kept in {pictures.folder}, at most {megabytes:.0f} MB", file=sys.stderr)
    for _ in track(pictures.draw_each(stylizer), "teacher", pictures.count, console=Console(stderr=True)):
        pass
