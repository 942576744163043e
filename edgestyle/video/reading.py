"""Open videos and take them apart: packets of sound, frames of the picture. Videos come from strangers, too."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from heapq import heappop, heappush
from pathlib import Path

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition, Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from edgestyle.errors import VideoError
from edgestyle.video.colour import Colour, colour_of, display_matrix

# real containers only: FFmpeg also "plays" text files, single pictures, and playlists that name other files or hosts
FORMATS = (
    "mov", "matroska", "avi", "mpegts", "mpeg", "flv", "asf", "ogg", "gif", "ivf", "mxf", "nut", "dv", "yuv4mpegpipe",
)  # fmt: skip
_FREE_CLOCKS = ("mpegts", "mpeg")  # their clocks start at an arbitrary time
_HIDDEN_FRAMES = ("vp8",)  # has packets that are never shown, with times of their own
_WITHOUT_PTS = ("avi",)  # knows when packets are decoded; what FFmpeg says of when they are shown is a guess
_PROBED_FRAMES = 24
_MICROSECONDS = 1_000_000
MAX_PIXELS = 8192 * 8192  # of a frame; a file of a few bytes can claim any number


@dataclass(frozen=True)
class VideoFacts:
    """What must be known of a video before its first frame is drawn.

    Attributes:
        width, height: of the stored picture in pixels, before it is turned upright.
        turned: it is shown with its sides exchanged.
        pixel_aspect: width of a pixel over its height, as stored.
        colour: of the first frame.
        time_base: seconds a tick of its clock takes.
        rate: frames a second, on average.
        begin: the time its clock shows at the beginning, in seconds.
        keeps_clock: `begin` means something, and is kept; else it is arbitrary.
        duration: seconds, None where the file does not say.
        counted_from: the first frame's time, in ticks, where frames' own times are of no use; None where they are good.
    """

    width: int
    height: int
    turned: bool
    pixel_aspect: Fraction
    colour: Colour
    time_base: Fraction
    rate: Fraction
    begin: Fraction
    keeps_clock: bool
    duration: Fraction | None
    counted_from: int | None

    @property
    def can_seek(self) -> bool:
        """Whether a seek ends at a key frame, and the frames from there on know their times."""
        return self.keeps_clock and self.counted_from is None


@contextmanager
def open_video(path: Path) -> Iterator[tuple[InputContainer, VideoStream]]:
    """Open a video and choose its picture stream, the largest one that is no cover.

    Raises:
        VideoError: the file is missing, empty, no video, has sound only, needs a decoder that is not there, or has too
            large frames: more than `MAX_PIXELS`. Where the file hides their size, its decoder refuses them instead.
    """
    _check_file(path)
    limit = {"max_pixels": str(MAX_PIXELS)}
    options = {"format_whitelist": ",".join(FORMATS), "protocol_whitelist": "file", **limit}
    try:
        container = av.open(str(path.resolve()), "r", options=options, metadata_errors="replace")
    except (av.FFmpegError, ValueError) as error:
        raise VideoError(f"{path} is not a readable video ({_reason(error)})") from error
    with container:
        streams = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
        if not streams:
            raise VideoError(f"{path} has no video stream")
        known = [s for s in streams if s.codec_context is not None]
        if not known:
            raise VideoError(f"{path} has a video stream of a kind that cannot be decoded here")
        stream = max(known, key=lambda s: s.width * s.height)
        if stream.width * stream.height > MAX_PIXELS:
            size = f"{stream.width}x{stream.height}"
            raise VideoError(f"{path} has frames of {size} pixels, over {MAX_PIXELS / 1e6:.0f} megapixels")
        stream.codec_context.options = limit
        yield container, stream


def probe_video(path: Path) -> VideoFacts:
    """Read a video's first frames. Raises VideoError as `open_video` does, and where there is no frame."""
    with open_video(path) as (container, stream):
        decoder = FrameDecoder(lambda ticks: None)
        first: VideoFrame | None = None
        first_dts: int | None = None
        times: list[int | None] = []
        for packet in read_packets(container, [stream], lambda note: None):
            first_dts = packet.dts if first_dts is None else first_dts
            for frame in decoder.decode(packet):
                first = first or frame
                times.append(frame.pts)
            if len(times) >= _PROBED_FRAMES:
                break
        if first is None:
            limit = "" if stream.width else f", or they are over {MAX_PIXELS / 1e6:.0f} megapixels"
            raise VideoError(f"{path} has no frame that can be decoded{limit}")
        has_times = container.format.name not in _WITHOUT_PTS and _are_usable(times)
        return _facts(container, stream, first, None if has_times else first_dts or 0)


def _are_usable(times: list[int | None]) -> bool:
    """Whether nearly all frames have a time that is later than all before: a few faults are damage, more are a rule."""
    latest, faults = None, 0
    for time in times:
        if time is None or (latest is not None and time <= latest):
            faults += 1
        else:
            latest = time
    return faults * 4 <= len(times)


def seek(container: InputContainer, time: Fraction) -> None:
    """Go to the last key frame before `time` on the container's clock; stay where the file cannot be searched."""
    with suppress(av.FFmpegError):
        container.seek(int(time * _MICROSECONDS))


def read_packets(
    container: InputContainer, streams: list[Stream], on_note: Callable[[str], None]
) -> Iterator["Packet[Stream]"]:
    """Packets in the file's order, up to its end or to where it can be read no further, which is noted."""
    packets = container.demux(*streams)
    while True:
        try:
            packet = next(packets, None)
        except av.FFmpegError as error:
            on_note(f"the file cannot be read to its end ({_reason(error)})")
            return
        if packet is None:
            return
        yield packet


class FrameDecoder:
    """Decodes packets of pictures, and notices which frames never come: decoders drop some without a word.

    Args:
        on_lost: told the time of each frame that could not be decoded, in ticks of the stream's clock.
        trusts_pts: frames come at the times their packets promise; else only what a decoder refuses is noticed.
    """

    def __init__(self, on_lost: Callable[[int], None], trusts_pts: bool = True) -> None:
        self._on_lost, self._trusts_pts = on_lost, trusts_pts
        self._awaited: list[int] = []  # a heap: packets come in decoding order, frames in that of their times

    def decode(self, packet: "Packet[Stream]") -> Iterator[VideoFrame]:
        """Frames that are ready after this packet; the empty packet at the end of a file brings the last ones."""
        is_end = packet.dts is None and not packet.size
        if not packet.size and not is_end:
            return  # such as AVI's "the last one again", which a decoder would take for the end
        shown = not packet.is_discard and packet.stream.codec_context.name not in _HIDDEN_FRAMES
        if shown and self._trusts_pts and packet.pts is not None:
            heappush(self._awaited, packet.pts)
        try:
            frames = packet.decode()
        except av.FFmpegError:
            frames = []
            if packet.pts is None or not self._trusts_pts:
                self._on_lost(packet.dts or 0)
        for frame in frames:
            if isinstance(frame, VideoFrame):
                self._arrived(frame.pts)
                yield frame
        if is_end:
            self._arrived(None)

    def _arrived(self, pts: int | None) -> None:
        """Take off the list what has come, and report what should have come before; None reports all that is left."""
        while self._awaited and (pts is None or self._awaited[0] <= pts):
            awaited = heappop(self._awaited)
            if awaited != pts:
                self._on_lost(awaited)


def _facts(container: InputContainer, stream: VideoStream, frame: VideoFrame, counted_from: int | None) -> VideoFacts:
    matrix = display_matrix(frame)
    time_base = stream.time_base or Fraction(1, _MICROSECONDS)
    begin = Fraction(container.start_time or 0, _MICROSECONDS)
    if counted_from is not None:
        begin = min(begin, counted_from * time_base)
    duration = Fraction(container.duration, _MICROSECONDS) if container.duration else None
    return VideoFacts(
        width=frame.width,
        height=frame.height,
        turned=matrix is not None and abs(matrix[1]) > abs(matrix[0]),
        pixel_aspect=stream.sample_aspect_ratio or Fraction(1),
        colour=colour_of(frame),
        time_base=time_base,
        rate=stream.average_rate or stream.guessed_rate or Fraction(30),
        begin=begin,
        keeps_clock=container.format.name not in _FREE_CLOCKS,
        duration=duration,
        counted_from=counted_from,
    )


def _check_file(path: Path) -> None:
    if path.is_dir():
        raise VideoError(f"{path} is a folder: give one video")
    if not path.is_file():
        raise VideoError(f"no such video: {path}")
    if path.stat().st_size == 0:
        raise VideoError(f"{path} is empty")


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
