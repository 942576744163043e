"""`edgestyle report`."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from edgestyle.errors import ArtifactError


def report(
    folder: Annotated[Path, typer.Argument(help="Folder of exported files of one pack.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for the report.")],
    pack: Annotated[str | None, typer.Option(help="Folder of the pack, if it is one of your own.")] = None,
    photos: Annotated[
        Path | None, typer.Option(help="Folder of photos; their middle squares are used. Eight bundled ones.")
    ] = None,
    tensorflow: Annotated[
        Path | None,
        typer.Option(
            help="Python of an environment with TensorFlow 2.12 to 2.17, to ask its Analyzer about TFLite files."
        ),
    ] = None,
    rounds: Annotated[int, typer.Option(help="Time each file so often, in turns; 0 times nothing.", min=0)] = 30,
) -> None:
    """Say honestly what exported files are worth: closeness, size, speed here, what accelerators refuse."""
    from edgestyle.cli.extras import needs
    from edgestyle.cli.screen import working
    from edgestyle.packs.loading import check_name, load_pack

    found = _renderers(folder)
    paths, sidecars = list(found), list(found.values())
    names = {check_name(sidecar["pack"]) for sidecar in sidecars}
    if len(names) > 1:
        raise ArtifactError(f"{folder} holds files of several packs: {', '.join(sorted(names))}; report on one")
    sizes = set.intersection(*(set(sidecar["sizes"]) for sidecar in sidecars))
    if not sizes:
        raise ArtifactError(f"the files in {folder} have no picture size in common")
    loaded = load_pack(pack or names.pop())
    with needs("torch", "all"):
        import torchmetrics.functional.image  # noqa: F401  SSIM loads it late

        from edgestyle.exporters.describing import check_belongs
        from edgestyle.packs.networks import load_renderer
        from edgestyle.report.analyzer import find_tensorflow
        from edgestyle.report.measuring import folder_photos, measure_file, report_photos, time_files
        from edgestyle.report.pages import write_pages
    for path, sidecar in zip(paths, sidecars, strict=True):
        check_belongs(path, sidecar, loaded)
    size, styles = max(sizes), list(loaded.styles.values())
    pictures = report_photos(size) if photos is None else folder_photos(photos, size)
    renderer = load_renderer(loaded)
    tensorflow = tensorflow or find_tensorflow(lambda line: print(line, file=sys.stderr))
    with working("measuring") as status:
        files = []
        for path in paths:
            status.update(f"measuring {path.name}")
            files.append(measure_file(path, renderer, styles, pictures, tensorflow=tensorflow))
        status.update("timing all files in turns")
        times = time_files(paths, styles[0], size, rounds) if rounds else {}
    files = [replace(file, latency=times.get(file.name)) for file in files]
    for written in write_pages(f"{loaded.title or loaded.name}: exported files", files, output):
        print(written)


def _renderers(folder: Path) -> dict[Path, dict[str, Any]]:
    """The renderers' files of a folder with their sidecars; others redraw no photos and are left out with a line."""
    from edgestyle.runtime.runner import RUNNERS
    from edgestyle.sidecar import read_sidecar

    found = {path: read_sidecar(path) for path in sorted(folder.glob("*")) if path.suffix in RUNNERS}
    components = {path: sidecar.get("component", "renderer") for path, sidecar in found.items()}
    others = {path: component for path, component in components.items() if component != "renderer"}
    for path, component in others.items():
        article = "an" if component[0] in "aeiou" else "a"
        print(
            f"left out: {path.name}, {article} {component}; edgestyle check and edgestyle bench take it",
            file=sys.stderr,
        )
        del found[path]
    if not found and "generator" in others.values():
        raise ArtifactError(f"{folder} holds an avatar pack's files, and a report is on what redraws photos")
    if not found:
        raise ArtifactError(f"no exported file in {folder}")
    return found
