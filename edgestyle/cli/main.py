"""Entry point: gathers the commands and turns errors into one line and an exit code."""

import sys
from typing import Annotated

import typer

from edgestyle import __version__
from edgestyle.cli.add_style import add_style
from edgestyle.cli.avatar import avatar
from edgestyle.cli.bench import bench
from edgestyle.cli.check import check
from edgestyle.cli.compare import compare
from edgestyle.cli.data import data
from edgestyle.cli.demo import demo
from edgestyle.cli.distill import distill
from edgestyle.cli.distill_generator import distill_generator
from edgestyle.cli.drift import drift
from edgestyle.cli.evaluate import evaluate
from edgestyle.cli.export import export
from edgestyle.cli.learn import learn
from edgestyle.cli.packs import packs
from edgestyle.cli.report import report
from edgestyle.cli.selfie import selfie
from edgestyle.cli.shards import shards
from edgestyle.cli.stylize import stylize
from edgestyle.cli.train_base import train_base
from edgestyle.cli.train_generator import train_generator
from edgestyle.cli.video import video
from edgestyle.errors import EdgestyleError

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)
for command in (
    stylize, selfie, video, avatar, packs, export, check, report, bench, compare, distill, train_generator,
    distill_generator, shards, evaluate, learn, drift, add_style, train_base, demo,
):  # fmt: skip
    app.command()(command)
app.add_typer(data, name="data")


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"edgestyle {__version__}")
        raise typer.Exit


@app.callback()
def edgestyle(
    version: Annotated[bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show it.")] = False,
) -> None:
    """Style models for phones, with the style's strength as an input.

    Try it:  edgestyle stylize photo.jpg -o cartoon.jpg --style cartoon --strength 0.7
    Ship it: edgestyle export atelier -o phone/
    """
    del version


def main() -> None:
    """Run the command line; what a user can mend is one line and exit code 2 or 3, a bug keeps its traceback."""
    try:
        code = app(standalone_mode=False)
    except EdgestyleError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except typer.TyperException as error:
        message = error.format_message() if hasattr(error, "format_message") else str(error)
        context = getattr(error, "ctx", None)
        hint = f" (see '{context.command_path} --help')" if context else ""
        if message:  # none where the help was just shown
            print(f"error: {message}{hint}", file=sys.stderr)
        sys.exit(2)
    except (typer.Abort, KeyboardInterrupt):
        print("interrupted", file=sys.stderr)
        sys.exit(130)
    if code == 130:  # what typer makes of Ctrl-C
        print("interrupted", file=sys.stderr)
    sys.exit(code if isinstance(code, int) else 0)
