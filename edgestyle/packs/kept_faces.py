"""A face in a file of its own, to draw again later: JSON with its style vector, and which network draws it."""

import json
from pathlib import Path
from typing import Any

from edgestyle.contract import check_strength
from edgestyle.errors import ArtifactError, ContractError
from edgestyle.images import Floats, whole_file
from edgestyle.packs.avatar_pack import AvatarPack
from edgestyle.sidecar import file_sha256

_FORMAT = 1
_MAX_BYTES = 2**20


def keep_face(pack: AvatarPack, vector: Floats, strength: float, path: Path) -> None:
    """Write a face `float32 [D]` of a pack, whole or not at all. Raises OutputError where that cannot be done."""
    data = {
        "face": _FORMAT,
        "pack": pack.name,
        "network_sha256": _network_hash(pack),
        "strength": strength,
        "vector": [float(f"{value:.9g}") for value in vector.tolist()],
    }
    with whole_file(path) as temporary:
        temporary.write_text(json.dumps(data) + "\n", encoding="utf-8")


def read_face(pack: AvatarPack, path: Path) -> tuple[Floats, float]:
    """The style vector `float32 [D]` and the strength of a face that was kept.

    Raises:
        ArtifactError: the file is missing or damaged, or another pack's network draws it.
    """
    try:
        data = _read(path)
        name, network = data["pack"], data["network_sha256"]
        if (name, network) == (pack.name, _network_hash(pack)):
            return pack.style(list(map(float, data["vector"]))), check_strength(float(data["strength"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError, OverflowError, ContractError) as error:
        raise ArtifactError(f"{path} is no face that was kept with --save-style ({_reason(error)})") from error
    raise ArtifactError(
        f"{path} was kept with pack {str(name)[:64]!r}, and not with the weights that pack '{pack.name}' has"
    )


def _read(path: Path) -> dict[str, Any]:
    if path.stat().st_size > _MAX_BYTES:
        raise ValueError(f"it is larger than {_MAX_BYTES // 2**20} MB")
    data = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(data, dict) or data.get("face") != _FORMAT:
        raise ValueError(f"it is not of format {_FORMAT}")
    return data


def _network_hash(pack: AvatarPack) -> str:
    return file_sha256(pack.file(pack.components["generator"].weights))


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return f"it lacks {error}" if isinstance(error, KeyError) else str(error).splitlines()[0]
