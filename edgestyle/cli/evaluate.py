"""`edgestyle evaluate`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edgestyle.errors import ContractError, PackError, PictureError

if TYPE_CHECKING:
    from torch import Tensor

    from edgestyle.packs.pack import Pack, Style
    from edgestyle.quality.evaluation import Subject


def evaluate(
    pack: Annotated[str, typer.Argument(help="A shipped pack's name, or a pack's folder.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for the report.")],
    photos: Annotated[
        Path | None, typer.Option(help="Folder of photos; their middle squares are used. Eight bundled ones.")
    ] = None,
    features: Annotated[
        str | None,
        typer.Option(
            help="What measures content, style and feature distances: VGG16 weights as .safetensors, or "
            "'torchvision' to fetch them. A small network that comes with edgestyle."
        ),
    ] = None,
    painting: Annotated[
        list[str] | None,
        typer.Option(help="The painting that a style learned from, as STYLE=FILE; may be repeated."),
    ] = None,
    style: Annotated[list[str] | None, typer.Option(help="Only this style; may be repeated.")] = None,
) -> None:
    """Measure every style of a pack and write a report with pictures: index.html, report.md, evaluation.json."""
    from edgestyle.cli.extras import needs
    from edgestyle.images import make_folder
    from edgestyle.packs.loading import load_pack

    loaded = load_pack(pack)
    chosen = [loaded.style(name) for name in dict.fromkeys(style or loaded.styles)]
    files = _painting_files(painting or [], [one.name for one in chosen])
    with needs("torch", "evaluate"):
        import torchmetrics.functional.image  # noqa: F401  SSIM loads it late

        from edgestyle.quality.evaluation import Evaluation, measure_style
        from edgestyle.quality.features import load_features
        from edgestyle.quality.pictures import read_painting
        from edgestyle.quality.report import draw_gallery, write_report
    pictures = _read_photos(photos)
    paintings = {name: read_painting(file) for name, file in files.items()}
    network = load_features(features)
    subjects = [_subject(loaded, one, paintings.get(one.name)) for one in chosen]
    make_folder(output)
    with _progress(len(subjects) * len(pictures)) as advance:
        rows = tuple(measure_style(subject, pictures, network, advance) for subject in subjects)
    evaluation = Evaluation(loaded.name, loaded.title or loaded.name, network.name, tuple(pictures), rows)
    for path in write_report(evaluation, draw_gallery(subjects, pictures), output):
        print(path)


def _painting_files(texts: list[str], styles: list[str]) -> dict[str, Path]:
    """Take `STYLE=FILE` apart; the style is one of `styles`."""
    files = {}
    for text in texts:
        name, sign, file = text.partition("=")
        if not sign or not file:
            raise ContractError(f"a painting is given as STYLE=FILE, not '{text}'")
        if name not in styles:
            raise ContractError(f"'{name}' of --painting is no style that is measured; they are {', '.join(styles)}")
        files[name] = Path(file)
    return files


def _read_photos(folder: Path | None) -> dict[str, "Tensor"]:
    """The middle squares of a folder's pictures by name, or the bundled crops: `[1,3,384,384]`."""
    import torch

    from edgestyle.exporters.parity import parity_photo, parity_photos
    from edgestyle.images import PICTURE_SUFFIXES
    from edgestyle.quality.pictures import SIDE, read_square

    if folder is None:
        return {name: torch.from_numpy(parity_photo(name, SIDE, SIDE)) for name in parity_photos()}
    if not folder.is_dir():
        raise PictureError(f"no such folder of photos: {folder}; give one with pictures, or leave --photos out")
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in PICTURE_SUFFIXES)
    if not found:
        raise PictureError(f"no picture in {folder}")
    photos = {str(path.relative_to(folder)).encode("utf-8", "replace").decode(): read_square(path) for path in found}
    for name, photo in photos.items():
        if photo.std() < 1e-3:
            raise PictureError(f"{name} is of one single tone: nothing can be measured on it")
    return photos


def _subject(pack: "Pack", style: "Style", painting: "Tensor | None") -> "Subject":
    """A style as the pack's own ONNX file draws it, with the filter it learned from if it did."""
    import torch

    from edgestyle.quality.evaluation import Subject
    from edgestyle.teachers import TEACHERS

    def render(image: "Tensor", strength: float) -> "Tensor":
        stylized = torch.from_numpy(pack.renderer.run(image.numpy(), style.as_input(), strength))
        if not torch.isfinite(stylized).all():
            raise PackError(f"style '{style.name}' draws numbers that are not finite: the pack is damaged")
        return stylized

    return Subject(style.name, render, TEACHERS.get(style.name) if style.name in pack.filters else None, painting)


@contextmanager
def _progress(total: int) -> Iterator[Callable[[], object]]:
    """A bar on stderr; yields what to call after each of `total` steps."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("measuring", total=total)
        yield lambda: progress.advance(task)
