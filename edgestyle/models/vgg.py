"""VGG16's convolutions as a measure of what pictures look like. Weights come from a file or torchvision's server."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.error import URLError

import torch
import torch.nn.functional as F
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from edgestyle.errors import ArtifactError

_WIDTHS = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512))  # up to relu4_3
_TORCHVISION_PLACES = (0, 2, 5, 7, 10, 12, 14, 17, 19, 21)  # of these convolutions in torchvision's `features`
_TORCHVISION_URL = "https://download.pytorch.org/models/vgg16-397923af.pth"
_MAX_BYTES = 640 * 2**20  # all of VGG16 in float32 is 528 MB
BLOCK_ENDS = ("relu1_2", "relu2_2", "relu3_3", "relu4_3")


class VGG16Features(nn.Module):
    """Simonyan and Zisserman, "Very Deep Convolutional Networks", ICLR 2015, configuration D, first four blocks.

    `image [N,3,H,W]` sRGB in [0,1] -> maps `[N,C,H/k,W/k]` by name, such as relu3_3: third block, third convolution.
    It computes in the type of its weights; `.bfloat16()` is two to three times faster where the CPU has AMX.
    """

    mean: Tensor
    scale: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.convolutions = nn.ModuleDict()
        channels = 3
        for block, widths in enumerate(_WIDTHS, 1):
            for number, width in enumerate(widths, 1):
                self.convolutions[f"{block}_{number}"] = nn.Conv2d(channels, width, 3, padding=1)
                channels = width
        self.register_buffer("mean", torch.zeros(1, 3, 1, 1), persistent=False)
        self.register_buffer("scale", torch.ones(1, 3, 1, 1), persistent=False)

    def forward(self, image: Tensor, layers: Sequence[str] = BLOCK_ENDS) -> dict[str, Tensor]:
        """Return the maps called `layers`, computing no further than the deepest of them."""
        x = ((image - self.mean.to(image)) * self.scale.to(image)).to(self.mean.dtype)
        maps: dict[str, Tensor] = {}
        for name, convolution in self.convolutions.items():
            if name.endswith("_1") and name != "1_1":
                x = F.max_pool2d(x, 2)
            x = F.relu(convolution(x))
            if f"relu{name}" in layers:
                maps[f"relu{name}"] = x
                if len(maps) == len(layers):
                    return {layer: maps[layer] for layer in layers}
        raise ValueError(f"no such layer among {layers}")

    def named_convolutions(self) -> Iterator[tuple[str, nn.Conv2d]]:
        """Every convolution with its block and number, 1_1, 1_2, 2_1, ..."""
        for name, convolution in self.convolutions.items():
            assert isinstance(convolution, nn.Conv2d)
            yield name, convolution


def load_vgg16(path: Path | None = None) -> VGG16Features:
    """VGG16 as trained on ImageNet, up to relu4_3, in eval mode, float32, frozen.

    Args:
        path: a safetensors file in one of two layouts. Caffe's: `block1_conv1.weight` (OIHW, any float type),
            `block1_conv1.bias` and so on, for BGR input in 0..255 less the mean. torchvision's: `features.0.weight`
            and so on, for normalised RGB. None fetches torchvision's weights once (528 MB, kept in torch's cache).

    Raises:
        ArtifactError: the file is missing or does not hold these layers, or nothing can be fetched.
    """
    tensors = _read(path) if path else _fetch()
    network = VGG16Features()
    caffe = "block1_conv1.weight" in tensors
    for place, (name, convolution) in zip(_TORCHVISION_PLACES, network.named_convolutions(), strict=True):
        key = re.sub(r"(\d)_(\d)", r"block\1_conv\2", name) if caffe else f"features.{place}"
        weight, bias = tensors.get(f"{key}.weight"), tensors.get(f"{key}.bias")
        source = path or _TORCHVISION_URL
        if weight is None or bias is None or (weight.shape, bias.shape) != _shapes(convolution):
            raise ArtifactError(f"{source} holds no VGG16 layer '{key}'; it has {', '.join(sorted(tensors)[:4])}, ...")
        if not (torch.isfinite(weight).all() and torch.isfinite(bias).all()):
            raise ArtifactError(f"{source}: layer '{key}' holds numbers that are not finite")
        weight = weight.flip(1) if caffe and name == "1_1" else weight  # BGR to RGB
        convolution.load_state_dict({"weight": weight.float(), "bias": bias.float()})
    mean, scale = ((0.485, 0.456, 0.406), (1 / 0.229, 1 / 0.224, 1 / 0.225))
    if caffe:
        mean, scale = ((123.68 / 255, 116.779 / 255, 103.939 / 255), (255.0, 255.0, 255.0))
    network.mean = torch.tensor(mean).reshape(1, 3, 1, 1)
    network.scale = torch.tensor(scale).reshape(1, 3, 1, 1)
    return network.eval().requires_grad_(False)


def _shapes(convolution: nn.Conv2d) -> tuple[torch.Size, torch.Size]:
    assert convolution.bias is not None
    return convolution.weight.shape, convolution.bias.shape


def _read(path: Path) -> dict[str, Tensor]:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ArtifactError(f"{path} is larger than {_MAX_BYTES // 2**20} MB")
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise ArtifactError(
            f"cannot read VGG16 from {path} ({error}): give its .safetensors file with --features, or leave that out"
        ) from error


def _fetch() -> dict[str, Tensor]:
    """torchvision's weights from its server, or torch's cache; a download is checked against the hash in its name."""
    try:
        tensors: dict[str, Tensor] = torch.hub.load_state_dict_from_url(
            _TORCHVISION_URL, map_location="cpu", check_hash=True, weights_only=True
        )
    except (URLError, OSError, RuntimeError) as error:
        raise ArtifactError(f"cannot fetch {_TORCHVISION_URL} ({error}); give VGG16 weights with --features") from error
    return tensors
