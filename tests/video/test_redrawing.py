"""A redrawn video is the same video but for its pictures."""

import weakref
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from edgestyle.errors import OutputError
from edgestyle.images import Pixels
from edgestyle.video.redrawing import redraw_video
from edgestyle.video.times import Span
from edgestyle.video.writing import CONTAINERS
from tests.video.clips import (
    COUNT,
    EVEN_TIMES,
    FINE,
    UNEVEN_TIMES,
    Sound,
    collecting,
    difference,
    frames_of,
    inverted,
    make_clip,
    merge,
    pixels_of,
    scene,
    times_of,
    unchanged,
)


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
    notes: list[str] = []
    redraw_video(clip, tmp_path / "out.mp4", inverted, on_note=notes.append)
    assert times_of(tmp_path / "out.mp4") == EVEN_TIMES
    assert not notes


@pytest.mark.parametrize("b_frames", [0, 2])
@pytest.mark.parametrize("name", ["clip.mp4", "clip.ts", "clip.avi", "clip.mkv"])
def test_a_stretch_has_all_its_frames_whatever_the_container(name: str, b_frames: int, tmp_path: Path) -> None:
    fifty = [Fraction(index, 10) for index in range(50)]
    clip = make_clip(tmp_path / name, fifty, options={**FINE, "g": "10", "bf": str(b_frames)})
    whole, seen, notes = list[Pixels](), list[Pixels](), list[str]()
    redraw_video(clip, tmp_path / "whole.mp4", collecting(whole), on_note=notes.append)
    assert times_of(tmp_path / "whole.mp4") == fifty
    span = Span(Fraction(23, 10), Fraction(3))
    assert redraw_video(clip, tmp_path / "out.mp4", collecting(seen), span, on_note=notes.append) == 7
    assert times_of(tmp_path / "out.mp4") == EVEN_TIMES[:7]
    assert all(np.array_equal(a, b) for a, b in zip(seen, whole[23:30], strict=True))
    assert not notes


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
