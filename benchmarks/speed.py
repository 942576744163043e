"""Speed of a pack beside other style networks, run in turns in one process on one thread.

python -m benchmarks.speed --peer multistyle26.onnx
"""

import argparse
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from ai_edge_litert.interpreter import Interpreter

from benchmarks.johnson import JohnsonTransformer
from benchmarks.rows import write_rows
from edgestyle.bench.environment import describe_host
from edgestyle.bench.measuring import measure_interleaved_ms
from edgestyle.bench.statistics import summarise
from edgestyle.exporters.bundle import export_pack
from edgestyle.packs.loading import load_pack
from edgestyle.quiet import quiet
from edgestyle.runtime.runner import open_runner

Call = Callable[[], object]
SIZE = 512
JOHNSON = "Johnson 2016"


def main() -> None:
    """Measure and write `results/speed.jsonl`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", type=Path, action="append", default=[], help="another style network, .onnx")
    parser.add_argument("--rounds", type=int, default=40)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pack = load_pack("atelier")
        exports = export_pack(pack, folder, ["onnx", "tflite"], ["float32", "float16"], [SIZE])
        image = np.random.default_rng(0).random((1, 3, SIZE, SIZE), dtype=np.float32)
        runtimes: dict[str, dict[str, Call]] = {"onnxruntime": {}, "litert": {}}
        for file in exports:
            runtime = "onnxruntime" if file.format == "onnx" else "litert"
            call = open_runner(file.path, 1).bind(image, pack.style().as_input(), 1.0)
            runtimes[runtime][f"{pack.name} {file.recipe}"] = call
        runtimes["onnxruntime"][JOHNSON] = _johnson_onnx(folder, image)
        runtimes["litert"][JOHNSON] = _johnson_tflite(folder, image)
        for peer in options.peer:
            runtimes["onnxruntime"][peer.stem] = _onnx_call(peer, image)
        rows = [row for runtime, calls in runtimes.items() for row in _measure(runtime, calls, options.rounds)]
    print(write_rows("speed", rows, ("edgestyle", "torch", "onnxruntime", "ai-edge-litert")))


def _measure(runtime: str, calls: dict[str, Call], rounds: int) -> list[dict[str, Any]]:
    samples = measure_interleaved_ms(calls, rounds)
    device = describe_host()
    own = np.asarray(samples["atelier float32"])
    rows = []
    for name, values in samples.items():
        ratios = np.asarray(values) / own  # round by round, so that a slow spell of the machine cancels out
        latency = asdict(summarise(values))
        row = {"runtime": runtime, "network": name, "size": SIZE, "threads": 1, "latency_ms": latency}
        rows.append({**row, "times_atelier_float32": float(np.median(ratios)), "device": device})
    return rows


def _onnx_call(path: Path, image: np.ndarray[Any, Any]) -> Call:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    feeds = {}
    for item in session.get_inputs():
        shape = [side if isinstance(side, int) else SIZE for side in item.shape]
        feeds[item.name] = image if len(shape) == 4 else np.eye(1, shape[-1], dtype=np.float32).reshape(shape)
    return lambda: session.run(None, feeds)


def _johnson_onnx(folder: Path, image: np.ndarray[Any, Any]) -> Call:
    path = folder / "johnson.onnx"
    with quiet():
        torch.onnx.export(
            JohnsonTransformer().eval(), (torch.from_numpy(image),), str(path), opset_version=17, dynamo=False
        )
    return _onnx_call(path, image)


def _johnson_tflite(folder: Path, image: np.ndarray[Any, Any]) -> Call:
    path = folder / "johnson.tflite"
    with quiet():
        import litert_torch

        network = litert_torch.to_channel_last_io(JohnsonTransformer().eval(), args=[0], outputs=[0])
        last = np.ascontiguousarray(image.transpose(0, 2, 3, 1))
        litert_torch.convert(network, (torch.from_numpy(last),)).export(str(path))
        interpreter = Interpreter(model_path=str(path), num_threads=1)
        runner = interpreter.get_signature_runner()
        name = next(iter(runner.get_input_details()))
        runner(**{name: last})
    return lambda: runner(**{name: last})


if __name__ == "__main__":
    main()
