"""The files that a device needs to measure: the torch-free part of edgestyle, and the exported files."""

import io
import tarfile
from pathlib import Path

import edgestyle
from edgestyle.sidecar import sidecar_path

CODE = "code"
PARTS = (
    "__init__.py", "arrays.py", "contract.py", "errors.py", "quiet.py", "sidecar.py",
    "bench/__init__.py", "bench/counters.py", "bench/environment.py", "bench/jobs.py", "bench/linux.py",
    "bench/macos.py", "bench/measuring.py", "bench/statistics.py", "bench/worker.py",
    "runtime/__init__.py", "runtime/accelerators.py", "runtime/component.py", "runtime/delegation.py",
    "runtime/encoder.py", "runtime/onnx.py", "runtime/openvino.py", "runtime/runner.py", "runtime/upscaler.py",
    "runtime/tflite.py",
)  # fmt: skip


def names_on_device(paths: list[Path]) -> dict[Path, str]:
    """Where each exported file will lie in the folder on the device; two of one name do not collide."""
    return {path: f"{index}/{path.name}" for index, path in enumerate(dict.fromkeys(paths))}


def pack_for_device(paths: list[Path]) -> bytes:
    """A tar of the code and of exported files with their sidecars."""
    home = Path(edgestyle.__file__).parent
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for part in PARTS:
            archive.add(home / part, f"{CODE}/edgestyle/{part}", recursive=False)
        for path, name in names_on_device(paths).items():
            archive.add(path, name, recursive=False)
            archive.add(sidecar_path(path), f"{name}.json", recursive=False)
    return packed.getvalue()
