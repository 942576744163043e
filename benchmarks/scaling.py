"""How a pack's speed grows with the picture, from 256x256 to 4096x4096: time a pixel, and share of what is possible.

python -m benchmarks.scaling

Each row is added to `results/scaling.jsonl` as it is finished; called again, only what is missing is measured. What is
possible is the speed of a large matrix multiplication in the same runtime with as many threads.
"""

import argparse
import time
from dataclasses import asdict, replace
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper

from benchmarks.rows import RESULTS
from edgestyle.bench.environment import describe_host
from edgestyle.bench.jobs import make_job
from edgestyle.bench.measuring import Plan, measure_call
from edgestyle.bench.results import Result, append, read_results
from edgestyle.bench.targets.host import HostTarget
from edgestyle.exporters.bundle import export_pack
from edgestyle.models.renderer import example_inputs
from edgestyle.packs.loading import load_pack
from edgestyle.packs.networks import load_renderer
from edgestyle.quality.network import count_macs
from edgestyle.runtime.onnx import CPU, make_options

OUTPUT = RESULTS / "scaling.jsonl"
SIZES = (256, 512, 1024, 2048, 4096)
THREADS = (1, 2)
PEAK = "matrix multiplication"
_SIDE = 2048
_COUNTED_AT = 256  # multiply-accumulates grow with the pixels, the few of the style's layers aside


def main() -> None:
    """Measure what is missing."""
    options = _parser().parse_args()
    done = _known(options.output)
    plan = Plan(min_runs=options.runs, min_seconds=options.seconds)
    for threads in options.threads:
        if (PEAK, _SIDE, threads) not in done:
            _keep(measure_peak(threads, plan), options.output)
    for name in options.pack:
        pack, folder = load_pack(name), options.work / name
        path = folder / f"{name}-renderer-float32.onnx"
        if not path.exists():
            export_pack(pack, folder, ["onnx"], ["float32"], [512])
        renderer = load_renderer(pack)
        macs = count_macs(renderer, *example_inputs(renderer.config, _COUNTED_AT, _COUNTED_AT))
        for size, threads in product(options.size, options.threads):
            if (name, size, threads) in done:
                continue
            (row,) = HostTarget().measure([make_job(path, size, threads)], plan)
            flops = 2 * macs * size**2 / _COUNTED_AT**2
            _keep(replace(row, artifact={**row.artifact, "flops": flops}), options.output)
            time.sleep(options.rest)


def measure_peak(threads: int, plan: Plan) -> Result:
    """Two square matrices of float32, multiplied by ONNX Runtime."""
    shape = [_SIDE, _SIDE]
    tensors = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in "abc"]
    graph = helper.make_graph([helper.make_node("MatMul", ["a", "b"], ["c"])], PEAK, tensors[:2], tensors[2:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)
    onnx.checker.check_model(model)
    session = onnxruntime.InferenceSession(model.SerializeToString(), make_options(threads), providers=[CPU])
    feeds = {name: np.random.default_rng(0).random(shape, dtype=np.float32) for name in "ab"}
    times = measure_call(lambda: session.run(None, feeds), plan)
    return Result(
        status="measured",
        artifact={"name": PEAK, "sha256": None, "format": "onnx", "flops": 2.0 * _SIDE**3},
        device=describe_host(),
        runtime=f"onnxruntime {onnxruntime.__version__}",
        settings={"size": _SIDE, "threads": threads, **asdict(plan), "pinned_cores": []},
        started_at=datetime.now(UTC).isoformat(timespec="seconds"),
        accelerator="cpu",
        **times.row_fields(),
    )


def _known(output: Path) -> set[tuple[str, int, int]]:
    """What was measured, of the packs as they are now."""
    rows = read_results(output) if output.exists() else []
    measured = [row for row in rows if row.status == "measured"]
    return {
        (row.artifact.get("pack") or row.artifact["name"], row.settings["size"], row.settings["threads"])
        for row in measured
    }


def _keep(row: Result, output: Path) -> None:
    append(row, output)
    p50 = f"{row.latency_ms['p50']:.1f} ms" if row.latency_ms else row.error
    print(f"{row.artifact['name']}, {row.settings['size']}, {row.settings['threads']} threads: {p50}", flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pack", nargs="+", default=["atelier"])
    parser.add_argument("--size", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--threads", type=int, nargs="+", default=list(THREADS))
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rest", type=float, default=2.0, help="seconds between measurements")
    parser.add_argument("--work", type=Path, default=Path("runs/scaling"), help="keeps the files that are measured")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    return parser


if __name__ == "__main__":
    main()
