"""VGG16's convolutions as a measure of what pictures look like. Weights come from a file; none are shipped."""

from collections.abc import Iterator
from pathlib import Path

import torch.nn.functional as F
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from edgestyle.errors import ArtifactError

_BLOCKS = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512))  # up to relu4_3
_MEAN_BGR = (103.939, 116.779, 123.68)


class VGG16Features(nn.Module):
    """Simonyan and Zisserman, "Very Deep Convolutional Networks", ICLR 2015, configuration D, first four blocks.

    `image [N,3,H,W]` sRGB in [0,1] -> the maps relu1_2, relu2_2, relu3_3, relu4_3.
    """

    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.ModuleList()
        channels = 3
        for widths in _BLOCKS:
            layers: list[nn.Module] = []
            for width in widths:
                layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU()]
                channels = width
            self.blocks.append(nn.Sequential(*layers))

    def forward(self, image: Tensor) -> list[Tensor]:
        """Return the last feature map of each block."""
        x = image.flip(1) * 255 - image.new_tensor(_MEAN_BGR).reshape(1, 3, 1, 1)
        maps = []
        for index, block in enumerate(self.blocks):
            x = block(F.max_pool2d(x, 2) if index else x)
            maps.append(x)
        return maps

    def named_convolutions(self) -> Iterator[tuple[str, nn.Conv2d]]:
        """Every convolution with its usual name: block1_conv1, block1_conv2, block2_conv1, ..."""
        for b, block in enumerate(self.blocks.children(), 1):
            convolutions = [layer for layer in block.children() if isinstance(layer, nn.Conv2d)]
            yield from ((f"block{b}_conv{c}", layer) for c, layer in enumerate(convolutions, 1))


def load_vgg16(path: Path) -> VGG16Features:
    """Load Caffe-style VGG16 weights (BGR input, 0 to 255 less the mean) from a safetensors file.

    Tensors are named `block1_conv1.weight` (OIHW, any float type), `block1_conv1.bias` and so on.

    Raises:
        ArtifactError: the file is missing or does not hold these layers.
    """
    try:
        tensors = load_file(path)
    except (OSError, SafetensorError) as error:
        raise ArtifactError(f"cannot read feature weights from {path}: {error}") from error
    network = VGG16Features()
    for name, convolution in network.named_convolutions():
        weight, bias = tensors.get(f"{name}.weight"), tensors.get(f"{name}.bias")
        if weight is None or bias is None or weight.shape != convolution.weight.shape:
            raise ArtifactError(f"{path} holds no VGG16 layer '{name}'; it has {', '.join(sorted(tensors)[:4])}, ...")
        convolution.load_state_dict({"weight": weight.float(), "bias": bias.float()})
    return network.eval().requires_grad_(False)
