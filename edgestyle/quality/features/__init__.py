"""Networks that pictures are compared with: a small one that comes with edgestyle, and VGG16 for who has it.

The small one's weights are in this folder: EfficientNet-Lite0's first blocks and linear maps fitted to VGG16's
features, float16, made by `python -m benchmarks.lite_features`.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

from torch import Tensor

from edgestyle.errors import ArtifactError
from edgestyle.models.lite_features import SOURCES, LiteFeatures, load_lite_features
from edgestyle.models.vgg import BLOCK_ENDS, load_vgg16
from edgestyle.teachers.perceptual import LAYERS

SHIPPED = Path(__file__).parent / "lite_features.safetensors"
SHIPPED_SHA256 = "7791c18ea9b2ba64051d682f51ae06b8eb4bf1cf17c35b06adba3ba914fbaa7c"
TORCHVISION = "torchvision"


class FeatureNetwork(Protocol):
    """Anything that turns pictures into maps by name."""

    def __call__(self, image: Tensor, layers: Sequence[str]) -> dict[str, Tensor]:
        """`image` `[N,3,H,W]` sRGB in [0,1] to the maps `[N,C,h,w]` called `layers`."""


@dataclass(frozen=True)
class Features:
    """A network with the layers at which pictures are compared.

    Attributes:
        name: for reports.
        network: the network, frozen.
        layers: for Gram and content distances.
        perceptual_layers: for the feature distance.
    """

    name: str
    network: FeatureNetwork
    layers: tuple[str, ...]
    perceptual_layers: tuple[str, ...]

    def maps(self, image: Tensor) -> dict[str, Tensor]:
        """Maps for Gram and content distances of `[N,3,H,W]`."""
        return self.network(image, self.layers)

    def perceptual_maps(self, image: Tensor) -> dict[str, Tensor]:
        """Maps for the feature distance of `[N,3,H,W]`."""
        return self.network(image, self.perceptual_layers)


def load_features(source: str | Path | None = None) -> Features:
    """Load a network to compare pictures with.

    Args:
        source: None for the one that comes with edgestyle, "torchvision" for VGG16 from torchvision's server, or a
            safetensors file of VGG16 as `load_vgg16` takes it.

    Raises:
        ArtifactError: the file is missing or damaged, or nothing can be fetched.
    """
    if source is None:
        return Features("the network that comes with edgestyle", load_shipped(), tuple(SOURCES), tuple(SOURCES))
    return Features("VGG16", load_vgg16(None if source == TORCHVISION else Path(source)), LAYERS, BLOCK_ENDS)


@cache
def load_shipped() -> LiteFeatures:
    """The network that comes with edgestyle. Raises ArtifactError if its file was changed."""
    check_sha256(SHIPPED, SHIPPED_SHA256)
    return load_lite_features(SHIPPED)


def check_sha256(path: Path, expected: str) -> None:
    """Raise ArtifactError unless the file is there and has this sha256."""
    try:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise ArtifactError(
            f"cannot read the network that compares pictures ({error}): install edgestyle anew"
        ) from error
    if found != expected:
        raise ArtifactError(f"{path} was changed: its sha256 is {found[:12]}..., not {expected[:12]}...")
