"""A network of under a million parameters that tells pictures apart much as VGG16 does."""

from collections.abc import Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edgestyle.models.efficientnet_lite import BLOCKS, EfficientNetLite0
from edgestyle.models.weights import fill_network

DEPTH = 11  # blocks of EfficientNet-Lite0
# VGG16's layer -> maps of the same size when the picture is enlarged twice, and the width that is kept
SOURCES: dict[str, tuple[tuple[str, ...], int]] = {
    "relu1_2": (("stem", "block0", "expand1"), 32),
    "relu2_2": (("block1", "expand2", "block2", "expand3"), 64),
    "relu3_3": (("block3", "expand4", "block4", "expand5"), 128),
    "relu4_2": (("block5", "block6", "block7", "expand8"), 128),
}


class LiteFeatures(nn.Module):
    """EfficientNet-Lite0's first 11 blocks with a linear map for each of four layers of VGG16.

    Each map was fitted by least squares to the VGG16 features of photos and stylized photos, and keeps the strongest
    principal components (reduced-rank regression: Izenman, J. Multivariate Analysis 1975); a rotation changes neither
    Gram nor feature distances. `image [N,3,H,W]` sRGB in [0,1] -> maps `[N,C,H/k,W/k]` called as VGG16's.
    """

    def __init__(self) -> None:
        super().__init__()
        self.trunk = EfficientNetLite0(DEPTH)
        self.projections = nn.ModuleDict(
            {layer: nn.Conv2d(sum(map(channels, names)), width, 1) for layer, (names, width) in SOURCES.items()}
        )

    def forward(self, image: Tensor, layers: Sequence[str] = tuple(SOURCES)) -> dict[str, Tensor]:
        """Return the maps called `layers`. Raises ValueError for a layer it does not have."""
        if missing := set(layers) - SOURCES.keys():
            raise ValueError(f"no layer {', '.join(sorted(missing))}; there are {', '.join(SOURCES)}")
        sources = self.sources(image, layers)
        return {layer: self.projections[layer](sources[layer]) for layer in layers}

    def sources(self, image: Tensor, layers: Sequence[str]) -> dict[str, Tensor]:
        """What the linear maps of `layers` are applied to."""
        large = F.interpolate(image, scale_factor=2.0, mode="bicubic", align_corners=False).clamp(0, 1)
        maps = self.trunk(large, [name for layer in layers for name in SOURCES[layer][0]])
        return {layer: torch.cat([maps[name] for name in SOURCES[layer][0]], 1) for layer in layers}

    def pooled(self, image: Tensor) -> Tensor:
        """What things it sees: globally averaged features of the trunk's last block, `[N,3,H,W]` to `[N,112]`."""
        last: Tensor = self.trunk(image, [self.trunk.last_layer])[self.trunk.last_layer]
        return last.mean((2, 3))


def load_lite_features(path: Path) -> LiteFeatures:
    """The network from a safetensors file, float32, frozen, in eval mode. Raises ArtifactError as `fill_network`."""
    network = LiteFeatures()
    fill_network(network, path)
    return network


def channels(name: str) -> int:
    """Width of EfficientNet-Lite0's map `stem`, `expand3`, `block3`."""
    if name == "stem":
        return BLOCKS[0].inputs
    block = BLOCKS[int(name.removeprefix("expand").removeprefix("block"))]
    return block.hidden if name.startswith("expand") else block.outputs
