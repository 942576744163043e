"""Sound goes along as it is; what the new container cannot hold is encoded again."""

import io
from collections.abc import Callable, Iterator
from typing import cast

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.packet import Packet
from av.stream import Stream

from edgestyle.video.times import Cut

_BITS_A_SECOND = 192_000
_RATES = {"aac": 48_000, "libopus": 48_000}  # samples a second both encoders take, whatever the source's


class AudioTrack:
    """One stream of sound on its way into the new file.

    Args:
        source: the stream of the source.
        target: its stream in the new file.
        encodes: the packets are decoded and encoded again, not copied.
        cut: what is kept, and how its times move.

    Attributes:
        source: as above.
        finished: nothing that is kept can follow.
    """

    def __init__(self, source: AudioStream, target: AudioStream, encodes: bool, cut: Cut) -> None:
        self.source, self.finished = source, False
        self._target, self._encodes, self._cut = target, encodes, cut

    def pack(self, packet: "Packet[Stream]") -> Iterator["Packet[Stream]"]:
        """What one packet of the source becomes: itself, others, or nothing where it is cut away."""
        if packet.pts is not None:
            time = packet.pts * packet.time_base
            self.finished = self._cut.is_after(time)
            if self.finished or self._cut.is_before(time) or self._is_priming(packet):
                return
        if self._encodes:
            yield from self._encode(packet)
        elif packet.size:  # an empty one marks the end
            yield self._copy(packet)

    def finish(self) -> Iterator["Packet[Stream]"]:
        """What the encoder still holds."""
        if self._encodes:
            yield from self._target.encode(None)

    def _is_priming(self, packet: "Packet[Stream]") -> bool:
        """Whether a packet lies before 0 and Matroska would move everything, the picture too, to make room for it.

        That is what an encoder starts with before any sound; Matroska's own files say how much of it to skip.
        """
        into, out_of = (stream.container.format.name for stream in (self._target, self.source))
        end = (packet.pts or 0) + (packet.duration or 0) - self._cut.shift_ticks(packet.time_base)
        return end <= 0 and into in ("matroska", "webm") and "matroska" not in out_of and not self._encodes

    def _copy(self, packet: "Packet[Stream]") -> "Packet[Stream]":
        ticks = self._cut.shift_ticks(packet.time_base)
        packet.pts = packet.pts - ticks if packet.pts is not None else None
        packet.dts = packet.dts - ticks if packet.dts is not None else None
        packet.stream = self._target
        return packet

    def _encode(self, packet: "Packet[Stream]") -> Iterator["Packet[Stream]"]:
        try:
            frames = packet.decode()
        except av.FFmpegError:
            return  # a click at most; the clock of the following ones is their own
        for frame in frames:
            frame = cast(AudioFrame, frame)
            if frame.pts is not None and frame.time_base:
                frame.pts -= self._cut.shift_ticks(frame.time_base)
            yield from self._target.encode(frame)


def add_audio(
    output: OutputContainer,
    source: AudioStream,
    fallback_codec: str,
    cut: Cut,
    on_note: Callable[[str], None],
) -> AudioTrack | None:
    """Add a stream to the new file for a stream of sound, and note where it cannot be a plain copy.

    Args:
        output: the new file.
        source: the stream to take along.
        fallback_codec: encoder for what the container cannot hold.
        cut: as for `AudioTrack`.
        on_note: told in a sentence.
    """
    name = f"audio stream {source.index}"
    if source.codec_context is None:
        on_note(f"{name} is left out: it is of a kind that cannot be decoded here")
        return None
    codec = source.codec_context.codec.canonical_name
    encodes = not _takes(output.format.name, source)
    target = _add_encoder(output, source, fallback_codec) if encodes else output.add_stream_from_template(source)
    if encodes:
        on_note(f"{name} is encoded again, from {codec} to {fallback_codec}: this kind of file does not hold {codec}")
    target.metadata.update({key: value for key, value in source.metadata.items() if key in ("language", "title")})
    target.disposition = source.disposition
    return AudioTrack(source, target, encodes, cut)


def _takes(format_name: str, source: AudioStream) -> bool:
    """Whether a container holds the codec of `source`: some say so and refuse when the header is written."""
    if format_name == "mp4" and source.codec_context.name.startswith("pcm_"):
        return False  # it may since 2022, but hardly a player knows
    try:
        with av.open(io.BytesIO(), "w", format=format_name) as trial:
            trial.add_stream_from_template(source)
            trial.start_encoding()
    except (av.FFmpegError, ValueError):
        return False
    return True


def _add_encoder(output: OutputContainer, source: AudioStream, codec: str) -> AudioStream:
    target = output.add_stream(codec, rate=_RATES[codec], bit_rate=_BITS_A_SECOND)
    target = cast(AudioStream, target)
    target.codec_context.layout = "mono" if source.codec_context.layout.nb_channels == 1 else "stereo"
    return target
