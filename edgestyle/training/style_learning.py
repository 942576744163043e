"""From pictures to a style file: where the fit starts, what it is called, how strong it should be drawn."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from typing import Any

import torch
from torch import Tensor

from edgestyle.models import AnyRenderer
from edgestyle.models.colour import ColourRenderer
from edgestyle.packs.corrections import correcting, fold
from edgestyle.packs.networks import load_encoder, load_renderer, weights_hash
from edgestyle.packs.pack import Pack, Style
from edgestyle.packs.style_files import MAX_VERSIONS, StyleFile, check_fits
from edgestyle.quality.features import load_features
from edgestyle.training.learning import (
    JUDGED,
    Learned,
    LearningConfig,
    Lesson,
    OnStep,
    StyleLesson,
    draw,
    learn_vector,
    middles,
)
from edgestyle.training.look_lessons import LookLesson
from edgestyle.training.style_pictures import StylePicture, as_tensors, encode

NOT_STATED = "LicenseRef-not-stated"
RANK = 4  # of a correction
_STRENGTHS = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
_ENOUGH = 0.85  # of what full strength gains
_LOOK_BATCH = 8  # photos whose colours are compared together
_FEW = 4  # up to so many pictures the encoder's vectors are a start; of many they average to brown


@dataclass(frozen=True)
class Request:
    """What is to be learned.

    Attributes:
        name: of the style.
        pack: whose network draws it.
        config: of the fit.
        adapt: whether a low-rank correction is learned along.
        old: the style as it was, to start from and to keep as a version; None for a new one.
        strength: default strength; None for the old one's, or one that is proposed.
        title, licence, credit: for people; "" for the old one's, or none.
    """

    name: str
    pack: Pack
    config: LearningConfig
    adapt: bool = False
    old: StyleFile | None = None
    strength: float | None = None
    title: str = ""
    licence: str = ""
    credit: str = ""


@dataclass(frozen=True)
class Result:
    """What came out.

    Attributes:
        file: the style, to be saved.
        renderer: that draws it, with its correction.
        learned: distances before and after.
        response: distance to the pictures by strength.
        untouched: distance of the photos as they are.
    """

    file: StyleFile
    renderer: AnyRenderer
    learned: Learned
    response: dict[float, float]
    untouched: float

    @property
    def share_left(self) -> float:
        """Of the photos' own distance, what full strength leaves."""
        return self.response[1.0] / self.untouched if self.untouched > 0 else 0.0


def learn_style(
    request: Request,
    pictures: Sequence[StylePicture],
    photos: Sequence[Tensor],
    on_step: OnStep = lambda step, loss: None,
) -> Result:
    """Fit a style to pictures. Nothing is written, and the pack stays as it is.

    Args:
        request: what to learn.
        pictures: that show the style.
        photos: that will be drawn in it, `[1,3,H,W]` in [0,1], sides of `request.config.crop_size` or more.
        on_step: called after each step with its number and the running loss.

    Raises:
        PackError: the pack is damaged, or the old style is of another network.
        TrainingError: the loss is not finite.
    """
    pack, config = request.pack, request.config
    if request.old is not None:
        check_fits(request.old, pack)
    renderer = load_renderer(pack)
    correction = request.old.correction if request.old is not None else None
    if correction and not request.adapt:
        renderer = fold(renderer, correction, request.name)
    shown = as_tensors(pictures)
    lesson: Lesson
    if isinstance(renderer, ColourRenderer):
        lesson, config = LookLesson(shown, config.seed), replace(config, batch_size=_LOOK_BATCH)
    else:
        lesson = StyleLesson(shown, load_features(), config.content_weight)
    starts = _starts(request, pictures)
    if request.adapt:
        with correcting(renderer, RANK, config.seed) as corrected:
            if correction:
                corrected.start_from(correction, request.name)
            factors = (corrected.down, corrected.up)
            learned = learn_vector(renderer, lesson, photos, starts, config, on_step, factors)
            correction = corrected.to_json()
        renderer = fold(renderer, correction, request.name)
    else:
        learned = learn_vector(renderer, lesson, photos, starts, config, on_step)
    tests = middles(photos[:JUDGED], config.crop_size)
    response = {s: lesson.distance(draw(renderer, tests, learned.vector, s)) for s in _STRENGTHS}
    untouched = lesson.distance(tests)
    style = _style(request, learned, propose_strength(response, untouched))
    file = _file(request, config, style, learned, pictures, correction)
    return Result(file, renderer, learned, response, untouched)


def propose_strength(response: dict[float, float], untouched: float) -> float:
    """The least strength that brings a photo most of the way: more would cost what it shows.

    Args:
        response: distance to the style by strength.
        untouched: the photos' own distance.
    """
    full = min(response.values())
    for strength, distance in sorted(response.items()):
        if untouched - distance >= _ENOUGH * (untouched - full):
            return strength
    return max(response)


def _starts(request: Request, pictures: Sequence[StylePicture]) -> dict[str, Tensor]:
    """Vectors to start from: the old one where there is one, else the pack's styles and what its encoder says."""
    if request.old is not None:
        return {request.name: torch.tensor(request.old.style.vector)}
    starts = {name: torch.tensor(style.vector) for name, style in request.pack.styles.items()}
    starts["the mean of all"] = torch.stack(list(starts.values())).mean(0)
    if request.pack.encodes and len(pictures) <= _FEW:
        encoder = load_encoder(request.pack)
        starts["the encoder's"] = torch.stack([encode(encoder, picture.pixels) for picture in pictures]).mean(0)
    return starts


def _style(request: Request, learned: Learned, proposed: float) -> Style:
    """The style: what was asked for, else as the old one had it."""
    known = request.old.style if request.old is not None else None
    strength = request.strength if request.strength is not None else known.default_strength if known else proposed
    return Style(
        name=request.name,
        vector=tuple(map(float, learned.vector)),
        default_strength=strength,
        title=request.title or (known.title if known else request.name.replace("-", " ").capitalize()),
        licence=request.licence or (known.licence if known else NOT_STATED),
        credit=request.credit or (known.credit if known else ""),
        detail=request.pack.style().detail,
    )


def _file(
    request: Request,
    config: LearningConfig,
    style: Style,
    learned: Learned,
    pictures: Sequence[StylePicture],
    correction: dict[str, Any] | None,
) -> StyleFile:
    versions = []
    if old := request.old:
        latest = {"vector": list(old.style.vector), "learned": old.learned}
        versions = [*old.versions, latest | ({"correction": old.correction} if old.correction else {})][-MAX_VERSIONS:]
    about = {
        "pictures": [{"name": picture.name, "sha256": picture.sha256} for picture in pictures],
        **asdict(config),
        "started_from": learned.started_from,
        "distance": {"start": round(learned.start_distance, 4), "end": round(learned.distance, 4)},
        "tools": {"edgestyle": version("edgestyle"), "torch": torch.__version__},
    }
    return StyleFile(style, request.pack.name, weights_hash(request.pack), about, versions, correction)
