"""Put what a page loads where its site shows it: the exported file, its sidecar, the inputs."""

import shutil
from pathlib import Path
from typing import Any

from edgestyle.bench.browsing.tensors import make_tensors
from edgestyle.bench.jobs import Job
from edgestyle.contract import SIGNATURES
from edgestyle.errors import ArtifactError
from edgestyle.sidecar import read_sidecar, sidecar_path


def lay_out(job: Job, folder: Path) -> dict[str, Any]:
    """What a page has to be told of a job: addresses, shapes of inputs, the signature of a `.tflite` file.

    Args:
        job: of a `.onnx` or `.tflite` file.
        folder: to be made, inside of the one that the site shows as `files`.

    Raises:
        ArtifactError: the file or its sidecar is missing or was changed, or is for pictures of other sizes.
    """
    sidecar = read_sidecar(job.path)
    if job.path.suffix == ".tflite" and job.component == "renderer" and job.size not in sidecar["sizes"]:
        raise ArtifactError(f"it takes pictures of {', '.join(map(str, sidecar['sizes']))} pixels, not {job.size}")
    folder.mkdir()
    file = Path(shutil.copyfile(job.path, folder / job.path.name))
    shutil.copyfile(sidecar_path(job.path), sidecar_path(file))
    inputs = {}
    for name, value in make_tensors(job, sidecar).items():
        value.tofile(folder / f"{name}.bin")
        inputs[name] = {"url": f"files/{folder.name}/{name}.bin", "shape": list(value.shape)}
    address = f"files/{folder.name}/{file.name}"
    signature = SIGNATURES.get(job.component, f"s{job.size}")
    return {"file": address, "sidecar": f"{address}.json", "inputs": inputs, "signature": signature}
