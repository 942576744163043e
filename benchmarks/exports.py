"""Size and parity of every exported file of the shipped packs, and its latency on this machine.

python -m benchmarks.exports
"""

import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.rows import write_rows
from edgestyle.bench.measuring import Plan
from edgestyle.bench.targets.host import measure_on_host
from edgestyle.exporters.bundle import export_pack
from edgestyle.exporters.formats import FORMATS
from edgestyle.exporters.recipes import recipes_of
from edgestyle.packs.loading import load_pack, shipped_packs
from edgestyle.packs.networks import load_renderer
from edgestyle.packs.pack import Pack
from edgestyle.quality.network import count_parameters

SIZE = 512


def main() -> None:
    """Measure and write `results/exports.jsonl`."""
    rows = [row for pack in map(load_pack, shipped_packs()) for row in measure_pack(pack)]
    tools = ("edgestyle", "torch", "onnx", "onnxruntime", "coremltools", "litert-torch", "ai-edge-litert")
    print(write_rows("exports", rows, tools))


def measure_pack(pack: Pack) -> Iterator[dict[str, Any]]:
    """One row a file."""
    parameters = count_parameters(load_renderer(pack))
    with tempfile.TemporaryDirectory() as folder:
        for file in (
            one for name in FORMATS for one in export_pack(pack, Path(folder), [name], recipes_of(name), [SIZE])
        ):
            exported = {"file": file.path.name, "format": file.format, "recipe": file.recipe}
            measured = asdict(measure_on_host(file.path, 1, SIZE, Plan()))
            sizes = {"size_bytes": file.size_bytes, "parameters": parameters}
            yield {**exported, **sizes, "parity": file.parity.to_json(), "bench": measured}


if __name__ == "__main__":
    main()
