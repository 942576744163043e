"""Measure every style of a pack on a set of photos."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import Any

import torch
from torch import Tensor

from edgestyle.quality.features import Features, load_shipped
from edgestyle.quality.fidelity import feature_distance, psnr_db, ssim
from edgestyle.quality.flicker import flicker
from edgestyle.quality.strength import Render, strength_response
from edgestyle.quality.style import (
    content_distance,
    gram_style_distance,
    luminance_contrast_kept,
    recognisability,
    style_content_product,
)

STRENGTH_STEP = 0.1


@dataclass(frozen=True)
class Subject:
    """A style to measure.

    Attributes:
        name: of the style.
        render: `(image [1,3,H,W], strength) -> stylized`.
        teacher: the filter it learned from, of the same signature; None for a painting's style.
        painting: the painting it learned from, `[1,3,h,w]` in [0,1], short side 384; None for a filter's style.
    """

    name: str
    render: Render
    teacher: Render | None = None
    painting: Tensor | None = None


@dataclass(frozen=True)
class StyleMeasures:
    """One style at strength 1, averaged over photos of 384x384; None is what was not measured.

    Attributes:
        style: its name.
        psnr_db, ssim, feature_distance: result against the teacher's.
        untouched_psnr_db: photo against the teacher's result, to compare `psnr_db` with.
        content_distance, style_distance: result against photo and painting.
        style_content_product: see `edgestyle.quality.style`.
        contrast_kept: luminance contrast by the photo's.
        recognisability: cosine of pooled features of photo and result.
        flicker: see `edgestyle.quality.flicker`.
        distance_grows: whether every step of 0.1 in strength takes the result further from the photo.
        half_share: distance at strength 0.5 by distance at 1.
        half_psnr_db, crossfade_psnr_db: result at 0.5, and the mix of photo and result, against the teacher at 0.5.
        distances: RMS difference to the photo by strength.
    """

    style: str
    distance_grows: bool
    distances: dict[float, float]
    half_share: float | None
    half_psnr_db: float | None = None
    crossfade_psnr_db: float | None = None
    psnr_db: float | None = None
    untouched_psnr_db: float | None = None
    ssim: float | None = None
    feature_distance: float | None = None
    content_distance: float | None = None
    style_distance: float | None = None
    style_content_product: float | None = None
    contrast_kept: float | None = None
    recognisability: float | None = None
    flicker: float | None = None


@dataclass(frozen=True)
class Evaluation:
    """What was measured of a pack.

    Attributes:
        pack, title: the pack's.
        features: which network content, style and feature distances are from.
        photos: names.
        styles: measures, one a style.
    """

    pack: str
    title: str
    features: str
    photos: tuple[str, ...]
    styles: tuple[StyleMeasures, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; null for what was not measured and for the PSNR of equal pictures."""
        finite: dict[str, Any] = _finite(asdict(self))
        return finite


@torch.no_grad()
def measure_style(
    subject: Subject, photos: Mapping[str, Tensor], features: Features, advance: Callable[[], object] = lambda: None
) -> StyleMeasures:
    """Measure one style.

    Args:
        subject: the style.
        photos: `[1,3,384,384]` in [0,1] by name.
        features: for content, style and feature distances.
        advance: called after every photo.
    """
    rows = []
    for photo in photos.values():
        rows.append(dict(_measure_photo(subject, photo, features)))
        advance()
    means = {name: fmean(row[name] for row in rows) for name in rows[0]}
    response = strength_response(subject.render, subject.teacher, list(photos.values()), STRENGTH_STEP)
    return StyleMeasures(
        style=subject.name,
        distance_grows=response.grows,
        distances=response.distances,
        half_share=response.half_share,
        half_psnr_db=response.half_psnr_db,
        crossfade_psnr_db=response.crossfade_psnr_db,
        **means,
    )


def _measure_photo(subject: Subject, photo: Tensor, features: Features) -> Iterator[tuple[str, float]]:
    """Everything that is measured photo by photo, by attribute of `StyleMeasures`."""
    result = subject.render(photo, 1.0)
    content = content_distance(result, photo, features)
    yield "content_distance", float(content)
    yield "contrast_kept", float(luminance_contrast_kept(result, photo))
    yield "recognisability", float(recognisability(result, photo, load_shipped()))
    yield "flicker", flicker(lambda image: subject.render(image, 1.0), photo)
    if subject.teacher is not None:
        target = subject.teacher(photo, 1.0)
        yield "psnr_db", psnr_db(result, target)
        yield "untouched_psnr_db", psnr_db(photo, target)
        yield "ssim", ssim(result, target)
        yield "feature_distance", feature_distance(result, target, features.perceptual_maps)
    if subject.painting is not None:
        style = gram_style_distance(result, subject.painting, features)
        yield "style_distance", float(style)
        yield "style_content_product", float(style_content_product(style, content))


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
