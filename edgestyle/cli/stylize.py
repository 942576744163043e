"""`edgestyle stylize`."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edgestyle.cli.drawing import (
    PackOption,
    ReferenceOption,
    StrengthOption,
    StyleOption,
    WorkingSize,
    WorkingSizeOption,
    choose_drawing,
    keep_reference,
    parse_working_size,
)
from edgestyle.cli.upscaling import UpscaleOption, check_room, open_upscaler
from edgestyle.errors import OutputError, PictureError

if TYPE_CHECKING:
    from edgestyle.packs.pack import Pack, Style
    from edgestyle.upscaling.enlarging import Upscaler


def stylize(
    photos: Annotated[list[Path], typer.Argument(help="Pictures, or folders of pictures.", metavar="PHOTO...")],
    output: Annotated[Path, typer.Option("-o", "--output", help="A file for one photo, a folder for several.")],
    pack: PackOption = None,
    style: StyleOption = None,
    reference: ReferenceOption = None,
    strength: StrengthOption = None,
    working_size: WorkingSizeOption = None,
    upscale: UpscaleOption = None,
) -> None:
    """Stylize photos of any size, in a style or like a reference picture. Needs no torch.

    A style:     edgestyle stylize photo.jpg -o oil.jpg --style oil --strength 0.7
    A reference: edgestyle stylize photo.jpg -o dusk.jpg --reference dusk-at-sea.jpg --strength 0.6
    Larger:      edgestyle stylize photo.jpg -o poster.png --style oil --upscale 4
    """
    upscaler = open_upscaler(upscale)
    loaded, chosen = choose_drawing(pack, style, reference, strength)
    drawing = _Drawing(loaded, chosen, strength, parse_working_size(working_size), upscaler)
    jobs = _jobs(photos, output)
    keep_reference(reference, (target for _, target in jobs))
    failed = _stylize_all(drawing, jobs)
    if len(jobs) == 1:
        print(jobs[0][1])
        return
    print(f"{len(jobs) - failed} of {len(jobs)} pictures stylized into {output}")
    if failed:
        raise PictureError(f"{failed} of {len(jobs)} pictures could not be stylized; see above")


@dataclass(frozen=True)
class _Drawing:
    """How every picture is drawn."""

    pack: "Pack"
    style: "Style"
    strength: float | None
    size: WorkingSize
    upscaler: "Upscaler | None"

    def draw(self, source: Path, target: Path, on_tile: Callable[[int, int], None]) -> None:
        """Stylize a whole picture, then enlarge it if that is wanted; `on_tile` as for `Upscaler.enlarge`."""
        from edgestyle.images import Picture, read_picture, write_picture

        picture = read_picture(source)
        if self.upscaler:
            check_room(picture, source, target, self.upscaler.factor)
        drawn = Picture(self.pack.stylize(picture.pixels, self.style, self.strength, self.size), picture.alpha)
        write_picture(self.upscaler.enlarge(drawn, on_tile) if self.upscaler else drawn, target)


def _stylize_all(drawing: _Drawing, jobs: list[tuple[Path, Path]]) -> int:
    """Stylize every picture under a progress bar; of several report the ones that fail. Returns how many failed."""
    from edgestyle.cli.screen import picture_progress

    failed = 0
    with picture_progress(len(jobs), drawing.upscaler is not None) as (on_picture, on_tile):
        for source, target in jobs:
            try:
                drawing.draw(source, target, on_tile)
            except PictureError as error:
                if len(jobs) == 1:
                    raise
                failed += 1
                print(f"skipped: {error}", file=sys.stderr)
            on_picture()
    return failed


def _jobs(photos: list[Path], output: Path) -> list[tuple[Path, Path]]:
    """Pair every picture with the file to write; no photo is ever a target."""
    from edgestyle.images import PICTURE_SUFFIXES

    found: list[tuple[Path, Path]] = []  # a picture, and its name in the output folder
    for photo in photos:
        if photo.is_dir():
            inside = sorted(p for p in photo.rglob("*") if p.suffix.lower() in PICTURE_SUFFIXES)
            found += [(p, p.relative_to(photo)) for p in inside if not _made_earlier(p, photo, output)]
        else:
            found.append((photo, Path(photo.name)))
    if not found:
        raise PictureError(f"no picture in {', '.join(map(str, photos))}")
    one_file = len(found) == 1 and not photos[0].is_dir() and not output.is_dir() and output.suffix
    if not one_file and output.suffix.lower() in PICTURE_SUFFIXES and not output.is_dir():
        raise OutputError(f"{output} is one file, but there are {len(found)} pictures: give a folder")
    jobs = [(found[0][0], output)] if one_file else _into_folder(found, output)
    sources = {source.resolve() for source, _ in jobs}
    for _, target in jobs:
        if target.resolve() in sources:
            raise OutputError(f"{target} is one of the photos: choose another place for the results")
    return jobs


def _made_earlier(picture: Path, folder: Path, output: Path) -> bool:
    """Whether a picture lies in an output folder that is itself inside the folder of photos."""
    made = output.resolve()
    return made != folder.resolve() and made.is_relative_to(folder.resolve()) and picture.resolve().is_relative_to(made)


def _into_folder(found: list[tuple[Path, Path]], folder: Path) -> list[tuple[Path, Path]]:
    """Keep names; picture formats that cannot be written become PNG; equal names get a number."""
    taken: set[Path] = set()
    jobs = []
    for source, name in found:
        if name.suffix.lower() not in (".jpg", ".jpeg", ".png", ".webp"):
            name = name.with_name(name.name + ".png")
        target, number = folder / name, 2
        while target in taken:
            target = folder / name.with_name(f"{name.stem}-{number}{name.suffix}")
            number += 1
        taken.add(target)
        jobs.append((source, target))
    return jobs
