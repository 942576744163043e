"""A picture's palette in nine numbers: where its colours lie and how far they spread."""

import torch
from torch import Tensor, nn

MEASURES = 9
KEPT = MEASURES  # place in a style vector, after its palette, of how much of a picture's own palette stays
_FLOOR = 4e-4  # variance that even a picture of one colour is said to have
_THIRD, _HALF, _SIXTH = 3**-0.5, 2**-0.5, 6**-0.5
OPPONENT = (  # brightness, red against blue, green against both: natural colours hardly go together along these
    (_THIRD, _THIRD, _THIRD),
    (_HALF, 0.0, -_HALF),
    (-_SIXTH, 2 * _SIXTH, -_SIXTH),
)


def opponent_axes(diagonals: bool = False) -> nn.Conv2d:
    """A pointwise convolution from R,G,B to the opponent axes, and with `diagonals` to those between them: 3 or 6.

    After the decorrelated axes of Reinhard et al., "Color Transfer between Images", IEEE CG&A 2001, in sRGB, with
    mid-grey at 0. The spreads along six directions determine the whole covariance. It is not trained.
    """
    axes = torch.tensor(OPPONENT)
    if diagonals:
        axes = with_diagonals(axes)
    convolution = nn.Conv2d(3, len(axes), 1)
    convolution.weight = nn.Parameter(axes[:, :, None, None], requires_grad=False)
    convolution.bias = nn.Parameter(-axes.sum(1) / 2, requires_grad=False)
    return convolution


def with_diagonals(axes: Tensor) -> Tensor:
    """Three axes, the rows of `[3,C]`, and the three directions between two of them: `[6,C]`."""
    return torch.cat([axes, torch.stack([_HALF * (axes[a] + axes[b]) for a, b in ((0, 1), (0, 2), (1, 2))])])


def centred(image: Tensor) -> Tensor:
    """sRGB in [0,1] with mid-grey at 0 and about the spread that a layer's start expects: -2 to 2."""
    return image * 4 - 2


class Palette(nn.Module):
    """Measure pictures' palettes: `[N,3,H,W]`, sRGB in [0,1], to the means and spreads of `measure_palette`."""

    def __init__(self) -> None:
        super().__init__()
        self.axes = opponent_axes(diagonals=True)

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        return measure_palette(self.axes(image))


def measure_palette(colours: Tensor) -> tuple[Tensor, Tensor]:
    """Nine numbers of what `opponent_axes` with diagonals gives: `[N,6,H,W] -> means [N,3], spreads [N,6]`.

    Means are along the opponent axes, times 4, about -2 to 2; spreads, standard deviations times 8, along these and the
    diagonals, about 0 to 3.
    """
    means = colours.mean(3).mean(2)
    apart = colours - means[:, :, None, None]
    variances = (apart * apart).mean(3).mean(2)
    return 4 * means[:, :3], 8 * (variances + _FLOOR).sqrt()
