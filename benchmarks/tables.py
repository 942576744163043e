"""Write the README's tables and its contact sheets from measured results.

python -m benchmarks.tables            write
python -m benchmarks.tables --check    fail if the README differs from the results
"""

import argparse
import re
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import fmean, median
from typing import Any

import numpy as np

from benchmarks import suite_tables
from benchmarks.rows import RESULTS, read_rows
from edgestyle.images import Picture, Pixels, over_white, read_picture, resize, write_picture

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
DOCS = ROOT / "docs"
MARK = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
STRIPS = {"atelier": ["cartoon", "watercolour", "pop-art"]}
SELFIES = (
    ("atelier", "cartoon", "#ffd166"), ("atelier", "pop-art", "#5bc0eb"), ("atelier", "watercolour", "#f7b2ad"),
    ("atelier", "ink", "#9bc53d"),
)  # fmt: skip
FACES = {"astronaut": (0.25, 0.0), "chelsea": (0.3, 0.3), "china": (0.15, 0.2)}  # where to crop: left, top


def main() -> None:
    """Fill the README's marked places."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    old = README.read_text(encoding="utf-8")
    new = MARK.sub(lambda match: match[1] + TABLES[match[2]]() + match[3], old)
    if options.check:
        sys.exit("README.md differs from benchmarks/results: run 'make tables'" if new != old else 0)
    README.write_text(new, encoding="utf-8")
    write_sheets()


def write_sheets() -> None:
    """Every style of every pack, and a few at five strengths, on photos the networks never saw."""
    from edgestyle.cli.demo import strength_sheet
    from edgestyle.packs.loading import load_pack, shipped_packs
    from edgestyle.quality.sheets import contact_sheet

    write_picture(Picture(selfie_sheet()), DOCS / "selfie.jpg")
    photos = [_crop(read_picture(ROOT / "examples" / f"{name}.jpg").pixels, *at) for name, at in FACES.items()]
    for name in shipped_packs():
        pack = load_pack(name)
        rows = [[photo, *(pack.stylize(photo, style, 1.0, "full") for style in pack.styles)] for photo in photos]
        write_picture(Picture(contact_sheet(rows, ["photo", *pack.styles], [], 220)), DOCS / f"{name}.jpg")
    for name, styles in STRIPS.items():
        strip = strength_sheet(load_pack(name), photos[:1], styles, 260)
        write_picture(Picture(strip), DOCS / f"{name}-strength.jpg")


def selfie_sheet() -> Pixels:
    """The astronaut as a selfie in four styles, each on a colour of its own: `uint8 [H,W,3]`."""
    from edgestyle.packs.loading import load_pack
    from edgestyle.selfie.composing import parse_background
    from edgestyle.selfie.making import Look, SelfieMaker

    photo, cells = read_picture(ROOT / "examples" / "astronaut.jpg").pixels, []
    for pack, style, colour in SELFIES:
        maker = SelfieMaker(load_pack(pack))
        look = Look(style, 1.0, parse_background(colour), "circle", 284)
        cells.append(over_white(maker.draw(photo, maker.find_faces(photo)[0], look)))
    gap = np.full((284, 16, 3), 255, np.uint8)
    return np.concatenate([part for cell in cells for part in (gap, cell)][1:], 1)


def quality() -> str:
    """Fidelity to the teacher on unseen photos."""
    rows = [
        [
            row["style"],
            f"{row['teacher_to_photo_psnr_db']:.1f} dB",
            f"{row['psnr_db']:.1f} dB",
            f"{row['psnr_db'] - row['teacher_to_photo_psnr_db']:+.1f} dB",
            f"{row['ssim']:.3f} ({row['ssim_untouched']:.3f})",
            _pair(row["feature_distance"], row["feature_distance_untouched"]),
        ]
        for row in read_rows("quality")
        if "psnr_db" in row
    ]
    head = ["style", "photo to teacher", "network to teacher", "gain", "SSIM (photo)", "feature distance (photo)"]
    return _table(head, rows)


def strength() -> str:
    """Strength response."""
    rows = [
        [
            row["style"],
            "yes" if row["distance_grows"] else "no",
            f"{100 * row['half_share']:.0f}%",
            _db(row["half_psnr_db"]),
            _db(row["crossfade_psnr_db"]),
        ]
        for row in read_rows("quality")
    ]
    head = ["style", "distance grows at every 0.05", "distance at 0.5, of full", "network at 0.5", "cross-fade at 0.5"]
    return _table(head, rows)


def styles() -> str:
    """How the styles of all packs differ, mix and stay steady."""
    gallery = read_rows("gallery")
    pairs = [row for row in gallery if "pair" in row]
    flickers = {(row["pack"], row["style"]): row for row in read_rows("quality")}
    rows = []
    for style in dict.fromkeys(tuple(one) for row in pairs for one in row["pair"]):
        mine = [row for row in pairs if list(style) in row["pair"]]
        closest = max(mine, key=lambda row: float(row["psnr_db"]))
        other = next(one for one in closest["pair"] if one != list(style))
        mixes = [row["steady"] for row in gallery if row.get("pack") == style[0] and style[1] in row.get("mix", [])]
        row = flickers.get(style, {})
        rows.append(
            [
                *style[::-1],
                f"{other[1]}, {closest['psnr_db']:.1f} dB",
                f"{sum(mixes)} of {len(mixes)}",
                _plain(row.get("flicker")),
                _plain(row.get("teacher_flicker")),
            ]
        )
    return _table(["style", "pack", "closest style", "steady mixes", "flicker", "teacher's flicker"], rows)


def exports() -> str:
    """Size, closeness on unseen photos and latency of the exported files."""
    rows = []
    for row in read_rows("exports"):
        seen, identity = row["closeness"], row["parity"]["identity_difference"]
        cells = [f"`{row['file']}`", f"{row['size_bytes'] / 1000:.0f} KB"]
        cells += [f"{seen['mean_psnr_db']:.1f} dB", f"{seen['mean_half_psnr_db']:.1f} dB"]
        cells += [f"{seen['worst_style_psnr_db']:.1f} dB ({seen['worst_style']})"]
        rows.append([*cells, "exact" if identity == 0 else f"{identity:.1g}", _interval(row["latency_ms"])])
    head = ["file", "size", "mean PSNR", "at strength 0.5", "worst style", "strength 0", "1 thread (95%)"]
    return _table(head, rows)


def search() -> str:
    """What a search by layer chose, beside the formats' own recipes."""
    rows = [
        [
            row["format"],
            f"`{row['recipe']}`" if row["kind"] == "recipe" else f"searched, {row['asked_db']:.0f} dB",
            f"{row['size_bytes'] / 1000:.1f} KB",
            _db(row["mean_psnr_db"]),
            _db(row["style_psnr_db"]),
            row["layers"],
        ]
        for row in sorted(read_rows("search"), key=lambda row: (row["format"], row["size_bytes"]))
        if row["kind"] != "front" and row.get("recipe") != "float32"
    ]
    return _table(["format", "recipe", "size", "mean PSNR", "worst style", "layers"], rows)


def speed() -> str:
    """Speed beside other networks."""
    rows = [
        [row["network"], row["runtime"], _interval(row["latency_ms"]), f"{row['times_atelier_float32']:.1f}"]
        for row in read_rows("speed")
    ]
    return _table(["network", "runtime", "512x512, 1 thread (95%)", "times atelier float32"], rows)


def startup() -> str:
    """Waiting times of the command line."""
    rows = [[f"`{row['what']}`", f"{row['latency_ms']['p50']:.0f} ms"] for row in read_rows("startup")]
    return _table(["what", "median"], rows)


def machine() -> str:
    """What the timings were made on."""
    device = read_rows("speed")[0]["device"]
    tools = read_rows("speed")[0]["tools"]
    versions = ", ".join(f"{name} {version}" for name, version in tools.items())
    return f"Timed on {device['processor']}, {device['cores']} cores, {device['system'].split('-')[0]}; {versions}.\n"


def agreement() -> str:
    """How well the shipped feature network ranks pictures as VGG16 does."""
    rows = [
        [
            row["measure"],
            "comes with edgestyle" if row["network"] == "shipped" else f"cut, {row['network']}",
            row["reference"],
            f"{row['pairs']}",
            f"{row['spearman']:.3f} ({row['spearman_within']:.3f})",
            f"{row['kendall']:.3f} ({row['kendall_within']:.3f})",
        ]
        for row in sorted(read_rows("agreement"), key=lambda row: MEASURES.index(row["measure"]))
    ]
    return _table(["measure", "network", "against", "pairs", "Spearman (within)", "Kendall (within)"], rows)


def museum() -> str:
    """Painting styles beside Magenta's."""
    rows = read_rows("museum")
    by_style: dict[str, dict[str, dict[str, Any]]] = {}
    for row in rows:
        if "style" in row:
            by_style.setdefault(row["style"], {})[row["network"]] = row
    columns = {
        "style_distance": "style distance", "content_distance": "content distance", "contrast_kept": "contrast kept",
        "recognisability": "recognisability", "flicker": "flicker",
    }  # fmt: skip
    cells = [
        [style, *(f"{one['museum'][key]:.2f} ({one['Magenta'][key]:.2f})" for key in columns)]
        for style, one in by_style.items()
    ]
    times = [
        f"\n384x384, one thread, in turns: `{name}` {_interval(latency)}.\n"
        for row in rows
        if "times_faster" in row
        for name, latency in row["latency_ms"].items()
    ]
    return _table(["style", *columns.values()], cells) + "".join(times)


def independent() -> str:
    """The same files read by OpenVINO and run on ARM64."""
    by_file: dict[str, dict[str, dict[str, Any]]] = {}
    for row in read_rows("independent"):
        by_file.setdefault(row["file"], {})[row["other"]] = row
    others = list(next(iter(by_file.values())))
    rows = []
    for name, found in by_file.items():
        identity = max(row["identity_difference"] for row in found.values())
        cells = [
            f"{row['native_psnr_db']:.1f} / {row['other_psnr_db']:.1f} dB ({row['min_between_db']:.0f})"
            for row in (found[other] for other in others)
        ]
        rows.append([f"`{name}`", *cells, "exact" if identity == 0 else f"{identity:.1g}"])
    return _table(["file", *others, "strength 0"], rows)


def qat() -> str:
    """What a second set of weights gains, by style."""
    rows = read_rows("qat")
    columns = list(dict.fromkeys((row["format"], at) for row in rows for at in row["with_psnr_db"]))
    by_name: dict[str, list[dict[str, Any]]] = {}
    for pack in dict.fromkeys(row["pack"] for row in rows):
        mine = [row for row in rows if row["pack"] == pack]
        for row in mine:
            by_name.setdefault(row["style"], []).append(row)
        by_name[f"all of `{pack}`"] = mine
    cells = []
    for name, mine in by_name.items():
        line = [name]
        for kind, at in columns:
            pairs = [(row["without_psnr_db"][at], row["with_psnr_db"][at]) for row in mine if row["format"] == kind]
            without, trained = (fmean(side) for side in zip(*pairs, strict=True))
            line.append(f"{without:.1f} dB, {trained:.1f} dB ({trained - without:+.1f})")
        cells.append(line)
    titles = {"onnx": "ONNX", "tflite": "TFLite"}
    return _table(["style", *(f"{titles[kind]}, strength {at}" for kind, at in columns)], cells)


def noise() -> str:
    """How far the benchmark can be believed."""
    rows = read_rows("noise")
    of = {part: [row for row in rows if row["part"] == part] for part in dict.fromkeys(row["part"] for row in rows)}
    cells = []
    for percent in sorted({row["slower_percent"] for row in of["turns"]}):
        trials = [row for row in of["turns"] if row["slower_percent"] == percent]
        found = sum(row["verdict"] in (("slower", "faster") if percent == 0 else ("slower",)) for row in trials)
        name = "a file against itself, in turns" if percent == 0 else f"slowed down by {percent}%, in turns"
        cells.append([name, "false alarms" if percent == 0 else "found", f"{found} of {len(trials)}"])
    fails = sum(row["fails"] for row in of["pairs"])
    cells.append(
        ["a file against itself, two files of results", "exit code 1 above 10%", f"{fails} of {len(of['pairs'])}"]
    )
    for tool in dict.fromkeys(row["tool"] for row in of["agreement"]):
        mine = [row for row in of["agreement"] if row["tool"] == tool]
        ratio = median(row["ours_ms"] for row in mine) / median(row["theirs_ms"] for row in mine)
        cells.append(
            [f"beside `{tool}`, processes in turns", f"{mine[0]['statistic']}s, ours by theirs", f"{ratio:.3f}"]
        )
    overheads = [row["overhead_fraction"] for row in of["overhead"]]
    cells.append(["a call of 5 ms", "overhead of measuring", f"{100 * max(overheads):.2f}%"])
    seconds = median(row["seconds"] for row in of["loading"])
    cells.append(["10,000 rows", "read, page written, Python's start included", f"{seconds:.1f} s"])
    return _table(["what", "", "measured"], cells)


def peers() -> str:
    """Speed beside other style networks, each ratio with its interval."""
    return _suite(suite_tables.peers())


def scaling() -> str:
    """Speed by picture size."""
    return _suite(suite_tables.scaling())


def pareto() -> str:
    """Speed against closeness, by width and recipe."""
    return _suite(suite_tables.pareto())


def photographic() -> str:
    """Looks of reference photos beside the teachers', and what they cost."""
    if not (RESULTS / "photographic.jsonl").exists():
        return suite_tables.NOT_YET
    rows = read_rows("photographic")
    of = {part: [row for row in rows if row["part"] == part] for part in dict.fromkeys(row["part"] for row in rows)}
    keys = ("edge_structure", "style_distance", "palette_distance")
    cells = [[row["method"], *(f"{row[key]:.3f}" for key in keys)] for row in of["pictures"]]
    looks = [
        [row["look"], _plain(row["flicker"]), _plain(row.get("grade_flicker")), _plain(row.get("grade_difference"), 3)]
        for row in of["look"]
    ]
    (turns,), (moved,) = of["turns"], of["decoupling"]
    lines = [f"`{name}` {_interval(latency)}" for name, latency in turns["latency_ms"].items()]
    text = f"\n512x512, one thread, in turns: {', '.join(lines)}.\n"
    text += "".join(
        f"\n{row['size'][0]}x{row['size'][1]}, {row['threads']} threads: {_interval(row['latency_ms'])}, "
        f"{row['ns_a_pixel']:.0f} ns a pixel, {row['peak_rss_bytes'] / 1e6:.0f} MB.\n"
        for row in of["large"]
    )
    changes = ", ".join(f"{name} {100 * moved[name]:.0f}%" for name in ("mirrored", "cropped", "shuffled"))
    text += f"\nHow far a reference's vector moves, of the mean distance between two pictures': {changes}.\n\n"
    first = _table(["method", "edges kept", "style distance", "palette distance"], cells)
    return first + text + _table(["look", "flicker", "the grade's flicker", "difference to the grade"], looks)


def selfie() -> str:
    """Selfies: time, faces found, likeness."""
    return _suite(suite_tables.selfie())


def faces() -> str:
    """Drawn faces against held-back ones."""
    return _suite(suite_tables.faces()) + f"\n{suite_tables.redrawn()}"


def upscaling() -> str:
    """Enlarging: closeness, then time and memory."""
    return "\n".join(map(_suite, (suite_tables.upscaling(), suite_tables.upscaling_speed())))


MEASURES = ("style distance", "content distance", "feature distance", "recognisability")
TABLES: dict[str, Callable[[], str]] = {
    "quality": quality, "strength": strength, "exports": exports, "speed": speed, "startup": startup,
    "machine": machine, "styles": styles, "agreement": agreement, "museum": museum,
    "independent": independent, "search": search, "qat": qat, "noise": noise,
    "peers": peers, "scaling": scaling, "pareto": pareto, "photographic": photographic, "selfie": selfie,
    "faces": faces, "generator": lambda: _suite(suite_tables.generator()), "upscaling": upscaling,
    "browser": lambda: _suite(suite_tables.browser()), "learning": lambda: _suite(suite_tables.learning()),
    "encoder": lambda: _suite(suite_tables.encoder()), "bases": lambda: _suite(suite_tables.bases()),
    "drift": lambda: _suite(suite_tables.drift()), "taught": lambda: _suite(suite_tables.taught_files()),
}  # fmt: skip


def _suite(table: suite_tables.Table | None) -> str:
    return suite_tables.NOT_YET if table is None else _table(*table)


def _pair(value: float | None, untouched: float | None) -> str:
    return "-" if value is None or untouched is None else f"{value:.3f} ({untouched:.3f})"


def _interval(latency: dict[str, Any] | None) -> str:
    if latency is None:
        return "on Apple devices only"
    return f"{latency['p50']:.1f} ms ({latency['p50_low']:.1f} to {latency['p50_high']:.1f})"


def _db(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f} dB"


def _plain(value: float | None, digits: int = 2) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def _crop(pixels: Pixels, left: float, top: float, side: int = 300, long_side: int = 640) -> Pixels:
    """A square of `side` from the photo brought to `long_side`; `left` and `top` are fractions of what is left over."""
    scale = long_side / max(pixels.shape[:2])
    small = resize(pixels, round(pixels.shape[1] * scale), round(pixels.shape[0] * scale))
    y, x = round((small.shape[0] - side) * top), round((small.shape[1] - side) * left)
    return small[y : y + side, x : x + side]


if __name__ == "__main__":
    main()
