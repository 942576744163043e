"""How fast photographic looks are: beside the network that taught them, and on large pictures.

python -m benchmarks.photographic_speed FILE WIDTH HEIGHT THREADS    prints a row; a process of its own, for its memory
"""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from edgestyle.bench.counters import peak_rss_bytes
from edgestyle.bench.environment import describe_host
from edgestyle.bench.measuring import Plan, measure_call, measure_interleaved_ms
from edgestyle.bench.statistics import summarise
from edgestyle.packs.pack import Pack
from edgestyle.runtime.onnx import OnnxEncoder, OnnxRunner

if TYPE_CHECKING:
    from torch import Tensor

    from edgestyle.teachers.photographic import PhotographicTeacher

Row = dict[str, Any]
TURNS_SIDE, LARGE_THREADS = 512, 2
_PLAN = Plan(min_runs=10, min_seconds=3.0, max_warmup_seconds=3.0)


def measure_turns(pack: Pack, teacher: "PhotographicTeacher", photo: "Tensor", reference: "Tensor", rounds: int) -> Row:
    """One thread at 512x512, in turns: milliseconds of the network that taught and of the pack's own two.

    The teacher sees its reference, of 256x256 as the encoder's, anew in every call.

    Args:
        pack: whose exported files are run.
        teacher: in torch, which has one thread.
        photo, reference: `[1,3,H,W]`, brought to size.
        rounds: calls of each.
    """
    from torch.nn.functional import interpolate

    def to_side(image: "Tensor", side: int) -> "Tensor":
        return interpolate(image, (side, side), mode="bilinear", antialias=True).clamp(0, 1)

    content, look = to_side(photo, TURNS_SIDE), to_side(reference, 256)
    renderer, encoder = OnnxRunner(_renderer_file(pack), 1), OnnxEncoder(_encoder_file(pack), 1)
    calls: dict[str, Callable[[], object]] = {
        "PCA-KD": lambda: teacher.network_alone(content, look),
        "renderer": renderer.bind(content.numpy(), pack.style().as_input(), 1.0),
        "encoder": encoder.bind(look.numpy()),
    }
    samples = measure_interleaved_ms(calls, rounds)
    ratios = np.asarray(samples["PCA-KD"]) / np.asarray(samples["renderer"])
    latencies = {name: asdict(summarise(values)) for name, values in samples.items()}
    row = {"part": "turns", "size": TURNS_SIDE, "threads": 1, "latency_ms": latencies, "device": describe_host()}
    return {**row, "times_faster": float(np.median(ratios))}


def measure_large(pack: Pack, width: int, height: int) -> Row:
    """The renderer alone on two threads: milliseconds, nanoseconds a pixel, and the process's highest memory."""
    arguments = [str(_renderer_file(pack)), str(width), str(height), str(LARGE_THREADS)]
    command = [sys.executable, "-m", "benchmarks.photographic_speed", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    row: Row = json.loads(done.stdout.splitlines()[-1])
    return {"part": "large", "size": [width, height], "threads": LARGE_THREADS, **row, "device": describe_host()}


def _measure_here(file: Path, width: int, height: int, threads: int) -> Row:
    """What the process that `measure_large` starts does."""
    runner = OnnxRunner(file, threads, many_pixels=True)
    style_dimensions = _style_dimensions(file)
    image = np.random.default_rng(0).random((1, 3, height, width), dtype=np.float32)
    timed = measure_call(runner.bind(image, np.zeros((1, style_dimensions), np.float32), 1.0), _PLAN)
    latency = summarise(timed.samples_ms)
    nanoseconds = latency.p50 * 1e6 / (width * height)
    return {"latency_ms": asdict(latency), "ns_a_pixel": nanoseconds, "peak_rss_bytes": peak_rss_bytes()}


def _style_dimensions(file: Path) -> int:
    import onnxruntime

    inputs = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"]).get_inputs()
    return int(next(one.shape[1] for one in inputs if one.name == "style"))


def _renderer_file(pack: Pack) -> Path:
    return pack.file(pack.components["renderer"].onnx)


def _encoder_file(pack: Pack) -> Path:
    return pack.file(pack.components["encoder"].onnx)


if __name__ == "__main__":
    print(json.dumps(_measure_here(Path(sys.argv[1]), *map(int, sys.argv[2:]))))
