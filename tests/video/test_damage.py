"""Broken frames are noted, and the rest goes on."""

from fractions import Fraction
from pathlib import Path

import pytest

from edgestyle.video.redrawing import MAX_NOTES, redraw_video
from tests.video.clips import (
    COUNT,
    EVEN_TIMES,
    damage,
    make_clip,
    times_of,
    unchanged,
)


@pytest.mark.parametrize("codec", ["libx264", "mpeg4", "mjpeg", "libvpx-vp9", "libx265", "ffv1"])
def test_a_broken_frame_is_reported_and_the_rest_goes_on(codec: str, tmp_path: Path) -> None:
    options = {"x265-params": "log-level=none:keyint=3", "g": "3", "bf": "0"}
    clip = make_clip(
        tmp_path / "clip.mkv", codec=codec, pix_fmt="yuvj420p" if codec == "mjpeg" else "yuv420p", options=options
    )
    damage(clip, frame=4)
    notes: list[str] = []
    written = redraw_video(clip, tmp_path / "out.mp4", unchanged, on_note=notes.append)
    assert written >= COUNT - 4
    assert notes
    assert notes[0].startswith("the frame at 0:00.40 is broken")
    times = times_of(tmp_path / "out.mp4")
    assert {*EVEN_TIMES[:4], *EVEN_TIMES[7:]} <= set(times) <= set(EVEN_TIMES)
    assert len(notes) >= COUNT - written


def test_whole_videos_give_no_notes(tmp_path: Path) -> None:
    for codec, name in (("libx264", "a.mp4"), ("libx264", "b.ts"), ("libvpx", "c.webm"), ("mpeg4", "d.avi")):
        notes: list[str] = []
        clip = make_clip(tmp_path / name, codec=codec, options={"auto-alt-ref": "1", "lag-in-frames": "10"})
        redraw_video(clip, tmp_path / "out.mp4", unchanged, on_note=notes.append)
        assert not notes, name


def test_many_broken_frames_are_summed_up(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mkv", [Fraction(i, 50) for i in range(60)], codec="ffv1", options={"g": "1"})
    for frame in range(10, 50):
        damage(clip, frame)
    notes: list[str] = []
    assert redraw_video(clip, tmp_path / "out.mp4", unchanged, on_note=notes.append) == 20
    assert len(notes) == MAX_NOTES + 1
    assert notes[-1] == "40 frames are broken in all"


def test_a_file_cut_short_gives_what_is_there(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mkv", [Fraction(i, 10) for i in range(100)], codec="ffv1")
    clip.write_bytes(clip.read_bytes()[: clip.stat().st_size // 2])
    assert 30 < redraw_video(clip, tmp_path / "out.mp4", unchanged) < 70
