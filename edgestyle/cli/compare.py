"""`edgestyle compare`."""

from pathlib import Path
from typing import Annotated

import typer

from edgestyle.errors import ArtifactError


def compare(
    old: Annotated[Path, typer.Argument(help="Results of before, or alone: results measured with --in-turns.")],
    new: Annotated[Path | None, typer.Argument(help="Results of now.")] = None,
    fail_above: Annotated[
        str | None,
        typer.Option(
            help="Exit code 1 if a file is slower beyond doubt, however many there are, and its ratio above this: 10%."
        ),
    ] = None,
    skip_damaged: Annotated[
        bool, typer.Option("--skip-damaged", help="Leave out a last row that is cut in the middle.")
    ] = False,
) -> None:
    """Say what became slower or faster between two files of results, or that it cannot be told.

    edgestyle bench phone/*.onnx -o old.jsonl    (before)
    edgestyle bench phone/*.onnx -o new.jsonl    (after)
    edgestyle compare old.jsonl new.jsonl --fail-above 10%
    """
    from edgestyle.bench.results import read_results
    from edgestyle.cli.extras import needs
    from edgestyle.cli.latencies import changes_table, comparison_table
    from edgestyle.cli.quantities import parse_share
    from edgestyle.cli.screen import show

    with needs("scipy", "bench"):
        from edgestyle.bench.comparing import SAME, compare_apart, compare_groups, failures, only_in_one, regressions
    limit = None if fail_above is None else parse_share(fail_above)
    before = read_results(old, skip_damaged)
    after = None if new is None else read_results(new, skip_damaged)
    same = SAME if limit is None else limit
    comparisons = compare_groups(before, same) if after is None else compare_apart(before, after, same)
    broken = [] if after is None else failures(before, after)
    if not comparisons and not broken:
        todo = (
            "measure with 'edgestyle bench --in-turns'" if after is None else "measure the same files in the same way"
        )
        raise ArtifactError(f"nothing in {' and '.join(map(str, filter(None, (old, new))))} can be compared: {todo}")
    show(comparison_table(comparisons))
    changes = changes_table(comparisons)
    if changes is not None:
        show(changes)
    if new is not None and after is not None:
        for path, names in zip((old, new), only_in_one(before, after), strict=True):
            for name in names:
                print(f"only in {path}: {name}")
    if limit is not None and regressions(comparisons, limit):
        raise typer.Exit(1)
    if broken:
        raise ArtifactError(f"{broken[0].artifact['name']} can no longer be measured: {broken[0].error}")
