"""Draw pictures on an emulated ARM64 processor, with the ARM64 builds of the runtimes."""

import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.independent.drawing import MACHINE, Case, write_cases
from edgestyle.images import Floats

ROOT = Path(__file__).parent.parent.parent
HOME = ROOT / ".arm64"
SETUP = "make arm64"
_PROCESSOR = "cortex-a76"  # of phones of 2019 and of the Raspberry Pi 5: integer dot products, float16 arithmetic


def is_ready() -> bool:
    """Whether the emulator and its files have been set up."""
    return (HOME / "ready").is_file()


def draw_on_arm64(files: list[Path], cases: list[Case]) -> dict[str, list[Floats]]:
    """Pictures of all cases by file name, drawn by `edgestyle.runtime` on ARM64 in one process.

    Raises:
        CalledProcessError: the emulated process failed.
        AssertionError: it was not an ARM64 processor.
    """
    with TemporaryDirectory() as folder:
        given, drawn = Path(folder) / "cases.npz", Path(folder) / "pictures.npz"
        write_cases(cases, given)
        module = ["-S", "-m", "benchmarks.independent.drawing"]
        subprocess.run([*_python(), *module, given, drawn, *files], check=True, cwd=ROOT, env=_environment())
        with np.load(drawn, allow_pickle=False) as pictures:
            assert str(pictures[MACHINE]) == "aarch64"
            return {file.name: [picture[None] for picture in pictures[file.name]] for file in files}


def _python() -> list[str | Path]:
    """The emulated Python; a file that is in the emulator's root hides the host's of that name."""
    root = HOME / "root"
    return [HOME / "qemu-aarch64-static", "-cpu", _PROCESSOR, "-L", root, root / "usr" / "bin" / "python3"]


def _environment() -> dict[str, str]:
    """Nothing of this machine's own Python."""
    return {"PYTHONPATH": f"{HOME / 'site'}:{ROOT}", "HOME": str(HOME), "LC_ALL": "C.UTF-8"}
