"""What many comparisons say together: mean PSNR by style, and whether the distance still grows with strength."""

import itertools
from collections import defaultdict
from dataclasses import dataclass, field
from statistics import fmean

import numpy as np

from edgestyle.exporters.recipes import Recipe
from edgestyle.images import Floats

RATED = (0.5, 1.0)  # strengths whose mean PSNR a recipe promises
_NOTICEABLE = 0.01  # a step of less than this, of the full distance, may get lost in rounding


@dataclass
class Tally:
    """Comparisons of one file at one picture size, by style and strength.

    Attributes:
        psnr_db: of every picture.
        distances: RMS difference of every picture to that of strength 0, of the network and of the file.
    """

    psnr_db: dict[tuple[str, float], list[float]] = field(default_factory=lambda: defaultdict(list))
    distances: dict[tuple[str, float], list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))

    def add(self, style: str, strength: float, image: Floats, expected: Floats, got: Floats, db: float) -> None:
        """Count one comparison of pictures `[1,3,H,W]`.

        Args:
            style, strength: of the pictures.
            image: what strength 0 draws.
            expected, got: the network's picture and the file's.
            db: the PSNR of the last two.
        """
        self.psnr_db[style, strength].append(db)
        self.distances[style, strength].append((_rms(expected - image), _rms(got - image)))

    def style_means_db(self, strength: float) -> dict[str, float]:
        """Mean PSNR over photos, by style; infinite where all pictures are equal."""
        return {style: fmean(values) for (style, at), values in self.psnr_db.items() if at == strength}

    def mean_db(self, strength: float) -> float:
        """Mean PSNR over photos and styles."""
        return fmean(self.style_means_db(strength).values())

    def worst_style(self) -> tuple[str, float]:
        """The style whose mean PSNR at a strength of `RATED` is lowest, and that mean."""
        means = [item for strength in RATED for item in self.style_means_db(strength).items()]
        return min(means, key=lambda item: item[1])

    def problem(self, recipe: Recipe) -> tuple[str, float, str] | None:
        """The style, strength and promise of the recipe that is broken, or None."""
        for strength in RATED:
            means = self.style_means_db(strength)
            worst = min(means, key=lambda style: means[style])
            if recipe.min_style_psnr_db is not None and means[worst] < recipe.min_style_psnr_db:
                bar = recipe.min_style_psnr_db
                return worst, strength, f"is {means[worst]:.1f} dB on average; {recipe.name} must reach {bar:.0f} dB"
            mean, least = self.mean_db(strength), recipe.min_mean_psnr_db
            if least is not None and mean < least:
                text = f"is the worst: all styles average {mean:.1f} dB; {recipe.name} must reach {least:.0f} dB"
                return worst, strength, text
        return self._growth_problem()

    def _growth_problem(self) -> tuple[str, float, str] | None:
        """The first noticeable step of strength at which the network's distance grows and the file's does not."""
        means = {key: (fmean(a for a, _ in pairs), fmean(b for _, b in pairs)) for key, pairs in self.distances.items()}
        for style in dict.fromkeys(style for style, _ in means):
            steps = sorted((at, *means[name, at]) for name, at in means if name == style)
            full = max(network for _, network, _ in steps)
            for (low, network, file), (high, network_next, file_next) in itertools.pairwise(steps):
                if network_next - network > _NOTICEABLE * full and file_next <= file:
                    text = f"is no stronger than at {low:g}: its distance to strength 0 goes from {file:.4f} to"
                    return style, high, f"{text} {file_next:.4f}"
        return None


def _rms(difference: Floats) -> float:
    return float(np.sqrt(np.square(difference, dtype=np.float64).mean()))
