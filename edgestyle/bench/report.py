"""Write measurements as one HTML page that needs no network, as Markdown, or as a PNG."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader

from edgestyle.bench.columns import COLUMNS
from edgestyle.bench.comparing import Comparison, compare_groups
from edgestyle.bench.pictures import MOST_CURVES, draw_quality, draw_spread, draw_times, make_marks
from edgestyle.bench.results import Result
from edgestyle.bench.summary import Summary, summarise_rows
from edgestyle.bench.words import COMPARISON_HEAD, comparison_cells, notes
from edgestyle.errors import OutputError
from edgestyle.images import whole_file
from edgestyle.markdown import markdown_table, plain_cell

_TITLE = "Benchmark of exported files"
_MOST_LINES = 500  # of a table; nobody reads more, and a browser would be slow with them


def check_names(paths: list[Path]) -> None:
    """Raise OutputError for a report of no known kind, before anything is measured."""
    for path in paths:
        if path.suffix.lower() not in _WRITERS:
            raise OutputError(f"cannot write a report as '{path.suffix}': use {', '.join(_WRITERS)}")


def write_reports(results: list[Result], paths: list[Path]) -> Iterator[Path]:
    """Write a report of rows to each path, in the kind that its suffix says; yields each as it is there.

    Raises:
        OutputError: a suffix is of no kind, or a file cannot be written.
    """
    check_names(paths)
    if not paths:
        return
    summaries = summarise_rows(results)
    for path in paths:
        with whole_file(path) as temporary:
            _WRITERS[path.suffix.lower()](summaries, results, temporary)
        yield path


def html_page(summaries: list[Summary], comparisons: list[Comparison]) -> str:
    """One page with its plots inside; every text in it is escaped."""
    environment = Environment(loader=PackageLoader("edgestyle.bench"), autoescape=True, trim_blocks=True)
    measured = [one for one in summaries if one.measured]
    listed, shown = measured[:_MOST_LINES], measured[:MOST_CURVES]
    marks = make_marks(shown)
    page = environment.get_template("report.html.j2")
    return (
        page.render(
            title=_TITLE,
            lead=lead(summaries),
            columns=COLUMNS,
            measured=[(one, notes(one)) for one in listed],
            not_listed=len(measured) - len(listed),
            failed=[one for one in summaries if not one.measured][:_MOST_LINES],
            comparison_head=COMPARISON_HEAD,
            comparisons=[comparison_cells(one) for one in comparisons],
            marks=marks,
            left_out=len(measured) - len(shown),
            spread=draw_spread(shown, marks),
            times=draw_times(shown, marks),
            quality=draw_quality(shown, marks),
            devices=devices(summaries),
        ).strip()
        + "\n"
    )


def markdown_page(summaries: list[Summary], comparisons: list[Comparison]) -> str:
    """Tables for a README."""
    measured = [one for one in summaries if one.measured][:_MOST_LINES]
    table = markdown_table(
        [*(column.title for column in COLUMNS), "notes"],
        ([*(column.text(one) for column in COLUMNS), "; ".join(notes(one))] for one in measured),
    )
    parts = [f"# {_TITLE}", plain_cell(lead(summaries)), table]
    failed = [one for one in summaries if not one.measured][:_MOST_LINES]
    parts += ["".join(f"- {plain_cell(failure(one))}\n" for one in failed)] if failed else []
    if comparisons:
        parts += ["## In turns", markdown_table(COMPARISON_HEAD, map(comparison_cells, comparisons))]
    meanings = "".join(f"- **{column.title}**: {column.meaning}\n" for column in COLUMNS)
    return "\n\n".join(part.strip() for part in [*parts, meanings]) + "\n"


def lead(summaries: list[Summary]) -> str:
    """A sentence on what was measured and when."""
    rows = [row for one in summaries for row in one.rows]
    dates = sorted({row.started_at[:10] for row in rows if row.started_at})
    span = "" if not dates else f", {dates[0]}" if dates[0] == dates[-1] else f", {dates[0]} to {dates[-1]}"
    targets = ", ".join(dict.fromkeys(row.target for row in rows))
    files = len({one.name for one in summaries})
    return f"{files} {'file' if files == 1 else 'files'}, {len(rows)} measurements on {targets}{span}."


def failure(one: Summary) -> str:
    """Why there is no number."""
    return f"{one.name} on {one.where}: {one.last.error or one.last.status}"


def devices(summaries: list[Summary]) -> dict[str, list[tuple[str, str]]]:
    """What is known of each target, from its latest row: dotted names and values."""
    latest = {one.last.target: one.last.device for one in summaries}
    return {target: list(_flat(device)) for target, device in latest.items()}


def _flat(data: dict[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for key, value in data.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{key}.")
        elif value is not None:
            yield (
                f"{before}{key}".replace("_", " "),
                ", ".join(map(str, value)) if isinstance(value, list) else str(value),
            )


def _write_html(summaries: list[Summary], results: list[Result], path: Path) -> None:
    path.write_text(html_page(summaries, compare_groups(results)), encoding="utf-8")


def _write_markdown(summaries: list[Summary], results: list[Result], path: Path) -> None:
    path.write_text(markdown_page(summaries, compare_groups(results)), encoding="utf-8")


def _write_png(summaries: list[Summary], results: list[Result], path: Path) -> None:
    del results
    from edgestyle.bench.plots import plot

    plot([one for one in summaries if one.measured][:MOST_CURVES], path)


_WRITERS: dict[str, Callable[[list[Summary], list[Result], Path], None]] = {
    ".html": _write_html, ".md": _write_markdown, ".png": _write_png,
}  # fmt: skip
