"""A photographic look as something to be fitted to: the colours of many photos together become those of a brand's.

One photo's colours say what it shows as much as how it was graded. Over many photos what they show evens out, so the
drawn photos are compared with the brand's pictures all at once, and none of them is asked to look like all.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from edgestyle.errors import TrainingError

_SIDE = 48  # pixels, to which pictures are averaged
_PIXELS = 6144  # that are compared
_DIRECTIONS = 24


class LookLesson:
    """Sliced Wasserstein distance of pooled colours.

    Bonneel et al., "Sliced and Radon Wasserstein Barycenters of Measures", Journal of Mathematical Imaging and Vision
    2015: along random directions the sorted colours of both sides are compared one by one.

    Args:
        pictures: of the look, `[1,3,h,w]` each, sRGB in [0,1].
        seed: of the pixels and directions that are compared.

    Raises:
        TrainingError: there is no picture.
    """

    def __init__(self, pictures: Sequence[Tensor], seed: int = 0) -> None:
        if not pictures:
            raise TrainingError("there is no picture to learn from")
        self._seed, self._generator = seed, torch.Generator().manual_seed(seed)
        small = torch.cat([F.interpolate(picture, (_SIDE, _SIDE), mode="area") for picture in pictures])
        self._colours = self._drawn_from(small, self._generator)  # [P,3]

    def loss(self, stylized: Tensor, photos: Tensor) -> Tensor:
        """One number for a batch `[N,3,H,W]`, of pixels and along directions that are new each time."""
        del photos
        return self._compare(stylized, self._generator)

    @torch.no_grad()
    def distance(self, stylized: Tensor) -> float:
        """The distance of pictures `[N,3,H,W]` to the look: the same pixels and directions each time."""
        return float(self._compare(stylized, torch.Generator().manual_seed(self._seed)))

    def _compare(self, stylized: Tensor, generator: torch.Generator) -> Tensor:
        mine = self._drawn_from(F.interpolate(stylized, (_SIDE, _SIDE), mode="area"), generator)
        directions = F.normalize(torch.randn(3, _DIRECTIONS, generator=generator), dim=0)
        a, b = ((colours @ directions).sort(0).values for colours in (mine, self._colours))
        return (a - b).abs().mean()

    @staticmethod
    def _drawn_from(pictures: Tensor, generator: torch.Generator) -> Tensor:
        """So many pixels of `[N,3,S,S]`, each as likely: `[P,3]`."""
        pixels = pictures.permute(0, 2, 3, 1).reshape(-1, 3)
        return pixels[torch.randint(len(pixels), (_PIXELS,), generator=generator)]
