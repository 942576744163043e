"""What a base starts from: a painter that knows a few styles, and an encoder whose features are trained already."""

import math
from dataclasses import replace
from pathlib import Path

import torch
from torch import nn

from edgestyle.errors import TrainingError
from edgestyle.models.efficientnet_lite import fold_weights
from edgestyle.models.renderer import Renderer
from edgestyle.models.texture_encoder import TextureEncoder, TextureEncoderConfig
from edgestyle.training.base import Base
from edgestyle.training.style_library import StyleLibrary

STYLE_DIMENSIONS = 64
MODULATION_HIDDEN = 160
_LEAST_SPREAD = 1e-3


def start_encoder(lite: Path, seed: int = 0) -> TextureEncoder:
    """An encoder with the features of a file of EfficientNet-Lite0, and random layers behind them.

    Raises:
        ArtifactError: as for `fold_weights`.
    """
    torch.manual_seed(seed)
    encoder = TextureEncoder(TextureEncoderConfig(STYLE_DIMENSIONS)).eval()
    folded = fold_weights(lite)
    encoder.trunk.load_state_dict({name: folded[name] for name in encoder.trunk.state_dict()})
    encoder.trunk.requires_grad_(False)
    return encoder


def start_base(origin: Renderer, encoder: TextureEncoder, library: StyleLibrary, seed: int = 0) -> Base:
    """A base whose network draws what `origin` does, but takes longer vectors; see `widen`.

    Args:
        origin: of a pack that draws paintings.
        encoder: from `start_encoder`; it is told what is usual in the library.
        library: of styles.
        seed: of what is random.

    Raises:
        TrainingError: the origin takes longer vectors, or has a wider modulation, than a base.
    """
    torch.manual_seed(seed)
    if origin.config.style_dimensions > STYLE_DIMENSIONS or origin.config.modulation_hidden > MODULATION_HIDDEN:
        raise TrainingError(f"a base takes {STYLE_DIMENSIONS} numbers and cannot start from a larger network")
    config = replace(origin.config, style_dimensions=STYLE_DIMENSIONS, modulation_hidden=MODULATION_HIDDEN)
    renderer = Renderer(config)
    widen(origin, renderer)
    encoder.usual.copy_(library.statistics.mean(0))
    encoder.spread.copy_(library.statistics.std(0) + _LEAST_SPREAD)
    table = nn.Embedding(len(library.names), STYLE_DIMENSIONS, sparse=True)
    nn.init.normal_(table.weight, std=0.5)
    return Base(renderer, encoder, table)


def widen(source: Renderer, target: Renderer) -> None:
    """Give a renderer of a longer style or a wider modulation the weights of another, so that it draws the same.

    New rows start at random and count for nothing at first (Chen et al., "Net2Net", ICLR 2016).
    """
    weights = target.state_dict()
    old = source.state_dict()
    with torch.no_grad():
        for name, value in old.items():
            if name == "modulation.mix.weight":
                continue
            if name == "modulation.predict.weight":
                weights[name].zero_()
            weights[name][tuple(slice(side) for side in value.shape)] = value
        style, hidden = source.config.style_dimensions, source.config.modulation_hidden
        mix, before = weights["modulation.mix.weight"], old["modulation.mix.weight"]
        mix[:hidden] = 0
        mix[:hidden, :style] = before[:, :style]
        new = target.config.style_dimensions
        mix[:hidden, style:new] = 0.1 * torch.randn(hidden, new - style) / math.sqrt(new)
        mix[:hidden, new:] = before[:, style:]
    target.load_state_dict(weights)
