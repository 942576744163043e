"""`edgestyle selfie`."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edgestyle.cli.drawing import StyleOption, choose_drawing
from edgestyle.errors import ContractError, FaceError, OutputError
from edgestyle.selfie.recipe import RECIPE

if TYPE_CHECKING:
    from edgestyle.images import Pixels
    from edgestyle.selfie.landmarks import Face
    from edgestyle.selfie.making import Look, SelfieMaker


def selfie(
    photo: Annotated[Path, typer.Argument(help="A picture with a face in it.", metavar="PHOTO")],
    output: Annotated[Path, typer.Option("-o", "--output", help="A file; with --all, NAME-1, NAME-2 and so on.")],
    pack: Annotated[
        str | None,
        typer.Option(
            help="A shipped pack's name, or a pack's folder. If not given: atelier, or the one with the style."
        ),
    ] = None,
    style: StyleOption = None,
    strength: Annotated[
        float, typer.Option(help="0 leaves the person untouched, 1 is the full style, with the boldest lines.")
    ] = RECIPE.composing.default_strength,
    background: Annotated[
        str | None, typer.Option(help="transparent, blur, keep, or a colour such as '#ffd166' or gold.")
    ] = None,
    shape: Annotated[
        str, typer.Option(help="circle, square, or none: the person alone, trimmed.")
    ] = RECIPE.composing.default_shape,
    size: Annotated[int, typer.Option(help="Long side of the result, pixels.")] = RECIPE.composing.default_size,
    face: Annotated[int | None, typer.Option(help="Which face, 1 is the largest.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every face, a file each.")] = False,
    no_face: Annotated[bool, typer.Option("--no-face", help="Look for no face: stylize the whole picture.")] = False,
    recipe: Annotated[
        Path | None, typer.Option(help="Also write every step's numbers, and what was found, into this JSON file.")
    ] = None,
) -> None:
    """Turn a photo of a person into a stylized selfie: levelled, cut out, on any background. Needs no torch.

    An avatar:  edgestyle selfie me.jpg -o me.png --style cartoon --background '#ffd166'
    A sticker:  edgestyle selfie me.jpg -o sticker.png --style pop-art --shape none
    """
    from edgestyle.cli.extras import needs

    with needs("ai_edge_litert", "selfie"):
        from edgestyle.selfie.composing import check_size, parse_background, parse_shape
        from edgestyle.selfie.making import Look, SelfieMaker, choose_face
        from edgestyle.selfie.record import write_record

    if no_face + every + (face is not None) > 1:
        raise ContractError("--face, --all and --no-face exclude each other: give one of them")
    _check_targets(photo, output, recipe)
    loaded, chosen = choose_drawing(pack, style, None, strength)
    behind = parse_background(background or ("keep" if no_face else RECIPE.composing.default_background))
    look = Look(chosen, strength, behind, parse_shape(shape), check_size(size))
    if output.suffix.lower() in (".jpg", ".jpeg") and (behind.kind == "transparent" or look.shape == "circle"):
        print(f"note: {output.suffix} has no transparency, so there is white; .png and .webp have it", file=sys.stderr)
    pixels, maker = _read(photo), SelfieMaker(loaded)
    with _about(photo):
        found = [] if no_face else _find(maker, pixels, face, every)
        wanted = found if every or no_face else [choose_face(found, face or 1)]
        targets = _numbered(output, len(wanted)) if every else [output]
        _check_apart(photo, recipe, *targets)
        drawn = _draw_all(maker, pixels, wanted, targets, look)
    if recipe is not None:
        write_record(recipe, maker, pixels, drawn, look)
    if len(found) > 1 and not every and face is None:
        print(f"note: {len(found)} faces; this is the largest (--face 2 draws the next, --all each)", file=sys.stderr)


def _check_targets(photo: Path, output: Path, recipe: Path | None) -> None:
    """Raise OutputError where a result would be written over the photo or over another one, or is no picture."""
    if not output.suffix or output.is_dir():
        name = output / "selfie.png" if output.is_dir() else output.with_suffix(".png")
        raise OutputError(f"{output} is no picture file: give a name such as {name}")
    _check_apart(photo, recipe, output)


def _check_apart(photo: Path, recipe: Path | None, *targets: Path) -> None:
    places = [path.resolve() for path in (photo, recipe, *targets) if path is not None]
    if len(set(places)) < len(places):
        raise OutputError("the photo, the results and the recipe cannot be the same file")


def _read(photo: Path) -> "Pixels":
    from edgestyle.images import over_white, read_picture

    return over_white(read_picture(photo))


def _find(maker: "SelfieMaker", pixels: "Pixels", number: int | None, every: bool) -> "list[Face]":
    """Faces, largest first. Raises FaceError where there is none, or none of that number."""
    from edgestyle.selfie.making import choose_face

    faces = maker.find_faces(pixels, thorough=every or number is not None)
    choose_face(faces, 1 if number is None else number)
    return faces


def _numbered(output: Path, count: int) -> list[Path]:
    return [output.with_stem(f"{output.stem}-{number}") for number in range(1, count + 1)]


def _draw_all(
    maker: "SelfieMaker", pixels: "Pixels", faces: "list[Face]", targets: list[Path], look: "Look"
) -> "list[Face]":
    """Draw and write each, or the whole picture; of several, those that cannot be drawn are noted.

    Returns:
        The faces that were drawn.
    """
    from edgestyle.images import write_picture

    if not faces:
        write_picture(maker.draw_whole(pixels, look), targets[0])
        print(targets[0])
    drawn: list[Face] = []
    for face, target in zip(faces, targets if faces else [], strict=True):
        try:
            write_picture(maker.draw(pixels, face, look), target)
        except FaceError as error:
            if len(faces) == 1:
                raise
            print(f"skipped: {target}: {error}", file=sys.stderr)
            continue
        print(target)
        drawn.append(face)
    if faces and not drawn:
        raise FaceError(f"none of {len(faces)} faces could be drawn; see above")
    return drawn


@contextmanager
def _about(photo: Path) -> Iterator[None]:
    """Say which photo a FaceError inside is about."""
    try:
        yield
    except FaceError as error:
        raise FaceError(f"{photo}: {error}") from error
