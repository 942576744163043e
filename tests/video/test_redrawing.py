"""A redrawn video is the same video but for its pictures."""

import weakref
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from edgestyle.errors import EdgestyleError, OutputError, VideoError
from edgestyle.images import Pixels
from edgestyle.video.redrawing import MAX_NOTES, redraw_video
from edgestyle.video.times import Span
from edgestyle.video.writing import CONTAINERS
from tests.video.clips import (
    COUNT,
    EVEN_TIMES,
    UNEVEN_TIMES,
    Sound,
    damage,
    frames_of,
    make_clip,
    merge,
    pixels_of,
    scene,
    sounds_of,
    times_of,
)

FINE = {"crf": "4"}  # for sources that are compared with what was drawn into them


def unchanged(pixels: Pixels) -> Pixels:
    return pixels


def inverted(pixels: Pixels) -> Pixels:
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


@pytest.mark.parametrize("suffix", CONTAINERS)
def test_every_frame_is_redrawn(suffix: str, tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", options=FINE)
    target = tmp_path / f"out{suffix}"
    assert redraw_video(clip, target, inverted) == COUNT
    for index, pixels in enumerate(pixels_of(target)):
        assert difference(pixels, inverted(scene(index))) < 4


def test_frames_arrive_as_they_were_and_left_alone_come_back(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", options=FINE)
    seen: list[Pixels] = []
    redraw_video(clip, tmp_path / "out.mp4", collecting(seen))
    for index, (drawn, back) in enumerate(zip(seen, pixels_of(tmp_path / "out.mp4"), strict=True)):
        assert drawn.dtype == np.uint8
        assert difference(drawn, scene(index)) < 2
        assert difference(drawn, back) < 2


@pytest.mark.parametrize("target", ["out.mp4", "out.mov", "out.mkv", "out.webm"])
@pytest.mark.parametrize("source", ["clip.mp4", "clip.mkv", "clip.mov"])
def test_frame_times_are_kept_where_the_rate_varies(source: str, target: str, tmp_path: Path) -> None:
    clip = make_clip(tmp_path / source, UNEVEN_TIMES, sounds=[Sound(seconds=2)])
    redraw_video(clip, tmp_path / target, unchanged)
    assert times_of(clip) == UNEVEN_TIMES
    assert times_of(tmp_path / target) == UNEVEN_TIMES


def test_a_video_that_starts_late_starts_late_and_the_last_frame_stays_as_long(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mkv", [time + 2 for time in EVEN_TIMES])
    redraw_video(clip, tmp_path / "out.mp4", unchanged)
    assert times_of(tmp_path / "out.mp4") == [time + 2 for time in EVEN_TIMES]
    last = frames_of(tmp_path / "out.mp4")[-1]
    assert last.duration * (last.time_base or 0) == Fraction(1, 10)


def test_a_clock_that_starts_anywhere_starts_at_zero(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.ts", [time + 500 for time in UNEVEN_TIMES])
    redraw_video(clip, tmp_path / "out.mp4", unchanged)
    assert times_of(clip)[0] > 499
    assert times_of(tmp_path / "out.mp4") == UNEVEN_TIMES


def test_frames_without_usable_times_follow_each_other(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.avi", max_b_frames=2)
    times = times_of(clip)
    assert times != sorted(times)
    redraw_video(clip, tmp_path / "out.mp4", inverted)
    drawn = times_of(tmp_path / "out.mp4")
    assert len(drawn) == len(times)
    assert all(a < b for a, b in pairwise(drawn))


@pytest.mark.parametrize("size", [(47, 64), (48, 63), (47, 63), (1, 1)])
@pytest.mark.parametrize("target", ["out.mp4", "out.webm"])
def test_odd_sides_get_their_last_line_twice(size: tuple[int, int], target: str, tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mkv", size=size, codec="ffv1", pix_fmt="yuv444p")
    redraw_video(clip, tmp_path / target, inverted)
    height, width = size
    drawn = pixels_of(tmp_path / target)[0]
    assert drawn.shape == (height + height % 2, width + width % 2, 3)
    if min(size) > 1:
        assert difference(drawn[:height, :width], inverted(scene(0, *size))) < 4
        assert difference(drawn[height - 1 :], drawn[height - 1 : height]) < 4


@pytest.mark.parametrize("degrees", [0, 90, -90, 180])
def test_a_turned_video_comes_out_upright(degrees: int, tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", display={"degrees": degrees}, options=FINE)
    assert frames_of(clip)[0].rotation in (degrees, degrees - 360)  # counterclockwise
    upright = np.rot90(scene(3), degrees // 90)
    seen: list[Pixels] = []
    redraw_video(clip, tmp_path / "out.mp4", collecting(seen))
    assert difference(seen[3], upright) < 2
    assert difference(pixels_of(tmp_path / "out.mp4")[3], upright) < 4
    assert all(frame.rotation == 0 for frame in frames_of(tmp_path / "out.mp4"))


@pytest.mark.parametrize(("flip", "axis"), [({"hflip": True}, 1), ({"vflip": True}, 0)])
def test_a_mirrored_video_comes_out_as_it_is_shown(flip: dict[str, bool], axis: int, tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", display={"degrees": 0, **flip}, options=FINE)
    redraw_video(clip, tmp_path / "out.mp4", unchanged)
    assert difference(pixels_of(tmp_path / "out.mp4")[3], np.flip(scene(3), axis)) < 4


@pytest.mark.parametrize(("degrees", "aspect"), [(0, Fraction(4, 3)), (90, Fraction(3, 4))])
def test_pixels_keep_their_shape(degrees: int, aspect: Fraction, tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", display={"degrees": degrees}, sample_aspect_ratio=Fraction(4, 3))
    redraw_video(clip, tmp_path / "out.mp4", unchanged)
    with av.open(str(tmp_path / "out.mp4")) as file:
        assert file.streams.video[0].sample_aspect_ratio == aspect


@pytest.mark.parametrize("full_range", [False, True])
@pytest.mark.parametrize(("matrix", "tag"), [(1, 1), (5, 6), (9, 9)])
def test_colours_stay_whatever_matrix_and_range_they_come_in(
    matrix: int, tag: int, full_range: bool, tmp_path: Path
) -> None:
    clip = make_clip(
        tmp_path / "clip.mp4", matrix=matrix, full_range=full_range, colorspace=tag, color_primaries=tag, options=FINE
    )
    source = frames_of(clip)[0]
    assert (source.colorspace, source.color_range) == (tag, 2 if full_range else 1)
    redraw_video(clip, tmp_path / "out.mp4", unchanged)
    out = frames_of(tmp_path / "out.mp4")[0]
    assert (out.colorspace, out.color_range, out.color_primaries, out.format.name) == (tag, 1, tag, "yuv420p")
    assert difference(pixels_of(tmp_path / "out.mp4")[4], scene(4)) < 3


@pytest.mark.parametrize(("size", "tag"), [((576, 720), 6), ((720, 1280), 1), ((1280, 720), 1)])
def test_a_video_that_names_no_matrix_is_taken_as_players_do(size: tuple[int, int], tag: int, tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", EVEN_TIMES[:2], size=size, matrix=5 if tag == 6 else 1)
    assert frames_of(clip)[0].colorspace == 2  # not said
    redraw_video(clip, tmp_path / "out.mp4", unchanged)
    assert frames_of(tmp_path / "out.mp4")[0].colorspace == tag
    assert difference(pixels_of(tmp_path / "out.mp4")[1], scene(1, *size)) < 3


def test_high_dynamic_range_becomes_bt709(tmp_path: Path) -> None:
    tags = {"colorspace": 9, "color_primaries": 9, "color_trc": 18}
    for name, tagged in (("hlg", tags), ("sdr", tags | {"color_trc": 14})):
        clip = make_clip(tmp_path / f"{name}.mp4", matrix=9, pix_fmt="yuv420p10le", **tagged)
        redraw_video(clip, tmp_path / f"{name}-out.mp4", unchanged)
    out = frames_of(tmp_path / "hlg-out.mp4")[0]
    assert (out.colorspace, out.color_primaries, out.color_trc, out.format.name) == (1, 1, 1, "yuv420p")
    kept = frames_of(tmp_path / "sdr-out.mp4")[0]
    assert (kept.colorspace, kept.color_primaries, kept.color_trc) == (9, 9, 14)
    assert difference(pixels_of(tmp_path / "hlg-out.mp4")[4], scene(4)) > 5  # tone-mapped, not only retagged
    assert difference(pixels_of(tmp_path / "sdr-out.mp4")[4], scene(4)) < 4


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


def test_progress_counts_seconds_of_the_video(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4")
    done: list[tuple[Fraction, Fraction | None]] = []
    redraw_video(clip, tmp_path / "out.mp4", unchanged, on_frame=lambda *seconds: done.append(seconds))
    assert done == [(time, Fraction(1)) for time in EVEN_TIMES]


def test_memory_does_not_grow_with_the_video(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", [Fraction(i, 50) for i in range(200)])
    alive, most = 0, 0

    def gone() -> None:
        nonlocal alive
        alive -= 1

    def draw(pixels: Pixels) -> Pixels:
        nonlocal alive, most
        weakref.finalize(pixels, gone)
        alive += 1
        most = max(most, alive)
        return 255 - pixels

    assert redraw_video(clip, tmp_path / "out.mp4", draw) == 200
    assert most <= 3


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


def test_without_x264_mpeg4_is_written_with_the_same_times(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clip = make_clip(tmp_path / "clip.ts", UNEVEN_TIMES)
    monkeypatch.setitem(CONTAINERS, ".mp4", replace(CONTAINERS[".mp4"], video_encoders=("not built", "mpeg4")))
    redraw_video(clip, tmp_path / "out.mp4", inverted)
    assert times_of(tmp_path / "out.mp4") == UNEVEN_TIMES
    with av.open(str(tmp_path / "out.mp4")) as file:
        assert file.streams.video[0].codec_context.name == "mpeg4"
    assert difference(pixels_of(tmp_path / "out.mp4")[2], inverted(scene(2))) < 4
    monkeypatch.setitem(CONTAINERS, ".mp4", replace(CONTAINERS[".mp4"], video_encoders=("not built",)))
    with pytest.raises(OutputError, match="lacks not built"):
        redraw_video(clip, tmp_path / "other.mp4", inverted)


def test_x264_is_what_mp4_gets(tmp_path: Path) -> None:
    redraw_video(make_clip(tmp_path / "clip.mp4"), tmp_path / "out.mp4", unchanged)
    assert b"x264" in (tmp_path / "out.mp4").read_bytes()
    assert b"crf=18.0" in (tmp_path / "out.mp4").read_bytes()


def test_subtitles_stay_behind_with_a_note(tmp_path: Path) -> None:
    text = tmp_path / "text.srt"
    text.write_text("1\n00:00:00,000 --> 00:00:01,000\nhello\n")
    both = merge([make_clip(tmp_path / "plain.mkv"), text], tmp_path / "clip.mkv")
    notes: list[str] = []
    assert redraw_video(both, tmp_path / "out.mp4", unchanged, on_note=notes.append) == COUNT
    assert notes == ["subtitles are left out"]


def test_the_largest_picture_is_taken_for_the_video(tmp_path: Path) -> None:
    small, large = (make_clip(tmp_path / f"{n}.mkv", size=(24 * n, 32 * n)) for n in (1, 2))
    redraw_video(merge([small, large], tmp_path / "clip.mkv"), tmp_path / "out.mp4", unchanged)
    assert pixels_of(tmp_path / "out.mp4")[0].shape == (48, 64, 3)


def test_frames_that_change_size_are_brought_to_the_first_ones(tmp_path: Path) -> None:
    small = make_clip(tmp_path / "a.ts", size=(48, 64))
    large = make_clip(tmp_path / "b.ts", [time + 1 for time in EVEN_TIMES], size=(96, 128))
    (tmp_path / "both.ts").write_bytes(small.read_bytes() + large.read_bytes())
    seen: list[Pixels] = []
    redraw_video(tmp_path / "both.ts", tmp_path / "out.mp4", collecting(seen))
    assert {pixels.shape for pixels in seen} == {(48, 64, 3)}
    assert len(frames_of(tmp_path / "out.mp4")) >= COUNT + 5
