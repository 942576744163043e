"""Tiny clips, made on the fly."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from edgestyle.images import Pixels

HEIGHT, WIDTH, COUNT, RATE = 48, 64, 10, 10
EVEN_TIMES = [Fraction(index, RATE) for index in range(COUNT)]
UNEVEN_TIMES = [Fraction(ms, 1000) for ms in (0, 100, 133, 166, 400, 1000, 1010, 1500, 1511, 2000)]


def scene(index: int, height: int = HEIGHT, width: int = WIDTH) -> Pixels:
    """A smooth picture whose corners differ in colour and whose brightness tells the index."""
    y, x = np.mgrid[0:height, 0:width]
    ramps = np.stack([x * 150 / width + 40, y * 150 / height + 40, np.full((height, width), 40 + 15 * index)], 2)
    return ramps.astype(np.uint8)


@dataclass(frozen=True)
class Sound:
    """Sound for a clip: seconds of a tone."""

    codec: str = "aac"
    seconds: float = 1.0
    rate: int = 48_000


def make_clip(
    path: Path,
    times: Sequence[Fraction] = EVEN_TIMES,
    size: tuple[int, int] = (HEIGHT, WIDTH),
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    sounds: Sequence[Sound] = (),
    matrix: int = 5,
    full_range: bool = False,
    display: dict[str, Any] | None = None,
    options: dict[str, str] | None = None,
    **context: Any,
) -> Path:
    """Write a clip of `scene`s at `times`; `context` sets attributes of the encoder, `display` turns the picture."""
    height, width = size
    clock = Fraction(1, 1000)
    with av.open(str(path), "w") as file:
        stream = file.add_stream(
            codec, rate=RATE, width=width, height=height, pix_fmt=pix_fmt, time_base=clock, options=options or {}
        )
        stream = cast(VideoStream, stream)
        stream.codec_context.color_range = 2 if full_range else 1
        for name, value in context.items():
            setattr(stream.codec_context, name, value)
        if display is not None:
            stream.set_display_rotation(**display)
        tones = [cast(AudioStream, file.add_stream(sound.codec, rate=sound.rate)) for sound in sounds]
        for index, time in enumerate(times):
            frame = VideoFrame.from_ndarray(scene(index, height, width), "rgb24").reformat(
                format=pix_fmt, dst_colorspace=matrix, dst_color_range=2 if full_range else 1
            )
            frame.pts, frame.time_base = round(time / clock), clock
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
        for tone, sound in zip(tones, sounds, strict=True):
            _write_tone(file, tone, sound)
    return path


def _write_tone(file: Any, stream: AudioStream, sound: Sound) -> None:
    samples = np.arange(round(sound.seconds * sound.rate)) * (2 * np.pi * 440 / sound.rate)
    wave = (np.sin(samples) * 0.3).astype(np.float32)
    for start in range(0, len(wave), 960):
        part = wave[start : start + 960]
        frame = AudioFrame.from_ndarray(np.stack([part, part]), "fltp", "stereo")
        frame.sample_rate, frame.pts, frame.time_base = sound.rate, start, Fraction(1, sound.rate)
        file.mux(stream.encode(frame))
    file.mux(stream.encode(None))


def merge(sources: Sequence[Path], target: Path) -> Path:
    """Put the first stream of each file into one file, in this order, without encoding anything again."""
    with av.open(str(target), "w") as file:
        opened = [av.open(str(source)) for source in sources]
        streams = [file.add_stream_from_template(one.streams[0], opaque=True) for one in opened]
        for one, stream in zip(opened, streams, strict=True):
            for packet in one.demux(one.streams[0]):
                if packet.size:
                    packet.stream = stream
                    file.mux(packet)
            one.close()
    return target


def damage(path: Path, frame: int, share: float = 1.0) -> Path:
    """Overwrite bytes of a frame's packet, counted in the file's order, from its end backwards."""
    with av.open(str(path)) as file:
        packet = [p for p in file.demux(video=0) if p.size][frame]
        assert packet.pos is not None
        count = max(1, round((packet.size - 8) * share))
        end = packet.pos + packet.size
    data = bytearray(path.read_bytes())
    data[end - count : end] = b"\xa5" * count
    path.write_bytes(bytes(data))
    return path


def frames_of(path: Path) -> list[VideoFrame]:
    """All decoded frames."""
    with av.open(str(path)) as file:
        return list(file.decode(video=0))


def times_of(path: Path) -> list[Fraction]:
    """Exact times of all frames, in seconds."""
    return [(frame.pts or 0) * (frame.time_base or Fraction(0)) for frame in frames_of(path)]


def pixels_of(path: Path) -> list[Pixels]:
    """All frames as `uint8 [H,W,3]`, by FFmpeg's own reading of the file's tags, not turned."""
    return [cast(Pixels, frame.to_ndarray(format="rgb24")) for frame in frames_of(path)]


def sounds_of(path: Path, index: int = 0) -> list[tuple[Fraction, bytes]]:
    """Time and bytes of each packet of a stream of sound."""
    with av.open(str(path)) as file:
        packets = file.demux(file.streams.audio[index])
        return [(p.pts * p.time_base, bytes(p)) for p in packets if p.pts is not None]


def unchanged(pixels: Pixels) -> Pixels:
    """Draws nothing."""
    return pixels


def inverted(pixels: Pixels) -> Pixels:
    """Draws the negative."""
    return 255 - pixels


def collecting(seen: list[Pixels]) -> Callable[[Pixels], Pixels]:
    """Leaves pictures as they are and keeps them in `seen`."""

    def draw(pixels: Pixels) -> Pixels:
        seen.append(pixels)
        return pixels

    return draw


def difference(a: Pixels, b: Pixels) -> float:
    """Mean difference in levels of 255."""
    return float(np.abs(a.astype(float) - b).mean())


FINE = {"crf": "4"}  # of sources that are compared with what was drawn into them
