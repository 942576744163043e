"""Redraw a video frame by frame, as a stream: a few frames are in memory, however long it is."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from edgestyle.errors import VideoError
from edgestyle.images import Pixels
from edgestyle.video.audio import AudioTrack, add_audio
from edgestyle.video.colour import FrameReader, FrameWriter, drawn_colour
from edgestyle.video.reading import FrameDecoder, VideoFacts, open_video, probe_video, read_packets, seek
from edgestyle.video.times import Cut, Span, show_time
from edgestyle.video.writing import add_video, check_target, container_for, open_output

Draw = Callable[[Pixels], Pixels]
MAX_NOTES = 20  # of broken frames


def _ignore(*_: object) -> None:
    pass


def redraw_video(
    source: Path,
    target: Path,
    draw: Draw,
    span: Span | None = None,
    on_frame: Callable[[Fraction, Fraction | None], None] = _ignore,
    on_note: Callable[[str], None] = _ignore,
) -> int:
    """Write a copy of a video with every frame redrawn.

    Frames keep their times, whatever their rate; sound is copied. Pictures come upright: a display matrix is applied
    and not passed on. Odd sides grow by one, for 4:2:0 video has even ones: the last row or column comes twice.

    Args:
        source: a video in one of the containers in `reading.FORMATS`.
        target: .mp4, .m4v, .mov, .mkv or .webm; written under another name and renamed when it is whole.
        draw: makes a frame `uint8 [H,W,3]`, R,G,B, upright, into another of the same shape.
        span: what to redraw; the new video starts at its start. All of it by default.
        on_frame: told after each frame how many seconds are done, and of how many, where that is known.
        on_note: told in a sentence what is left out, encoded again or broken.

    Returns:
        How many frames were written.

    Raises:
        VideoError: the source is missing, no video, or has no frame in `span`.
        OutputError: the target is the source, a folder, of an unknown kind, or cannot be written.
    """
    check_target(target, source)
    facts = probe_video(source)
    cut = _cut(facts, span or Span())
    with open_output(target) as output, open_video(source) as (container, stream):
        writer = _PictureWriter(output, add_video(output, container_for(target), facts), facts, cut)
        tracks = _audio_tracks(container, output, container_for(target).audio_encoder, cut, on_note)
        if cut.start is not None and facts.can_seek:
            seek(container, cut.start)
        for item in _take_apart(container, stream, tracks, facts, cut, on_note):
            if isinstance(item, _Picture):
                writer.write(draw(item.pixels), item)
                on_frame(item.pts * facts.time_base - (cut.start or facts.begin), _length(facts, cut))
            else:
                output.mux(item)
        if not writer.frames:
            raise VideoError(f"{source} has no frame that can be decoded{' in that span' if span else ''}")
        writer.finish()
        for track in tracks:
            output.mux(list(track.finish()))
    return writer.frames


@dataclass(frozen=True)
class _Picture:
    """A decoded frame: `uint8 [H,W,3]`, its time and how long it stays, in ticks of the source's clock."""

    pixels: Pixels
    pts: int
    duration: int


class _PictureWriter:
    """Encodes pictures at their times; `frames` counts them."""

    def __init__(self, output: OutputContainer, stream: VideoStream, facts: VideoFacts, cut: Cut) -> None:
        self.frames = 0
        self._output, self._stream, self._time_base = output, stream, facts.time_base
        self._writer, self._shift = FrameWriter(drawn_colour(facts.colour)), cut.shift_ticks(facts.time_base)

    def write(self, pixels: Pixels, picture: _Picture) -> None:
        frame = self._writer.write(pixels)
        frame.pts, frame.duration, frame.time_base = picture.pts - self._shift, picture.duration, self._time_base
        self._output.mux(self._stream.encode(frame))
        self.frames += 1

    def finish(self) -> None:
        self._output.mux(self._stream.encode(None))


class _Clock:
    """Gives frames their times: their own, or one step after the last where they have none that grows.

    Where frames' own times are of no use, those at which their decoding ended, moved so that the first one is right:
    that is what a container without times of its own, such as AVI, means, and a frame that is lost leaves a gap.
    """

    def __init__(self, facts: VideoFacts) -> None:
        self._first, self._delay = facts.counted_from, 0
        self._next = math.floor(facts.begin / facts.time_base) if self._first is None else self._first
        self._last: int | None = None
        self._step = max(1, round(1 / facts.rate / facts.time_base))

    def time_of(self, frame: VideoFrame) -> int:
        """Ticks of the source's clock."""
        time = frame.pts if self._first is None else self._counted(frame.dts)
        if time is None or (self._last is not None and time <= self._last):
            time = self._next
        if self._first is not None and self._last is not None:
            self._step = time - self._last  # a header's rate may be that of the clock
        self._last = time
        self._next = time + (frame.duration or self._step)
        return time

    def _counted(self, dts: int | None) -> int | None:
        if dts is None:
            return None
        if self._last is None:
            self._delay = dts - self._next
        return dts - self._delay


class _Damage:
    """Notes broken frames, a few of them one by one."""

    def __init__(self, facts: VideoFacts, cut: Cut, on_note: Callable[[str], None]) -> None:
        self._facts, self._cut, self._on_note, self._count = facts, cut, on_note, 0

    def lost(self, ticks: int) -> None:
        """A frame could not be decoded."""
        self._note(ticks, "is broken and left out")

    def patched(self, ticks: int) -> None:
        """A frame was decoded in part."""
        self._note(ticks, "is broken and drawn as far as it could be decoded")

    def sum_up(self) -> None:
        """Say how many there were, where not all were noted."""
        if self._count > MAX_NOTES:
            self._on_note(f"{self._count} frames are broken in all")

    def _note(self, ticks: int, what: str) -> None:
        time = ticks * self._facts.time_base
        if self._cut.is_before(time) or self._cut.is_after(time):
            return
        self._count += 1
        if self._count <= MAX_NOTES:
            self._on_note(f"the frame at {show_time(time - self._facts.begin)} {what}")


def _take_apart(
    container: InputContainer,
    stream: VideoStream,
    tracks: list[AudioTrack],
    facts: VideoFacts,
    cut: Cut,
    on_note: Callable[[str], None],
) -> Iterator["_Picture | list[Packet[Stream]]"]:
    """Pictures and packets of sound in the file's order, without what is cut away."""
    sounds = {track.source.index: track for track in tracks}
    damage, reader, clock = _Damage(facts, cut, on_note), FrameReader(facts.width, facts.height), _Clock(facts)
    decoder, finished = FrameDecoder(damage.lost, trusts_pts=facts.counted_from is None), False
    for packet in read_packets(container, [stream, *(track.source for track in tracks)], on_note):
        if packet.stream.index in sounds:
            yield list(sounds[packet.stream.index].pack(packet))
            continue
        for frame in decoder.decode(packet):
            pts = clock.time_of(frame)
            finished = finished or cut.is_after(pts * facts.time_base)
            if finished or cut.is_before(pts * facts.time_base):
                continue
            if frame.is_corrupt:
                damage.patched(pts)
            yield _Picture(reader.read(frame), pts, frame.duration or 0)
        if finished and all(track.finished for track in tracks):
            break
    damage.sum_up()


def _audio_tracks(
    container: InputContainer, output: OutputContainer, encoder: str, cut: Cut, on_note: Callable[[str], None]
) -> list[AudioTrack]:
    """Add every stream of sound to the new file; note what else is in the source and stays behind."""
    if container.streams.subtitles:
        on_note("subtitles are left out")
    tracks = (add_audio(output, source, encoder, cut, on_note) for source in container.streams.audio)
    return [track for track in tracks if track is not None]


def _cut(facts: VideoFacts, span: Span) -> Cut:
    start = facts.begin + span.start if span.start else None
    stop = facts.begin + span.stop if span.stop is not None else None
    kept = Fraction(0) if facts.keeps_clock else facts.begin
    return Cut(start, stop, shift=kept if start is None else start)


def _length(facts: VideoFacts, cut: Cut) -> Fraction | None:
    """Seconds there are to redraw, None where the file does not say."""
    ends = [end for end in (cut.stop, facts.begin + facts.duration if facts.duration else None) if end is not None]
    return min(ends) - (cut.start or facts.begin) if ends else None
