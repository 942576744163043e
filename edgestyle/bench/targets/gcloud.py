"""Google's `gcloud`, as it is installed and logged in."""

import re

from edgestyle.bench.targets.tools import MOST_BYTES, Said, printable, run_tool
from edgestyle.errors import TargetError

_ERROR = re.compile(r"ERROR: (?:\([\w.-]+\) )?(.+)")
_CANCEL_SECONDS = 20.0
_TODO = (
    ("do not currently have an active account", "log in: gcloud auth login"),
    ("Reauthentication", "log in again: gcloud auth login"),
    ("project", 'say which: project = "..." in the fleet file, or gcloud config set project'),
)


def run_gcloud(arguments: list[str], timeout_s: float, most_bytes: int = MOST_BYTES, errors_too: bool = True) -> Said:
    """Run gcloud; arguments as of `run_tool`. Raises TargetError too where there is no gcloud.

    One that is interrupted cancels the test that it waits for, which would go on in the farm, and cost money.
    """
    try:
        return run_tool(["gcloud", *arguments], timeout_s, most_bytes, errors_too, _CANCEL_SECONDS)
    except OSError as error:
        todo = "install it (https://cloud.google.com/sdk/docs/install) and log in: gcloud auth login"
        raise TargetError(f"gcloud cannot be started ({error.strerror}): {todo}") from error


def explain(said: Said) -> str:
    """One line for what went wrong, with what would be right where that is known."""
    found = _ERROR.search(said.text)
    reason = printable(found[1].strip()) if found else said.last_line
    return reason + next((f" ({text})" for mark, text in _TODO if mark in said.text), "")
