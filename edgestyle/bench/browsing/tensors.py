"""Inputs as an exported file takes them, its output as an array, and how close that is to the native runtime's."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgestyle.arrays import Floats, to_floats, to_pixels
from edgestyle.bench.jobs import Job
from edgestyle.bench.worker import make_inputs
from edgestyle.errors import EdgestyleError
from edgestyle.runtime.component import open_component
from edgestyle.runtime.runner import open_runner

SAME_DB = {"float32": 50.0}  # between two runtimes, by recipe
SAME_COARSE_DB = 30.0  # in every other one, whose steps they may round differently
Tensor = NDArray[np.float32] | NDArray[np.uint8]


def make_tensors(job: Job, sidecar: dict[str, Any]) -> dict[str, Tensor]:
    """The inputs that the host measures with too, by name, in the file's own layout and type.

    Args:
        job: of a `.onnx` or `.tflite` file.
        sidecar: of the file.
    """
    given = make_inputs(job)
    if job.component == "renderer":
        image, style, strength = given
        named = {"image": image, "style": style, "strength": np.array([strength], np.float32)}
    else:
        (named,) = given
    return {spec["name"]: _as_taken(named[spec["name"]], spec["dtype"], job) for spec in sidecar["inputs"]}


def _as_taken(value: Floats, dtype: str, job: Job) -> Tensor:
    if value.ndim != 4 or job.path.suffix == ".onnx":
        return value
    return to_pixels(value)[None] if dtype == "uint8" else np.ascontiguousarray(value.transpose(0, 2, 3, 1))


def read_output(sent: bytes, sidecar: dict[str, Any], job: Job) -> Floats:
    """What a page sent: pictures as `[1,3,H,W]` in [0,1], vectors flat."""
    (spec,) = sidecar["outputs"]
    values = np.frombuffer(sent, np.dtype(spec["dtype"]))
    if len(spec["shape"]) != 4:
        return values.astype(np.float32)
    if job.path.suffix == ".onnx":
        return values.reshape(1, 3, job.size, job.size).astype(np.float32)
    last = values.reshape(job.size, job.size, 3)
    return to_floats(last) if spec["dtype"] == "uint8" else np.ascontiguousarray(last.transpose(2, 0, 1)[None])


def compare_with_native(drawn: Floats, job: Job) -> dict[str, Any] | None:
    """How close an output is to that of the format's runtime in this process on the same inputs.

    Returns:
        `runtime`, `psnr_db` (against the largest value where it is no picture; None for equal arrays) and
        `max_difference`; None where that runtime is not installed or fails.
    """
    try:
        if job.component == "renderer":
            runner: Any = open_runner(job.path, job.threads)
        else:
            runner = open_component(job.path, job.component, job.threads)
        native = runner.run(*make_inputs(job))
    except EdgestyleError:
        return None
    difference = drawn.ravel().astype(np.float64) - native.ravel()
    error, peak = float(np.square(difference).mean()), 1.0 if native.ndim == 4 else float(np.abs(native).max())
    psnr_db = round(10 * math.log10(peak**2 / error), 2) if error > 0 else None
    return {"runtime": runner.runtime, "psnr_db": psnr_db, "max_difference": float(np.abs(difference).max())}


def describe_disagreement(agreement: dict[str, Any] | None, recipe: str) -> str | None:
    """One line where a runtime draws something else than the native one; None where not, or where nobody knows.

    Args:
        agreement: of `compare_with_native`.
        recipe: of the file.
    """
    if agreement is None or agreement["psnr_db"] is None:
        return None
    fewest_db = SAME_DB.get(recipe, SAME_COARSE_DB)
    if agreement["psnr_db"] >= fewest_db:
        return None
    found = f"{agreement['psnr_db']:.1f} dB, and {fewest_db:.0f} are the same picture"
    return f"it draws another picture here than in {agreement['runtime']}: {found}"
