"""Options of `edgestyle distill`."""

from pathlib import Path
from typing import Annotated

import typer

Name = Annotated[str, typer.Argument(help="Name of the pack to make, such as 'atelier'.")]
Photos = Annotated[
    Path, typer.Argument(help="Folder of photos to learn on; or WebDataset shards, as a folder or as 'x-{00..99}.tar'.")
]
Output = Annotated[Path, typer.Option("-o", "--output", help="Folder of the finished pack.")]
Teachers = Annotated[
    list[str] | None, typer.Option("--teacher", help="A filter, such as cartoon or oil; may be repeated.")
]
Paintings = Annotated[list[str] | None, typer.Option("--painting", help="A painting, as STYLE=FILE; may be repeated.")]
Photographic = Annotated[
    Path | None,
    typer.Option(
        help="Learn the look of any reference photo. Give the weights of the network that teaches it beside optimal "
        "transport: pcakd_VGG.npz, or its folder. The pack also gets a style for each of a few looks, such as film."
    ),
]
Pairs = Annotated[
    int | None,
    typer.Option(
        help="With --photographic: pairs of photo and reference that the teachers draw and keep. If not given, 900."
    ),
]
Stylizer = Annotated[
    Path | None, typer.Option(help="For paintings: folder of Magenta's arbitrary_predict and _transform.onnx.")
]
Features = Annotated[
    Path | None,
    typer.Option(help="For paintings: VGG16 as .safetensors. If not given, torchvision's is fetched (528 MB)."),
]
Frames = Annotated[int, typer.Option(help="For paintings: photo crops that the teacher paints and keeps.")]
Network = Annotated[
    str | None,
    typer.Option(
        help="small (0.4 GMAC at 512x512; for filters) or large (1.5; for paintings). With --from: the pack's."
    ),
]
Start = Annotated[
    str | None, typer.Option("--from", help="A pack to start from: its network, and its vectors of the same styles.")
]
Run = Annotated[
    Path | None, typer.Option(help="Folder for checkpoints, pictures and TensorBoard. If not given, runs/NAME.")
]
Steps = Annotated[
    int | None, typer.Option(help="Training steps. If not given, 20,000; 6,000 with --photographic, 500 with --qat.")
]
Quantization = Annotated[
    str | None,
    typer.Option(
        "--qat", help="With --from: train a second set of weights for the pack's exports in this recipe; w8a8."
    ),
]
HeldOut = Annotated[
    Path | None,
    typer.Option(
        help="With --qat: photos never trained on, of which up to eight decide whether the weights are kept. If not "
        "given, eight of PHOTOS or fewer."
    ),
]
BatchSize = Annotated[
    int | None,
    typer.Option(help="Pictures a step, of all processes together. If not given, 8, or 4 for paintings; with --qat 8."),
]
CropSize = Annotated[
    int | None,
    typer.Option(
        help="Side of a training picture. If not given, 128, or 240 for paintings (at least 88: 24 are border); with "
        "--qat or --photographic 128, where 256 is the other choice."
    ),
]
LearningRate = Annotated[
    float | None,
    typer.Option(
        help="Highest learning rate. If not given, 0.004, 0.002 for paintings, 0.003 with --photographic, 0.0003 with "
        "--qat."
    ),
]
TemporalWeight = Annotated[
    float | None,
    typer.Option(
        help="How hard flicker in video is punished, 0 not at all. If not given, 0.01, 8 for paintings, 0 with --qat."
    ),
]
Precision = Annotated[
    str, typer.Option(help="32, or mixed: bf16, or 16 on a CUDA GPU. Part of what fixes the weights.")
]
Seed = Annotated[int, typer.Option(help="The same seed gives the same weights on a CPU.")]
Threads = Annotated[int, typer.Option(help="CPU threads of the network; part of what fixes the weights.")]
Workers = Annotated[
    int, typer.Option(help="Processes preparing batches, for each device; any number gives the same weights.", min=1)
]
Device = Annotated[str, typer.Option(help="A torch device, such as cpu or cuda.")]
Devices = Annotated[int, typer.Option(help="GPUs of this machine to train on at once, or CPU processes.", min=1)]
Nodes = Annotated[int, typer.Option(help="Machines to train on at once; see the README.", min=1)]
Exclude = Annotated[list[str] | None, typer.Option(help="File name never to train on; may be repeated.")]
DefaultStrength = Annotated[float, typer.Option(help="What demos start with.")]
Licence = Annotated[str, typer.Option(help="SPDX identifier of the pack.")]
WorkingSize = Annotated[int, typer.Option(help="Long side at which the strokes look best.", min=64, max=8192)]
Notes = Annotated[
    Path | None, typer.Option(help="JSON with titles, credits, licences and default strengths, by style.")
]


def given(context: typer.Context) -> dict[str, str]:
    """What was typed: how each option is written, by its name."""
    names = {str(option.name): option.opts[0] for option in context.command.params}
    sources = {name: context.get_parameter_source(name) for name in context.params}
    return {name: names[name] for name, source in sources.items() if getattr(source, "name", "") != "DEFAULT"}
