"""`edgestyle check`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from edgestyle.errors import ArtifactError, PackError, ParityError


def check(
    folder: Annotated[Path, typer.Argument(help="Folder of exported files, or one exported file.")],
    packs: Annotated[
        list[str] | None, typer.Option("--pack", help="Folder of a pack of your own; may be repeated.")
    ] = None,
) -> None:
    """Check exported files again: unchanged since export, and still drawing the network's picture."""
    from edgestyle.cli.extras import needs
    from edgestyle.cli.screen import exported_table, show, working
    from edgestyle.packs.avatars import load_any_pack
    from edgestyle.packs.loading import check_name
    from edgestyle.runtime.runner import RUNNERS
    from edgestyle.sidecar import read_sidecar

    with needs("torch", "export"):
        from edgestyle.exporters.checking import Checker

    files = [folder] if folder.suffix in RUNNERS else sorted(p for p in folder.glob("*") if p.suffix in RUNNERS)
    if not files:
        raise ArtifactError(f"no exported file in {folder}")
    own = {loaded.name: loaded for loaded in map(load_any_pack, packs or [])}
    passed, failed = [], 0
    checkers: dict[str, Checker] = {}
    with working("checking") as status:
        for file in files:
            status.update(f"checking {file.name}")
            try:
                name = check_name(read_sidecar(file)["pack"])
                loaded = own[name] if name in own else load_any_pack(name)
                if loaded.name not in checkers:
                    checkers[loaded.name] = Checker(loaded)
                passed.append(checkers[loaded.name].check(file))
            except PackError as error:
                failed += 1
                print(f"failed: {file.name}: {error} (--pack FOLDER says where its pack is)", file=sys.stderr)
            except (ArtifactError, ParityError) as error:
                failed += 1
                print(f"failed: {file.name}: {error}", file=sys.stderr)
    if passed:
        show(exported_table(passed))
    if failed:
        raise ParityError(f"{failed} of {len(files)} files failed")
