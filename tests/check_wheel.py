"""Look inside the built wheel: only edgestyle, with its packs and photos, and light.

python tests/check_wheel.py DIST
"""

import sys
import zipfile
from pathlib import Path

MAX_BYTES = 19e6  # five packs, two of them 3.7 MB; networks for features, selfies, enlarging; hardly any code

NEEDED = (
    "edgestyle/packs/seed_vectors.json",
    "edgestyle/packs/atelier/pack.json",
    "edgestyle/packs/atelier/renderer.safetensors",
    "edgestyle/packs/atelier/renderer-w8a8.safetensors",
    "edgestyle/packs/atelier/renderer.onnx",
    "edgestyle/packs/atelier/previews/cartoon.jpg",
    "edgestyle/packs/easel/encoder.onnx",
    "edgestyle/packs/easel/previews/woodcut.jpg",
    "edgestyle/packs/faces/pack.json",
    "edgestyle/packs/faces/generator.onnx",
    "edgestyle/packs/faces/mapping.safetensors",
    "edgestyle/packs/faces/inverter.onnx",
    "edgestyle/packs/faces/previews/mira.jpg",
    "edgestyle/exporters/photos/astronaut.jpg",
    "edgestyle/exporters/calibration_photos/fig.jpg",
    "edgestyle/quality/features/lite_features.safetensors",
    "edgestyle/quality/templates/report.html.j2",
    "edgestyle/selfie/networks/face_landmark.tflite",
    "edgestyle/upscaling/networks/x2.onnx",
    "edgestyle/upscaling/networks/x4.onnx",
    "edgestyle/upscaling/networks/upscalers.json",
    "edgestyle/upscaling/networks/LICENSE",
    "edgestyle/report/templates/report.html.j2",
    "edgestyle/bench/templates/report.html.j2",
    "edgestyle/bench/browsing/page/index.html",
    "edgestyle/bench/browsing/page/bench.mjs",
)
wheel = next(Path(sys.argv[1]).glob("*.whl"))
with zipfile.ZipFile(wheel) as archive:
    names = archive.namelist()
    metadata = next(archive.read(name).decode() for name in names if name.endswith("METADATA"))
stray = sorted({name.split("/")[0] for name in names if not name.startswith(("edgestyle/", "edgestyle-"))})
missing = [name for name in NEEDED if name not in names]
core = [line for line in metadata.splitlines() if line.startswith("Requires-Dist") and "extra ==" not in line]
if stray or missing or wheel.stat().st_size > MAX_BYTES or any("torch" in line for line in core):
    sys.exit(f"{wheel.name}: stray {stray}, missing {missing}, {wheel.stat().st_size} bytes, needs {core}")
print(f"{wheel.name}: {len(names)} files, {wheel.stat().st_size / 1e6:.2f} MB, core needs {len(core)} packages")
