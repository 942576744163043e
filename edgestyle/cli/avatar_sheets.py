"""What `edgestyle avatar` makes of many faces: a grid of seeds, and the way from one face to another."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import track

from edgestyle.cli.avatar_faces import Drawing
from edgestyle.errors import ContractError
from edgestyle.images import Floats, Picture, Pixels, write_picture
from edgestyle.packs.avatar_mixing import between
from edgestyle.packs.avatar_sheets import ANIMATED, check_sheet, lay_out, write_animation
from edgestyle.packs.seeds import check_seed

MOST_FACES = 400
_STEPS, _FRAMES = 9, 24


@dataclass(frozen=True)
class Grid:
    """So many columns and rows of seeds."""

    columns: int
    rows: int

    @property
    def count(self) -> int:
        """How many faces."""
        return self.columns * self.rows


def parse_grid(text: str) -> Grid:
    """ "6x4" as 6 columns and 4 rows. Raises ContractError for anything else, no face at all, or too many."""
    match = re.fullmatch(r"([0-9]{1,4})x([0-9]{1,4})", text.strip())
    grid = Grid(int(match[1]), int(match[2])) if match else Grid(0, 0)
    if not 1 <= grid.count <= MOST_FACES:
        raise ContractError(f"'{text}' is no grid of 1 to {MOST_FACES} faces: write columns x rows, such as 6x4")
    return grid


def check_steps(steps: int | None) -> None:
    """Raise ContractError for a way of fewer than two faces or of too many."""
    if steps is not None and not 2 <= steps <= MOST_FACES:
        raise ContractError(f"a way has 2 to {MOST_FACES} faces, not {steps}")


def draw_grid(drawing: Drawing, grid: Grid, captions: bool, path: Path) -> None:
    """Draw the seeds counted from the drawing's own into one picture.

    Raises:
        ContractError: the face to start from has no seed, seeds run out, or the picture would be too large.
    """
    if drawing.seed is None:
        raise ContractError("--grid counts seeds from --seed: leave out --name, --invert and --style")
    check_seed(drawing.seed + grid.count - 1)
    check_sheet(grid.count, grid.columns, drawing.size)
    seeds = range(drawing.seed, drawing.seed + grid.count)
    pictures = _draw_all(drawing, map(drawing.mixed, seeds), grid.count)
    sheet = lay_out(pictures, grid.columns, list(map(str, seeds)) if captions else None)
    write_picture(Picture(sheet), path)


def draw_way(drawing: Drawing, to: str, steps: int | None, path: Path) -> None:
    """Draw the way from the drawing's face to another: side by side, or one after the other where the file moves.

    Raises:
        ContractError, PackError: there is no such face, or the picture would be too large.
    """
    animated = path.suffix.lower() in ANIMATED
    count = steps or (_FRAMES if animated else _STEPS)
    vectors = between(drawing.pack, drawing.vector, drawing.pack.style(to), count)
    if not animated:
        check_sheet(count, count, drawing.size)
    pictures = _draw_all(drawing, vectors, count)
    if animated:
        write_animation(pictures, path)
    else:
        write_picture(Picture(lay_out(pictures, count)), path)


def _draw_all(drawing: Drawing, vectors: Iterable[Floats], count: int) -> list[Pixels]:
    """Draw faces under a progress bar that leaves nothing behind."""
    bar = track(vectors, "drawing", total=count, console=Console(stderr=True), transient=True)
    return [drawing.draw(vector) for vector in bar]
