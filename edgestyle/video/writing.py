"""Write videos: which container takes what, and how well it is encoded."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
from av.codec.context import Flags
from av.container import OutputContainer
from av.video.stream import VideoStream

from edgestyle.errors import OutputError
from edgestyle.images import whole_file
from edgestyle.video.colour import drawn_colour
from edgestyle.video.reading import VideoFacts

# encoder -> options; all of them for a picture that is hard to tell from what was drawn
ENCODERS: dict[str, dict[str, str]] = {
    "libx264": {"crf": "18", "preset": "medium"},
    "mpeg4": {"flags": "+qscale", "global_quality": str(2 * 118)},
    "libvpx-vp9": {"crf": "24", "b": "0", "deadline": "good", "cpu-used": "4", "row-mt": "1"},
}
_MAX_MPEG4_TICKS = 65_535  # a second; 60,000 of them hold the usual rates, and milliseconds, exactly


@dataclass(frozen=True)
class Container:
    """A kind of video file.

    Attributes:
        format: FFmpeg's name for it.
        video_encoders: the first one that FFmpeg was built with is used.
        audio_encoder: for sound of a codec that the container does not take.
        options: of the container.
    """

    format: str
    video_encoders: tuple[str, ...]
    audio_encoder: str
    options: dict[str, str]


_FOR_THE_WEB = {"movflags": "+faststart"}
CONTAINERS: dict[str, Container] = {
    ".mp4": Container("mp4", ("libx264", "mpeg4"), "aac", _FOR_THE_WEB),
    ".m4v": Container("mp4", ("libx264", "mpeg4"), "aac", _FOR_THE_WEB),
    ".mov": Container("mov", ("libx264", "mpeg4"), "aac", _FOR_THE_WEB),
    ".mkv": Container("matroska", ("libx264", "mpeg4"), "aac", {}),
    ".webm": Container("webm", ("libvpx-vp9",), "libopus", {}),
}


def container_for(target: Path) -> Container:
    """The container a file name asks for. Raises OutputError for names that ask for none."""
    container = CONTAINERS.get(target.suffix.lower())
    if container is None:
        raise OutputError(f"cannot write videos as '{target.suffix}': use {', '.join(CONTAINERS)}")
    return container


def check_target(target: Path, source: Path) -> None:
    """Raise OutputError where `target` is a folder, the source itself, or no kind of video that can be written."""
    if target.is_dir():
        raise OutputError(f"{target} is a folder: give a file, such as {target / source.name}")
    if target.exists() and source.exists() and target.samefile(source):
        raise OutputError(f"{target} is the video itself: choose another place for the result")
    container_for(target)


@contextmanager
def open_output(target: Path) -> Iterator[OutputContainer]:
    """A video to be written, which gets its name when it is whole and leaves nothing behind otherwise.

    Raises:
        OutputError: the folder cannot be made or written, the disk is full, or FFmpeg refuses.
    """
    kind = container_for(target)
    with whole_file(target) as temporary:
        try:
            path = str(temporary.resolve())
            with av.open(path, "w", format=kind.format, container_options=kind.options) as output:
                try:
                    yield output
                except BaseException:  # what stopped the work is told, not that the file has no proper end
                    with suppress(av.FFmpegError):
                        output.close()
                    raise
        except av.FFmpegError as error:
            if isinstance(error, OSError):
                raise
            raise OutputError(f"cannot write {target}: {error.strerror or error}") from error


def add_video(output: OutputContainer, kind: Container, facts: VideoFacts) -> VideoStream:
    """Add the picture stream: the source's clock, rate, pixel shape and colours, in even sides.

    Raises:
        OutputError: FFmpeg was built without the encoders for this container.
    """
    encoder = next((name for name in kind.video_encoders if name in av.codecs_available), None)
    if encoder is None:
        raise OutputError(f"this build of PyAV cannot encode for {kind.format}: it lacks {kind.video_encoders[0]}")
    sides = (facts.height, facts.width) if facts.turned else (facts.width, facts.height)
    width, height = (side + side % 2 for side in sides)
    stream = output.add_stream(
        encoder,
        rate=facts.rate,
        options=ENCODERS[encoder],
        width=width,
        height=height,
        pix_fmt="yuv420p",
        time_base=_clock(encoder, facts.time_base),
    )
    stream = cast(VideoStream, stream)
    _describe(stream, facts)
    return stream


def _describe(stream: VideoStream, facts: VideoFacts) -> None:
    context, colour = stream.codec_context, drawn_colour(facts.colour)
    context.flags |= Flags.frame_duration  # the last frame stays as long as it did
    context.color_range = 1  # limited
    context.colorspace = 6 if colour.matrix == 5 else colour.matrix
    context.color_primaries, context.color_trc = colour.primaries, colour.transfer
    context.sample_aspect_ratio = 1 / facts.pixel_aspect if facts.turned else facts.pixel_aspect


def _clock(encoder: str, time_base: Fraction) -> Fraction:
    if encoder == "mpeg4" and time_base.denominator > _MAX_MPEG4_TICKS:
        return Fraction(1, 60_000)
    return time_base
