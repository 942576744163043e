"""The global part of a photographic style as a cube LUT, and what it loses.

The renderer looks at the whole picture: it evens out what a photo is like before it puts a look on, and it moves sky
and skin differently. A LUT knows neither the photo nor the place. It holds the mean of what the renderer makes of each
colour in eight photos, with the grid of places replaced by its mean: of all tables the one that is closest to these.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import torch
from torch import Tensor

from edgestyle.contract import check_strength
from edgestyle.errors import ExportError
from edgestyle.exporters.calibration import bundled_calibration
from edgestyle.exporters.cube import apply_lut, check_lut_size, identity_lut, write_cube
from edgestyle.exporters.parity import parity_photo, parity_photos
from edgestyle.images import resize, to_floats
from edgestyle.models import AnyRenderer
from edgestyle.models.colour import ColourRenderer
from edgestyle.models.renderer import blend
from edgestyle.packs.choosing import recolouring_packs
from edgestyle.packs.networks import load_renderer
from edgestyle.packs.pack import Pack, Style
from edgestyle.quality.fidelity import psnr_db

LEAST_DB = 30.0  # below, people see the difference side by side
_SIDE = 256  # of the photos


@dataclass(frozen=True)
class ExportedLut:
    """A LUT that was written.

    Attributes:
        path: of the file.
        style, strength: what it holds.
        size: entries a side.
        psnr_db: mean over the parity photos of the PSNR between the LUT's picture and the renderer's.
        local_db: the same for the renderer without places, which says how strong the local part is; infinite where
            there is none.
    """

    path: Path
    style: str
    strength: float
    size: int
    psnr_db: float
    local_db: float

    @property
    def warning(self) -> str | None:
        """What is lost, in a sentence; None where nobody would see it."""
        lost = []
        if self.local_db < LEAST_DB:
            lost.append(f"it moves parts of a picture differently ({self.local_db:.1f} dB without that)")
        if self.psnr_db < LEAST_DB:
            lost.append("it adapts to each photo")
        if not lost:
            return None
        return (
            f"a LUT cannot hold all of '{self.style}': {' and '.join(lost)}; on unseen photos this one is "
            f"{self.psnr_db:.1f} dB from the renderer, where {LEAST_DB:.0f} would be close"
        )


def check_lut(pack: Pack, size: int, strength: float | None) -> ColourRenderer:
    """The renderer of a pack whose looks can be written as LUTs of this size.

    Raises:
        ExportError: the size is none, or the pack draws more than colours; the message says which packs can.
        ContractError: the strength is no number from 0 to 1.
        PackError: the pack's weights are damaged.
    """
    check_lut_size(size)
    if strength is not None:
        check_strength(strength)
    renderer: AnyRenderer = load_renderer(pack)
    if not isinstance(renderer, ColourRenderer):
        able = ", ".join(recolouring_packs())
        raise ExportError(
            f"pack '{pack.name}' draws shapes, which no LUT can hold; a pack that recolours photos can be written as "
            f"one{': ' + able if able else ''}"
        )
    return renderer


def export_luts(
    pack: Pack,
    folder: Path,
    size: int,
    strength: float | None = None,
    on_start: Callable[[str], None] = lambda name: None,
) -> list[ExportedLut]:
    """Write a `.cube` file for each style of a pack.

    Args:
        pack: with a colour renderer.
        folder: gets files such as `lumen-noir.cube`.
        size: entries a side, from 2 to 129.
        strength: of the looks; each style's own default where it is None.
        on_start: called with each file's name.

    Raises:
        ContractError, ExportError, PackError: as for `check_lut`.
        OutputError: a file cannot be written.
    """
    renderer = check_lut(pack, size, strength)
    photos = bundled_calibration([]).photos
    seen = [torch.from_numpy(to_floats(resize(photo.pixels, _SIDE, _SIDE))) for photo in photos]
    exported = []
    for style in pack.styles.values():
        path = folder / f"{pack.name}-{style.name}.cube"
        on_start(path.name)
        at = style.default_strength if strength is None else strength
        lut = make_lut(renderer, style, at, size, seen)
        one = ExportedLut(path, style.name, at, size, *_distances_db(renderer, style, at, lut))
        write_cube(lut, path, f"{pack.name} {style.name}", _notes(pack, one))
        exported.append(one)
    return exported


@torch.no_grad()
def make_lut(renderer: ColourRenderer, style: Style, strength: float, size: int, photos: list[Tensor]) -> Tensor:
    """What the renderer makes of each colour, the mean over `photos` `[1,3,H,W]`: `[N,N,N,3]` in [0,1]."""
    colours = identity_lut(size)
    asked = colours.reshape(1, size * size, size, 3).permute(0, 3, 1, 2)
    drawn = [_without_places(renderer, style, strength, photo, asked) for photo in photos]
    return torch.stack(drawn).mean(0).permute(0, 2, 3, 1).reshape(colours.shape)


def _without_places(renderer: ColourRenderer, style: Style, strength: float, photo: Tensor, image: Tensor) -> Tensor:
    """`image` recoloured as `photo` would be if every part of it went the same way."""
    at = torch.tensor([[strength]])
    seen = renderer.see(photo, torch.from_numpy(style.as_input()), at)
    flat = seen._replace(place=seen.place.mean((2, 3), keepdim=True))
    return blend(image, renderer.recolour(image, flat), at)


@torch.no_grad()
def _distances_db(renderer: ColourRenderer, style: Style, strength: float, lut: Tensor) -> tuple[float, float]:
    """How far a LUT, and the renderer without places, are from the renderer on the parity photos."""
    by_lut, flat = [], []
    for name in parity_photos():
        photo = torch.from_numpy(parity_photo(name, _SIDE, _SIDE))
        drawn = renderer(photo, torch.from_numpy(style.as_input()), torch.tensor([strength]))
        by_lut.append(psnr_db(apply_lut(lut, photo), drawn))
        flat.append(psnr_db(_without_places(renderer, style, strength, photo, photo), drawn))
    return fmean(by_lut), fmean(flat)


def _notes(pack: Pack, lut: ExportedLut) -> list[str]:
    return [
        f"the look {lut.style} of the edgestyle pack {pack.name} at strength {lut.strength:g}, for sRGB pictures",
        f"the mean over eight photos; {lut.psnr_db:.1f} dB from the renderer on eight others",
        f"licence: {pack.styles[lut.style].licence}",
    ]
