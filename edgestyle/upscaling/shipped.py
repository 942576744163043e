"""The networks that come with edgestyle: where they are, and whether they are still what they were."""

import json
from pathlib import Path

from edgestyle.contract import check_factor
from edgestyle.errors import ArtifactError
from edgestyle.sidecar import file_sha256

NETWORKS = Path(__file__).parent / "networks"


def shipped_network(factor: int, folder: Path = NETWORKS) -> Path:
    """The network's file.

    Raises:
        ContractError: there is none for this factor.
        ArtifactError: it is missing, or was changed.
    """
    try:
        described = json.loads((folder / "upscalers.json").read_text(encoding="utf-8"))
        known = described["networks"][str(check_factor(factor))]
        path, expected = folder / Path(known["file"]).name, known["sha256"]
        found = file_sha256(path)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ArtifactError(f"cannot read the upscalers in {folder}: {error}") from error
    if found != expected:
        raise ArtifactError(f"{path} was changed: its sha256 is {found[:12]}..., not {str(expected)[:12]}...")
    return path
