"""`edgestyle distill`."""

import shlex
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from edgestyle.packs.pack import Style
    from edgestyle.training.distill import DistillConfig, Progress, Student

_CHECKPOINT_STEPS = 500  # at most; a tenth of a short run
_SHEET_EVERY = 5  # checkpoints; also at the first and the last


def distill(
    name: Annotated[str, typer.Argument(help="Name of the pack to make, such as 'atelier'.")],
    photos: Annotated[Path, typer.Argument(help="Folder of photos to learn on; sub-folders count.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder of the finished pack.")],
    teachers: Annotated[
        list[str], typer.Option("--teacher", help="Such as cartoon or oil; may be repeated, one style each.")
    ],
    run: Annotated[Path | None, typer.Option(help="Folder for checkpoints and pictures; runs/NAME.")] = None,
    steps: Annotated[int, typer.Option(help="Training steps.")] = 20_000,
    batch_size: Annotated[int, typer.Option(help="Pictures a step.")] = 8,
    crop_size: Annotated[int, typer.Option(help="Side of a training picture.")] = 128,
    learning_rate: Annotated[float, typer.Option(help="Highest learning rate.")] = 4e-3,
    temporal_weight: Annotated[float, typer.Option(help="How hard flicker in video is punished; 0 not at all.")] = 0.01,
    seed: Annotated[int, typer.Option(help="The same seed gives the same weights on a CPU.")] = 0,
    threads: Annotated[int, typer.Option(help="CPU threads of the network; part of what fixes the weights.")] = 1,
    workers: Annotated[
        int, typer.Option(help="Processes preparing batches; any number gives the same weights.", min=1)
    ] = 1,
    device: Annotated[str, typer.Option(help="A torch device, such as cpu or cuda.")] = "cpu",
    exclude: Annotated[list[str] | None, typer.Option(help="File name never to train on; may be repeated.")] = None,
    default_strength: Annotated[float, typer.Option(help="What demos start with.")] = 0.8,
    licence: Annotated[str, typer.Option(help="SPDX identifier of the pack.")] = "Apache-2.0",
) -> None:
    """Train a pack: distil filters into one small network. Interrupt it freely; the same command goes on exactly.

    Example: edgestyle distill mine ~/Pictures -o packs/mine --teacher cartoon --teacher oil
    """
    from edgestyle.cli.extras import needs
    from edgestyle.contract import check_strength
    from edgestyle.images import make_folder
    from edgestyle.packs.loading import check_name

    check_name(name)
    check_strength(default_strength)

    with needs("torch", "train"):
        from edgestyle.training.distill import DistillConfig
        from edgestyle.training.photos import find_photos
    with needs("onnx", "export"):
        from edgestyle.exporters.packing import build_pack

    config = DistillConfig(
        teachers=tuple(teachers), steps=steps, batch_size=batch_size, crop_size=crop_size,
        learning_rate=learning_rate, temporal_weight=temporal_weight, seed=seed, threads=threads,
        exclude=tuple(exclude or []),
    )  # fmt: skip
    run = run or Path("runs") / name
    found, skipped = find_photos(photos, config.exclude)
    for line in skipped:
        print(line, file=sys.stderr)
    for photo in sorted(set(config.exclude) - {path.name for path in photos.rglob("*")}):
        print(f"note: no photo is called {photo}, so --exclude {photo} does nothing", file=sys.stderr)
    make_folder(output.parent)
    print(f"{len(found)} photos; checkpoints, curve and sheets in {run}")
    with needs("torch", "train"):
        student = _train(config, found, run, workers, device)
    about = _about(name, config, default_strength, licence)
    pack = build_pack(output, name, student.renderer.eval(), _styles(student, config, default_strength, licence), about)
    print(f"pack '{pack.name}' with {', '.join(pack.styles)} in {output}")


def _train(config: "DistillConfig", photos: list[Path], run: Path, workers: int, device: str) -> "Student":
    """Train under a progress bar, drawing the curve and the sheets at checkpoints."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    from edgestyle.training.distill import distill
    from edgestyle.training.pictures import write_curve, write_sheet

    def on_checkpoint(student: "Student", history: list[list[float]]) -> None:
        write_curve(history, run / "curve.png")
        step, number = int(history[-1][0]), len(history)
        if number == 1 or number % _SHEET_EVERY == 0 or step == config.steps:
            write_sheet(student, config.teachers, photos, run / f"sheet-{step}.png")

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("loss {task.fields[loss]:.4f}, {task.fields[left]} left"))
    with Bar(*columns, console=Console(stderr=True)) as bar:
        asked: list[bool] = []  # filled when the user presses Ctrl-C
        reached: list[int] = []
        task = bar.add_task("", total=config.steps, loss=float("nan"), left="?")

        def on_step(progress: "Progress") -> None:
            if progress.seconds_left == float("inf"):
                bar.console.print(f"going on at step {progress.step} of {progress.steps}")
            left = _duration(progress.seconds_left)
            reached.append(progress.step)
            bar.update(task, completed=progress.step, loss=progress.loss, left=left)

        handler = signal.signal(signal.SIGINT, lambda *_: asked.append(True))
        try:
            return distill(
                config, photos, run, workers=workers, device=device, on_step=on_step, on_checkpoint=on_checkpoint,
                checkpoint_every=max(1, min(_CHECKPOINT_STEPS, config.steps // 10)), should_stop=lambda: bool(asked),
            )  # fmt: skip
        except KeyboardInterrupt:
            bar.console.print(f"saved at step {reached[-1]} of {config.steps}; the same command goes on there")
            raise
        finally:
            signal.signal(signal.SIGINT, handler)


def _styles(student: "Student", config: "DistillConfig", default_strength: float, licence: str) -> list["Style"]:
    from edgestyle.packs.pack import Style

    return [
        Style(
            name=teacher,
            vector=tuple(vector),
            default_strength=default_strength,
            title=teacher.capitalize(),
            licence=licence,
            credit=f"distilled from edgestyle's {teacher} filter",
        )
        for teacher, vector in zip(config.teachers, student.styles.tolist(), strict=True)
    ]


def _about(name: str, config: "DistillConfig", default_strength: float, licence: str) -> dict[str, Any]:
    """What `pack.json` says of the pack, with the exact command that makes it again."""
    from importlib.metadata import version

    options = [f"--teacher {teacher}" for teacher in config.teachers]
    options += [f"--exclude {shlex.quote(photo)}" for photo in config.exclude]
    options += [f"--steps {config.steps} --batch-size {config.batch_size} --crop-size {config.crop_size}"]
    options += [
        f"--learning-rate {config.learning_rate} --temporal-weight {config.temporal_weight} --seed {config.seed} --threads {config.threads}"
    ]
    options += [f"--default-strength {default_strength} --licence {shlex.quote(licence)}"]
    return {
        "title": name.capitalize(),
        "description": f"{', '.join(config.teachers)} in one small network",
        "licence": licence,
        "training": {
            "command": f"edgestyle distill {name} PHOTOS -o {name} {' '.join(options)}",
            "seed": config.seed,
            "threads": config.threads,
            "steps": config.steps,
            "tools": {tool: version(tool) for tool in ("edgestyle", "torch")},
        },
    }


def _duration(seconds: float) -> str:
    if seconds == float("inf"):
        return "?"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"
