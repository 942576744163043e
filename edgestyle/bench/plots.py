"""Measurements as a PNG: violins, latency over time, and speed against quality."""

from pathlib import Path
from typing import cast

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from edgestyle.bench.geometry import time_curves
from edgestyle.bench.summary import Summary

_DPI = 150
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8a6d00", "#56b4e9", "#e69f00", "#666666")
_WIDE_SPREAD = 8  # latencies so many times apart get a logarithmic axis


def plot(summaries: list[Summary], path: Path) -> None:
    """Write the plots of measured files into one picture; a panel without data is left out.

    Args:
        summaries: at least one, measured.
        path: where; a `.png`.
    """
    kept = [one for one in summaries if one.has_samples]
    known = [one for one in kept if isinstance(one.last.artifact.get("mean_psnr_db"), int | float)]
    panels = [_violins, _times] * bool(kept) + [_quality] * (len(known) > 1)
    if not panels:
        panels = [_medians]
    height = max(3.6, 1.2 + 0.42 * len(summaries))
    figure = Figure(figsize=(6.0 * len(panels), height), layout="constrained")
    for place, panel in enumerate(panels):
        axes = figure.add_subplot(1, len(panels), place + 1)
        panel(axes, kept or summaries)
        axes.grid(alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=_DPI, format="png")


def _violins(axes: Axes, summaries: list[Summary]) -> None:
    """All runs; a long tail is drawn to its end."""
    places = np.arange(len(summaries), 0, -1)
    bodies = axes.violinplot(
        [one.samples_ms for one in summaries], places, orientation="horizontal", widths=0.8, showextrema=False
    )
    for index, body in enumerate(cast(list[PolyCollection], bodies["bodies"])):
        body.set_facecolor(_COLOURS[index % len(_COLOURS)])
        body.set_alpha(0.6)
    for place, one in zip(places, summaries, strict=True):
        axes.plot([one.low, one.high], [place, place], color="black", linewidth=3, solid_capstyle="butt")
        axes.plot([one.samples_ms.min(), one.samples_ms.max()], [place, place], color="black", linewidth=0.6)
    axes.set_yticks(places, [f"{one.name}  {_letter(index)}" for index, one in enumerate(summaries)], fontsize=8)
    _latency_axis(axes, summaries)
    axes.set_title("All runs; the bar is the median's 95% interval", fontsize=10)


def _times(axes: Axes, summaries: list[Summary]) -> None:
    """Colours as in the violins; dashed from the ninth file on."""
    for index, one in enumerate(summaries):
        style = "-" if index < len(_COLOURS) else "--"
        for curve in time_curves(one):
            axes.plot(*zip(*curve, strict=True), style, color=_COLOURS[index % len(_COLOURS)], linewidth=0.9)
    axes.set_xlabel("seconds")
    axes.set_ylabel("ms")
    if _is_wide(summaries):
        axes.set_yscale("log")
    axes.set_title("Over time", fontsize=10)


def _quality(axes: Axes, summaries: list[Summary]) -> None:
    """Letters as beside the violins."""
    for index, one in enumerate(summaries):
        db = one.last.artifact.get("mean_psnr_db")
        if isinstance(db, int | float):
            axes.plot(one.p50, db, "o", color=_COLOURS[index % len(_COLOURS)])
            axes.annotate(_letter(index), (one.p50, db), xytext=(5, 4), textcoords="offset points", fontsize=9)
    axes.margins(0.15)
    _latency_axis(axes, summaries)
    axes.set_ylabel("PSNR to the float32 network, dB")
    axes.set_title("Speed against quality", fontsize=10)


def _medians(axes: Axes, summaries: list[Summary]) -> None:
    """Where no runs were kept."""
    places = np.arange(len(summaries), 0, -1)
    axes.barh(places, [one.p50 for one in summaries], color=_COLOURS[0])
    axes.set_yticks(places, [one.name for one in summaries], fontsize=8)
    axes.set_xlabel("median ms")


def _latency_axis(axes: Axes, summaries: list[Summary]) -> None:
    axes.set_xlabel("ms")
    if _is_wide(summaries):
        axes.set_xscale("log")


def _is_wide(summaries: list[Summary]) -> bool:
    slowest = [float(one.samples_ms.max()) if one.has_samples else one.p50 for one in summaries]
    return max(slowest) >= _WIDE_SPREAD * min(one.fastest for one in summaries)


def _letter(index: int) -> str:
    return chr(ord("A") + index)
