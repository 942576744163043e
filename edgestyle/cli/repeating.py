"""The command that was typed, as the records of packs keep it: whoever types it again gets the same weights."""

import shlex
from collections.abc import Iterable
from pathlib import Path

import typer


def repeat_command(context: typer.Context, leave_out: Iterable[str] = ()) -> str:
    """The arguments, and every option that is not its default; of paths only the last part, for records travel.

    Args:
        context: of the command.
        leave_out: options, by the names of their parameters, that change nothing in what is made.
    """
    words = ["edgestyle", str(context.command.name)]
    for parameter in context.command.params:
        value = context.params.get(str(parameter.name))
        if parameter.name in leave_out or value is None:
            continue
        if parameter.param_type_name == "argument":
            words.append(_word(value))
        elif value != parameter.default:
            words += [max(parameter.opts, key=len), _word(value)]
    return " ".join(words)


def _word(value: object) -> str:
    return shlex.quote(value.resolve().name if isinstance(value, Path) else str(value))
