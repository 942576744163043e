"""What a generator's run looks at as it goes: distances to held-back pictures, and a sheet of faces."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import torch
from torch import Tensor

from edgestyle.images import Picture, Pixels, to_pixels, whole_file, write_picture
from edgestyle.models.efficientnet_lite import EfficientNetLite0
from edgestyle.models.mapping import CellMapping
from edgestyle.models.stylegan import Generator
from edgestyle.quality.picture_sets import SetMeasures, compare_sets, set_features
from edgestyle.quality.sheets import contact_sheet
from edgestyle.training.latent_cells import LatentCells
from edgestyle.training.picture_set import PictureSet

_BATCH = 50
_COLUMNS = 8


class HeldBack:
    """Pictures that were held back, ready to compare with.

    Args:
        pictures: not trained on.
        network: whose features are compared.
        count: of pictures at most, on both sides.
        seed: of what is drawn.
    """

    def __init__(self, pictures: PictureSet, network: EfficientNetLite0, count: int, seed: int = 0) -> None:
        self.network, self.count, self.seed = network, min(count, len(pictures)), seed
        self.features = set_features(_batches(pictures, self.count), network)

    def measure(self, generator: Generator) -> SetMeasures:
        """Compare with as many drawn pictures, the same random numbers every time."""
        return compare_sets(self.features, set_features(drawn_batches(generator, self.count, self.seed), self.network))

    def measure_data(self, pictures: PictureSet) -> SetMeasures:
        """Compare with other pictures of the data: what a perfect generator would measure."""
        return compare_sets(self.features, set_features(_batches(pictures, self.count), self.network))


@torch.no_grad()
def drawn_batches(generator: Generator, count: int, seed: int) -> Iterator[Tensor]:
    """`count` pictures of a generator, in batches `[n,3,S,S]` in [0,1] on the CPU."""
    random = torch.Generator().manual_seed(seed)
    z = torch.randn(count, generator.config.latent_dimensions, generator=random)
    for part in z.to(generator.get_buffer("mean_style").device).split(_BATCH):
        yield generator(part).cpu()


def _batches(pictures: PictureSet, count: int) -> Iterator[Tensor]:
    for places in torch.arange(min(count, len(pictures))).split(_BATCH):
        yield pictures.floats(places)


def note_measures(measures: SetMeasures, step: int, path: Path) -> None:
    """Add a line to a JSONL file; what was noted of later steps, by a run that was interrupted, goes."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    lines = [line for line in lines if json.loads(line)["step"] < step]
    with whole_file(path) as temporary:
        temporary.write_text("\n".join([*lines, json.dumps({"step": step, **asdict(measures)})]) + "\n")


@torch.no_grad()
def write_faces(generator: Generator, pictures: PictureSet, path: Path, seed: int = 0) -> Pixels:
    """Draw a sheet: where attributes are known, pictures of the data over their likenesses; below, faces at random."""
    random, device = torch.Generator().manual_seed(seed), generator.get_buffer("mean_style").device
    rows: list[list[Pixels]] = []
    names: list[str] = []
    if isinstance(generator.mapping, CellMapping) and pictures.attributes is not None:
        places = torch.arange(_COLUMNS) % len(pictures)
        z = LatentCells(generator.mapping, seed).draw(pictures.attributes.indices[places], random)
        rows += [_row(pictures.floats(places)), _row(generator(z.to(device)))]
        names += ["data", "drawn"]
    for _ in range(4):
        z = torch.randn(_COLUMNS, generator.config.latent_dimensions, generator=random)
        rows.append(_row(generator(z.to(device))))
        names.append("random")
    sheet = contact_sheet(rows, [""] * _COLUMNS, names, max(96, generator.config.size))
    write_picture(Picture(sheet), path)
    return sheet


def _row(images: Tensor) -> list[Pixels]:
    return [to_pixels(image[None].cpu().numpy()) for image in images]
