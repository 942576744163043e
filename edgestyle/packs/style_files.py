"""Style files: one style as a small JSON to share, to draw with, and to add to packs and exported files.

    {"format": 1, "kind": "edgestyle style", "name": "acme", "pack": "atelier", "network_sha256": "...",
     "style": {"vector": [...], "default_strength": 0.8, ...}, "learned": {...}, "versions": [...]}

They come from strangers: sizes are checked before anything is read, numbers must be finite, no name is a path, and a
vector is refused by any network but the one it was learned with.
"""

import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from edgestyle.contract import STYLE_DIMENSIONS
from edgestyle.errors import PackError
from edgestyle.images import whole_file
from edgestyle.packs.loading import check_name, parse_style, parse_text, style_json
from edgestyle.packs.pack import Pack, Style
from edgestyle.sidecar import file_sha256

STYLE_FORMAT = 1
KIND = "edgestyle style"
SUFFIX = ".style.json"
MAX_STYLE_BYTES = 2 * 2**20
MAX_VERSIONS = 100
_MOST_NESTED = 12
_LARGEST = 3.4e38  # a float32


@dataclass(frozen=True)
class StyleFile:
    """A style on its own, and the network that draws it.

    Attributes:
        style: the style.
        pack: name of the pack it was learned with, for people.
        network_sha256: of that pack's renderer weights, which decides whether it fits.
        learned: how it came to be: pictures, steps, distances, versions of tools.
        versions: vectors it had before, the latest last, each `{"vector": [...], "learned": {...}}`, with its
            "correction" where it had one.
        correction: a low-rank change of the network's modulation that belongs to it; see `packs.corrections`.
    """

    style: Style
    pack: str
    network_sha256: str
    learned: dict[str, Any] = field(default_factory=dict)
    versions: list[dict[str, Any]] = field(default_factory=list)
    correction: dict[str, Any] | None = None


def save_style(file: StyleFile, path: Path) -> None:
    """Write a style file, whole or not at all; its oldest versions are left out where it would be too large to be read.

    Raises:
        OutputError: it cannot be written.
    """
    text = _to_text(file)
    while len(text.encode()) > MAX_STYLE_BYTES and file.versions:
        file = replace(file, versions=file.versions[1:])
        text = _to_text(file)
    with whole_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _to_text(file: StyleFile) -> str:
    entry = style_json(file.style)
    entry["preview"] = ""
    data = {
        "format": STYLE_FORMAT,
        "kind": KIND,
        "name": file.style.name,
        "pack": file.pack,
        "network_sha256": file.network_sha256,
        "style": entry,
        "learned": file.learned,
        **({"versions": file.versions} if file.versions else {}),
        **({"correction": file.correction} if file.correction else {}),
    }
    return json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def read_style(path: Path) -> StyleFile:
    """Read a style file.

    Raises:
        PackError: it is missing, too large, no JSON, of another format, or holds anything but finite numbers.
    """
    data = _read_json(path)
    with _errors(path):
        name, entry = check_name(data["name"]), dict(data["style"])
        vector = entry["vector"]
        if not isinstance(vector, list) or not 1 <= len(vector) <= 1024:
            raise ValueError("its vector is no list of 1 to 1024 numbers")
        if not all(type(number) in (int, float) and abs(number) <= _LARGEST for number in vector):
            raise ValueError("its vector holds something else than finite numbers of 32 bits")
        versions = data.get("versions", [])
        if not isinstance(versions, list) or len(versions) > MAX_VERSIONS:
            raise ValueError(f"it has more than {MAX_VERSIONS} versions")
        for version in versions:
            parse_style(name, {**entry, "vector": version["vector"], "preview": ""}, len(vector))
        return StyleFile(
            style=parse_style(name, {**entry, "preview": ""}, len(vector)),
            pack=check_name(data["pack"]),
            network_sha256=parse_text(data["network_sha256"]),
            learned=dict(data.get("learned", {})),
            versions=versions,
            correction=dict(data["correction"]) if data.get("correction") else None,
        )


def check_fits(file: StyleFile, pack: Pack) -> None:
    """Raise PackError unless a style was learned with this pack's renderer."""
    dimensions = int(pack.components["renderer"].config.get("style_dimensions", STYLE_DIMENSIONS))
    weights = file_sha256(pack.file(pack.components["renderer"].weights))
    if file.network_sha256 != weights or len(file.style.vector) != dimensions:
        raise PackError(
            f"style '{file.style.name}' was learned with the network of pack '{file.pack}' "
            f"({file.network_sha256[:8]}), and pack '{pack.name}' has another ({weights[:8]}): a vector means nothing "
            f"to any other network; learn it anew: edgestyle learn {file.style.name} PICTURES --pack {pack.name}"
        )


def _read_json(path: Path) -> dict[str, Any]:
    try:
        size = path.stat().st_size
        if size > MAX_STYLE_BYTES:
            raise PackError(f"{path} is larger than {MAX_STYLE_BYTES // 2**20} MB and no style")
        data = json.loads(path.read_text(encoding="utf-8"), parse_float=_finite, parse_constant=_finite)
        _check_nesting(data, _MOST_NESTED)
    except FileNotFoundError as error:
        raise PackError(f"there is no style file {path}") from error
    except (OSError, ValueError, RecursionError) as error:
        raise PackError(f"{path} is no style that can be read: {error}") from error
    if not isinstance(data, dict) or data.get("kind") != KIND or data.get("format") != STYLE_FORMAT:
        raise PackError(f"{path} is not a style file of format {STYLE_FORMAT}, as 'edgestyle learn' writes them")
    return data


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is no finite number")
    return number


def _check_nesting(data: object, most: int) -> None:
    """Raise ValueError for what could not be written again."""
    if most < 0:
        raise ValueError(f"it holds lists within lists, more than {_MOST_NESTED} deep")
    for inner in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        _check_nesting(inner, most - 1)


@contextmanager
def _errors(path: Path) -> Iterator[None]:
    """Turn what a damaged file raises while it is parsed into PackError."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        reason = f"it lacks {error}" if isinstance(error, KeyError) else str(error)
        raise PackError(f"{path} is a damaged style: {reason}") from error
