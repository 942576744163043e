"""Write a report as one HTML page with its pictures inside, and as Markdown."""

import math
from pathlib import Path

import numpy as np
from jinja2 import Environment, PackageLoader

from edgestyle.images import Pixels, make_folder, to_pixels, whole_file
from edgestyle.markdown import markdown_table, plain_cell
from edgestyle.quality.report import data_uri
from edgestyle.report.measuring import FileReport, Worst
from edgestyle.report.verdicts import verdicts

_GAIN = 10  # of the difference picture
HEAD = ["file", "KB", "PSNR at 1", "PSNR at 0.5", "worst style", "SSIM there", "int8 convolutions", "p50 ms (95%)"]


def write_pages(title: str, files: list[FileReport], folder: Path) -> list[Path]:
    """Write `index.html` and `report.md` into `folder`, each whole or not at all.

    Raises:
        OutputError: the folder cannot be made or written.
    """
    make_folder(folder)
    texts = {"report.md": markdown_page(title, files), "index.html": html_page(title, files)}
    for name, text in texts.items():
        with whole_file(folder / name) as temporary:
            temporary.write_text(text, encoding="utf-8")
    return [folder / name for name in texts]


def markdown_page(title: str, files: list[FileReport]) -> str:
    """Tables and sentences as Markdown."""
    table = markdown_table(HEAD, map(cells, files))
    sentences = "".join(f"- {plain_cell(sentence)}\n" for sentence in verdicts(files))
    operators = "".join(f"- {plain_cell(f'{file.name}: {operator_line(file)}')}\n" for file in files)
    refusals = "".join(f"- {plain_cell(f'{file.name}: {line}')}\n" for file in files for line in readiness_lines(file))
    parts = {"What it is worth": sentences, "Operators by precision": operators, "What accelerators refuse": refusals}
    return f"# {plain_cell(title)}\n\n{table}\n" + "\n".join(
        f"## {head}\n\n{text}" for head, text in parts.items() if text
    )


def html_page(title: str, files: list[FileReport]) -> str:
    """One page that needs no other file and no network; every text in it is escaped."""
    environment = Environment(loader=PackageLoader("edgestyle.report"), autoescape=True, trim_blocks=True)
    environment.filters |= {"data_uri": data_uri, "db": db}
    page = environment.get_template("report.html.j2")
    rows = [(file, cells(file), operator_line(file), readiness_lines(file), worst_pair(file.worst)) for file in files]
    return page.render(title=title, head=HEAD, rows=rows, sentences=verdicts(files), gain=_GAIN) + "\n"


def cells(file: FileReport) -> list[str]:
    """A file's row under `HEAD`."""
    worst, latency = file.worst_style, file.latency
    timed = f"{latency.p50:.1f} ({latency.p50_low:.1f}-{latency.p50_high:.1f})" if latency else "-"
    return [
        file.name,
        f"{file.size_bytes / 1000:.0f}",
        db(file.mean_psnr_db(1.0)),
        db(file.mean_psnr_db(0.5)),
        f"{worst.style} at {worst.strength:g}: {db(worst.psnr_db)}",
        f"{worst.ssim:.4f}",
        "yes" if file.int8 else "no",
        timed,
    ]


def operator_line(file: FileReport) -> str:
    """How many operators compute in which precision."""
    counts = {precision: sum(kinds.values()) for precision, kinds in sorted(file.precisions.items())}
    between = {"mixed": "from one type to another", "other": "in other types"}
    return ", ".join(f"{count} {between.get(precision, f'in {precision}')}" for precision, count in counts.items())


def readiness_lines(file: FileReport) -> list[str]:
    """A line for each accelerator: what it refuses, and who says so."""
    lines = []
    for one in file.readiness:
        refused = ", ".join(f"{count}x {reason}" for reason, count in one.refused.items()) or "nothing"
        lines.append(f"{one.target} refuses {refused}, of {one.operators} operators ({one.source})")
    return lines


def worst_pair(worst: Worst) -> list[tuple[str, Pixels]]:
    """The network's picture, the file's, and ten times their difference around grey."""
    difference = np.clip(0.5 + _GAIN * (worst.got - worst.expected), 0, 1).astype(np.float32)
    pictures = {"network": worst.expected, "file": worst.got, f"difference x{_GAIN}": difference}
    return [(name, to_pixels(picture)) for name, picture in pictures.items()]


def db(value: float) -> str:
    """A PSNR for people."""
    return f"{value:.1f} dB" if math.isfinite(value) else "equal"
