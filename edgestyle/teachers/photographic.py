"""The look of one photo on another, by a network: PCA-KD, its change smoothed along the content's own edges."""

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from edgestyle.teachers.guided_filter import guided_filter
from edgestyle.teachers.pairs import check_pair, keep_contrast
from edgestyle.teachers.pcakd import SIZE_MULTIPLE, SMALLEST, PcaKd

REFERENCE_SIDE = 512
_RADIUS_SHARE = 0.12  # of the content's shorter side: wider than the haloes of the network
_EPSILON = 1e-4
_SHRINK = 4


class PhotographicTeacher:
    """Photographic style transfer with an edge-preserving smoothing, as FastPhotoStyle does it in two steps.

    Li et al., "A Closed-form Solution to Photorealistic Image Stylization", ECCV 2018; the network is `PcaKd`.

    Args:
        path: of `pcakd_VGG.npz`, or of the folder that holds it.

    Raises:
        ArtifactError: it is missing or damaged.
    """

    def __init__(self, path: Path) -> None:
        self._network = PcaKd(path)

    @torch.no_grad()
    def __call__(self, content: Tensor, reference: Tensor) -> Tensor:
        """Give `content` the look of `reference` and leave its edges where they are.

        The network's change is what is smoothed: within a window it becomes a linear function of the content's
        colours, so that it cannot draw anything that the content does not show.

        Args:
            content: `[N,3,H,W]`, sRGB in [0,1], any size.
            reference: `[N or 1,3,h,w]`, sRGB in [0,1], any size.

        Returns:
            `[N,3,H,W]` in [0,1].

        Raises:
            ContractError: these are no such tensors.
        """
        change = self.network_alone(content, reference) - content
        radius = round(_RADIUS_SHARE * min(content.shape[2:]))
        moved = content + guided_filter(content, change, radius, _EPSILON, _SHRINK)
        return keep_contrast(content, moved).clamp(0, 1)

    @torch.no_grad()
    def network_alone(self, content: Tensor, reference: Tensor) -> Tensor:
        """What the network draws, haloes and all: as `__call__`, but about in [0,1]."""
        check_pair(content, reference)
        height, width = content.shape[2:]
        scale = min(1.0, REFERENCE_SIDE / max(reference.shape[2:]))
        if scale < 1:
            size = [max(1, round(side * scale)) for side in reference.shape[2:]]
            reference = F.interpolate(reference, size, mode="bilinear", antialias=True)
        return self._network.transfer(pad(content), pad(reference))[:, :, :height, :width]


def pad(image: Tensor) -> Tensor:
    """Repeat the bottom and right edges of `[N,3,H,W]` until the network takes its size."""
    sides = [max(SMALLEST, -(-side // SIZE_MULTIPLE) * SIZE_MULTIPLE) for side in image.shape[2:]]
    return F.pad(image, (0, sides[1] - image.shape[3], 0, sides[0] - image.shape[2]), mode="replicate")
