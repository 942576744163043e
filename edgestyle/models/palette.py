"""A picture's palette in nine numbers: where its colours lie and how far they spread."""

import torch
from torch import Tensor, nn

MEASURES = 9
_FLOOR = 4e-4  # variance that even a picture of one colour is said to have
_THIRD, _HALF, _SIXTH = 3**-0.5, 2**-0.5, 6**-0.5
OPPONENT = (  # brightness, red against blue, green against both: natural colours hardly go together along these
    (_THIRD, _THIRD, _THIRD),
    (_HALF, 0.0, -_HALF),
    (-_SIXTH, 2 * _SIXTH, -_SIXTH),
)


def opponent_axes(diagonals: bool = False) -> nn.Conv2d:
    """A pointwise convolution from R,G,B to the opponent axes, and with `diagonals` to those between them: 3 or 6.

    After the decorrelated axes of Reinhard et al., "Color Transfer between Images", IEEE CG&A 2001, in sRGB. The
    spreads along six directions determine the whole covariance. It is not trained.
    """
    axes = torch.tensor(OPPONENT)
    if diagonals:
        pairs = ((0, 1), (0, 2), (1, 2))
        axes = torch.cat([axes, torch.stack([_HALF * (axes[a] + axes[b]) for a, b in pairs])])
    convolution = nn.Conv2d(3, len(axes), 1, bias=False)
    convolution.weight = nn.Parameter(axes[:, :, None, None], requires_grad=False)
    return convolution


class Palette(nn.Module):
    """Measure palettes. `[N,3,H,W]`, sRGB less a half, `-> means [N,3], spreads [N,6]`, about -2 to 2 and 0 to 3.

    Means are along the opponent axes, times 4; spreads, standard deviations times 8, along these and the diagonals.
    """

    def __init__(self) -> None:
        super().__init__()
        self.axes = opponent_axes(diagonals=True)

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        values = self.axes(image)
        means = values.mean(3).mean(2)
        apart = values - means[:, :, None, None]
        variances = (apart * apart).mean(3).mean(2)
        return 4 * means[:, :3], 8 * (variances + _FLOOR).sqrt()
