"""Sidecars: the JSON beside every exported file. It is all that an app or a benchmark needs to know of it."""

import hashlib
import json
from pathlib import Path
from typing import Any

from edgestyle.contract import CONTRACT_VERSION, SIZE_MULTIPLE, SMALLEST_SIDE
from edgestyle.errors import ArtifactError

MAX_SIZE = 4096  # longest side that parity is checked at


def sidecar_path(path: Path) -> Path:
    """The sidecar of an exported file: its whole name with `.json` added."""
    return path.with_name(path.name + ".json")


def file_sha256(path: Path) -> str:
    """sha256 of a file, or of a folder's sorted relative names and contents."""
    digest = hashlib.sha256()
    for part in _parts(path):
        if path.is_dir():
            digest.update(part.relative_to(path).as_posix().encode() + b"\0")
        digest.update(part.read_bytes())
    return digest.hexdigest()


def file_size_bytes(path: Path) -> int:
    """Size of a file, or of all the files in a folder."""
    return sum(part.stat().st_size for part in _parts(path))


def read_sidecar(path: Path) -> dict[str, Any]:
    """Read an exported file's sidecar and make sure that the file is the one it describes.

    Raises:
        ArtifactError: either is missing, the sidecar is damaged, or the file was changed or cut short.
    """
    sidecar = sidecar_path(path)
    if not path.exists():
        raise ArtifactError(f"no such exported file: {path}")
    try:
        data = json.loads(sidecar.read_text(encoding="utf-8"))
        _check_fields(data)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ArtifactError(f"{sidecar} is missing or damaged ({error})") from error
    if data["size_bytes"] != file_size_bytes(path) or data["sha256"] != file_sha256(path):
        raise ArtifactError(f"{path} is not the file its sidecar describes: it was changed or cut short")
    return dict(data)


def _check_fields(data: dict[str, Any]) -> None:
    """Raise ValueError, KeyError or TypeError unless everything that is read from a sidecar is there and sound."""
    if data["contract_version"] != CONTRACT_VERSION:
        raise ValueError(f"it is of contract {data['contract_version']}, this is {CONTRACT_VERSION}")
    for key in ("pack", "format", "recipe", "sha256"):
        if not isinstance(data[key], str):
            raise TypeError(f"'{key}' is no text")
    if type(data["size_bytes"]) is not int:
        raise TypeError("'size_bytes' is no number of bytes")
    sizes, styles = data["sizes"], data["styles"]
    if not isinstance(sizes, list) or not sizes or not all(map(_is_side, sizes)):
        raise ValueError(f"'sizes' are not multiples of {SIZE_MULTIPLE} from {SMALLEST_SIDE} to {MAX_SIZE}")
    if not all(isinstance(style["vector"], list) for style in styles.values()):
        raise ValueError("'styles' are no vectors")
    if not styles and not isinstance(data["mean_style"], list):  # an avatar pack may have no avatar by name
        raise ValueError("'mean_style' is no vector")
    if data.get("component") == "mapping" and not (type(data["latents"]) is int and data["latents"] > 0):
        raise ValueError("'latents' is no number of random numbers")


def _is_side(value: object) -> bool:
    return type(value) is int and SMALLEST_SIDE <= value <= MAX_SIZE and value % SIZE_MULTIPLE == 0


def _parts(path: Path) -> list[Path]:
    return sorted(part for part in path.rglob("*") if part.is_file()) if path.is_dir() else [path]
