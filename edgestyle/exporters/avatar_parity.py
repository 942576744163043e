"""Parity of a pack that draws avatars: its ONNX files draw what its torch networks draw.

A style's numbers mean nothing by themselves, so for mapping and inverter too pictures are compared: what the torch
generator draws of a file's vector, and of the network's.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from edgestyle.errors import ParityError
from edgestyle.images import Floats, Picture, to_pixels, write_picture
from edgestyle.models.inversion import InversionEncoder
from edgestyle.models.mapping import Mapping
from edgestyle.models.mobile_stylegan import MobileGenerator
from edgestyle.packs.avatar_pack import AvatarPack
from edgestyle.packs.seeds import LARGEST_SEED
from edgestyle.quality.fidelity import psnr_db

STRENGTHS = (0.0, 0.5, 1.0)
SEEDS = (*range(8), LARGEST_SEED)
MIN_PSNR_DB = 80.0  # of every picture: errors of a fortieth of one of 255 levels; float32 in another order has 95


def check_generator(pack: AvatarPack, generator: MobileGenerator, mapping: Mapping, failures: Path) -> None:
    """Compare the pack's file with its network: named avatars and seeds, from the mean face to the full one.

    Args:
        pack: whose files are written.
        generator, mapping: its networks.
        failures: folder for the two pictures of a failed comparison.

    Raises:
        ParityError: a picture is less than 80 dB from the network's, or strength 0 is not the same face for all.
    """
    styles = {name: torch.tensor([style.vector]) for name, style in pack.styles.items()}
    styles |= {f"seed-{seed}": mapping(_latent(pack, seed)) for seed in SEEDS}
    means = []
    for name, style in styles.items():
        for strength in STRENGTHS:
            got = pack.generator.draw(style.numpy(), strength)
            expected = _draw(generator, style, strength)
            _compare(got, expected, f"generator-{name}-{strength:g}", failures)
            means += [got] if strength == 0 else []
    if any(not np.array_equal(means[0], mean) for mean in means):
        raise ParityError("the generator's file draws several faces at strength 0, where there is one for all styles")


def check_mapping(pack: AvatarPack, generator: MobileGenerator, mapping: Mapping, failures: Path) -> None:
    """The same for the mapping: the faces of seeds."""
    for seed in SEEDS:
        latent = _latent(pack, seed)
        pictures = _pictures(generator, pack.mapping.map(latent.numpy()), mapping(latent))
        _compare(*pictures, f"mapping-seed-{seed}", failures)


def check_inverter(
    pack: AvatarPack, generator: MobileGenerator, mapping: Mapping, inverter: InversionEncoder, failures: Path
) -> None:
    """The same for the inverter: faces drawn, found again and drawn again; noise too, and flat colours."""
    for name, picture in _odd_pictures(pack, generator, mapping):
        pictures = _pictures(generator, pack.inverter.encode(picture.numpy()), inverter(picture))
        _compare(*pictures, f"inverter-{name}", failures)


def _odd_pictures(pack: AvatarPack, generator: MobileGenerator, mapping: Mapping) -> Iterator[tuple[str, torch.Tensor]]:
    for seed in SEEDS:
        yield f"seed-{seed}", generator(mapping(_latent(pack, seed)), torch.ones(1))
    shape = (1, 3, pack.size, pack.size)
    yield "noise", torch.rand(shape, generator=torch.Generator().manual_seed(0))
    for name, level in (("black", 0.0), ("white", 1.0)):
        yield name, torch.full(shape, level)


def _latent(pack: AvatarPack, seed: int) -> torch.Tensor:
    return torch.from_numpy(pack.latent(seed)[None])


def _draw(generator: MobileGenerator, style: torch.Tensor, strength: float) -> Floats:
    with torch.no_grad():
        return np.asarray(generator(style, torch.tensor([strength])).numpy(), np.float32)


def _pictures(generator: MobileGenerator, found: Floats, expected: torch.Tensor) -> tuple[Floats, Floats]:
    """What the torch generator draws of a file's vector and of the network's."""
    if found.shape != tuple(expected.shape):
        raise ParityError(f"a file gives {list(found.shape)} numbers, its network {list(expected.shape)}")
    return _draw(generator, torch.from_numpy(np.array(found)), 1.0), _draw(generator, expected, 1.0)


def _compare(got: Floats, expected: Floats, name: str, failures: Path) -> None:
    """Raise ParityError where two pictures differ, and save both."""
    if got.shape != expected.shape:
        raise ParityError(f"{name} has shape {list(got.shape)}, not {list(expected.shape)}")
    if not np.isfinite(got).all():
        raise ParityError(f"{name} has values that are not finite")
    decibels = psnr_db(torch.from_numpy(got), torch.from_numpy(expected))
    if decibels >= MIN_PSNR_DB:
        return
    for kind, picture in (("expected", expected), ("got", got)):
        write_picture(Picture(to_pixels(picture)), failures / f"{name}-{kind}.png")
    where = f"see {failures / name}-*.png"
    raise ParityError(f"{name} is {decibels:.1f} dB from the network, {MIN_PSNR_DB:.0f} are the least; {where}")
