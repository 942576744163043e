"""Generators and mappings as they are written into files: the same pictures from fewer operators."""

import copy

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edgestyle.models.equalised import GAIN, SLOPE, EqualLinear
from edgestyle.models.mapping import REST, SHARPNESS, CellMapping, Mapping
from edgestyle.models.mobile_stylegan import MobileBlock, MobileGenerator


class FoldedGenerator(MobileGenerator):
    """A copy of a generator whose last convolution gives pixels: the inverse wavelet transform is part of it.

    Both are pointwise, so their product is one convolution of the same size, and the middle grey goes into its bias.

    Attributes:
        exact_layers: as in `MobileGenerator`.
        floating_layers: convolutions of blocks below a quarter of the picture's size. Files of "w8a8" store their
            weights in 8 bits and compute them in floats: they hold a quarter of the multiplications and all of the
            face's plan, and their features reach furthest.
    """

    exact_layers: tuple[str, ...] = ("to_bands",)

    def __init__(self, generator: MobileGenerator) -> None:
        super().__init__(generator.config)
        self.load_state_dict(generator.state_dict())
        merge = generator.merge.weight.detach().double().flatten(1)  # [12,12]
        bands = generator.to_bands
        assert bands.bias is not None
        pixels = torch.einsum("pb,bihw->pihw", merge, bands.weight.detach().double())
        self.to_bands.weight.data = pixels.float()
        self.to_bands.bias = nn.Parameter((merge @ bands.bias.detach().double() + 0.5).float())
        del self.merge
        self.floating_layers = _floating_layers(self)
        self.eval().requires_grad_(False)

    def picture(self, bands: Tensor) -> Tensor:
        """Pixels `[N,12,H,W]`, by channel then place, as a picture `[N,3,2H,2W]`, not clamped."""
        return F.pixel_shuffle(bands, 2)

    def unclamped(self, truncated: Tensor) -> Tensor:
        """The picture `[N,3,S,S]` around [0,1] of styles `[N,D]` that are truncated already."""
        return self.picture(self.to_bands(self.features(truncated)[-1]))


def _floating_layers(generator: MobileGenerator) -> tuple[str, ...]:
    """Names of the convolutions of layers that begin below a quarter of the picture's size."""
    found = []
    for index, block in enumerate(generator.blocks):
        assert isinstance(block, MobileBlock)
        for name in block.layers():
            side = (2 if name == "enlarge" else 4) << index
            if side < generator.config.size // 4:
                found += [f"blocks.{index}.{name}.{one}" for one in ("pointwise", "depthwise")]
    return tuple(found)


class HalfGenerator(nn.Module):
    """The generator in float16, between a truncation and a clamp in float32."""

    def __init__(self, generator: FoldedGenerator) -> None:
        super().__init__()
        self.generator, self.half_generator = generator, copy.deepcopy(generator).half()

    def forward(self, style: Tensor, strength: Tensor) -> Tensor:
        truncated = self.generator.truncated(style, strength).half()
        return self.half_generator.unclamped(truncated).float().clamp(0, 1)


class PlainMapping(nn.Module):
    """A mapping of plain fully-connected layers: `z [N,L] -> w [N,D]`, the same numbers but for their rounding.

    The weights stay those that were trained, and what they are scaled by scales what they see. All attributes' scores
    come from one layer.

    Args:
        mapping: in eval mode.

    Attributes:
        exact_layers: the scores. A sharp softmax follows them, and with 8 bits a border between two hair cuts moves.
    """

    def __init__(self, mapping: Mapping) -> None:
        super().__init__()
        self.latents = mapping.latents
        self.counts: list[int] = list(mapping.counts) if isinstance(mapping, CellMapping) else []
        self.used = sum(mapping.axes) if isinstance(mapping, CellMapping) else 0
        self.scores = _scores(mapping) if isinstance(mapping, CellMapping) else None
        self.exact_layers: tuple[str, ...] = ("scores",) if self.scores else ()
        equalised = [layer for layer in mapping.layers if isinstance(layer, EqualLinear)]
        self.layers = nn.ModuleList(_plain(layer) for layer in equalised)
        self.gains = [layer.gain * (GAIN if place else 1) for place, layer in enumerate(equalised)]
        self.eval().requires_grad_(False)

    def forward(self, latent: Tensor) -> Tensor:
        """Styles `[N,D]` of random numbers `[N,L]`."""
        x = latent
        if self.scores is not None:
            scores = self.scores(latent)
            several = scores.split(self.counts, 1) if len(self.counts) > 1 else [scores]
            parts = [score.softmax(1) for score in several]
            if self.used < self.latents:
                parts.append(REST * latent[:, self.used :])
            x = torch.cat(parts, 1)
        x = x * ((x * x).mean(1, keepdim=True) + 1e-8).rsqrt()
        for gain, layer in zip(self.gains, self.layers, strict=True):
            x = F.leaky_relu(layer(x * gain), SLOPE)
        return x * GAIN


def _plain(layer: EqualLinear) -> nn.Linear:
    plain = nn.Linear(layer.weight.shape[1], layer.weight.shape[0])
    plain.weight, plain.bias = nn.Parameter(layer.weight.detach()), nn.Parameter(layer.bias.detach() * layer.rate)
    return plain


def _scores(mapping: CellMapping) -> nn.Linear:
    """One layer `[N,L] -> [N,K]` for all attributes, made as sharp as the softmax wants it."""
    layer = nn.Linear(mapping.latents, sum(mapping.counts))
    directions = [mapping.get_buffer(f"directions{place}") for place in range(len(mapping.counts))]
    offsets = [mapping.get_buffer(f"offsets{place}") for place in range(len(mapping.counts))]
    blocks = SHARPNESS * torch.block_diag(*directions)
    layer.weight = nn.Parameter(F.pad(blocks, (0, mapping.latents - blocks.shape[1])))
    layer.bias = nn.Parameter(SHARPNESS * torch.cat(offsets))
    return layer
