"""The pictures of a page: spread, time, and speed against quality."""

from dataclasses import dataclass

import numpy as np

from edgestyle.bench.geometry import Axis, ecdf, fit_axis, svg_points, time_curves
from edgestyle.bench.summary import Summary

MOST_CURVES = 16
_COLOURS = 8
_SHOWN_SHARE = 0.99
_SHOWN_PERCENT = 98


@dataclass(frozen=True)
class Mark:
    """What stands for one file: a letter, and one of eight colours, dashed or square from the ninth on."""

    letter: str
    name: str
    where: str
    colour: int
    second: bool


@dataclass(frozen=True)
class Line:
    """A curve in SVG's `points`."""

    mark: Mark
    points: str


@dataclass(frozen=True)
class Dot:
    """A point."""

    mark: Mark
    x: float
    y: float
    title: str


@dataclass(frozen=True)
class Picture:
    """A plot.

    Attributes:
        title: for readers who cannot see it.
        width, height: units of its coordinates.
        x, y: axes; a tick is at a place with a text.
        lines, dots: what is drawn.
        level: a height to mark, such as the median.
        mark: the only file in it.
    """

    title: str
    width: float
    height: float
    x: Axis
    y: Axis
    lines: tuple[Line, ...] = ()
    dots: tuple[Dot, ...] = ()
    level: float | None = None
    mark: Mark | None = None


def make_marks(summaries: list[Summary]) -> list[Mark]:
    """A mark for each of at most `MOST_CURVES` files."""
    return [
        Mark(chr(ord("A") + index), one.name, one.where, index % _COLOURS, index // _COLOURS % 2 == 1)
        for index, one in enumerate(summaries)
    ]


def draw_spread(summaries: list[Summary], marks: list[Mark]) -> Picture | None:
    """The share of runs that took no longer than each latency, without the slowest 1%; None where no runs were kept."""
    curves = [(mark, ecdf(one.samples_ms)) for mark, one in zip(marks, summaries, strict=True) if one.has_samples]
    if not curves:
        return None
    curves = [(mark, [point for point in curve if point[1] <= _SHOWN_SHARE] or curve[:1]) for mark, curve in curves]
    x = fit_axis([ms for _, curve in curves for ms, _ in curve], 46, 470)
    y = Axis(0, 1, 252, 12)
    lines = tuple(Line(mark, svg_points(curve, x, y)) for mark, curve in curves)
    return Picture("Share of runs by latency", 480, 290, x, y, lines)


def draw_times(summaries: list[Summary], marks: list[Mark]) -> list[Picture]:
    """Latency over time, a picture for each file whose runs were kept; the highest spikes are cut."""
    pictures = []
    for mark, one in zip(marks, summaries, strict=True):
        curves = time_curves(one)
        if curves:
            x = fit_axis([0.0, *(s for curve in curves for s, _ in curve)], 44, 312, room=0.0, log=False)
            heights = [ms for curve in curves for _, ms in curve]
            top = 1.1 * float(np.percentile(heights, _SHOWN_PERCENT))
            y = fit_axis([0.95 * min(heights), top], 122, 8, room=0.0, log=False)
            cut = [[(s, min(ms, y.high)) for s, ms in curve] for curve in curves]
            lines = tuple(Line(mark, svg_points(curve, x, y)) for curve in cut)
            pictures.append(Picture(f"{one.name} over time", 320, 154, x, y, lines, level=y.place(one.p50), mark=mark))
    return pictures


def draw_quality(summaries: list[Summary], marks: list[Mark]) -> Picture | None:
    """Speed against closeness to the float32 network; None where that is known of fewer than two files."""
    known = [
        (mark, one, db)
        for mark, one in zip(marks, summaries, strict=True)
        if isinstance(db := one.last.artifact.get("mean_psnr_db"), int | float)
    ]
    if len(known) < 2:
        return None
    x = fit_axis([one.p50 for _, one, _ in known], 46, 470, room=0.12)
    y = fit_axis([db for *_, db in known], 252, 12, room=0.1, log=False)
    dots = tuple(
        Dot(mark, x.place(one.p50), y.place(db), f"{one.name}, {one.where}: {one.p50:.2f} ms, {db:.1f} dB")
        for mark, one, db in known
    )
    return Picture("Speed against quality", 480, 290, x, y, dots=dots)
