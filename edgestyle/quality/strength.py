"""How a style answers to its strength."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from edgestyle.quality.fidelity import psnr_db, rms_difference

Render = Callable[[Tensor, float], Tensor]  # (image [1,3,H,W], strength) -> stylized


@dataclass(frozen=True)
class StrengthResponse:
    """Measured over a set of photos.

    Attributes:
        distances: RMS difference to the photo at each strength, averaged over photos.
        half_share: distance at 0.5 by distance at 1; None for a style that changes nothing.
        half_psnr_db: the render at 0.5 against the teacher at 0.5, averaged over photos; None without a teacher.
        crossfade_psnr_db: the half-and-half mix of photo and full result against the same.
    """

    distances: dict[float, float]
    half_share: float | None
    half_psnr_db: float | None
    crossfade_psnr_db: float | None

    @property
    def grows(self) -> bool:
        """Whether the distance grows at every step."""
        values = list(self.distances.values())
        return all(a < b for a, b in itertools.pairwise(values))


def strength_response(
    render: Render, teacher: Render | None, photos: list[Tensor], step: float = 0.05
) -> StrengthResponse:
    """Measure a style's answer to strength.

    Args:
        render: the student.
        teacher: what it learned from; None if there is nothing to compare with.
        photos: `[1,3,H,W]` in [0,1].
        step: between measured strengths.
    """
    strengths = [round(i * step, 6) for i in range(round(1 / step) + 1)]
    totals = dict.fromkeys(strengths, 0.0)
    half_db = crossfade_db = 0.0
    for photo in photos:
        for strength in strengths:
            totals[strength] += rms_difference(render(photo, strength), photo) / len(photos)
        if teacher:
            target = teacher(photo, 0.5)
            half_db += psnr_db(render(photo, 0.5), target) / len(photos)
            crossfade_db += psnr_db((photo + render(photo, 1.0)) / 2, target) / len(photos)
    half_share = totals[0.5] / totals[1.0] if totals[1.0] else None
    if teacher is None:
        return StrengthResponse(totals, half_share, None, None)
    return StrengthResponse(totals, half_share, half_db, crossfade_db)
