"""Copies of ONNX renderers for one height and width: phones' accelerators take no network whose sizes are free.

By ONNX Runtime's own tool (`make_dynamic_shape_fixed`, its documentation, "Make dynamic input shape fixed").
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnxruntime.tools.onnx_model_utils import fix_output_shapes, make_dim_param_fixed

from edgestyle.arrays import Floats
from edgestyle.errors import ArtifactError, ExportError
from edgestyle.exporters.placing import put_in_place, workshop_in
from edgestyle.runtime.onnx import OnnxRunner
from edgestyle.sidecar import file_sha256, file_size_bytes, read_sidecar

FIXED_FROM = "fixed_from_sha256"  # in the sidecar of a copy: the file that it was made of


def fixed_path(path: Path, height: int, width: int) -> Path:
    """Where the copy for a size goes: beside the file, the size at the end of its name."""
    return path.with_name(f"{path.stem}-{height}x{width}{path.suffix}")


def fix_size(path: Path, height: int, width: int) -> Path:
    """Make a copy that takes pictures of one size only, unless the copy of this very file is there.

    Args:
        path: an exported renderer, with its sidecar beside it.
        height, width: multiples of its `size_multiple`.

    Raises:
        ArtifactError: the file or its sidecar is damaged.
        ExportError: the copy draws another picture.
        OutputError: it cannot be written.
    """
    sidecar, fixed = read_sidecar(path), fixed_path(path, height, width)
    if is_fixed_from(fixed, sidecar["sha256"]):
        return fixed
    with workshop_in(path.parent) as workshop:
        built = workshop / fixed.name
        model = onnx.load(path)
        make_dim_param_fixed(model.graph, "height", height)
        make_dim_param_fixed(model.graph, "width", width)
        fix_output_shapes(model)
        onnx.save(model, built)
        _check_same(path, built, sidecar, height, width)
        put_in_place(built, fixed, _sidecar_of(built, sidecar, height, width))
    return fixed


def is_fixed_from(path: Path, sha256: str) -> bool:
    """Whether a copy is there, whole, and made of the file with that hash."""
    if not path.exists():
        return False
    try:
        return bool(read_sidecar(path).get(FIXED_FROM) == sha256)
    except ArtifactError:  # it is made again
        return False


def _sidecar_of(built: Path, sidecar: dict[str, Any], height: int, width: int) -> dict[str, Any]:
    copied: dict[str, Any] = json.loads(json.dumps(sidecar))
    for tensor in (*copied["inputs"], *copied["outputs"]):
        if tensor["name"] in ("image", "stylized"):
            tensor["shape"] = [1, 3, height, width]
    changed = {
        "free_size": False, "sizes": [max(height, width)], "sha256": file_sha256(built),
        "size_bytes": file_size_bytes(built), FIXED_FROM: sidecar["sha256"],
    }  # fmt: skip
    return {**copied, **changed}


def _check_same(path: Path, built: Path, sidecar: dict[str, Any], height: int, width: int) -> None:
    """Raise ExportError unless both draw the same picture, and give it back at strength 0."""
    image = np.random.default_rng(0).random((1, 3, height, width), np.float32)
    style = np.asarray([next(iter(sidecar["styles"].values()))["vector"]], np.float32)

    def run(file: Path, strength: float) -> Floats:
        return OnnxRunner(file, threads=1).run(image, style, strength)

    if not np.allclose(run(built, 1.0), run(path, 1.0), atol=1e-5):
        raise ExportError(f"{built.name} draws another picture than {path.name}")
    if not np.array_equal(run(built, 0.0), image):
        raise ExportError(f"{built.name} does not give a picture back at strength 0")
