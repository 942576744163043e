"""Tables of latencies and of comparisons."""

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from edgestyle.cli.screen import add_row

if TYPE_CHECKING:
    from edgestyle.bench.comparing import Comparison
    from edgestyle.bench.results import Result

MOST_LINES = 50
_MAY_BE_IDLE = ("p90", "p99", "load ms", "first ms", "peak MB", "mJ", "runs", "notes")
_SAYS_NOTHING = ("", "-", "absent")  # a column of these has no room on a narrow screen


def latency_table(results: list["Result"]) -> Table:
    """A line for each file, its repeats together: medians with their 95% intervals."""
    from edgestyle.bench.summary import summarise_rows
    from edgestyle.bench.words import HEAD, cells

    summaries = summarise_rows(results)
    more, summaries = len(summaries) - MOST_LINES, summaries[:MOST_LINES]
    places = {summary.where for summary in summaries}
    shared = len(places) == 1  # then it stands above, and the column is left out
    lines = [dict(zip(HEAD, cells(summary), strict=True)) for summary in summaries]
    lines = [line for at, line in enumerate(lines) if summaries[at].measured or line not in lines[:at]]
    idle = {title for title in _MAY_BE_IDLE if all(line[title] in _SAYS_NOTHING for line in lines)}
    heads = [title for title in HEAD if title not in idle and not (shared and title == "on")]
    table = Table(*heads, title="latency")
    if shared:
        table.title = Text(f"latency on {places.pop()}")
    for column in table.columns:
        column.overflow = "fold"
    table.columns[heads.index("p50 ms (95%)")].no_wrap = all(summary.measured for summary in summaries)  # else reasons
    if more > 0:
        table.caption = f"and {more} more, not shown"
    for line in lines:
        add_row(table, *(line[title] for title in heads))
    return table


def comparison_table(comparisons: list["Comparison"]) -> Table:
    """A line for each pair: medians, their ratio with its interval, and what that says."""
    from edgestyle.bench.words import COMPARISON_HEAD, comparison_cells

    table = Table(*COMPARISON_HEAD, title="new by old")
    table.columns[0].overflow = "fold"
    for one in comparisons:
        add_row(table, *comparison_cells(one))
    return table


def changes_table(comparisons: list["Comparison"]) -> Table | None:
    """What else differs between old and new, each once; None where nothing does."""
    from edgestyle.bench.words import changed_lines

    lines = changed_lines(comparisons)
    if not lines:
        return None
    table = Table("what changed", "old", "new", "files", title="what may explain it")
    for line in lines:
        add_row(table, *line)
    return table
