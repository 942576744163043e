"""Shared fixtures: small real things, made once."""

from pathlib import Path

import numpy as np
import pytest
import torch

from edgestyle.exporters.avatar_packing import build_avatars, name_seeds
from edgestyle.exporters.packing import build_pack
from edgestyle.images import Picture, Pixels, write_picture
from edgestyle.models.colour import ColourConfig, ColourRenderer
from edgestyle.models.encoder import Encoder, EncoderConfig
from edgestyle.models.inversion import InversionConfig, InversionEncoder
from edgestyle.models.layers import keep_signals_alive
from edgestyle.models.mapping import CellMapping, Mapping
from edgestyle.models.mobile_stylegan import MobileConfig, MobileGenerator, MobileLayer
from edgestyle.models.renderer import Renderer, RendererConfig
from edgestyle.models.texture_encoder import TextureEncoder, TextureEncoderConfig
from edgestyle.packs.avatars import AvatarPack
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


TINY_COLOUR = ColourConfig(
    style_dimensions=12, hidden=4, guide_channels=8, guide_blocks=1, modulation_hidden=8, context=4
)
TINY_ENCODER = EncoderConfig(style_dimensions=12, colour_channels=8, channels=8, deep_channels=8, hidden=16)


def make_colour_renderer(config: ColourConfig = TINY_COLOUR, seed: int = 0) -> ColourRenderer:
    """A colour renderer with random weights that change pictures visibly."""
    torch.manual_seed(seed)
    renderer = ColourRenderer(config)
    torch.nn.init.normal_(renderer.mix.weight, std=0.1)
    return renderer.eval().requires_grad_(False)


def make_encoder(config: EncoderConfig = TINY_ENCODER, seed: int = 0) -> Encoder:
    """An encoder with random weights whose vectors differ between pictures."""
    torch.manual_seed(seed)
    encoder = Encoder(config)
    torch.nn.init.normal_(encoder.style.weight, std=0.5)
    return encoder.eval().requires_grad_(False)


def make_texture_encoder(dimensions: int = 8, seed: int = 0) -> TextureEncoder:
    """A texture encoder with random weights whose vectors differ between pictures."""
    torch.manual_seed(seed)
    encoder = TextureEncoder(TextureEncoderConfig(dimensions, hidden=16))
    keep_signals_alive(encoder.trunk)
    torch.nn.init.normal_(encoder.style.weight, std=0.5)
    return encoder.eval().requires_grad_(False)


TINY_FACES = MobileConfig(style_dimensions=12, widths=(12, 12, 8))  # of 32 pixels
TINY_INVERTER = InversionConfig(size=32, style_dimensions=12, widths=(8, 12), hidden=16)


def make_generator(config: MobileConfig = TINY_FACES, seed: int = 0) -> MobileGenerator:
    """A generator with random weights, whose pictures differ visibly between styles."""
    torch.manual_seed(seed)
    generator = MobileGenerator(config)
    torch.nn.init.normal_(generator.to_bands.weight, std=0.3)
    torch.nn.init.normal_(generator.get_buffer("mean_style"), std=0.3)
    for module in generator.modules():
        if isinstance(module, MobileLayer):
            torch.nn.init.normal_(module.shift.weight, std=0.15)
    return generator.eval().requires_grad_(False)


def make_mapping(seed: int = 0) -> Mapping:
    """A mapping for `make_generator` with random weights; three attributes have cells."""
    torch.manual_seed(seed)
    mapping = CellMapping((4, 3, 2), 10, (16, 12), 0.1)
    for name, buffer in mapping.named_buffers():
        torch.nn.init.normal_(buffer, std=0.5 if name.startswith("directions") else 0.1)
    return mapping.eval().requires_grad_(False)


def make_inverter(config: InversionConfig = TINY_INVERTER, seed: int = 0) -> InversionEncoder:
    """An inverter for `make_generator` with random weights, whose vectors differ between pictures."""
    torch.manual_seed(seed)
    inverter = InversionEncoder(config)
    torch.nn.init.normal_(inverter.style.weight, std=0.2)
    return inverter.eval().requires_grad_(False)


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
def tiny_lumen(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    """A pack of two looks and an encoder on tiny random networks, which draws at full size."""
    palettes = {"warm": (0.3, 0.8, 0.0), "cold": (-0.4, -0.7, 0.1)}  # means; then spreads, and what is learned
    spreads = (1.6, 0.6, 0.4, 1.2, 1.1, 0.5)
    styles = [
        Style(name, (*means, *spreads, *np.random.default_rng(i).normal(size=3)), detail=1.0)
        for i, (name, means) in enumerate(palettes.items())
    ]
    about = {"title": "Tiny", "description": "", "licence": "CC0-1.0", "training": {}, "working_size": None}
    folder = tmp_path_factory.mktemp("packs") / "tiny-lumen"
    return build_pack(folder, "tiny-lumen", make_colour_renderer(), styles, about, make_encoder())


@pytest.fixture(scope="session")
def tiny_faces(tmp_path_factory: pytest.TempPathFactory) -> AvatarPack:
    """A pack of avatars on tiny random networks: two have names, and pictures are drawn again."""
    mapping = make_mapping()
    styles = name_seeds(mapping, {"mira": 17, "old-tom": 5}, "CC0-1.0", "nobody")
    about = {"title": "Tiny", "description": "", "licence": "CC0-1.0", "training": {"seed": 0}}
    folder = tmp_path_factory.mktemp("packs") / "tiny-faces"
    return build_avatars(folder, "tiny-faces", make_generator(), mapping, make_inverter(), styles, about)


@pytest.fixture(scope="session")
def photo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three readable photos, and files that only look like photos."""
    folder = tmp_path_factory.mktemp("photos")
    for index in range(3):
        write_picture(Picture(make_photo(120 + 30 * index, 160, index)), folder / f"photo{index}.png")
    (folder / "broken.jpg").write_text("this is text")
    (folder / "empty.png").write_bytes(b"")
    return folder
