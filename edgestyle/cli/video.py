"""`edgestyle video`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edgestyle.cli.drawing import (
    PackOption,
    ReferenceOption,
    StrengthOption,
    StyleOption,
    WorkingSizeOption,
    choose_drawing,
    keep_reference,
    parse_working_size,
)

if TYPE_CHECKING:
    from edgestyle.images import Pixels


def video(
    source: Annotated[Path, typer.Argument(help="A video: MP4, MOV, MKV, WebM, AVI, MPEG, GIF.", metavar="VIDEO")],
    output: Annotated[Path, typer.Option("-o", "--output", help="A .mp4, .mov, .mkv or .webm file.")],
    pack: PackOption = None,
    style: StyleOption = None,
    reference: ReferenceOption = None,
    strength: StrengthOption = None,
    working_size: WorkingSizeOption = None,
    start: Annotated[str, typer.Option("--from", help="Where to start, such as 0:10.")] = "0",
    stop: Annotated[str | None, typer.Option("--to", help="Where to stop, such as 0:20.")] = None,
) -> None:
    """Stylize a video frame by frame, in a style or like a reference picture. Needs no torch.

    Frames keep their times, sound is copied.
    """
    from edgestyle.cli.extras import needs
    from edgestyle.cli.screen import video_progress

    with needs("av", "video"):
        from edgestyle.video.redrawing import redraw_video
        from edgestyle.video.times import Span, parse_time

    loaded, chosen = choose_drawing(pack, style, reference, strength)
    keep_reference(reference, [output])
    size = parse_working_size(working_size)
    span = Span(parse_time(start), parse_time(stop) if stop is not None else None)

    def draw(pixels: "Pixels") -> "Pixels":
        return loaded.stylize(pixels, chosen, strength, size)

    with video_progress("stylizing") as (on_frame, on_note):
        redraw_video(source, output, draw, span, on_frame, on_note)
    print(output)
