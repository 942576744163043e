"""What a base starts from: a painter that knows a few styles, and an encoder whose features are trained already."""

import math
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import torch
from torch import nn

from edgestyle.errors import TrainingError
from edgestyle.models.efficientnet_lite import fold_weights
from edgestyle.models.renderer import Renderer
from edgestyle.models.texture_encoder import TextureEncoder, TextureEncoderConfig
from edgestyle.packs.networks import load_encoder
from edgestyle.packs.pack import Pack
from edgestyle.training.base import Base
from edgestyle.training.style_library import StyleLibrary

STYLE_DIMENSIONS = 64
MODULATION_HIDDEN = 160
_LEAST_SPREAD = 1e-3
_MARGIN = 24  # pixels


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


def start_base(
    painter: Renderer,
    encoder: TextureEncoder,
    library: StyleLibrary,
    seed: int = 0,
    taught: TextureEncoder | None = None,
) -> Base:
    """A base whose network draws what `painter` does.

    Args:
        painter: of a pack that draws; it is widened to longer vectors, see `widen`, where it has no encoder.
        encoder: from `start_encoder`; it is told what is usual in the library.
        library: of styles.
        seed: of what is random.
        taught: the painter's own encoder, where it is a base already: both go on as they are.

    Raises:
        TrainingError: the painter takes longer vectors, or has a wider modulation, than a base.
    """
    torch.manual_seed(seed)
    table = nn.Embedding(len(library.names), STYLE_DIMENSIONS, sparse=True)
    nn.init.normal_(table.weight, std=0.5)
    if taught is not None:
        encoder = deepcopy(taught).requires_grad_(True)
        encoder.trunk.requires_grad_(False)
        return Base(deepcopy(painter).requires_grad_(True), encoder, table)
    if painter.config.style_dimensions > STYLE_DIMENSIONS or painter.config.modulation_hidden > MODULATION_HIDDEN:
        raise TrainingError(f"a base takes {STYLE_DIMENSIONS} numbers and cannot start from a larger network")
    config = replace(painter.config, style_dimensions=STYLE_DIMENSIONS, modulation_hidden=MODULATION_HIDDEN)
    renderer = Renderer(config)
    widen(painter, renderer)
    encoder.usual.copy_(library.statistics.mean(0))
    encoder.spread.copy_(library.statistics.std(0) + _LEAST_SPREAD)
    return Base(renderer, encoder, table)


def see_beyond_edges(renderer: Renderer) -> Renderer:
    """The same network with as much of the mirrored picture around it as a renderer may have, so that what it draws
    of the zeros beyond is cut off: with 16 pixels a frame remains, with 24 hardly any."""
    wider = Renderer(replace(renderer.config, margin=_MARGIN))
    wider.load_state_dict(renderer.state_dict())
    return wider.eval().requires_grad_(False)


def taught_encoder(origin: Pack) -> TextureEncoder | None:
    """The encoder of a pack that is a base already; None for any other pack. Raises PackError where it is damaged."""
    found = load_encoder(origin) if origin.encodes else None
    if isinstance(found, TextureEncoder) and found.config.style_dimensions == STYLE_DIMENSIONS:
        return found
    return None


def widen(source: Renderer, target: Renderer) -> None:
    """Give a renderer of a longer style or a wider modulation the weights of another.

    It draws the same while the new numbers of a style are 0: new hidden units count for nothing at first (Chen et al.,
    "Net2Net", ICLR 2016). Everything else must be of the same size.
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
