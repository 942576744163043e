"""`edgestyle shards`."""

import sys
from pathlib import Path
from typing import Annotated

import typer


def shards(
    photos: Annotated[Path, typer.Argument(help="Folder of photos; sub-folders count.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="A new folder for the shards.")],
    megabytes: Annotated[int, typer.Option(help="Size of a shard at most.", min=1)] = 500,
    full: Annotated[
        bool, typer.Option("--full", help="Pack files as they are, not as JPEGs of at most 1200 pixels a side.")
    ] = False,
    exclude: Annotated[list[str] | None, typer.Option(help="File name to leave out; may be repeated.")] = None,
) -> None:
    """Pack very many photos into a few WebDataset shards, to train on: edgestyle distill NAME SHARDS."""
    from rich.console import Console
    from rich.progress import Progress

    from edgestyle.cli.extras import needs

    with needs("webdataset", "train"):
        from edgestyle.training.shard_writing import write_shards

    with Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task("packing", total=None)
        written = write_shards(
            photos, output, shard_bytes=megabytes * 1_000_000, full=full, exclude=exclude or [],
            on_photo=lambda done, total: bar.update(task, completed=done, total=total),
            on_skip=lambda line: print(line, file=sys.stderr),
        )  # fmt: skip
    size = sum(shard.stat().st_size for shard in written)
    print(f"{len(written)} shards, {size / 1e6:.0f} MB, in {output}")
