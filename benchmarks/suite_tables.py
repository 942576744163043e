"""The README's tables of suites such as `peers`, `selfie`, `generator`, `upscaling` and `browser`, from their rows."""

from typing import Any

import numpy as np

from benchmarks.rows import RESULTS, read_rows
from edgestyle.bench.results import Result, read_results
from edgestyle.bench.significance import Interval, interleaved_interval

PEAK = "matrix multiplication"
NOT_YET = "Not measured yet.\n"
Table = tuple[list[str], list[list[str]]]


def peers() -> Table | None:
    """Every network beside the first of its group, with the ratio's 95% interval."""
    head = ["network", "weights", "runtime", "size", "threads", "median (95%)", "times atelier (95%)"]
    rows = sorted(_rows("peers"), key=lambda row: (row.settings["size"], row.runtime, row.settings["threads"]))
    first = {row.group: row for row in rows if row.position == 0}
    cells = []
    for row in rows:
        artifact, settings, runtime = row.artifact, row.settings, str(row.runtime).split()[0]
        where = [runtime, f"{settings['size']}x{settings['size']}", str(settings["threads"])]
        ratio = _times(first[row.group], row)
        cells.append([artifact["name"], artifact["weights"], *where, _median(row), ratio])
    return (head, cells) if cells else None


def scaling() -> Table | None:
    """Time a pixel, and the share of what a matrix multiplication reaches on as many threads."""
    head = ["size", "threads", "median (95%)", "ns a pixel (95%)", "GFLOP/s", "of the peak", "peak memory"]
    rows = [row for row in _rows("scaling") if row.status == "measured"]
    peaks = {row.settings["threads"]: _gflops(row) for row in rows if row.artifact["name"] == PEAK}
    cells = []
    for row in sorted(rows, key=lambda row: (row.settings["threads"], row.settings["size"])):
        if row.artifact["name"] == PEAK:
            continue
        size, threads = row.settings["size"], row.settings["threads"]
        share = f"{_gflops(row) / peaks[threads]:.0%}" if threads in peaks else "-"
        memory = "-" if row.peak_rss_bytes is None else f"{row.peak_rss_bytes / 1e6:.0f} MB"
        cells.append(
            [f"{size}x{size}", str(threads), _median(row), _per_pixel(row), f"{_gflops(row):.1f}", share, memory]
        )
    return (head, cells) if cells else None


def pareto() -> Table | None:
    """Files by speed; a star where no other file of the format is both faster and closer to the filters."""
    head = ["", "width", "parameters", "format", "recipe", "bytes", "PSNR to the filters", "median (95%)"]
    rows = [row for row in _rows("pareto") if row.status == "measured"]
    cells = []
    for row in sorted(rows, key=lambda row: (row.artifact["format"], _p50(row))):
        artifact = row.artifact
        best = not any(_is_better(other, row) for other in rows)
        about = [f"{artifact['width']:g}", str(artifact["parameters"]), artifact["format"], f"`{artifact['recipe']}`"]
        size, psnr = f"{artifact['size_bytes'] / 1000:.0f} KB", f"{artifact['teacher_psnr_db']:.2f} dB"
        cells.append(["*" if best else "", *about, size, psnr, _median(row)])
    return (head, cells) if cells else None


def selfie() -> Table | None:
    """Selfies: time, faces found, likeness."""
    rows = read_rows("selfie")
    of = {part: [row for row in rows if row["part"] == part] for part in dict.fromkeys(row["part"] for row in rows)}
    (time,) = of["time"]
    seconds = time["latency_ms"]["p50"] / 1000
    where = f"{time['size'][0]}x{time['size'][1]}, JPEG to PNG"
    cells = [
        [where, "processor time, median", f"{time['processor_ms'] / 1000:.2f} s on {_counted(time['cores'], 'core')}"],
        ["", "by the clock, beside other work", f"{seconds:.1f} s at a load of {time['load_average']:.0f}"],
        ["", "peak memory", f"{time['peak_rss_bytes'] / 1e6:.0f} MB"],
    ]
    for row in [*of["found"], *of.get("found_others", [])]:
        who = "portraits" if row["part"] == "found" else "faces in profile or of stone,"
        what = f"{row['portraits']} {who} turned up to {row['largest_turn_degrees']} degrees"
        light = "" if row["light"] == 1 else f", darkened to {row['light']:.0%}"
        cells.append([what + light, "faces found", f"{row['found']} of {row['pictures']}"])
    for row in of.get("alarms", []):
        cells.append([f"{row['pictures']} photos of nobody", "faces found", f"{len(row['alarms'])}"])
    for row in of["likeness"]:
        moved = f"{row['moved']:.1%} in the mean, {row['moved_worst']:.1%} at worst"
        cells.append([f"`{row['style']}` at strength 1", "landmarks moved, of the eye distance", moved])
    return ["what", "", "measured"], cells


def faces() -> Table | None:
    """Sets of drawn faces against held-back ones."""
    head = ["", "size", "distance", "precision", "recall"]
    names = {"data": "other pictures of the data", "teacher": "teacher (StyleGAN2)", "student": "`faces`"}
    cells = []
    for row in (row for row in _found("faces") if row["part"] == "sets"):
        size, distance = f"{row['size']}x{row['size']}", f"{row['frechet_distance']:.1f}"
        cells.append([names[row["name"]], size, distance, f"{row['precision']:.2f}", f"{row['recall']:.2f}"])
    return (head, cells) if cells else None


def redrawn() -> str:
    """How close faces come that are found and drawn again."""
    rows = [row for row in _found("faces") if row["part"] == "redrawn"]
    if not rows:
        return ""
    (row,) = rows
    mean, low = f"{row['mean_psnr_db']:.1f}", f"{row['tenth_psnr_db']:.1f}"
    found = f"{row['faces']} faces found by the inverter and drawn again"
    return f"{found}: {mean} dB in the mean, nine of ten above {low} dB.\n"


def generator() -> Table | None:
    """Generators: the teacher and every file of the small one, with its speed where it was timed."""
    rows = _found("generator")
    if not rows:
        return None
    of = {part: [row for row in rows if row["part"] == part] for part in dict.fromkeys(row["part"] for row in rows)}
    about = {row["network"]: row for row in of["network"]}
    (teacher,) = {row["network"] for row in of["file"] if "network" in row}
    small = next(name for name in about if name != teacher)
    turns = {row["format"]: row for row in of["turns"]}
    cells = []
    for row in sorted(of["file"], key=lambda row: (row["format"], "parity" in row)):
        if row["component"] != "generator":
            continue
        name, timed = row.get("network", small), turns.get(row["format"], {"latency_ms": {}, "teacher_times": {}})
        which = teacher if name == teacher else row["recipe"]
        network, parity = about[name], row.get("parity")
        mean = "-" if parity is None else _decibels(parity["mean_psnr_db"])
        seeds = "-" if parity is None else f"{_decibels(row['seeds_psnr_db'])}, {row['seeds_levels']:.1f} levels"
        size = f"{row['size_bytes'] / 1000:.0f} KB"
        work = [f"{network['parameters'] / 1e3:.0f} K", f"{network['mmac']:.0f}"]
        cells.append([name, row["format"], f"`{row['recipe']}`", size, *work, mean, seeds, *_timed(timed, which)])
    head = ["network", "format", "recipe", "size", "parameters", "MMAC", "PSNR to torch", "same seeds, worst"]
    return [*head, "1 thread (95%)", "teacher's time by it (95%)"], cells


def _timed(turns: dict[str, Any], which: str) -> list[str]:
    """A network's median in a row of turns, and by how much the teacher is slower; dashes where it was not timed."""
    latency, ratio = turns["latency_ms"].get(which), turns["teacher_times"].get(which)
    median = f"{latency['p50']:.2f} ms ({latency['p50_low']:.2f} to {latency['p50_high']:.2f})" if latency else "-"
    return [median, _as_text(Interval(**ratio)) if ratio else "-"]


def _decibels(value: float | None) -> str:
    return "equal" if value is None or not np.isfinite(value) else f"{value:.1f} dB"


def upscaling() -> Table | None:
    """How close enlarged pictures come, a row for each method."""
    rows = [row for row in _found("upscaling") if row["part"] == "closeness"]
    contents = list(dict.fromkeys(row["content"] for row in rows))
    found = {(row["factor"], row["method"], row["content"]): row for row in rows}
    cells = []
    for factor, method in dict.fromkeys((row["factor"], row["method"]) for row in rows):
        mine = [found[factor, method, content] for content in contents]
        measured = [
            f"{row['psnr_db']:.2f} dB, {row['edge_structure']:.3f}, {row['feature_distance']:.3f}" for row in mine
        ]
        cells.append([f"x{factor}", method, *measured])
    titles = ["photos" if content == "photo" else f"in `{content}`" for content in contents]
    return (["", "method", *titles], cells) if cells else None


def upscaling_speed() -> Table | None:
    """Time and memory of enlarging."""
    head = ["picture", "enlarged", "result", "processor time a megapixel of it", "by the clock", "memory beside it"]
    cells = []
    for row in _found("upscaling"):
        if row["part"] != "speed":
            continue
        (width, height), factor = row["size"], row["factor"]
        beside = row["peak_rss_bytes"] - row["rss_before_bytes"] - row["result_bytes"]
        clock = f"{row['seconds_a_megapixel']:.2f} s at a load of {row['load_average']:.0f}"
        seconds = f"{row['processor_s_a_megapixel']:.2f} s, {_counted(row['threads'], 'thread')}"
        size = f"{row['result_bytes'] / 3e6:.1f} MP"
        cells.append([f"{width}x{height}", f"x{factor}", size, seconds, clock, f"{beside / 1e6:.0f} MB"])
    return (head, cells) if cells else None


def _found(name: str) -> list[dict[str, Any]]:
    """Rows of a suite; none where it was not measured yet."""
    return read_rows(name) if (RESULTS / f"{name}.jsonl").exists() else []


def _is_better(other: Result, row: Result) -> bool:
    """Whether another file of the format is faster and closer."""
    closer = other.artifact["teacher_psnr_db"] > row.artifact["teacher_psnr_db"]
    return other.artifact["format"] == row.artifact["format"] and closer and _p50(other) < _p50(row)


def browser() -> Table | None:
    """Files in a browser beside their native runtime: how close, and how many times slower."""
    rows = {(row.group, row.position): row for row in _rows("browser")}
    cells = []
    for (group, position), row in rows.items():
        if position == 0:
            there = rows[group, 1]
            runtimes = [str(row.runtime), str(there.runtime)]
            psnr = _decibels((there.agreement or {})["psnr_db"])
            cells.append([row.artifact["name"], *runtimes, psnr, _median(row), _median(there), _times(row, there)])
    head = [
        "file",
        "runtime",
        "in Chromium",
        "PSNR between them",
        "natively (95%)",
        "in Chromium (95%)",
        "times native",
    ]
    return (head, cells) if cells else None


def _rows(name: str) -> list[Result]:
    path = RESULTS / f"{name}.jsonl"
    return read_results(path) if path.exists() else []


def _times(first: Result, row: Result) -> str:
    """How many times the first network's latency this one's is."""
    if row is first:
        return "1"
    runs = int(row.settings["turn_runs"])
    interval = interleaved_interval(np.asarray(first.samples_ms), np.asarray(row.samples_ms), runs)
    return _as_text(interval)


def _as_text(interval: Interval) -> str:
    return f"{interval.ratio:.2f} ({interval.low:.2f} to {interval.high:.2f})"


def _median(row: Result) -> str:
    latency = row.latency_ms or {}
    return f"{latency['p50']:.1f} ms ({latency['p50_low']:.1f} to {latency['p50_high']:.1f})"


def _per_pixel(row: Result) -> str:
    nanoseconds = 1e6 / row.settings["size"] ** 2
    mid, low, high = ((row.latency_ms or {})[key] * nanoseconds for key in ("p50", "p50_low", "p50_high"))
    return f"{mid:.1f} ({low:.1f} to {high:.1f})"


def _gflops(row: Result) -> float:
    return float(row.artifact["flops"]) / _p50(row) / 1e6


def _p50(row: Result) -> float:
    return float((row.latency_ms or {})["p50"])


def _counted(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def learning() -> Table | None:
    """Styles that no network had seen: from one picture, at once and after learning."""
    rows = _parts("learning", "learning")
    head = [
        "held out", "photos as they are", "nearest shipped style", "`--reference`, one pass", "learned",
        "of the nearest", "one pass, of learned", "time", "`--adapt`",
    ]  # fmt: skip
    cells = [
        [
            row["style"], f"{row['untouched']:.2f}", f"{row['nearest_distance']:.2f} ({row['nearest']})",
            f"{row['encoded']:.2f}", f"{row['learned']:.2f}", f"{row['learned'] / row['nearest_distance']:.2f}",
            f"{row['encoded'] / row['learned']:.2f}", f"{row['seconds']:.0f} s",
            f"{row['adapted']:.2f}",
        ]
        for row in rows
    ]  # fmt: skip
    if rows:
        shares = [row["learned"] / row["nearest_distance"] for row in rows]
        passes = [row["encoded"] / row["learned"] for row in rows]
        cells.append(["mean", "", "", "", "", f"{np.mean(shares):.2f}", f"{np.mean(passes):.2f}", "", ""])
    return (head, cells) if cells else None


def encoder() -> Table | None:
    """The files of the encoder of paintings, and one pass beside Magenta's two networks."""
    cells = []
    for row in _parts("learning", "file"):
        psnr = row["psnr_db"]
        close = "equal" if psnr is None else f"{psnr:.1f} dB"
        size = f"{row['size_bytes'] / 1000:.0f} KB"
        cells.append([row["format"], f"`{row['recipe']}`", size, close, _spread(row["latency_ms"])])
    head = ["encoder", "recipe", "bytes", "pictures drawn with its vectors", "256x256, 1 thread (95%)"]
    return (head, cells) if cells else None


def taught_files() -> Table | None:
    """The files of the renderer that is taught, with what their recipes promise."""
    cells = []
    for row in _found("taught-files"):
        mean, promised = min(row["mean_half_psnr_db"], row["mean_psnr_db"]), row["promised_db"]
        asked = "1e-4 at most" if promised is None else f"{promised:.0f}"
        if row["promised_style_db"] is not None:
            asked += f", each style {row['promised_style_db']:.0f}"
        worst = f"{row['worst_style_psnr_db']:.1f} ({row['worst_style']})"
        size = f"{row['size_bytes'] / 1000:.0f} KB"
        kept = "yes" if row["kept"] else "no"
        cells.append([row["format"], f"`{row['recipe']}`", size, f"{mean:.1f}", worst, asked, kept])
    head = ["renderer", "recipe", "bytes", "mean dB", "worst style", "promised", "kept"]
    return (head, cells) if cells else None


def bases() -> Table | None:
    """A network trained in an inner and an outer loop beside one trained with a vector for each style."""
    rows = _parts("learning", "base")
    steps = sorted({row["steps"] for row in rows})
    head = ["held out", "base", "trained", *(f"{count} steps" if count else "at once" for count in steps)]
    found = {(row["style"], row["mode"], row["steps"]): row["distance"] for row in rows}
    trained = {row["mode"]: f"{row['trained_steps']} steps" for row in rows}
    cells = []
    for style in dict.fromkeys(row["style"] for row in rows):
        for mode in ("plain", "meta"):
            cells.append([style, mode, trained[mode], *(f"{found[style, mode, count]:.2f}" for count in steps)])
    return (head, cells) if cells else None


def drift() -> Table | None:
    """How many of 100 draws were called drifted, by what was done to the pictures and how many there were."""
    rows = _found("drift")
    counts = sorted({row["pictures"] for row in rows})
    kinds = {"as they are": "a brand's own pictures, held back (false alarms)"}
    cells = []
    for kind in dict.fromkeys(row["kind"] for row in rows):
        shares = []
        for count in counts:
            chosen = [row for row in rows if row["kind"] == kind and row["pictures"] == count]
            shares.append(f"{sum(row['drifted'] for row in chosen) / sum(row['draws'] for row in chosen):.1%}")
        cells.append([kinds.get(kind, kind), *shares])
    return (["pictures judged", *(f"{count} of them" for count in counts)], cells) if cells else None


def _spread(latency: dict[str, Any] | None) -> str:
    if latency is None:
        return "on Apple devices"
    return f"{latency['p50']:.1f} ms ({latency['p50_low']:.1f} to {latency['p50_high']:.1f})"


def _parts(name: str, part: str) -> list[dict[str, Any]]:
    return [row for row in _found(name) if row["part"] == part]
