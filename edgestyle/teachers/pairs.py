"""What teachers that take a reference share: what they accept, and what they never do to the content."""

import torch
from torch import Tensor

from edgestyle.errors import ContractError
from edgestyle.teachers.colour import luma

KEPT_CONTRAST = 0.35


def check_pair(content: Tensor, reference: Tensor) -> None:
    """Raise ContractError unless these are floats `[N,3,H,W]` and `[N or 1,3,h,w]`, not empty and in [0,1]."""
    for name, image in (("content", content), ("reference", reference)):
        if not image.is_floating_point() or image.dim() != 4 or image.shape[1] != 3 or image.numel() == 0:
            raise ContractError(f"a {name} is float [N,3,H,W], not {image.dtype} {list(image.shape)}")
        if not (image.min() >= 0 and image.max() <= 1):
            raise ContractError(f"a {name} has values in [0,1], not {image.min():.3g} to {image.max():.3g}")
    if reference.shape[0] not in (1, content.shape[0]):
        raise ContractError(f"{content.shape[0]} content images take as many references or 1, not {reference.shape[0]}")


def keep_contrast(content: Tensor, moved: Tensor) -> Tensor:
    """Go back towards `content` as far as it takes to keep `KEPT_CONTRAST` of its spread of brightness.

    A reference of one flat colour would wipe the picture out; it tints it instead. Others come back as they were.

    Args:
        content: `[N,3,H,W]` in [0,1].
        moved: `[N,3,H,W]`, the same with the reference's look.

    Returns:
        `[N,3,H,W]`.
    """
    before, after = _centred_luma(content), _centred_luma(moved)
    wanted = KEPT_CONTRAST**2 * before.square().sum(1)
    # the squared spread of a blend is a x^2 + 2 b x + c in the content's share x; the root between 0 and 1 is taken
    difference = before - after
    a, b = difference.square().sum(1), (after * difference).sum(1)
    c = (after.square().sum(1) - wanted).clamp_max(0)
    share = (-b + (b.square() - a * c).clamp_min(0).sqrt()) / a.clamp_min(1e-12)
    share = torch.where(c < 0, share.clamp(0, 1), torch.zeros_like(share))
    return moved.lerp(content, share.reshape(-1, 1, 1, 1))


def _centred_luma(image: Tensor) -> Tensor:
    flat = luma(image).flatten(1)
    return flat - flat.mean(1, keepdim=True)
