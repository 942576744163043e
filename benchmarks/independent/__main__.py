"""Whether OpenVINO, and the runtimes' ARM64 builds under emulation (`make arm64`), draw what the files should draw.

python -m benchmarks.independent
"""

import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.independent import arm64
from benchmarks.independent.comparing import compare, draw_with_network, make_cases
from benchmarks.independent.drawing import draw
from benchmarks.rows import write_rows
from edgestyle.exporters.bundle import export_pack
from edgestyle.exporters.describing import Exported
from edgestyle.exporters.recipes import recipes_of
from edgestyle.packs.loading import load_pack
from edgestyle.packs.networks import load_renderer
from edgestyle.packs.pack import Pack
from edgestyle.runtime.openvino import OpenVinoRunner
from edgestyle.runtime.runner import open_runner

PACKS = ("atelier", "lumen")
SIZE, EMULATED_SIZE = 256, 96


def main() -> None:
    """Compare and write `results/independent.jsonl`."""
    if not arm64.is_ready():
        sys.exit(f"the ARM64 emulator is not set up, or for other versions: {arm64.SETUP}")
    rows = [row for name in PACKS for row in measure_pack(load_pack(name))]
    print(write_rows("independent", rows, ("edgestyle", "torch", "onnxruntime", "ai-edge-litert", "openvino")))


def measure_pack(pack: Pack) -> Iterator[dict[str, Any]]:
    """Rows of a pack's renderers in every recipe."""
    with tempfile.TemporaryDirectory() as folder:
        files = [
            one
            for name in ("onnx", "tflite")
            for one in export_pack(pack, Path(folder), [name], recipes_of(name), [SIZE, EMULATED_SIZE])
            if one.component == "renderer"
        ]
        yield from against_openvino(pack, files)
        yield from against_arm64(pack, files)


def against_openvino(pack: Pack, files: list[Exported]) -> Iterator[dict[str, Any]]:
    """One row a file."""
    cases = make_cases(pack, ["astronaut", "chelsea", "china"], list(pack.styles), SIZE)
    network = draw_with_network(load_renderer(pack), cases)
    for file in files:
        runner, other = open_runner(file.path), OpenVinoRunner(file.path, 1)
        found = compare(cases, network, draw(runner, cases), draw(other, cases))
        yield {"file": file.path.name, "native": runner.runtime, "other": "OpenVINO", "size": SIZE, **asdict(found)}


def against_arm64(pack: Pack, files: list[Exported]) -> Iterator[dict[str, Any]]:
    """One row a processor and file."""
    cases = make_cases(pack, ["china"], list(pack.styles), EMULATED_SIZE)
    network = draw_with_network(load_renderer(pack), cases)
    for processor in arm64.PROCESSORS:
        drawn = arm64.draw_on_arm64(processor, [file.path for file in files], cases)
        for file in files:
            runner = open_runner(file.path)
            found = compare(cases, network, draw(runner, cases), drawn[file.path.name])
            where = {"native": runner.runtime, "other": processor, "size": EMULATED_SIZE}
            yield {"file": file.path.name, **where, **asdict(found)}


if __name__ == "__main__":
    main()
