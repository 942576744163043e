"""Pictures of drawn faces to train on, by DiceBear: every one follows from its number, with what it shows beside it."""

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from edgestyle.errors import TrainingError
from edgestyle.images import make_folder, output_errors, whole_file
from edgestyle.training.avatar_styles import AvatarStyle, find_style

PACKAGES = ("@dicebear/core@9.4.3", "@dicebear/collection@9.4.3", "@resvg/resvg-js@2.6.2")
ATTRIBUTES_FILE = "attributes.jsonl"
CREDITS_FILE = "CREDITS.md"
ABSENT = "none"
_JOB_FILE = "avatars.json"
_MOST = 1_000_000
_ERROR_LINE = re.compile(r"^\w*Error\b.*", re.MULTILINE)
_SCRIPT = Path(__file__).with_name("draw_avatars.mjs")
_CREDITS = """# Credits

{count} faces drawn by program from the parts of one design.

* Design: "{title}" by {creator}, {source} ({homepage})
* Licence of the design, and so of these pictures: {licence}, {url}
* Drawn with {versions} (MIT, MPL-2.0)
"""


def draw_avatars(
    folder: Path,
    count: int,
    style: str = "lorelei",
    size: int = 128,
    packages: Path = Path(),
    on_picture: Callable[[int], None] = lambda done: None,
) -> int:
    """Fill `folder` with `00000.png`, `00001.png`, ... of faces, `attributes.jsonl` and `CREDITS.md`.

    What an interrupted call left is kept and gone on from; the same call gives the same pictures.

    Args:
        folder: new, or begun by the same call; a larger `count` adds to it.
        count: pictures in all.
        style: a name in `AVATAR_STYLES`.
        size: side of a picture in pixels.
        packages: folder where `npm install` put `PACKAGES`.
        on_picture: called with the number of pictures that are there.

    Returns how many pictures were drawn now.

    Raises:
        TrainingError: Node.js or a package is missing, the folder holds other pictures, or a number is out of range.
    """
    drawn_in = find_style(style)
    if not 1 <= count <= _MOST or not 16 <= size <= 1024:
        raise TrainingError(f"avatars are 1 to {_MOST:,} pictures of 16 to 1024 pixels, not {count} of {size}")
    node = _find_node(packages)
    make_folder(folder)
    _check_job(folder, {"style": style, "size": size, "options": json.loads(json.dumps(drawn_in.all_options()))})
    there = _recorded(folder)
    on_picture(len(there))
    missing = [{"file": name, "seed": str(i)} for i, name in enumerate(_names(count)) if name not in there]
    if missing:
        _draw(node, packages, folder, _node_job(drawn_in, size, folder, missing), drawn_in, len(there), on_picture)
    return len(missing)


def _names(count: int) -> list[str]:
    return [f"{number:05}.png" for number in range(count)]


def _find_node(packages: Path) -> str:
    if not packages.is_dir():
        raise TrainingError(f"no such folder of npm packages: {packages}; make it: {_install(packages)}")
    node = shutil.which("node")
    if node is None:
        raise TrainingError("drawing avatars needs Node.js from version 18 on, and there is no 'node' in PATH")
    return node


def _install(packages: Path) -> str:
    return f"npm install --prefix {shlex.quote(str(packages))} {' '.join(PACKAGES)}"


def _check_job(folder: Path, job: dict[str, Any]) -> None:
    """Note what the folder holds; refuse to mix two kinds of pictures in it."""
    path = folder / _JOB_FILE
    if path.is_file():
        try:
            before = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise TrainingError(f"{path} is damaged: delete the folder to draw anew") from error
        if before != job:
            raise TrainingError(f"{folder} holds avatars of another style, size or version: give another folder")
        return
    if any(folder.iterdir()):
        raise TrainingError(f"{folder} is not empty and holds no avatars: give another folder")
    with whole_file(path) as temporary:
        temporary.write_text(json.dumps(job, indent=1) + "\n", encoding="utf-8")


def _recorded(folder: Path) -> set[str]:
    """Names of pictures that are there with their attributes; a last line that was cut short is taken out."""
    path = folder / ATTRIBUTES_FILE
    if not path.is_file():
        return set()
    lines, whole = path.read_text(encoding="utf-8").splitlines(keepends=True), []
    for line in lines:
        try:
            name = json.loads(line)["file"]
        except (ValueError, KeyError, TypeError):
            continue
        if line.endswith("\n") and (folder / str(name)).is_file():
            whole.append((str(name), line))
    if len(whole) < len(lines):
        with whole_file(path) as temporary:
            temporary.write_text("".join(line for _, line in whole), encoding="utf-8")
    return {name for name, _ in whole}


def _node_job(style: AvatarStyle, size: int, folder: Path, pictures: list[dict[str, str]]) -> dict[str, Any]:
    options = style.all_options()
    return {"style": style.key, "options": options, "size": size, "folder": str(folder.resolve()), "pictures": pictures}


def _draw(
    node: str, packages: Path, folder: Path, job: dict[str, Any], style: AvatarStyle, there: int,
    on_picture: Callable[[int], None],
) -> None:  # fmt: skip
    with _answers(node, packages, job) as answers, output_errors(folder):
        _write_credits(folder, _expect_about(next(answers, {}), packages), there + len(job["pictures"]))
        with (folder / ATTRIBUTES_FILE).open("a", encoding="utf-8") as record:
            for done, answer in enumerate(answers, there + 1):
                record.write(json.dumps(_line(answer, style)) + "\n")
                record.flush()
                on_picture(done)


def _line(answer: dict[str, Any], style: AvatarStyle) -> dict[str, Any]:
    """What is kept of one picture: its file, its seed, and what it shows."""
    drawn = answer["drawn"] | {"background": answer["drawn"]["primaryBackgroundColor"]}
    shown = {name: drawn.get(name, ABSENT) for name in style.attributes}
    return {"file": answer["file"], "seed": answer["seed"], "attributes": shown}


@contextmanager
def _answers(node: str, packages: Path, job: dict[str, Any]) -> Iterator[Iterator[dict[str, Any]]]:
    """Start Node.js in the packages' folder, where it looks for them, and read its lines as they come."""
    command = [node, "--input-type=module", "--eval", _SCRIPT.read_text(encoding="utf-8")]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, cwd=packages, stdin=pipe, stdout=pipe, stderr=pipe, text=True, encoding="utf-8")
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        process.stdin.write(json.dumps(job))
        process.stdin.close()
        yield map(json.loads, process.stdout)
        if process.wait():
            named = _ERROR_LINE.search(process.stderr.read())
            raise TrainingError(f"Node.js could not draw: {named[0] if named else 'it ended early'}")
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


def _expect_about(answer: dict[str, Any], packages: Path) -> dict[str, Any]:
    if "missing" in answer:
        raise TrainingError(f"drawing avatars needs the npm package {answer['missing']}: {_install(packages)}")
    if "meta" not in answer:
        raise TrainingError("Node.js could not load the packages that draw avatars; is it version 18 or later?")
    return answer


def _write_credits(folder: Path, about: dict[str, Any], count: int) -> None:
    meta, versions = about["meta"], ", ".join(f"{name} {version}" for name, version in about["versions"].items())
    text = _CREDITS.format(
        count=count, title=meta["title"], creator=meta["creator"], source=meta["source"], homepage=meta["homepage"],
        licence=meta["license"]["name"], url=meta["license"]["url"], versions=versions,
    )  # fmt: skip
    with whole_file(folder / CREDITS_FILE) as temporary:
        temporary.write_text(text, encoding="utf-8")
