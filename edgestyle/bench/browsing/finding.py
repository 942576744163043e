"""Find what measuring in a browser needs: Chromium, and the npm packages of the runtimes."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from edgestyle.errors import TargetError

PACKAGES = {".onnx": "onnxruntime-web@1.30.0", ".tflite": "@litertjs/core@2.5.3"}  # by suffix of exported files
_CHROMIUMS = (
    "chromium", "chromium-browser", "google-chrome-stable", "google-chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)  # fmt: skip
_NAMES = {"onnxruntime-web": "onnxruntime-web", "@litertjs/core": "litert.js"}  # as rows call them


@dataclass(frozen=True)
class Tools:
    """What was found.

    Attributes:
        chromium: the program.
        packages: the folder `node_modules`.
    """

    chromium: Path
    packages: Path


def find_tools(suffixes: set[str], folder: Path = Path()) -> Tools:
    """What files with these suffixes need.

    Args:
        suffixes: keys of `PACKAGES`.
        folder: `node_modules` is looked for in it, then in `.node` inside of it.

    Raises:
        TargetError: Chromium or a package is missing; says what to type.
    """
    found = next((path for name in _CHROMIUMS if (path := shutil.which(name))), None)
    if found is None:
        raise TargetError("no Chromium or Chrome is installed: apt-get install chromium")
    wanted = [PACKAGES[suffix] for suffix in sorted(suffixes)]
    places = [folder / "node_modules", folder / ".node" / "node_modules"]
    for place in places:
        if all(_is_there(place, name) for name in wanted):
            return Tools(Path(found), place.resolve())
    missing = [name for name in wanted if not any(_is_there(place, name) for place in places)] or wanted
    raise TargetError(f"the browser needs npm packages: npm install --prefix .node {' '.join(missing)}")


def read_runtime(packages: Path, suffix: str) -> str:
    """Name and version of the runtime for a suffix, such as "onnxruntime-web 1.30.0"."""
    name = PACKAGES[suffix].rpartition("@")[0]
    about = json.loads((packages / name / "package.json").read_text(encoding="utf-8"))
    return f"{_NAMES[name]} {about['version']}"


def _is_there(place: Path, package: str) -> bool:
    return (place / package.rpartition("@")[0] / "package.json").is_file()
