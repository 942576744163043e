"""Sidecars: the JSON beside every exported file. It is all that an app or a benchmark needs to know of it."""

import hashlib
import json
from pathlib import Path
from typing import Any

from edgestyle.contract import CONTRACT_VERSION
from edgestyle.errors import ArtifactError


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
        if data["contract_version"] != CONTRACT_VERSION:
            raise ArtifactError(f"{sidecar} is of contract {data['contract_version']}, this is {CONTRACT_VERSION}")
        if data["size_bytes"] != file_size_bytes(path) or data["sha256"] != file_sha256(path):
            raise ArtifactError(f"{path} is not the file its sidecar describes: it was changed or cut short")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ArtifactError(f"{sidecar} is missing or damaged ({error})") from error
    return dict(data)


def _parts(path: Path) -> list[Path]:
    return sorted(part for part in path.rglob("*") if part.is_file()) if path.is_dir() else [path]
