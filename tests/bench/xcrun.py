"""Stands in for `xcrun devicectl`: answers as recorded, and a folder is the app's own on the phone.

xcrun.py FOLDER devicectl ...    FOLDER holds `answers/*.json`, `container/`, `log`, `app.json`: what the app will write
"""

import json
import shutil
import sys
from itertools import pairwise
from pathlib import Path


def main() -> int:
    """Do a command; the exit code says whether its answer is an error."""
    home, words = Path(sys.argv[1]), sys.argv[3:]
    with (home / "log").open("a") as log:
        log.write(json.dumps(words) + "\n")
    options = dict(pairwise(words))
    verb = " ".join(words[: 2 if words[0] == "list" else 3])
    name = act(home, verb, options, words)
    answer = home / "answers" / name
    if answer.is_file():
        shutil.copyfile(answer, options["--json-output"])
    return int(b'"error"' in answer.read_bytes()) if answer.is_file() else 1


def act(home: Path, verb: str, options: dict[str, str], words: list[str]) -> str:
    """What happens on the phone; gives the name of the answer."""
    container = home / "container"
    if verb == "list devices":
        return "devices.json"
    if verb == "device info apps":
        return "apps.json"
    if verb == "device process launch":
        if (home / "app.json").is_file():
            name = words[words.index("--benchmark") + 1]
            shutil.copyfile(home / "app.json", container / f"Documents/benchmark/{name}.json")
        return "launched.json"
    if verb == "device copy to":
        copy(Path(options["--source"]), container / options["--destination"], options)
        return "copied.json"
    if verb == "device copy from":
        there = container / options["--source"]
        if not there.is_file():
            return "no-file.json"
        shutil.copyfile(there, options["--destination"])
    return "copied.json"


def copy(source: Path, destination: Path, options: dict[str, str]) -> None:
    """A file or a folder to its place, which is emptied before if that is asked for."""
    if options.get("--remove-existing-content") == "true":
        shutil.rmtree(destination, ignore_errors=True)
    destination.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, destination, dirs_exist_ok=True)
    else:
        shutil.copyfile(source, destination)


if __name__ == "__main__":
    sys.exit(main())
