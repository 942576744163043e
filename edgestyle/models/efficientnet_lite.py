"""EfficientNet-Lite0, whole or its first blocks: a small, freely licensed network that knows what things are."""

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import torch.nn.functional as F
from torch import Tensor, nn

from edgestyle.errors import ArtifactError
from edgestyle.models.weights import read_weights

_STEM_WIDTH = 32
_EPSILON = 1e-3  # of the batch norms


class Block(NamedTuple):
    """An inverted residual: kernel and stride of its depthwise convolution, widths before, inside and after it."""

    kernel: int
    stride: int
    inputs: int
    hidden: int
    outputs: int


# repeats, kernel, stride of the first, expansion, width after
_STAGES = ((1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112), (4, 5, 2, 6, 192),
           (1, 3, 1, 6, 320))  # fmt: skip


def _blocks() -> tuple[Block, ...]:
    blocks, width = [], _STEM_WIDTH
    for repeats, kernel, stride, expansion, after in _STAGES:
        for number in range(repeats):
            blocks.append(Block(kernel, stride if number == 0 else 1, width, width * expansion, after))
            width = after
    return tuple(blocks)


BLOCKS = _blocks()


class EfficientNetLite0(nn.Module):
    """Tan and Le, "EfficientNet", ICML 2019, as EfficientNet-Lite0: ReLU6 for swish, no squeeze-and-excitation.

    `image [N,3,H,W]` sRGB in [0,1] -> maps by name: `stem` at half size; for block 0, 1, ... `expand3` inside the block
    before its depthwise convolution and `block3` after it. Batch norms are folded into the convolutions.

    Args:
        depth: how many of the 16 blocks to keep; with all of them the last map is `head` `[N,1280,H/32,W/32]`.
    """

    def __init__(self, depth: int = len(BLOCKS)) -> None:
        super().__init__()
        self.depth = depth
        self.convolutions = nn.ModuleDict({"stem": _convolution(3, _STEM_WIDTH, 3, 2)})
        for number, block in enumerate(BLOCKS[:depth]):
            if block.hidden != block.inputs:
                self.convolutions[f"expand{number}"] = _convolution(block.inputs, block.hidden)
            depthwise = _convolution(block.hidden, block.hidden, block.kernel, block.stride, groups=block.hidden)
            self.convolutions[f"depthwise{number}"] = depthwise
            self.convolutions[f"project{number}"] = _convolution(block.hidden, block.outputs)
        if depth == len(BLOCKS):
            self.convolutions["head"] = _convolution(BLOCKS[-1].outputs, 1280)

    @property
    def last_layer(self) -> str:
        """The deepest map."""
        return "head" if self.depth == len(BLOCKS) else f"block{self.depth - 1}"

    def forward(self, image: Tensor, layers: Sequence[str]) -> dict[str, Tensor]:
        """Return the maps called `layers`. Raises ValueError for a layer this depth does not have."""
        x = F.relu6(self._convolve("stem", (image * 255 - 127) / 128))
        maps = {"stem": x}
        for number, block in enumerate(BLOCKS[: self.depth]):
            if maps.keys() >= set(layers):
                break
            y = x
            if f"expand{number}" in self.convolutions:
                y = maps[f"expand{number}"] = F.relu6(self._convolve(f"expand{number}", x))
            y = self._convolve(f"project{number}", F.relu6(self._convolve(f"depthwise{number}", y)))
            x = x + y if block.stride == 1 and block.inputs == block.outputs else y
            maps[f"block{number}"] = x
        if "head" in self.convolutions and "head" in layers:
            maps["head"] = F.relu6(self._convolve("head", x))
        if missing := set(layers) - maps.keys():
            raise ValueError(f"no layer {', '.join(sorted(missing))} among the first {self.depth} blocks")
        return {layer: maps[layer] for layer in layers}

    def _convolve(self, name: str, x: Tensor) -> Tensor:
        """A convolution with TensorFlow's padding: where it is odd, one more at the right and bottom."""
        convolution = self.convolutions[name]
        assert isinstance(convolution, nn.Conv2d)
        x = x.to(convolution.weight.dtype)  # float16 where an export made the layer so
        kernel, stride = convolution.kernel_size[0], convolution.stride[0]
        if stride > 1:  # others pad by themselves, evenly, which files say without an operator of its own
            sides = map(int, x.shape[-2:])  # plain numbers even while an export traces
            down, right = (max((-(-side // stride) - 1) * stride + kernel - side, 0) for side in sides)
            x = F.pad(x, (right // 2, right - right // 2, down // 2, down - down // 2))
        convolved: Tensor = convolution(x)
        return convolved


def _convolution(inputs: int, outputs: int, kernel: int = 1, stride: int = 1, groups: int = 1) -> nn.Conv2d:
    padding = kernel // 2 if stride == 1 else 0
    return nn.Conv2d(inputs, outputs, kernel, stride, padding, groups=groups)


def fold_weights(path: Path) -> dict[str, Tensor]:
    """All 16 blocks and the head for `EfficientNetLite0`, float32, from the layout of the published PyTorch weights.

    Args:
        path: safetensors named as in `efficientnet_lite_pytorch`: `_conv_stem.weight`, `_bn0.weight`, `_blocks.0...`.

    Raises:
        ArtifactError: the file is missing, damaged or of another network.
    """
    tensors = read_weights(path)
    places = {"stem": ("_conv_stem", "_bn0"), "head": ("_conv_head", "_bn1")}
    for number, (kind, (conv, norm)) in itertools.product(range(len(BLOCKS)), _PARTS.items()):
        places[f"{kind}{number}"] = (f"_blocks.{number}.{conv}", f"_blocks.{number}.{norm}")
    try:
        folded = {}
        for name in EfficientNetLite0().convolutions:
            conv, norm = places[name]
            scale = tensors[f"{norm}.weight"] * (tensors[f"{norm}.running_var"] + _EPSILON).rsqrt()
            bias = tensors[f"{norm}.bias"] - tensors[f"{norm}.running_mean"] * scale
            folded[f"convolutions.{name}.weight"] = tensors[f"{conv}.weight"] * scale.reshape(-1, 1, 1, 1)
            folded[f"convolutions.{name}.bias"] = bias
    except (KeyError, RuntimeError) as error:
        raise ArtifactError(f"{path} does not hold EfficientNet-Lite0: {error}") from error
    shapes = {name: value.shape for name, value in EfficientNetLite0().state_dict().items()}
    for name, value in folded.items():
        if value.shape != shapes[name] or not bool(value.isfinite().all()):
            raise ArtifactError(f"{path} does not hold EfficientNet-Lite0: '{name}' is of another shape, or not finite")
    return folded


_PARTS = {
    "expand": ("_expand_conv", "_bn0"),
    "depthwise": ("_depthwise_conv", "_bn1"),
    "project": ("_project_conv", "_bn2"),
}
