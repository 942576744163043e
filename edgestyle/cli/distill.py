"""`edgestyle distill`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edgestyle.errors import TrainingError

if TYPE_CHECKING:
    from edgestyle.training.batches import Lesson
    from edgestyle.training.distill import DistillConfig
    from edgestyle.training.lessons import PaintingSources
    from edgestyle.training.paintings import PaintingConfig


def distill(
    name: Annotated[str, typer.Argument(help="Name of the pack to make, such as 'atelier'.")],
    photos: Annotated[Path, typer.Argument(help="Folder of photos to learn on; sub-folders count.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder of the finished pack.")],
    teachers: Annotated[
        list[str] | None, typer.Option("--teacher", help="A filter, such as cartoon or oil; may be repeated.")
    ] = None,
    paintings: Annotated[
        list[str] | None, typer.Option("--painting", help="A painting, as STYLE=FILE; may be repeated.")
    ] = None,
    stylizer: Annotated[
        Path | None, typer.Option(help="For paintings: folder of Magenta's arbitrary_predict and _transform.onnx.")
    ] = None,
    features: Annotated[
        Path | None, typer.Option(help="For paintings: VGG16 as .safetensors; torchvision's, which is fetched.")
    ] = None,
    frames: Annotated[int, typer.Option(help="For paintings: photo crops that the teacher paints and keeps.")] = 300,
    network: Annotated[
        str | None, typer.Option(help="small (0.4 GMAC at 512x512; for filters) or large (1.4; for paintings).")
    ] = None,
    run: Annotated[Path | None, typer.Option(help="Folder for checkpoints and pictures; runs/NAME.")] = None,
    steps: Annotated[int, typer.Option(help="Training steps.")] = 20_000,
    batch_size: Annotated[int | None, typer.Option(help="Pictures a step; 8, or 4 for paintings.")] = None,
    crop_size: Annotated[int | None, typer.Option(help="Side of a training picture; 128, or 208.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="Highest learning rate; 0.004, or 0.003.")] = None,
    temporal_weight: Annotated[float, typer.Option(help="How hard flicker in video is punished; 0 not at all.")] = 0.01,
    seed: Annotated[int, typer.Option(help="The same seed gives the same weights on a CPU.")] = 0,
    threads: Annotated[int, typer.Option(help="CPU threads of the network; part of what fixes the weights.")] = 1,
    workers: Annotated[
        int, typer.Option(help="Processes preparing batches; any number gives the same weights.", min=1)
    ] = 1,
    device: Annotated[str, typer.Option(help="A torch device, such as cpu or cuda.")] = "cpu",
    exclude: Annotated[list[str] | None, typer.Option(help="File name never to train on; may be repeated.")] = None,
    default_strength: Annotated[float, typer.Option(help="What demos start with.")] = 0.8,
    licence: Annotated[str, typer.Option(help="SPDX identifier of the pack.")] = "Apache-2.0",
    working_size: Annotated[int, typer.Option(help="Long side at which the strokes look best.", min=64)] = 1024,
    notes: Annotated[
        Path | None, typer.Option(help="JSON with titles, credits, licences and default strengths, by style.")
    ] = None,
) -> None:
    """Train a pack: distil filters or paintings into one small network.

    Interrupt it freely; the same command goes on exactly.

    Example: edgestyle distill mine ~/Pictures -o packs/mine --teacher cartoon --teacher oil
    """
    from edgestyle.cli.extras import needs
    from edgestyle.images import make_folder
    from edgestyle.packs.loading import check_name

    check_name(name)
    with needs("torch", "train"):
        from edgestyle.models.renderer import NETWORK_SIZES
        from edgestyle.training.distill import DistillConfig
        from edgestyle.training.packaging import about_pack, make_styles, read_notes
        from edgestyle.training.photos import find_photos
    with needs("onnx", "export"):
        from edgestyle.exporters.packing import build_pack

    about = read_notes(notes, default_strength, licence)
    network = network or ("large" if paintings else "small")
    if network not in NETWORK_SIZES:
        raise TrainingError(f"there is no network '{network}'; known: {', '.join(NETWORK_SIZES)}")
    sources = _sources(paintings or [], stylizer, features)
    config = DistillConfig(
        teachers=tuple(teachers or []),
        paintings=_painting_config(sources, frames),
        steps=steps,
        batch_size=batch_size or (4 if sources else 8),
        crop_size=crop_size or (208 if sources else 128),
        learning_rate=learning_rate or (3e-3 if sources else 4e-3),
        temporal_weight=temporal_weight,
        gradient_clip=1.0 if sources else 0.0,
        seed=seed,
        threads=threads,
        exclude=tuple(exclude or []),
        model=NETWORK_SIZES[network],
    )
    run = run or Path("runs") / name
    found, skipped = find_photos(photos, config.exclude)
    for line in skipped:
        print(line, file=sys.stderr)
    for photo in sorted(set(config.exclude) - {path.name for path in photos.rglob("*")}):
        print(f"note: no photo is called {photo}, so --exclude {photo} does nothing", file=sys.stderr)
    make_folder(output.parent)
    print(f"{len(found)} photos; checkpoints, curve and sheets in {run}")
    with needs("torch", "train"):
        from edgestyle.cli.training import train

        student = train(config, _lesson(config, found, run, sources, device), found, run, workers, device)
    learned = [f"--teacher {teacher}" for teacher in config.teachers]
    if sources:
        learned = [f"--painting {style}={path.name}" for style, path in sources.paintings.items()]
        learned += [f"--stylizer MAGENTA --features VGG16 --frames {frames} --network {network}"]
    said = about_pack(name, config, about, learned, working_size)
    pack = build_pack(output, name, student.renderer.eval(), make_styles(student, config, about), said)
    print(f"pack '{pack.name}' with {', '.join(pack.styles)} in {output}")


def _sources(paintings: list[str], stylizer: Path | None, features: Path | None) -> "PaintingSources | None":
    """Where paintings and the networks to learn them come from; None where filters are learned."""
    from edgestyle.packs.loading import check_name
    from edgestyle.training.lessons import PaintingSources

    if not paintings:
        return None
    files: dict[str, Path] = {}
    for text in paintings:
        style, equals, file = text.partition("=")
        if not equals or not file:
            raise TrainingError(f"--painting wants STYLE=FILE, not '{text}'")
        if check_name(style) in files:
            raise TrainingError(f"a style is given twice: {style}")
        files[style] = Path(file)
    if stylizer is None:
        raise TrainingError("learning paintings needs --stylizer FOLDER, Magenta's two networks (see the README)")
    return PaintingSources(files, stylizer, features)


def _painting_config(sources: "PaintingSources | None", frames: int) -> "PaintingConfig | None":
    from edgestyle.training.paintings import PaintingConfig
    from edgestyle.training.teacher_pictures import painting_hashes

    if sources is None:
        return None
    hashes = painting_hashes(sources.paintings)
    return PaintingConfig(tuple(hashes), tuple(hashes.values()), frames)


def _lesson(
    config: "DistillConfig", photos: list[Path], run: Path, sources: "PaintingSources | None", device: str
) -> "Lesson":
    """Open what is to be learned, drawing the teacher's pictures under a progress bar where there are paintings."""
    from rich.console import Console
    from rich.progress import track

    from edgestyle.training.lessons import open_filter_lesson, open_painting_lesson, plan_teacher_pictures

    if sources is None:
        return open_filter_lesson(config, photos)
    pictures = plan_teacher_pictures(config, photos, run / "teacher", sources)
    megabytes = pictures.largest_bytes / 1e6
    print(f"the teacher's pictures are kept in {pictures.folder}, at most {megabytes:.0f} MB", file=sys.stderr)
    steps = pictures.draw_each(sources.open_stylizer())
    for _ in track(steps, "teacher", pictures.count, console=Console(stderr=True)):
        pass
    return open_painting_lesson(config, pictures, sources, device)
