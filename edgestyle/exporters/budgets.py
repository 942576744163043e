"""What a search for precisions is given: a quality, a size, or the wish to be fast."""

import math
import re
from dataclasses import dataclass

from edgestyle.errors import ExportError
from edgestyle.exporters.recipes import FLOOR_DB, RECIPES

STYLE_MARGIN_DB = 6.0  # how far the worst style may lie below the mean, as in the recipe w8a8
_UNITS = {"": 1, "B": 1, "KB": 1000, "MB": 1_000_000, "KIB": 1024, "MIB": 1024**2}
_NUMBER = r"\s*([0-9]+(?:\.[0-9]+)?)\s*"


@dataclass(frozen=True)
class Budget:
    """One of the three wishes; `fastest` may come with a quality.

    Attributes:
        quality_db: the smallest file (or the fastest) whose mean PSNR reaches this, at strength 0.5 and at 1.
        max_bytes: the best picture in a file of at most this size.
        fastest: the file with the shortest latency here; without a quality it keeps the bars of w8a8.
    """

    quality_db: float | None = None
    max_bytes: int | None = None
    fastest: bool = False

    def __post_init__(self) -> None:
        if self.max_bytes is not None and (self.quality_db is not None or self.fastest):
            raise ExportError("a search has one goal: --max-size goes with neither --quality nor --fastest")
        if self.quality_db is not None and self.quality_db < FLOOR_DB[0]:
            raise ExportError(f"a file promises at least {FLOOR_DB[0]:g} dB, so {self.quality_db:g} is no quality")

    @property
    def bars_db(self) -> tuple[float, float]:
        """Least mean PSNR and least PSNR of the worst style; the floor where only the size counts."""
        if self.quality_db is not None:
            return self.quality_db, self.quality_db - STYLE_MARGIN_DB
        if self.fastest:
            known = RECIPES["w8a8"]
            return known.min_mean_psnr_db or 0.0, known.min_style_psnr_db or 0.0
        return FLOOR_DB

    def __str__(self) -> str:
        """As it was asked for."""
        if self.max_bytes is not None:
            return f"at most {self.max_bytes} bytes"
        quality = f"{self.bars_db[0]:g} dB"
        return f"fastest with {quality}" if self.fastest else quality


def parse_quality(text: str) -> float:
    """ "40dB", "40 dB" or "40" as a number; raise ExportError for anything else."""
    match = re.fullmatch(_NUMBER + r"(?:dB)?\s*", text, re.IGNORECASE)
    if not match or not math.isfinite(float(match[1])) or not 0 < float(match[1]) <= 200:
        raise ExportError(f"a quality is a number of dB above 0 and up to 200, such as 40dB, not '{text:.40}'")
    return float(match[1])


def parse_size(text: str) -> int:
    """ "120KB", "0.1 MB", "120 KiB" or a number of bytes, as bytes; raise ExportError for anything else."""
    match = re.fullmatch(_NUMBER + r"([a-z]*)\s*", text, re.IGNORECASE)
    size = float(match[1]) * _UNITS.get(match[2].upper(), 0) if match else 0.0
    if not 1 <= size <= 1e15:
        raise ExportError(f"a size is a number of bytes, KB, MB, KiB or MiB, such as 120KB, not '{text:.40}'")
    return round(size)
