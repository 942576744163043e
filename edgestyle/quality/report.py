"""Write an evaluation as a Markdown table, as JSON, and as one HTML page with its pictures inside."""

import base64
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from jinja2 import Environment, PackageLoader
from PIL import Image
from torch import Tensor

from edgestyle.images import Pixels, make_folder, to_pixels, whole_file
from edgestyle.markdown import markdown_table, plain_cell
from edgestyle.quality.columns import measured_columns
from edgestyle.quality.evaluation import Evaluation, Subject

STRIP = (0.0, 0.25, 0.5, 0.75, 1.0)
_SIDE = 288  # pixels of a picture in the page
_JPEG_QUALITY = 85


@dataclass(frozen=True)
class Gallery:
    """Pictures of a report, `uint8 [H,W,3]`.

    Attributes:
        photos: by name.
        results: by style, then by photo, at strength 1.
        strips: by style, the most colourful photo at strengths 0, 0.25, 0.5, 0.75 and 1.
        paintings: by style, where there is one.
    """

    photos: Mapping[str, Pixels]
    results: Mapping[str, Mapping[str, Pixels]]
    strips: Mapping[str, Mapping[float, Pixels]]
    paintings: Mapping[str, Pixels]


@torch.no_grad()
def draw_gallery(subjects: list[Subject], photos: Mapping[str, Tensor]) -> Gallery:
    """Draw every style on every photo, `[1,3,H,W]` in [0,1] by name."""
    colourful = max(photos.values(), key=lambda photo: float(photo.std(1).mean()))
    return Gallery(
        photos={name: _pixels(photo) for name, photo in photos.items()},
        results={s.name: {name: _pixels(s.render(photo, 1.0)) for name, photo in photos.items()} for s in subjects},
        strips={s.name: {strength: _pixels(s.render(colourful, strength)) for strength in STRIP} for s in subjects},
        paintings={s.name: _pixels(s.painting) for s in subjects if s.painting is not None},
    )


def write_report(evaluation: Evaluation, gallery: Gallery, folder: Path) -> list[Path]:
    """Write `report.md`, `evaluation.json` and `index.html` into `folder`, each whole or not at all.

    Raises:
        OutputError: the folder cannot be made or written.
    """
    make_folder(folder)
    texts = {
        "report.md": markdown_report(evaluation),
        "evaluation.json": json.dumps(evaluation.to_json(), indent=2, ensure_ascii=False, allow_nan=False) + "\n",
        "index.html": html_report(evaluation, gallery),
    }
    for name, text in texts.items():
        with whole_file(folder / name) as temporary:
            temporary.write_text(text, encoding="utf-8")
    return [folder / name for name in texts]


def markdown_report(evaluation: Evaluation) -> str:
    """The table and what its columns mean, as Markdown."""
    columns = measured_columns(evaluation.styles)
    rows = [[style.style, *(column.text(style) for column in columns)] for style in evaluation.styles]
    table = markdown_table(["style", *(column.title for column in columns)], rows)
    meanings = "".join(f"- **{column.title}**: {column.meaning}{_better(column.better)}\n" for column in columns)
    return f"# {plain_cell(evaluation.title)}\n\n{table}\n{describe(evaluation)}\n\n{meanings}"


def html_report(evaluation: Evaluation, gallery: Gallery) -> str:
    """One page that needs no other file and no network; every text in it is escaped."""
    environment = Environment(loader=PackageLoader("edgestyle.quality"), autoescape=True, trim_blocks=True)
    environment.filters["data_uri"] = data_uri
    page = environment.get_template("report.html.j2")
    columns = measured_columns(evaluation.styles)
    return page.render(evaluation=evaluation, gallery=gallery, columns=columns, about=describe(evaluation)) + "\n"


def describe(evaluation: Evaluation) -> str:
    """A sentence on how it was measured."""
    count = len(evaluation.photos)
    photos = f"{count} photos" if count != 1 else "one photo"
    return (
        f"Measured on {photos} of 384x384 pixels at strength 1 and averaged; distances by {evaluation.features}. "
        "A dash is what was not measured."
    )


def data_uri(pixels: Pixels) -> str:
    """A picture `uint8 [H,W,3]` as a JPEG of at most 288 pixels inside a URI."""
    image = Image.fromarray(pixels)
    image.thumbnail((_SIDE, _SIDE), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=_JPEG_QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()


def _pixels(image: Tensor) -> Pixels:
    return to_pixels(image.numpy())


def _better(direction: str) -> str:
    return f" ({direction.capitalize()} is better.)" if direction else ""
