"""Flicker: how much a stylized video trembles where the scene stands still.

Between two frames of a still scene a camera gives a picture that is moved by a fraction of a pixel, has other noise and
a slightly other exposure. A style that answers to that with more than the change itself flickers. Training with such
pairs is the noise loss of Huang et al., "Real-Time Neural Style Transfer for Videos", CVPR 2017, made for cameras.
"""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import fmean

import torch
import torch.nn.functional as F
from torch import Tensor

from edgestyle.errors import ContractError

BORDER = 16  # pixels that a shift may have filled or that see the picture's edge; never compared
MAX_SHIFT = 1.0  # pixels
NOISE_SIGMA = 4 / 255
MAX_LIGHT = 0.04
_LEAST_CHANGE = 1e-6

Render = Callable[[Tensor], Tensor]  # image [N,3,H,W] -> stylized [N,3,H,W]


@dataclass(frozen=True)
class Perturbation:
    """What a camera changes between two frames of a still scene. Differentiable with respect to the picture.

    Attributes:
        dx, dy: shift to the right and down, pixels.
        light: change of exposure; values are multiplied by `1 + light`.
        noise_sigma: standard deviation of the Gaussian noise added to every value, in units of [0,1].
        seed: of the noise.
    """

    dx: float = 0.0
    dy: float = 0.0
    light: float = 0.0
    noise_sigma: float = 0.0
    seed: int = 0

    def apply(self, image: Tensor) -> Tensor:
        """The next frame: `image` `[N,3,H,W]` in [0,1] shifted, re-lit, noised and clamped to [0,1]."""
        generator = torch.Generator(image.device).manual_seed(self.seed)
        noise = torch.randn(image.shape, generator=generator, device=image.device, dtype=image.dtype)
        return (shift(image, self.dx, self.dy) * (1 + self.light) + self.noise_sigma * noise).clamp(0, 1)

    def shift_back(self, image: Tensor) -> Tensor:
        """Lay the next frame, or what was drawn from it, `[N,3,H,W]`, over the first one."""
        return shift(image, -self.dx, -self.dy)


def draw_perturbation(generator: torch.Generator, max_shift: float = MAX_SHIFT) -> Perturbation:
    """A random one: shift within `max_shift` pixels each way, exposure within 4%, noise of 4 levels of 255."""
    dx, dy, light = (2 * torch.rand(3, generator=generator, dtype=torch.float64) - 1).tolist()
    seed = int(torch.randint(2**31, (1,), generator=generator))
    return Perturbation(max_shift * dx, max_shift * dy, MAX_LIGHT * light, NOISE_SIGMA, seed)


def shift(image: Tensor, dx: float, dy: float) -> Tensor:
    """Move pictures `[N,C,H,W]` by `dx` pixels to the right and `dy` down: bicubic, edges repeated, to 0.05 px."""
    n, _, height, width = image.shape
    moved = [[1.0, 0.0, -2 * dx / width], [0.0, 1.0, -2 * dy / height]]
    theta = torch.tensor(moved, dtype=image.dtype, device=image.device).expand(n, 2, 3)
    grid = F.affine_grid(theta, list(image.shape), align_corners=False)
    return F.grid_sample(image, grid, mode="bicubic", padding_mode="border", align_corners=False)


def mean_change(first: Tensor, second: Tensor, border: int = BORDER) -> Tensor:
    """Mean absolute difference of each of N pictures without a border of pixels: `[N,3,H,W]` twice to `[N]`.

    Raises:
        ContractError: nothing is left inside the border.
    """
    if min(first.shape[-2:]) <= 2 * border:
        raise ContractError(f"flicker needs pictures of more than {2 * border} pixels a side, not {first.shape[-2:]}")
    inside = (..., slice(border, -border), slice(border, -border))
    return (first[inside] - second[inside]).abs().mean((1, 2, 3))


def relative_change(
    image: Tensor,
    perturbed: Tensor,
    drawn: Tensor,
    drawn_perturbed: Tensor,
    perturbation: Perturbation,
    border: int = BORDER,
) -> Tensor:
    """How much more a style changes than the frames it was drawn from; usable as a loss.

    Args:
        image, perturbed: a frame and `perturbation.apply` of it, `[N,3,H,W]` in [0,1].
        drawn, drawn_perturbed: what the style makes of them, of the same shape.
        perturbation: what lies between the frames.
        border: pixels at the edges that are not compared.

    Returns:
        `[N]`: change of the output by change of the input, both with the second picture shifted back; 1 for no style.
    """
    output = mean_change(drawn, perturbation.shift_back(drawn_perturbed), border)
    return output / mean_change(image, perturbation.shift_back(perturbed), border).clamp_min(_LEAST_CHANGE)


@torch.no_grad()
def flicker(render: Render, image: Tensor, frames: int = 4, seed: int = 0) -> float:
    """Flicker of a style on a picture: mean of `relative_change` over random perturbations.

    Args:
        render: the style.
        image: `[N,3,H,W]` in [0,1], sides over 32.
        frames: how many perturbations; the same ones for the same seed.
        seed: of the perturbations.

    Returns:
        1 if the result changes as much as its picture, below 1 if it is steadier.
    """
    generator = torch.Generator().manual_seed(seed)
    drawn, ratios = render(image), []
    for _ in range(frames):
        perturbation = draw_perturbation(generator)
        perturbed = perturbation.apply(image)
        change = relative_change(image, perturbed, drawn, render(perturbed), perturbation)
        ratios.append(float(change.mean()))
    return fmean(ratios)
