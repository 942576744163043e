"""Apple's `devicectl` (Xcode 15 or later): every command's answer is the JSON that it writes into a file.

Commands: `xcrun devicectl help`. Shapes of answers: recorded ones of Xcode 15 to 27, whose `jsonVersion` is 2 to 5.
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from edgestyle.bench.targets.tools import printable, run_tool
from edgestyle.errors import TargetError

_TOOL = ["xcrun", "devicectl"]


def devicectl(*arguments: str, timeout_s: float = 60) -> dict[str, Any]:
    """Run a command and give the `result` of its answer.

    Raises:
        TargetError: this is no Mac, Xcode is missing, the command failed, or it took too long.
    """
    if sys.platform != "darwin":
        raise TargetError("iPhones are measured from a Mac: devicectl, which reaches them, comes with Xcode")
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder, "answer.json")
        try:
            said = run_tool([*_TOOL, *_with_options(arguments, answer)], timeout_s)
        except OSError as error:
            raise TargetError("xcrun is missing: install Xcode 15 or later") from error
        text = answer.read_text(encoding="utf-8", errors="replace") if answer.is_file() else ""
    return read_answer(text, said.last_line)


def _with_options(arguments: tuple[str, ...], answer: Path) -> list[str]:
    """Options stand before `--`; what follows is the app's."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    return [*arguments[:end], "--json-output", str(answer), *arguments[end:]]


def read_answer(text: str, said: str = "") -> dict[str, Any]:
    """The `result` in what devicectl wrote.

    Args:
        text: its JSON.
        said: its last words, for where there is none.

    Raises:
        TargetError: it says that the command failed, and why; or it is no answer.
    """
    try:
        answer = json.loads(text)
        if "error" in answer:
            raise TargetError(_reason(answer["error"]))
        if answer["info"]["outcome"] != "success":
            raise TargetError(f"devicectl: {printable(str(answer['info']['outcome']))}")
        return dict(answer.get("result") or {})
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise TargetError(f"devicectl gave no answer: {said or 'it says nothing'}") from error


def _reason(error: dict[str, Any]) -> str:
    """The descriptions of an error and of those under it, from the outermost on, in one line."""
    words: list[str] = []
    inner: Any = error
    while isinstance(inner, dict) and len(words) < 8:
        about = inner.get("userInfo") or {}
        for key in ("NSLocalizedDescription", "NSLocalizedFailureReason"):
            text = (about.get(key) or {}).get("string", "").strip()
            if text and text not in words:
                words.append(text)
        inner = (about.get("NSUnderlyingError") or {}).get("error")
    return printable(" ".join(" ".join(words).split()) or f"devicectl failed with code {error.get('code')}")
