"""What a student is punished for. Every loss is a mean over its tensor, so weights compare across sizes."""

import random

import torch
import torch.nn.functional as F
from torch import Tensor

from edgestyle.quality.flicker import draw_perturbation, relative_change
from edgestyle.training.batches import WHOLE, Share

_MAX_SHIFT = 5.0  # pixels; a pattern nailed to the screen, every 4 or 8 pixels, shows in shifts of more than one
_FILLED_IN = 8  # pixels at the edges that a shift fills in


def gradient_loss(student: Tensor, teacher: Tensor) -> Tensor:
    """Mean absolute difference of the horizontal and vertical first differences of two `[N,C,H,W]` pictures.

    Keeps edges where the teacher has them: L1 alone would rather blur a line than misplace it.
    """
    error = student - teacher
    across = (error[..., :, 1:] - error[..., :, :-1]).abs().mean()
    down = (error[..., 1:, :] - error[..., :-1, :]).abs().mean()
    return across + down


def distillation_loss(student: Tensor, teacher: Tensor, gradient_weight: float = 0.5) -> Tensor:
    """L1 plus `gradient_weight` times `gradient_loss`, for two `[N,C,H,W]` pictures in [0,1]."""
    return (student - teacher).abs().mean() + gradient_weight * gradient_loss(student, teacher)


class NextFrames:
    """The next frames of a video of half a batch's pictures, and what a student is punished for between them.

    Compound regularisation: Wang et al., "Consistent Video Style Transfer via Compound Regularization", AAAI 2020,
    section 3.2: a small shift, noise and a change of light must move the output as they move the input. No optical flow
    is needed. The frames of the same seed are the same.

    Args:
        image: the batch's pictures, `[N,3,H,W]`, or one process's share of them.
        seed: of the shift, noise and light.
        share: which share.

    Attributes:
        image: `[ceil(N/2),3,H,W]`, the frames after the first ones of the batch, or the share of those; maybe none.
    """

    def __init__(self, image: Tensor, seed: str, share: Share = WHOLE) -> None:
        half = (share.of * len(image) + 1) // 2
        mine = slice(share.rank, half, share.of)
        count = len(range(half)[mine])
        generator = torch.Generator().manual_seed(random.Random(seed).getrandbits(63))
        self._perturbation = draw_perturbation(generator, _MAX_SHIFT)
        self._first = image[:count]
        self._weight = share.of * count / half  # makes the mean over processes that over the whole half batch
        frames = image.new_zeros(half, *image.shape[1:])  # the whole half, as noise is drawn over all of it
        frames[mine] = self._first
        self.image = self._perturbation.apply(frames)[mine]

    def excess_change(
        self, now: Tensor, after: Tensor, border: int = 0, slack: float = 0.0, squared: bool = False
    ) -> Tensor:
        """How much more `after` differs from `now` than the photos did; 0 where a style is as steady as its photo.

        Args:
            now: the stylized first frames, of the shape of `image`.
            after: the stylized `image`.
            border: pixels at the edges that do not count.
            slack: by how much a style may change more than its photo before it counts.
            squared: mean of squares: hard on pictures that flicker much, easy on those that hardly do.
        """
        if not len(after):
            return after.sum()
        change = relative_change(self._first, self.image, now, after, self._perturbation, max(border, _FILLED_IN))
        excess = F.relu(change - 1 - slack)
        return self._weight * (excess.square() if squared else excess).mean()
