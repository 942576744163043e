"""What the recipes' command lines share: options, progress on stderr, errors in one line with exit code 2."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from edgestyle.errors import EdgestyleError

ROOT = Path(__file__).resolve().parents[1]

Packs = Annotated[
    list[str] | None,
    typer.Argument(help="Packs by name or folder. The default set, which is in git: atelier, lumen, faces."),
]
RecipeName = Annotated[str, typer.Option("--recipe", help="Precision of the weights: w8, float16, float32, w8a8.")]
Missing = Annotated[
    bool, typer.Option("--if-missing", help="Do nothing if what the app reads is there and whole; for builds.")
]


def say(line: str) -> None:
    """A line of progress."""
    print(line, file=sys.stderr, flush=True)


def run(recipe: Callable[..., None]) -> None:
    """Run a recipe's command line; what a user can mend is one line and exit code 2, a bug keeps its traceback."""
    app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
    app.command()(recipe)
    try:
        code = app(standalone_mode=False)
    except EdgestyleError as error:
        say(f"error: {error}")
        sys.exit(2)
    except typer.TyperException as error:
        say(f"error: {error.format_message() if hasattr(error, 'format_message') else error}")
        sys.exit(2)
    except (typer.Abort, KeyboardInterrupt):
        say("interrupted")
        sys.exit(130)
    sys.exit(code if isinstance(code, int) else 0)


def is_whole(folder: Path) -> bool:
    """Whether `models/index.json` is there with all that it names, each file the one of its sidecar."""
    from export.checking import check_folder

    try:
        check_folder(folder)
    except EdgestyleError:
        return False
    return True
