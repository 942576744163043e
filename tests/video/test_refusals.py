"""What cannot be redrawn is refused in one line, and leaves nothing behind."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from edgestyle.errors import EdgestyleError, OutputError, VideoError
from edgestyle.images import Pixels
from edgestyle.video import reading
from edgestyle.video.redrawing import redraw_video
from tests.video.clips import (
    EVEN_TIMES,
    Sound,
    damage,
    make_clip,
    scene,
    unchanged,
)


def make_cover(path: Path, height: int, width: int) -> None:
    """A file with sound and a picture that is only its cover."""
    with av.open(str(path), "w") as file:
        tone = file.add_stream("aac", rate=48_000)
        cover = file.add_stream("mjpeg", rate=1, width=width, height=height, pix_fmt="yuvj420p")
        cover.disposition = av.stream.Disposition.attached_pic
        frame = av.VideoFrame.from_ndarray(scene(0, height, width), "rgb24").reformat(format="yuvj420p")
        frame.pts, frame.time_base = 0, Fraction(1)
        file.mux(cover.encode(frame))
        file.mux(cover.encode(None))
        silence = av.AudioFrame.from_ndarray(np.zeros((2, 4800), np.float32), "fltp", "stereo")
        silence.sample_rate, silence.pts = 48_000, 0
        file.mux(tone.encode(silence))
        file.mux(tone.encode(None))


@pytest.mark.parametrize("error", [KeyboardInterrupt, VideoError, OSError(28, "No space left on device")])
def test_nothing_is_left_behind_when_it_stops_half_way(error: Any, tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", sounds=[Sound()])
    (tmp_path / "out.mp4").write_text("an older result")
    left = iter(range(5))

    def draw(pixels: Pixels) -> Pixels:
        if next(left, None) is None:
            raise error
        return pixels

    with pytest.raises((KeyboardInterrupt, EdgestyleError)):
        redraw_video(clip, tmp_path / "out.mp4", draw)
    assert {path.name for path in tmp_path.iterdir()} == {"clip.mp4", "out.mp4"}
    assert (tmp_path / "out.mp4").read_text() == "an older result"


def make_huge_gif(path: Path, side: int = 16_000) -> None:
    """A few bytes that claim to be a film of `side` x `side` pixels; each of its frames is as large."""
    sides = side.to_bytes(2, "little") * 2
    frame = b"\x2c\0\0\0\0" + sides + b"\0\x02\x02\x44\x01\0"
    path.write_bytes(b"GIF89a" + sides + b"\x80\0\0" + b"\0\0\0\xff\xff\xff" + frame * 3 + b";")


NO_VIDEOS: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing.mp4": (lambda path: None, "no such video"),
    "folder.mp4": (lambda path: path.mkdir(), "is a folder"),
    "empty.mp4": (lambda path: path.write_bytes(b""), "is empty"),
    "text.mp4": (lambda path: path.write_text("hello " * 99), "is not a readable video"),
    "text.txt": (lambda path: path.write_text("hello " * 99), "is not a readable video"),
    "noise.mp4": (lambda path: path.write_bytes(np.random.default_rng(0).bytes(9999)), "is not a readable video"),
    "picture.png": (lambda path: Image.new("RGB", (64, 48)).save(path), "is not a readable video"),
    "playlist.m3u8": (
        lambda path: path.write_text("#EXTM3U\n#EXTINF:1,\n" + str(make_clip(path.with_name("part.ts")))),
        "is not a readable video",
    ),
    "cover.mp4": (lambda path: make_cover(path, 48, 64), "has no video stream"),
    "huge.gif": (make_huge_gif, "over 67 megapixels"),
    "cut.mp4": (lambda path: path.write_bytes(make_clip(path).read_bytes()[:1500]), "is not a readable video"),
    "all broken.mkv": (lambda path: [damage(make_clip(path, EVEN_TIMES[:1], codec="ffv1"), 0)], "has no frame"),
}  # fmt: skip


@pytest.mark.parametrize("name", NO_VIDEOS)
def test_what_is_no_video_is_refused_before_anything_is_written(name: str, tmp_path: Path) -> None:
    make, message = NO_VIDEOS[name]
    make(tmp_path / name)
    with pytest.raises(VideoError, match=message) as caught:
        redraw_video(tmp_path / name, tmp_path / "made" / "out.mp4", unchanged)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "made").exists()


def test_the_source_is_never_the_target(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4")
    before = clip.read_bytes()
    (tmp_path / "link.mp4").hardlink_to(clip)
    (tmp_path / "soft.mp4").symlink_to(clip)
    for target in (clip, tmp_path / "link.mp4", tmp_path / "soft.mp4", tmp_path / "." / "clip.mp4"):
        with pytest.raises(OutputError, match="is the video itself"):
            redraw_video(clip, target, unchanged)
    assert clip.read_bytes() == before


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("folder", "is a folder: give a file, such as .*clip.mp4"),
        ("out.avi", r"cannot write videos as '\.avi': use \.mp4"),
        ("out", "cannot write videos as ''"),
        ("file/under/out.mp4", "cannot write"),
    ],
)
def test_a_target_that_cannot_be_written_is_refused_before_the_work(target: str, message: str, tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4")
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("x")

    def draw(pixels: Pixels) -> Pixels:
        raise AssertionError("too late")

    with pytest.raises(OutputError, match=message):
        redraw_video(clip, tmp_path / target, draw)
    assert {path.name for path in tmp_path.rglob("*")} == {"clip.mp4", "folder", "file"}


@pytest.mark.parametrize(("name", "codec"), [("a.mp4", "libx264"), ("a.ts", "libx264"), ("a.mkv", "ffv1")])
def test_frames_over_the_limit_are_refused(
    name: str, codec: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = make_clip(tmp_path / name, EVEN_TIMES[:2], codec=codec, size=(300, 1100))
    monkeypatch.setattr(reading, "MAX_PIXELS", 300 * 1100 - 1)
    with pytest.raises(VideoError, match="over 0 megapixels"):
        redraw_video(clip, tmp_path / "out.mp4", unchanged)
    monkeypatch.setattr(reading, "MAX_PIXELS", 304 * 1152)  # decoders round up
    assert redraw_video(clip, tmp_path / "out.mp4", unchanged) == 2


def test_frames_that_grow_too_large_half_way_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = make_clip(tmp_path / "a.ts")
    large = make_clip(tmp_path / "b.ts", [time + 1 for time in EVEN_TIMES], size=(480, 640))
    (tmp_path / "both.ts").write_bytes(small.read_bytes() + large.read_bytes())
    monkeypatch.setattr(reading, "MAX_PIXELS", 100_000)
    notes: list[str] = []
    written = redraw_video(tmp_path / "both.ts", tmp_path / "out.mp4", unchanged, on_note=notes.append)
    assert 0 < written <= len(EVEN_TIMES)
    assert notes
