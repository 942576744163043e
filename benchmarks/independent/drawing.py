"""Draw the same cases with any runner. It needs no torch, so that an ARM64 board, or an emulated one, can do it too.

python -m benchmarks.independent.drawing CASES.npz PICTURES.npz FILE...
"""

import platform
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from edgestyle.images import Floats
from edgestyle.runtime.runner import Runner, open_runner

MACHINE = "machine"


@dataclass(frozen=True)
class Case:
    """One picture to draw.

    Attributes:
        name: photo, style and strength, for messages.
        image: `[1,3,H,W]` in [0,1].
        style: `[1,D]`.
        strength: in [0,1].
    """

    name: str
    image: Floats
    style: Floats
    strength: float


def draw(runner: Runner, cases: list[Case]) -> list[Floats]:
    """What a runner makes of every case, `[1,3,H,W]` each."""
    return [runner.run(case.image, case.style, case.strength) for case in cases]


def write_cases(cases: list[Case], path: Path) -> None:
    """Write cases of one picture size as arrays."""
    np.savez(
        path,
        names=np.array([case.name for case in cases]),
        images=np.concatenate([case.image for case in cases]),
        styles=np.concatenate([case.style for case in cases]),
        strengths=np.array([case.strength for case in cases]),
    )


def read_cases(path: Path) -> list[Case]:
    """Read what `write_cases` wrote."""
    with np.load(path, allow_pickle=False) as data:
        rows = zip(data["names"], data["images"], data["styles"], data["strengths"], strict=True)
        return [Case(str(name), image[None], style[None], float(at)) for name, image, style, at in rows]


def main(arguments: list[str]) -> None:
    """Draw all cases with every file and write the pictures by file name, with the processor's name."""
    cases, pictures, *files = map(Path, arguments)
    wanted = read_cases(cases)
    arrays: dict[str, Any] = {MACHINE: np.array(platform.machine())}
    arrays |= {file.name: np.concatenate(draw(open_runner(file, threads=1), wanted)) for file in files}
    np.savez(pictures, **arrays)


if __name__ == "__main__":
    main(sys.argv[1:])
