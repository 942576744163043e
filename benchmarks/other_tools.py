"""The runtimes' own benchmark tools, as their packages install them, with one thread each."""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from edgestyle.bench.results import Result

RUNS, WARM_UP = 300, 50
_BIN = Path(sys.executable).parent
_ONE_THREAD = """
import sys
import onnxruntime
from onnxruntime.tools import onnxruntime_test

class OneThread(onnxruntime.InferenceSession):
    def __init__(self, path, sess_options, providers):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        super().__init__(path, options, providers=["CPUExecutionProvider"])

onnxruntime.InferenceSession = OneThread  # the tool has no option for threads
path, runs, size = sys.argv[1:]
onnxruntime_test.run_model(path, int(runs), symbolic_dims={"height": size, "width": size})
"""


@dataclass(frozen=True)
class Tool:
    """A tool.

    Attributes:
        name, suffix: of the tool; of the files it takes.
        statistic: what it prints.
        measure: milliseconds of a file at a size.
        ours: the same statistic of a row.
    """

    name: str
    suffix: str
    statistic: str
    measure: Callable[[Path, int], float]
    ours: Callable[[Result], float]


def litert_benchmark(path: Path, size: int) -> float:
    """LiteRT's own: the median of 300 runs after 50."""
    with tempfile.TemporaryDirectory() as name:
        result = Path(name) / "result.json"
        _run(
            _BIN / "litert-benchmark", "--model", path, "--signature", f"s{size}", "--num_threads", 1,
            "--num_runs", RUNS, "--warmup_runs", WARM_UP, "--result_json", result,
        )  # fmt: skip
        return _find_median(json.loads(result.read_text(encoding="utf-8")))


def onnxruntime_test(path: Path, size: int) -> float:
    """ONNX Runtime's own, with a session of one thread: the mean of 300 runs, its first ones too."""
    shown = _run(sys.executable, "-c", _ONE_THREAD, path, RUNS, size)
    match = re.search(r"avg latency: ([\d.]+) ms", shown)
    if match is None:
        raise SystemExit(f"onnxruntime_test says something else than it used to: {shown}")
    return float(match[1])


def _find_median(result: object) -> float:
    """The first `median_ms` in nested objects."""
    if isinstance(result, dict):
        for key, value in result.items():
            if key == "median_ms":
                return float(value)
            if isinstance(value, dict) and "median_ms" in json.dumps(value):
                return _find_median(value)
    raise SystemExit(f"litert-benchmark says something else than it used to: {result}")


def _run(*command: object) -> str:
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, check=True).stdout


def _median(row: Result) -> float:
    assert row.latency_ms is not None
    return float(row.latency_ms["p50"])


def _mean(row: Result) -> float:
    assert row.samples_ms is not None
    return fmean(row.samples_ms)


TOOLS = (
    Tool("litert-benchmark", ".tflite", "median", litert_benchmark, _median),
    Tool("onnxruntime_test", ".onnx", "mean", onnxruntime_test, _mean),
)
