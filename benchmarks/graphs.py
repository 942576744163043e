"""Run any network's file, of whatever inputs, for its speed alone."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from edgestyle.quiet import quiet


@dataclass(frozen=True)
class Graph:
    """An opened file.

    Attributes:
        runtime: name and version.
        call: one inference of a random picture; every other input is 0.5.
        place: counts operators by what ran them.
    """

    runtime: str
    call: Callable[[], object]
    place: Callable[[], dict[str, int]]


def open_graph(path: Path, size: int, threads: int) -> Graph:
    """Open an `.onnx` or `.tflite` file for square pictures of a size."""
    return (_open_onnx if path.suffix == ".onnx" else _open_tflite)(path, size, threads)


def _open_onnx(path: Path, size: int, threads: int) -> Graph:
    import onnxruntime

    from edgestyle.runtime.onnx import CPU, make_options, profile_placement

    providers = [CPU]
    session = onnxruntime.InferenceSession(path, make_options(threads), providers=providers)
    feeds = {
        one.name: _fill([d if isinstance(d, int) else None for d in one.shape], size) for one in session.get_inputs()
    }
    return Graph(
        f"onnxruntime {onnxruntime.__version__}",
        lambda: session.run(None, feeds),
        lambda: profile_placement(path, make_options(threads), providers, feeds),
    )


def _open_tflite(path: Path, size: int, threads: int) -> Graph:
    from importlib.metadata import version

    from ai_edge_litert.interpreter import Interpreter

    from edgestyle.runtime.tflite import count_delegated

    interpreter = Interpreter(model_path=str(path), num_threads=threads)
    named = f"s{size}"
    runner = interpreter.get_signature_runner(named if named in interpreter.get_signature_list() else None)
    feeds = {name: _fill(list(one["shape"]), size) for name, one in runner.get_input_details().items()}
    with quiet():
        runner(**feeds)
    return Graph(
        f"litert {version('ai-edge-litert')}",
        lambda: runner(**feeds),
        lambda: count_delegated(Interpreter(model_path=str(path), num_threads=threads)),
    )


def _fill(shape: list[int | None], size: int) -> Any:
    """A random picture for an input of four axes, 0.5 elsewhere; free sides become `size`."""
    whole = [
        int(side) if side is not None and side > 0 else (1 if axis == 0 else size) for axis, side in enumerate(shape)
    ]
    if len(whole) == 4 and 3 in (whole[1], whole[3]):
        return np.random.default_rng(0).random(whole, dtype=np.float32)
    return np.full(whole, 0.5, np.float32)
