"""Pictures of a distillation as it goes: faces by the teacher, by the student, and those found again."""

from pathlib import Path

import torch
from torch import Tensor

from edgestyle.images import Picture, Pixels, to_pixels, write_picture
from edgestyle.models.stylegan import Generator
from edgestyle.quality.sheets import contact_sheet
from edgestyle.training.generator_lessons import GeneratorStudent

_COLUMNS, _GROUPS = 8, 2


@torch.no_grad()
def write_pairs(teacher: Generator, student: GeneratorStudent, path: Path, seed: int = 0) -> Pixels:
    """Draw a sheet of faces at the same styles: teacher, student, and the student's picture encoded and drawn again."""
    random = torch.Generator().manual_seed(seed)
    place, there = (network.get_buffer("mean_style").device for network in (teacher, student.generator))
    full = torch.ones(_COLUMNS, device=there)
    rows: list[list[Pixels]] = []
    for _ in range(_GROUPS):
        z = torch.randn(_COLUMNS, teacher.config.latent_dimensions, generator=random)
        style = teacher.mapping(z.to(place))
        drawn = student.generator(style.to(there), full)
        redrawn = student.generator(student.encoder(drawn), full)
        rows += [_row(teacher.draw(style)), _row(drawn), _row(redrawn)]
    names = ["teacher", "student", "encoded"] * _GROUPS
    sheet = contact_sheet(rows, [""] * _COLUMNS, names, max(96, teacher.config.size))
    write_picture(Picture(sheet), path)
    return sheet


def _row(images: Tensor) -> list[Pixels]:
    return [to_pixels(image[None].cpu().numpy()) for image in images]
