"""What `edgestyle export --lut` does beside the export."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from edgestyle.cli.screen import add_row, show, working
from edgestyle.errors import ExportError

if TYPE_CHECKING:
    from edgestyle.packs.pack import Pack


def check_luts(pack: "Pack", size: int | None, strength: float | None) -> None:
    """Refuse before any work what cannot be written; raises as `exporters.lut.check_lut`."""
    from edgestyle.exporters.lut import check_lut

    if size is not None:
        check_lut(pack, size, strength)
    elif strength is not None:
        raise ExportError("--lut-strength is of LUTs: ask for them with --lut 33")


def write_luts(
    pack: "Pack", folder: Path, size: int | None, strength: float | None, say: Callable[[str], None]
) -> None:
    """Write the LUTs if any are wanted, show how close they are, and say what they lose."""
    from edgestyle.exporters.lut import export_luts

    if size is None:
        return
    with working("writing LUTs") as status:
        exported = export_luts(pack, folder, size, strength, on_start=status.update)
    table = Table("file", "strength", "LUT", "without places", title="PSNR to the renderer, mean over unseen photos")
    for one in exported:
        local = f"{one.local_db:.1f} dB" if math.isfinite(one.local_db) else "equal"
        add_row(table, one.path.name, f"{one.strength:g}", f"{one.psnr_db:.1f} dB", local)
    show(table)
    for one in exported:
        if one.warning:
            say(f"{one.path.name}: {one.warning}")
