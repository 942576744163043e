"""Cube LUTs: tables of colours that video editors and shader filters look pictures up in.

The format is Adobe's "Cube LUT Specification 1.0" (2013): keywords, then a line of red, green and blue for each entry,
of which those of red change fastest. A LUT here is `[B,G,R,3]`, entry `[b,g,r]` for the colour `(r, g, b) / (N - 1)`.
"""

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from edgestyle.errors import ArtifactError, ExportError
from edgestyle.images import whole_file

SMALLEST, LARGEST = 2, 129
_LONGEST_LINE = 250
_KEYWORDS = ("TITLE", "DOMAIN_MIN", "DOMAIN_MAX")


def check_lut_size(size: int) -> int:
    """Return `size` if a LUT can have as many entries a side; raise ExportError otherwise."""
    if not SMALLEST <= size <= LARGEST:
        raise ExportError(f"a LUT has from {SMALLEST} to {LARGEST} entries a side, not {size}; 33 suits most editors")
    return size


def identity_lut(size: int) -> Tensor:
    """The LUT that leaves every colour alone, `[N,N,N,3]`: the colours that a LUT is asked for."""
    steps = torch.linspace(0, 1, size)
    blue, green, red = torch.meshgrid(steps, steps, steps, indexing="ij")
    return torch.stack([red, green, blue], 3)


def apply_lut(lut: Tensor, image: Tensor) -> Tensor:
    """Look `[1,3,H,W]`, sRGB in [0,1], up with trilinear interpolation, as editors do; the same shape comes back."""
    table = lut.permute(3, 0, 1, 2)[None]
    places = image.permute(0, 2, 3, 1)[:, None] * 2 - 1  # [1,1,H,W,3]: red is the last axis of the table
    return F.grid_sample(table, places, mode="bilinear", padding_mode="border", align_corners=True)[:, :, 0]


def write_cube(lut: Tensor, path: Path, title: str, notes: list[str]) -> None:
    """Write a LUT, whole or not at all.

    Args:
        lut: `[N,N,N,3]` in [0,1].
        path: of the file.
        title: what editors call it; quotation marks are left out.
        notes: lines of comment.

    Raises:
        OutputError: the file cannot be written.
    """
    head = [f'TITLE "{_plain(title)}"', *(f"# {_plain(note)}" for note in notes)]
    head += [f"LUT_3D_SIZE {len(lut)}", "DOMAIN_MIN 0.0 0.0 0.0", "DOMAIN_MAX 1.0 1.0 1.0"]
    rows = [" ".join(f"{value:.6f}" for value in entry) for entry in lut.reshape(-1, 3).tolist()]
    with whole_file(path) as temporary:
        temporary.write_text("\n".join([*head, *rows]) + "\n", encoding="ascii")


def read_cube(path: Path) -> Tensor:
    """Read a LUT of the domain [0,1] back as `[N,N,N,3]`.

    Raises:
        ArtifactError: the file is missing, or is no 3D LUT.
    """
    try:
        lines = [line.strip() for line in path.read_text(encoding="ascii").splitlines()]
        said = [line.split(None, 1) for line in lines if line and not line.startswith("#")]
        sizes = [int(rest) for word, rest in said if word == "LUT_3D_SIZE"]
        others = (*_KEYWORDS, "LUT_3D_SIZE")
        rows = [[float(value) for value in (word, *rest.split())] for word, rest in said if word not in others]
        return torch.tensor(rows).reshape(*3 * (check_lut_size(sizes[0]),), 3)
    except (OSError, ValueError, IndexError, RuntimeError, ExportError) as error:
        raise ArtifactError(f"{path} is not a readable cube LUT: {error}") from error


def _plain(text: str) -> str:
    """Text that may stand in such a file: one line of ASCII without quotation marks."""
    one_line = " ".join(text.split()).replace('"', "")
    return one_line.encode("ascii", "replace").decode()[: _LONGEST_LINE - 20]
