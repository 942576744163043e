"""The network of PCA-KD: photographic style transfer through features whose principal components were distilled.

Chiu and Gurari, "PCA-Based Knowledge Distillation Towards Lightweight and Content-Style Balanced Photorealistic Style
Transfer Models", CVPR 2022; the order of the steps is that of its predecessor, "PhotoWCT2", WACV 2022, section 3.
"""

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from edgestyle.teachers.pcakd_weights import Layer, Stages, read_stages
from edgestyle.teachers.whitening import move_statistics

SIZE_MULTIPLE = 8
SMALLEST = 16  # pixels a side, so that the deepest features can still be padded by reflection


class PcaKd:
    """The VGG student of the paper.

    Args:
        path: of `pcakd_VGG.npz`, or of the folder that holds it.

    Raises:
        ArtifactError: it is missing or damaged.
    """

    def __init__(self, path: Path) -> None:
        self._encoders: Stages
        self._decoders: Stages
        self._encoders, self._decoders = read_stages(path)

    @torch.no_grad()
    def transfer(self, content: Tensor, reference: Tensor) -> Tensor:
        """Give `content` the look of `reference`.

        Args:
            content: `[N,3,H,W]`, sRGB in [0,1]; sides are multiples of `SIZE_MULTIPLE` and at least `SMALLEST`.
            reference: `[N or 1,3,h,w]`, as `content`.

        Returns:
            `[N,3,H,W]`, about in [0,1].
        """
        styles, _ = self.encode(reference)
        features, skips = self.encode(content)
        moved = features[-1]
        for stage in reversed(range(len(self._decoders))):
            moved = self.decode(stage, move_statistics(moved, styles[stage]), skips[stage])
        return moved

    def encode(self, image: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        """The features of all four stages, and the detail each one lost: its input less that input's 3x3 mean."""
        features, skips = [], []
        for stage, layers in enumerate(self._encoders):
            skips.append(image - F.avg_pool2d(_reflect(image), 3, 1))
            image = _encode_stage(stage, layers, image)
            features.append(image)
        return features, skips

    def decode(self, stage: int, features: Tensor, skip: Tensor) -> Tensor:
        """The input of encoder `stage`, from its features and its lost detail."""
        layers = self._decoders[stage]
        if stage == 0:
            return _convolve(torch.cat([features, skip], 1), layers[0])
        features = F.interpolate(_convolve(features, layers[0]).relu(), scale_factor=2, mode="bilinear")
        for layer in layers[1:-1]:
            features = _convolve(features, layer).relu()
        return _convolve(features + skip, layers[-1]).relu()


def _encode_stage(stage: int, layers: tuple[Layer, ...], image: Tensor) -> Tensor:
    """Convolutions and, but for stage 0, a halving before the last one."""
    for layer in layers[:-1]:
        image = _convolve(image, layer)
        if stage > 0:
            image = image.relu()
    if stage > 0:
        image = F.max_pool2d(image, 2)
    return _convolve(image, layers[-1]).relu()


def _convolve(image: Tensor, layer: Layer) -> Tensor:
    kernel, bias = layer
    if kernel.shape[-1] == 3:
        image = _reflect(image)
    return F.conv2d(image, kernel.to(image.device), bias.to(image.device))


def _reflect(image: Tensor) -> Tensor:
    return F.pad(image, (1, 1, 1, 1), mode="reflect")
