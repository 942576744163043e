"""Files are built aside and moved into place with their sidecars, so that nothing half-written is left behind."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from edgestyle.exporters.formats import FORMATS
from edgestyle.images import output_errors
from edgestyle.packs.pack import PackFiles
from edgestyle.sidecar import sidecar_path


def file_path(
    folder: Path,
    pack: PackFiles,
    recipe_name: str,
    format_name: str,
    io: str,
    component: str = "renderer",
    size: str = "",
) -> Path:
    """Where an exported file goes; `size` is part of its name where there is one file a size."""
    ending = ("" if io == "float32" else f"-{io}") + (size and f"-{size}") + FORMATS[format_name].suffix
    return folder / f"{pack.name}-{component}-{recipe_name}{ending}"


@contextmanager
def workshop_in(folder: Path) -> Iterator[Path]:
    """A temporary folder inside `folder`, gone afterwards whatever happens; raise OutputError where none can be."""
    with output_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        workshop = tempfile.TemporaryDirectory(prefix=".part-", dir=folder)
    with workshop as name:
        yield Path(name)


def put_in_place(built: Path, path: Path, sidecar: dict[str, Any]) -> None:
    """Move a file from its workshop to `path`, its sidecar beside it; raise OutputError where that cannot be done."""
    text = json.dumps(sidecar, indent=2, ensure_ascii=False) + "\n"
    with output_errors(path.parent):
        sidecar_path(built).write_text(text, encoding="utf-8")
        for old in (path, sidecar_path(path)):  # moved away first: folders cannot be replaced
            if old.exists():
                old.replace(built.parent / f"replaced-{old.name}")
        built.replace(path)
        sidecar_path(built).replace(sidecar_path(path))
