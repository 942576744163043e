"""A small generator beside the StyleGAN that taught it: speed, size, closeness, and the same faces in every format.

python -m benchmarks.generator PACK --teacher GENERATOR.safetensors

One thread, in turns: in LiteRT the teacher, the small network and its w8a8; in ONNX Runtime the first two. Files are
exported anew, past their parity gates, and the same seeds are drawn by each format's mapping and generator.
"""

import argparse
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.rows import write_rows
from edgestyle.bench.environment import describe_host
from edgestyle.bench.measuring import Plan, measure_in_turns
from edgestyle.bench.significance import interleaved_interval
from edgestyle.bench.statistics import summarise
from edgestyle.errors import ArtifactError, ExportError, ParityError
from edgestyle.exporters.avatars import AvatarNetworks, export_avatars, load_networks
from edgestyle.exporters.describing import Exported
from edgestyle.exporters.formats import FORMATS
from edgestyle.exporters.generator_parity import SEEDS
from edgestyle.exporters.generators_tflite import convert_component
from edgestyle.exporters.recipes import recipes_of
from edgestyle.exporters.to_onnx import save_onnx, trace_graph
from edgestyle.models.generator_files import load_generator
from edgestyle.models.stylegan import Generator
from edgestyle.packs.avatar_pack import AvatarPack
from edgestyle.packs.avatars import load_avatars
from edgestyle.quality.fidelity import psnr_db
from edgestyle.quality.network import count_parameters
from edgestyle.runtime.generator import open_generator, open_mapping
from edgestyle.sidecar import file_size_bytes

TEACHER = "StyleGAN2"
IN_TURNS = {"tflite": ("float32", "w8a8"), "onnx": ("float32",)}  # recipes that are timed beside the teacher, by format
_TOOLS = ("edgestyle", "torch", "onnx", "onnxruntime", "coremltools", "litert-torch", "ai-edge-litert")

Row = dict[str, Any]


def main() -> None:
    """Measure and write `results/generator.jsonl`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pack", help="name or folder of a pack that draws avatars")
    parser.add_argument("--teacher", type=Path, required=True, help="the StyleGAN's .safetensors")
    parser.add_argument("--rounds", type=int, default=60, help="turns of each network")
    options = parser.parse_args()
    torch.set_num_threads(1)
    pack, (teacher, _) = load_avatars(options.pack), load_generator(options.teacher)
    with tempfile.TemporaryDirectory() as folder:
        rows = list(measure_all(pack, teacher, Path(folder), options.rounds))
    print(*rows, sep="\n")
    print(write_rows("generator", rows, _TOOLS))


def measure_all(pack: AvatarPack, teacher: Generator, folder: Path, rounds: int) -> Iterator[Row]:
    """Every row.

    Args:
        pack: of the small generator.
        teacher: a StyleGAN of the same picture size and style length, in eval mode.
        folder: gets the files that are measured.
        rounds: turns of each network.

    Raises:
        ArtifactError: the teacher draws pictures of another size, or of styles of another length.
    """
    networks = load_networks(pack)
    check_teacher(networks, teacher)
    yield from measure_networks(networks, teacher)
    files: list[Exported] = []
    jobs = [(name, recipe) for name in FORMATS for recipe in recipes_of(name)]
    for name, recipe in jobs:
        try:
            files += export_avatars(pack, folder, [name], [recipe], on_start=print)
        except (ExportError, ParityError) as error:  # six or four bits are too few for some networks, as gates say
            yield {"part": "refused", "format": name, "recipe": recipe, "why": str(error).split("; see")[0]}
    taught = {suffix: export_teacher(teacher, folder / f"teacher.{suffix}") for suffix in IN_TURNS}
    yield from ({**describe_file(one), **measure_seeds(pack, files, one)} for one in files)
    yield from ({"part": "file", "network": TEACHER, "component": "generator", "format": name, "recipe": "float32",
                 "size_bytes": file_size_bytes(path)} for name, path in taught.items())  # fmt: skip
    yield from (measure_turns(networks, files, name, taught[name], rounds) for name in IN_TURNS)


def check_teacher(networks: AvatarNetworks, teacher: Generator) -> None:
    """Raise ArtifactError unless both draw pictures of one size from styles of one length."""
    small, large = networks.generator.config, teacher.config
    ours, theirs = (small.size, small.style_dimensions), (large.size, large.style_dimensions)
    if ours != theirs:
        pixels = f"{theirs[0]} pixels of {theirs[1]} numbers, the pack {ours[0]} of {ours[1]}"
        raise ArtifactError(f"the teacher draws {pixels}: they cannot be compared")


def measure_networks(networks: AvatarNetworks, teacher: Generator) -> Iterator[Row]:
    """Parameters and multiply-accumulates of one picture."""
    style, strength = networks.generator.get_buffer("mean_style")[None], torch.ones(1)
    drawn = {networks.pack.name: networks.generator, TEACHER: TeacherGraph(teacher)}
    for name, network in drawn.items():
        parameters = count_parameters(network if name != TEACHER else teacher.synthesis)
        yield {"part": "network", "network": name, "size": networks.generator.config.size,
               "parameters": parameters, "mmac": count_mmac(network, style, strength)}  # fmt: skip


def count_mmac(network: nn.Module, *inputs: Tensor) -> float:
    """Millions of multiply-accumulates of one run, as PyTorch counts them: half of its floating-point operations."""
    counter = FlopCounterMode(display=False)
    with torch.no_grad(), counter:
        network(*inputs)
    return float(counter.get_total_flops()) / 2e6


def describe_file(one: Exported) -> Row:
    """An exported file's size and how close it is to its network."""
    about = {"part": "file", "file": one.path.name, "component": one.component, "format": one.format}
    return {**about, "recipe": one.recipe, "size_bytes": one.size_bytes, "parity": one.parity.to_json()}


def measure_seeds(pack: AvatarPack, files: list[Exported], one: Exported) -> Row:
    """For a generator's file: how far its faces are from the pack's own, drawn from the same seeds by its format.

    The mapping of the same format and recipe makes the styles. Other files give no figures.
    """
    if one.component != "generator":
        return {}
    (mapping,) = (other for other in files if (other.component, other.format, other.recipe) == (
        "mapping", one.format, one.recipe))  # fmt: skip
    mapper, drawer = open_mapping(mapping.path), open_generator(one.path)
    levels, decibels = [], []
    for seed in SEEDS:
        expected = pack.generator.draw(pack.style(seed)[None], 1.0)
        got = drawer.draw(mapper.map(pack.latent(seed)[None]), 1.0)
        levels.append(255 * float(np.abs(got - expected).max()))
        decibels.append(psnr_db(torch.from_numpy(got), torch.from_numpy(expected)))
    return {"seeds": len(SEEDS), "seeds_psnr_db": min(decibels), "seeds_levels": max(levels)}


def measure_turns(networks: AvatarNetworks, files: list[Exported], name: str, teacher: Path, rounds: int) -> Row:
    """One format on one thread, in turns: milliseconds of each network, and how many times the teacher takes."""
    wanted = {one.recipe: one.path for one in files if (one.component, one.format) == ("generator", name)}
    paths = {TEACHER: teacher, **{recipe: wanted[recipe] for recipe in IN_TURNS[name]}}
    style = networks.generator.get_buffer("mean_style")[None].numpy()
    runners = {which: open_generator(path, 1) for which, path in paths.items()}
    plan = Plan(min_runs=rounds, min_seconds=0, max_warmup_seconds=3, alternations=rounds, turn_runs=1)
    timed = measure_in_turns([runner.bind(style, 1.0) for runner in runners.values()], plan)
    samples = {which: np.asarray(one.samples_ms) for which, one in zip(runners, timed, strict=True)}
    slower = {
        which: asdict(interleaved_interval(values, samples[TEACHER], plan.turn_runs))
        for which, values in samples.items()
        if which != TEACHER
    }
    return {
        "part": "turns", "format": name, "runtime": runners[TEACHER].runtime, "threads": 1,
        "size": networks.generator.config.size, "rounds": rounds,
        "latency_ms": {which: asdict(summarise(values.tolist())) for which, values in samples.items()},
        "teacher_times": slower, "other_cpu_fraction": timed[0].other_cpu_fraction, "device": describe_host(),
    }  # fmt: skip


def export_teacher(teacher: Generator, path: Path) -> Path:
    """Write the teacher's network from styles to pictures as `.onnx` or `.tflite`, with a generator's contract."""
    style, strength = torch.zeros(1, teacher.config.style_dimensions), torch.ones(1)
    if path.suffix == ".onnx":
        save_onnx(trace_graph(TeacherGraph(teacher), (style, strength), ["style", "strength"], "picture"), path, {})
    else:
        convert_component("generator", TeacherChannelsLast(teacher), {"style": style, "strength": strength}, path)
    return path


class TeacherGraph(nn.Module):
    """`style [1,D], strength [1] -> [1,3,S,S]`."""

    def __init__(self, teacher: Generator) -> None:
        super().__init__()
        self.teacher = teacher

    def forward(self, style: Tensor, strength: Tensor) -> Tensor:
        return self.teacher.draw(style, strength)


class TeacherChannelsLast(TeacherGraph):
    """The same for TFLite, `[1,S,S,3]`, whose outputs have names."""

    def forward(self, style: Tensor, strength: Tensor) -> dict[str, Tensor]:  # type: ignore[override]
        return {"picture": super().forward(style, strength).permute(0, 2, 3, 1)}


if __name__ == "__main__":
    main()
