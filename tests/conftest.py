"""Shared fixtures: small real things, made once."""

from pathlib import Path

import numpy as np
import pytest
import torch

from edgestyle.exporters.packing import build_pack
from edgestyle.images import Picture, Pixels, write_picture
from edgestyle.models.renderer import Renderer, RendererConfig
from edgestyle.packs.pack import Pack, Style

TINY = RendererConfig(
    style_dimensions=4, stem_channels=4, channels=4, deep_channels=4, expansion=1.0, deep_expansion=1.0,
    modulation_hidden=4, context=2, margin=8,
)  # fmt: skip


def make_renderer(config: RendererConfig, seed: int = 0) -> Renderer:
    """A renderer with random weights that change pictures visibly."""
    torch.manual_seed(seed)
    renderer = Renderer(config)
    torch.nn.init.normal_(renderer.head.weight, std=0.1)
    return renderer.eval().requires_grad_(False)


def make_photo(height: int, width: int, seed: int = 0) -> Pixels:
    """A smooth colourful picture with some noise."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    waves = [np.sin(x / (7 + c) + c) + np.cos(y / (11 - c) + seed) for c in range(3)]
    smooth = np.stack(waves, 2) * 50 + 127
    return np.clip(smooth + rng.normal(0, 8, (height, width, 3)), 0, 255).astype(np.uint8)


@pytest.fixture(scope="session")
def tiny_pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    """A pack of two styles on a tiny random network."""
    styles = [Style(name, tuple(np.random.default_rng(i).normal(size=4))) for i, name in enumerate(("first", "second"))]
    about = {"title": "Tiny", "description": "", "licence": "CC0-1.0", "training": {}}
    return build_pack(tmp_path_factory.mktemp("packs") / "tiny", "tiny", make_renderer(TINY), styles, about)


@pytest.fixture(scope="session")
def photo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three readable photos, and files that only look like photos."""
    folder = tmp_path_factory.mktemp("photos")
    for index in range(3):
        write_picture(Picture(make_photo(120 + 30 * index, 160, index)), folder / f"photo{index}.png")
    (folder / "broken.jpg").write_text("this is text")
    (folder / "empty.png").write_bytes(b"")
    return folder
