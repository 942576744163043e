"""Whose work a generator learned from: read where `edgestyle data` wrote it, kept in the teacher's file and packs."""

import re
from collections.abc import Mapping
from pathlib import Path

from edgestyle.errors import TrainingError
from edgestyle.packs.loading import parse_text
from edgestyle.training.avatar_drawing import CREDITS_FILE

_DESIGN = re.compile(r'^\* Design: "(?P<title>.+)" by (?P<creator>.+?), http', re.MULTILINE)
_LICENCE = re.compile(r"^\* Licence of the design.*: (?P<name>CC0 1\.0|CC BY(?:-SA)? \d\.\d), http", re.MULTILINE)


def read_provenance(folder: Path) -> dict[str, str]:
    """ "licence", an SPDX identifier, and "credit" from the CREDITS.md of a folder of pictures, as `edgestyle data`
    writes it; empty where there is none, or one that says it in other words."""
    path = folder / CREDITS_FILE
    if not path.is_file():
        return {}
    text = path.read_text(encoding="utf-8", errors="replace")
    licence, design = _LICENCE.search(text), _DESIGN.search(text)
    if licence is None or design is None:
        return {}
    return {
        "licence": licence["name"].replace(" ", "-"),
        "credit": f'design "{design["title"]}" by {design["creator"]}',
    }


def settle_provenance(licence: str | None, credit: str | None, notes: Mapping[str, object]) -> dict[str, str]:
    """ "licence" and "credit" of a pack: what was typed, else what the teacher's file says.

    Raises:
        TrainingError: nothing says the licence, or a text cannot be printed on one line.
    """
    found = {"licence": notes.get("licence", "") if licence is None else licence}
    found["credit"] = notes.get("credit", "") if credit is None else credit
    try:
        settled = {name: parse_text(value).strip() for name, value in found.items()}
    except ValueError as error:
        raise TrainingError(f"licence and credit are texts of one line: {error}") from error
    if not settled["licence"]:
        raise TrainingError(
            "nothing says under which licence the teacher's pictures are: give it as --licence SPDX, such as "
            f"--licence CC0-1.0 ({CREDITS_FILE} beside pictures of `edgestyle data` has it)"
        )
    return settled
