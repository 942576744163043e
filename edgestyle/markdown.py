"""Tables in Markdown from texts that may come from strangers."""

from collections.abc import Iterable, Sequence


def markdown_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose cells stay what they are."""
    lines = [[plain_cell(cell) for cell in head], ["---"] * len(head), *([plain_cell(c) for c in row] for row in rows)]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def plain_cell(text: str) -> str:
    """Text that stays in its cell of a Markdown table, on its line and is no markup."""
    text = " ".join(text.split())
    for sign in "\\|<>*_`[]":
        text = text.replace(sign, f"\\{sign}")
    return text
