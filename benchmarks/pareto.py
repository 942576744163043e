"""Speed against fidelity, over networks of several widths and over the recipes they are exported in.

python -m benchmarks.pareto PHOTOS

A network of each width learns the same filters for the same number of steps. Every file of it is held against the
filters themselves on the test photos, which it has not seen, and all files of a format are timed in turns. Training
goes on where it was stopped; files that have their fidelity in `results/pareto.jsonl` are not measured again.
"""

import argparse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import Any

import torch

from benchmarks.quality import TEST_PHOTOS
from benchmarks.rows import RESULTS
from edgestyle.bench.jobs import make_job
from edgestyle.bench.measuring import Plan
from edgestyle.bench.results import Result, append, read_results
from edgestyle.bench.targets.host import HostTarget
from edgestyle.errors import ParityError
from edgestyle.exporters.bundle import export_pack
from edgestyle.exporters.packing import build_pack
from edgestyle.exporters.recipes import recipes_of
from edgestyle.images import Floats, middle_square, read_picture, resize, to_floats
from edgestyle.models.renderer import RendererConfig
from edgestyle.packs.loading import load_pack
from edgestyle.packs.networks import load_renderer
from edgestyle.packs.pack import Pack
from edgestyle.quality.fidelity import psnr_db
from edgestyle.quality.network import count_parameters
from edgestyle.runtime.runner import open_runner
from edgestyle.teachers import TEACHERS
from edgestyle.training.distill import DistillConfig, distill
from edgestyle.training.lessons import open_filter_lesson
from edgestyle.training.packaging import PackNotes, about_pack, make_styles
from edgestyle.training.photos import find_photos
from edgestyle.training.students import Student

OUTPUT = RESULTS / "pareto.jsonl"
WIDTHS = (0.5, 0.75, 1.0, 1.5, 2.0)  # of the shipped filters' network
FORMATS = ("onnx", "tflite")


def main() -> None:
    """Train what is not trained and measure what is not measured."""
    options = _parser().parse_args()
    squares = [read_square(options.photos / name, options.size) for name in TEST_PHOTOS]
    packs = {width: train_width(width, options) for width in options.width}
    known = read_results(options.output) if options.output.exists() else []
    measured = {row.artifact["sha256"] for row in known if row.status == "measured"}
    for name in FORMATS:
        made = {width: list(export_width(pack, name, options)) for width, pack in packs.items()}
        jobs = [make_job(path, options.size, 1) for paths in made.values() for path in paths]
        if {job.artifact["sha256"] for job in jobs} <= measured:
            continue
        plan = Plan(
            min_runs=options.alternations,
            min_seconds=0,
            interleaved=True,
            alternations=options.alternations,
            turn_runs=1,
        )
        facts = {path: judge(packs[width], width, path, squares) for width, paths in made.items() for path in paths}
        for job, row in zip(jobs, HostTarget().measure(jobs, plan), strict=True):
            keep(replace(row, artifact={**row.artifact, **facts[job.path]}), options.output)


def train_width(width: float, options: argparse.Namespace) -> Pack:
    """A pack of that width; trained in its folder, from where it was stopped."""
    home = options.work / f"width-{width:g}-steps-{options.steps}"
    if (home / "pack" / "pack.json").is_file():
        return load_pack(home / "pack")
    plain = RendererConfig()
    scaled = {key: _of_eight(width * getattr(plain, key)) for key in ("stem_channels", "channels", "deep_channels")}
    config = DistillConfig(
        tuple(options.teacher), steps=options.steps, model=replace(plain, **scaled), exclude=TEST_PHOTOS,
        threads=options.threads,
    )  # fmt: skip
    photos, _ = find_photos(options.photos, config.exclude)

    def tell(progress: Any) -> None:
        if progress.step % 100 == 0:
            left = f"{progress.seconds_left / 60:.0f} min left"
            print(f"width {width:g}: {progress.step} of {progress.steps}, loss {progress.loss:.4f}, {left}", flush=True)

    student = distill(config, open_filter_lesson(config, photos), photos, home / "run", on_step=tell)
    assert isinstance(student, Student)
    notes = PackNotes()
    about = about_pack("pareto", config, notes, [f"--teacher {name}" for name in config.teachers])
    return build_pack(home / "pack", "pareto", student.renderer.eval(), make_styles(student, config, notes), about)


def export_width(pack: Pack, format_name: str, options: argparse.Namespace) -> Iterator[Path]:
    """The files of one format in every recipe that keeps its promises with this network."""
    folder = pack.folder.parent / "files"
    for recipe in recipes_of(format_name):
        path = folder / f"{pack.name}-renderer-{recipe}.{format_name}"
        try:
            if not path.exists():
                export_pack(pack, folder, [format_name], [recipe], [options.size])
        except ParityError as error:
            print(f"left out: {error}", flush=True)
            continue
        yield path


def judge(pack: Pack, width: float, path: Path, squares: list[Floats]) -> dict[str, Any]:
    """Mean PSNR of a file's pictures to the filters themselves at full strength, and the network's cost."""
    runner = open_runner(path, 1)
    found = []
    for style in pack.styles.values():
        for square in squares:
            expected = TEACHERS[style.name](torch.from_numpy(square), 1.0)
            got = torch.from_numpy(runner.run(square, style.as_input(), 1.0))
            found.append(psnr_db(got, expected))
    parameters = count_parameters(load_renderer(pack))
    return {"width": width, "parameters": parameters, "teacher_psnr_db": fmean(found), "teachers": list(pack.styles)}


def read_square(path: Path, size: int) -> Floats:
    """The middle of a photo, `[1,3,size,size]`."""
    return to_floats(resize(middle_square(read_picture(path).pixels), size, size))


def keep(row: Result, output: Path) -> None:
    """Write a row and say what it is."""
    append(row, output)
    p50 = f"{row.latency_ms['p50']:.1f} ms" if row.latency_ms else row.error
    artifact = row.artifact
    print(f"{artifact['name']} of width {artifact['width']:g}: {artifact['teacher_psnr_db']:.1f} dB, {p50}", flush=True)


def _of_eight(channels: float) -> int:
    """Widths that runtimes compute well: multiples of 8."""
    return max(8, 8 * round(channels / 8))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, help="folder to learn on, with the test photos in it")
    parser.add_argument("--teacher", nargs="+", choices=list(TEACHERS), default=["cartoon", "oil"])
    parser.add_argument("--width", type=float, nargs="+", default=list(WIDTHS))
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--threads", type=int, default=1, help="of training")
    parser.add_argument("--alternations", type=int, default=60)
    parser.add_argument("--work", type=Path, default=Path("runs/pareto"), help="keeps packs and files")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    return parser


if __name__ == "__main__":
    main()
