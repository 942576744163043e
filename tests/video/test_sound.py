"""Sound goes along, subtitles do not."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from edgestyle.errors import VideoError
from edgestyle.video.redrawing import redraw_video
from edgestyle.video.times import Span
from tests.video.clips import (
    COUNT,
    EVEN_TIMES,
    FINE,
    Sound,
    difference,
    make_clip,
    merge,
    pixels_of,
    scene,
    sounds_of,
    times_of,
    unchanged,
)


def test_sound_is_copied_byte_for_byte_at_its_times(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", sounds=[Sound(), Sound("libmp3lame", rate=44_100)])
    notes: list[str] = []
    redraw_video(clip, tmp_path / "out.mp4", unchanged, on_note=notes.append)
    for index in range(2):
        assert sounds_of(tmp_path / "out.mp4", index) == sounds_of(clip, index)
    assert not notes


@pytest.mark.parametrize(
    ("source", "sound", "target", "codec"),
    [
        ("clip.mp4", "aac", "out.webm", "opus"),
        ("clip.mkv", "pcm_s16le", "out.mp4", "aac"),
        ("clip.webm", "libopus", "out.mov", "aac"),
    ],
)
def test_sound_a_container_does_not_hold_is_encoded_again(
    source: str, sound: str, target: str, codec: str, tmp_path: Path
) -> None:
    video = "libvpx-vp9" if source.endswith("webm") else "libx264"
    clip = make_clip(tmp_path / source, codec=video, sounds=[Sound(sound, seconds=1)])
    notes: list[str] = []
    redraw_video(clip, tmp_path / target, unchanged, on_note=notes.append)
    assert len(notes) == 1
    assert "is encoded again" in notes[0]
    with av.open(str(tmp_path / target)) as file:
        assert file.streams.audio[0].codec_context.codec.canonical_name == codec
        heard = list(file.decode(audio=0))
    assert abs(sum(frame.samples / frame.sample_rate for frame in heard) - 1) < 0.06
    assert max(float(np.abs(frame.to_ndarray()).max()) for frame in heard) > 0.2
    assert times_of(tmp_path / target) == EVEN_TIMES


def test_a_stretch_is_cut_out_with_its_sound(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", sounds=[Sound()], options={**FINE, "g": "4"})
    span = Span(Fraction(35, 100), Fraction(8, 10))
    done: list[tuple[Fraction, Fraction | None]] = []
    redraw_video(clip, tmp_path / "out.mp4", unchanged, span, on_frame=lambda *seconds: done.append(seconds))
    assert times_of(tmp_path / "out.mp4") == [Fraction(n, 100) for n in (5, 15, 25, 35)]
    for index, pixels in zip(range(4, 8), pixels_of(tmp_path / "out.mp4"), strict=True):
        assert difference(pixels, scene(index)) < 4
    sound = [time for time, _ in sounds_of(tmp_path / "out.mp4")]
    assert 0 <= sound[0] < 0.03
    assert 0.4 < sound[-1] < 0.45
    assert done[-1] == (Fraction(35, 100), Fraction(45, 100))
    with pytest.raises(VideoError, match="in that span"):
        redraw_video(clip, tmp_path / "late.mp4", unchanged, Span(Fraction(50)))
    assert not (tmp_path / "late.mp4").exists()


def test_subtitles_stay_behind_with_a_note(tmp_path: Path) -> None:
    text = tmp_path / "text.srt"
    text.write_text("1\n00:00:00,000 --> 00:00:01,000\nhello\n")
    both = merge([make_clip(tmp_path / "plain.mkv"), text], tmp_path / "clip.mkv")
    notes: list[str] = []
    assert redraw_video(both, tmp_path / "out.mp4", unchanged, on_note=notes.append) == COUNT
    assert notes == ["subtitles are left out"]
