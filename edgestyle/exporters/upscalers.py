"""Make the upscalers that come with edgestyle from the published networks.

python -m edgestyle.exporters.upscalers FOLDER FOLDER -o edgestyle/upscaling/networks

Each FOLDER holds a network of the npm package @upscalerjs/esrgan-slim, `model.json` and its weights. Large kernels are
stored as float16; arithmetic stays float32.
"""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch

from edgestyle.errors import ParityError
from edgestyle.exporters.parity import NOISE, parity_photo, parity_photos
from edgestyle.exporters.to_onnx import save_onnx, trace_upscaler
from edgestyle.images import whole_file
from edgestyle.models.published_upscaler import load_published
from edgestyle.models.upscaler import EsrganSlim, SteadyUpscaler, UpscalerConfig
from edgestyle.quality.fidelity import psnr_db
from edgestyle.runtime.onnx import OnnxUpscaler
from edgestyle.runtime.upscaler import UpscalerRunner
from edgestyle.sidecar import file_sha256, file_size_bytes
from edgestyle.upscaling.shipped import shipped_network

FEWEST_HALVES = 2048  # kernels of no more numbers stay float32
MIN_PSNR_DB = 60.0  # of an upscaler with float16 weights, to the network's picture
ABOUT = {
    "licence": "MIT",
    "credit": "ESRGAN Slim, Copyright (c) 2022 Kevin Scott; see LICENSE beside this file",
    "source": "npm @upscalerjs/esrgan-slim 1.0.0",
    "changed": "converted to ONNX, for pictures in [0,1] in place of [0,255]; the last layer computes before pixels "
    "are laid out; at factor 4 the picture is smoothed; what it lacks when shrunk is added, twice; float16 kernels",
}
_CHECKED = (72, 96)  # height and width of the pictures that are compared


@dataclass(frozen=True)
class UpscalerParity:
    """The worst of all comparisons of an upscaler's file.

    Attributes:
        comparisons: how many pictures were compared.
        max_difference: largest absolute difference of a value, in units of [0,1].
        min_psnr_db: smallest PSNR of a picture.
    """

    comparisons: int
    max_difference: float
    min_psnr_db: float


def main() -> None:
    """Convert every folder and write `upscalers.json`, which says what lies there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder for the files")
    options = parser.parse_args()
    print(convert_upscalers(options.folders, options.output))


def convert_upscalers(folders: list[Path], output: Path) -> Path:
    """Write `x2.onnx` and `x4.onnx`, whichever the folders hold, and the `upscalers.json` that describes them.

    Raises:
        ArtifactError: as for `load_published`.
        ParityError: a file draws another picture than the network; it is not left behind.
        OutputError: the folder cannot be written.
    """
    networks = {}
    for folder in folders:
        network = SteadyUpscaler(load_published(folder)).eval()
        factor = network.config.factor
        parity = write_upscaler(network, output / f"x{factor}.onnx")
        networks[str(factor)] = _describe(output / f"x{factor}.onnx", folder, parity)
    described = output / "upscalers.json"
    with whole_file(described) as temporary:
        text = json.dumps({**ABOUT, "networks": networks}, indent=2)
        temporary.write_text(text + "\n", encoding="utf-8")
    return described


def write_upscaler(network: SteadyUpscaler, path: Path) -> UpscalerParity:
    """Write a network as ONNX of free height and width with float16 kernels, whole or not at all.

    Raises:
        ParityError: the file draws another picture.
        OutputError: it cannot be written.
    """
    model = trace_upscaler(network)
    halve_kernels(model.graph)
    with whole_file(path) as temporary:
        save_onnx(model, temporary, {"licence": str(ABOUT["licence"]), "source": str(ABOUT["source"])})
        return check_upscaler(OnnxUpscaler(temporary, network.config.factor, 1), network, MIN_PSNR_DB)


def load_shipped(factor: int) -> SteadyUpscaler:
    """The network that comes with edgestyle, from its ONNX file, as float32; frozen and in eval mode.

    Raises:
        ContractError, ArtifactError: as for `shipped_network`.
    """
    graph = onnx.load(shipped_network(factor)).graph
    arrays = {tensor.name: onnx.numpy_helper.to_array(tensor).astype(np.float32) for tensor in graph.initializer}
    network = SteadyUpscaler(EsrganSlim(UpscalerConfig(factor)))
    network.load_state_dict({name: torch.from_numpy(value) for name, value in arrays.items()})
    return network.eval().requires_grad_(False)


def halve_kernels(graph: onnx.GraphProto) -> None:
    """Store every kernel of more than `FEWEST_HALVES` numbers as float16 behind a cast; the graph is changed."""
    casts = []
    for tensor in graph.initializer:
        values = onnx.numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size <= FEWEST_HALVES:
            continue
        tensor.CopyFrom(onnx.numpy_helper.from_array(values.astype(np.float16), tensor.name))
        float32 = f"{tensor.name}.float32"
        for node in graph.node:
            node.input[:] = [float32 if name == tensor.name else name for name in node.input]
        casts.append(onnx.helper.make_node("Cast", [tensor.name], [float32], to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    copies = [onnx.NodeProto.FromString(node.SerializeToString()) for node in nodes]
    del graph.node[:]
    graph.node.extend(copies)


def check_upscaler(
    runner: UpscalerRunner, network: SteadyUpscaler, min_psnr_db: float, shape: tuple[int, int] = _CHECKED
) -> UpscalerParity:
    """Compare an upscaler's file with its network on eight photos and random numbers.

    Args:
        runner: the opened file.
        network: in eval mode.
        min_psnr_db: how close each picture must be, before any rounding to 8 bits on the way out.
        shape: height and width of the pictures.

    Raises:
        ParityError: a picture is not so close; the message says which.
    """
    worst, lowest = 0.0, float("inf")
    names = (*parity_photos(), NOISE)
    for name in names:
        image = parity_photo(name, *shape, runner.pixel_input)
        with torch.no_grad():
            expected = network(torch.from_numpy(image))
        got = torch.from_numpy(runner.enlarge(image))
        db = psnr_db(got, expected)
        if db < min_psnr_db:
            raise ParityError(f"'{name}' is {db:.1f} dB from the network; it must reach {min_psnr_db:.0f} dB")
        worst, lowest = max(worst, float((got - expected).abs().max())), min(lowest, db)
    return UpscalerParity(len(names), worst, lowest)


def _describe(path: Path, folder: Path, parity: UpscalerParity) -> dict[str, Any]:
    """What `upscalers.json` says of a file."""
    return {
        "file": path.name,
        "sha256": file_sha256(path),
        "size_bytes": file_size_bytes(path),
        "min_psnr_db": round(parity.min_psnr_db, 1),
        "made_from": {file.name: file_sha256(file) for file in sorted(folder.iterdir()) if file.is_file()},
    }


if __name__ == "__main__":
    main()
