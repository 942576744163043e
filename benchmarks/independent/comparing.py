"""When two runtimes draw the same picture, and by how much they differ."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from benchmarks.independent.drawing import Case
from edgestyle.images import Floats, read_picture, resize, to_floats
from edgestyle.models import AnyRenderer
from edgestyle.packs.pack import Pack
from edgestyle.quality.fidelity import psnr_db

MAX_DIFFERENCE_DB = 1.0
UNSEEN_DB = 60.0  # closer than a quarter of an 8-bit level, what float16 promises: there dB only count roundings
_MOST_DB = 150.0  # where float32 ends
_EXAMPLES = Path(__file__).parent.parent.parent / "examples"


@dataclass(frozen=True)
class Agreement:
    """One file in two runtimes, over all cases.

    Attributes:
        pictures: how many were compared.
        native_psnr_db, other_psnr_db: mean PSNR to the torch network in the file's own runtime and in the other.
        largest_difference_db: of a single picture's two PSNRs, with its sign; negative where the other is further off.
        min_between_db: PSNR of the two runtimes' pictures to each other, the worst.
        identity_difference: the other's largest difference to the input at strength 0.
        disagreements: one line for every picture that is not the same.
    """

    pictures: int
    native_psnr_db: float
    other_psnr_db: float
    largest_difference_db: float
    min_between_db: float
    identity_difference: float
    disagreements: tuple[str, ...]


def is_same(native_db: float, other_db: float, between_db: float) -> bool:
    """Whether two runtimes draw the same picture.

    Args:
        native_db, other_db: PSNR of each to the torch network.
        between_db: of the two to each other.

    The two must be equally far from the network, within 1 dB; or both so close to it and to each other that nobody
    could see a difference (60 dB), where the last bits of sums in another order decide about dB.
    """
    worst = min(native_db, other_db, between_db)  # 0 where there was nothing to compare
    return worst >= UNSEEN_DB or (worst > 0 and abs(other_db - native_db) <= MAX_DIFFERENCE_DB)


def make_cases(pack: Pack, photos: list[str], styles: list[str], size: int) -> list[Case]:
    """Square example photos in every style at strengths 0, 0.5 and 1, and random numbers at strength 0."""
    images = {name: _square(name, size) for name in photos}
    noise = np.random.default_rng(0).random((1, 3, size, size), dtype=np.float32)
    plans = [(name, image, at) for name, image in images.items() for at in (0.0, 0.5, 1.0)] + [("noise", noise, 0.0)]
    return [
        Case(f"{name} as {style} at {at:g}", image, pack.style(style).as_input(), at)
        for style in styles
        for name, image, at in plans
    ]


def draw_with_network(renderer: AnyRenderer, cases: list[Case]) -> list[Floats]:
    """The torch network's pictures."""
    with torch.no_grad():
        return [
            renderer(torch.from_numpy(case.image), torch.from_numpy(case.style), torch.tensor([case.strength])).numpy()
            for case in cases
        ]


def compare(cases: list[Case], network: list[Floats], native: list[Floats], other: list[Floats]) -> Agreement:
    """Compare three sets of pictures of the same cases; PSNR counts at strengths above 0, identity at 0."""
    rows, disagreements, identity = [], [], 0.0
    for case, expected, mine, theirs in zip(cases, network, native, other, strict=True):
        if case.strength == 0:
            identity = max(identity, _largest_difference(theirs, case.image))
            continue
        row = _db(mine, expected), _db(theirs, expected), _db(theirs, mine)
        rows.append(row)
        if not is_same(*row):
            disagreements.append(f"{case.name}: {row[0]:.1f} dB here, {row[1]:.1f} dB there, {row[2]:.1f} dB apart")
    table = np.array(rows)
    differences = table[:, 1] - table[:, 0]
    return Agreement(
        pictures=len(rows),
        native_psnr_db=float(table[:, 0].mean()),
        other_psnr_db=float(table[:, 1].mean()),
        largest_difference_db=float(differences[np.abs(differences).argmax()]),
        min_between_db=float(table[:, 2].min()),
        identity_difference=identity,
        disagreements=tuple(disagreements),
    )


def _largest_difference(first: Floats, second: Floats) -> float:
    """Of two pictures' values; infinite where they cannot be compared."""
    return float(np.abs(first - second).max()) if _comparable(first, second) else float("inf")


def _db(first: Floats, second: Floats) -> float:
    """PSNR with a ceiling; 0 where the two cannot be compared."""
    if not _comparable(first, second):
        return 0.0
    return min(_MOST_DB, psnr_db(torch.from_numpy(first), torch.from_numpy(second)))


def _comparable(first: Floats, second: Floats) -> bool:
    return first.shape == second.shape and bool(np.isfinite(first).all() and np.isfinite(second).all())


def _square(name: str, size: int) -> Floats:
    """The middle of an example photo, reduced to `[1,3,size,size]`."""
    pixels = read_picture(_EXAMPLES / f"{name}.jpg").pixels
    side = min(pixels.shape[:2])
    top, left = ((length - side) // 2 for length in pixels.shape[:2])
    return to_floats(resize(pixels[top : top + side, left : left + side], size, size))
