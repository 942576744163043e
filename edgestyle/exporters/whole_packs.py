"""Folders of packs are written whole or not at all."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edgestyle.errors import ExportError, PackError
from edgestyle.images import make_folder, output_errors
from edgestyle.packs.avatars import load_any_pack
from edgestyle.packs.pack import PackFiles


def files_of(pack: PackFiles) -> list[str]:
    """Names of all the files that a pack's `pack.json` speaks of."""
    networks = [[one.weights, one.onnx, *one.recipe_weights.values()] for one in pack.components.values()]
    previews = [style.preview for style in pack.styles.values() if style.preview]
    return [*(name for names in networks for name in names), *previews]


def check_replaceable(folder: Path) -> None:
    """Raise unless a pack can be written as `folder`; its parent is made.

    Raises:
        ExportError: `folder` holds something else than a pack, or is a file.
        OutputError: it cannot be written.
    """
    with output_errors(folder):
        taken = folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
    if taken and not (folder / "pack.json").is_file():
        raise ExportError(f"{folder} holds something else than a pack; choose another folder")
    make_folder(folder.parent)
    with output_errors(folder.parent), tempfile.TemporaryDirectory(prefix=".part-", dir=folder.parent):
        pass


@contextmanager
def whole_pack(folder: Path) -> Iterator[Path]:
    """A folder to write a pack in, which then takes the place of `folder`; nothing is left of it if that fails.

    Raises:
        ExportError: `folder` holds something else than a pack.
        OutputError: it cannot be written.
    """
    check_replaceable(folder)
    with output_errors(folder.parent):
        workshop = tempfile.TemporaryDirectory(prefix=".part-", dir=folder.parent)
    with workshop as name:
        built = Path(name) / "pack"
        yield built
        with output_errors(folder):
            if folder.exists():
                _keep_others(folder, built)
            _swap(built, folder, Path(name) / "replaced")


def copy_file(source: Path, target: Path) -> None:
    """Copy a file, or a link as a link; raise OutputError where that cannot be done."""
    with output_errors(target.parent):
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target, follow_symlinks=False)


def _keep_others(old: Path, built: Path) -> None:
    """Copy what lies in the folder of an older build and is neither part of it nor in the new one."""
    try:
        known = {"pack.json", *files_of(load_any_pack(old.resolve()))}
    except PackError:  # who knows what it was made of
        known = {"pack.json"}
    for path in old.rglob("*"):
        name = path.relative_to(old)
        if name.as_posix() not in known and (path.is_file() or path.is_symlink()) and not (built / name).exists():
            copy_file(path, built / name)


def _swap(built: Path, folder: Path, aside: Path) -> None:
    """Put `built` in the place of `folder`, which goes `aside`, and comes back if that fails."""
    if moved := folder.exists():
        folder.replace(aside)
    try:
        built.replace(folder)
    except BaseException:
        if moved:
            aside.replace(folder)
        raise
