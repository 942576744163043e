"""Draw pictures on an emulated ARM64 processor, with the ARM64 builds of the runtimes."""

import subprocess
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.independent.drawing import MACHINE, Case, write_cases
from edgestyle.errors import ArtifactError
from edgestyle.images import Floats

ROOT = Path(__file__).parent.parent.parent
HOME = ROOT / ".arm64"
SETUP = "make arm64"
_ARM64 = "aarch64"
PROCESSORS = ("cortex-a72", "cortex-a76")  # Raspberry Pi 4; Pi 5 and phones, with dot products and float16 arithmetic


def is_ready() -> bool:
    """Whether the emulator and its files have been set up, by the script and with the versions that are here now."""
    ready = HOME / "ready"
    made_of = Path(__file__).with_name("setup_arm64.sh").read_bytes() + (ROOT / "constraints.txt").read_bytes()
    return ready.is_file() and ready.read_text().split()[:1] == [sha256(made_of).hexdigest()]


def draw_on_arm64(processor: str, files: list[Path], cases: list[Case]) -> dict[str, list[Floats]]:
    """Pictures of all cases by file name, drawn by `edgestyle.runtime` in one process on a processor of `PROCESSORS`.

    Raises:
        CalledProcessError: the emulated process failed.
        ArtifactError: it was not an ARM64 processor.
    """
    with TemporaryDirectory() as folder:
        given, drawn = Path(folder) / "cases.npz", Path(folder) / "pictures.npz"
        write_cases(cases, given)
        module = ["-S", "-m", "benchmarks.independent.drawing"]
        subprocess.run([*_python(processor), *module, given, drawn, *files], check=True, cwd=ROOT, env=_environment())
        with np.load(drawn, allow_pickle=False) as pictures:
            if str(pictures[MACHINE]) != _ARM64:
                raise ArtifactError(f"the pictures were drawn on {pictures[MACHINE]}, not on {_ARM64}")
            return {file.name: [picture[None] for picture in pictures[file.name]] for file in files}


def script_for(processor: str) -> str:
    """A line of shell that runs the emulated Python with its runtimes, and what stands in PYTHONPATH before them."""
    command = " ".join(map(str, _python(processor)))
    return f'PYTHONPATH="$PYTHONPATH:{HOME / "site"}" exec {command} -S "$@"'


def _python(processor: str) -> list[str | Path]:
    """The emulated Python; a file under the processor's folder hides the host's of that name."""
    root = HOME / processor
    return [HOME / "qemu-aarch64-static", "-cpu", processor, "-L", root, root / "usr" / "bin" / "python3"]


def _environment() -> dict[str, str]:
    """Nothing of this machine's own Python."""
    return {"PYTHONPATH": f"{HOME / 'site'}:{ROOT}", "HOME": str(HOME), "LC_ALL": "C.UTF-8"}
