"""Is what an app reads whole? It needs no converter, so that a build can ask each time."""

import json
from pathlib import Path
from typing import Any

from edgestyle.errors import ArtifactError
from edgestyle.sidecar import read_sidecar


def check_folder(folder: Path) -> list[Path]:
    """The files that `models/index.json` in a folder names, each checked against its sidecar.

    Raises:
        ArtifactError: the index, a file or a preview is missing or damaged, or is not the one that the index names.
    """
    index, files = read_index(folder), []
    for pack in index["packs"]:
        for entry in pack["files"]:
            path = folder / entry["path"]
            if read_sidecar(path)["sha256"] != entry["sha256"]:
                raise ArtifactError(f"{path} is another file than the index names")
            files.append(path)
        for style in pack["styles"]:
            if style["preview"] and not (folder / style["preview"]).is_file():
                raise ArtifactError(f"no such preview: {folder / style['preview']}")
    return files


def read_index(folder: Path) -> dict[str, Any]:
    """The index in a folder. Raises ArtifactError where it is missing or damaged."""
    path = folder / "models" / "index.json"
    try:
        index = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(index["packs"], list):
            raise TypeError("'packs' is no list")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ArtifactError(f"{path} is missing or damaged ({error})") from error
    return dict(index)
