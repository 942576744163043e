"""Golden files: small inputs and what the exported files make of them here, to be compared in dB on a phone."""

import math
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from edgestyle.arrays import Floats, Pixels, to_floats, to_pixels
from edgestyle.errors import ArtifactError
from edgestyle.exporters.parity import bundled_photo
from edgestyle.images import Picture, average_to, middle, read_picture, write_picture
from edgestyle.packs.seeds import draw_latent
from edgestyle.runtime.encoder import open_encoder
from edgestyle.runtime.generator import open_generator, open_inverter, open_mapping
from edgestyle.runtime.runner import open_runner
from edgestyle.sidecar import read_sidecar
from export.common import ModelFile, copy_whole, write_json

MIN_PSNR_DB = 42.0  # of a phone's picture: accelerators compute in float16 and sum in another order
MOST_LEVELS = 1  # at strength 0, of 255, where pictures cross as 8-bit pixels; floats come back exactly
STYLE_TOLERANCE = 0.02  # of a style vector's numbers, of its largest
MOST_SIDE = 512  # of pictures in git; a file that draws at larger sizes alone has no case
FREE_SIZE = [64, 96]
SEED = 20
STRENGTHS = (0.0, 0.6, 1.0)
AVATAR_STRENGTH = 0.8

Kind = Literal["f32", "png"]  # tensors float32 [3,H,W], little-endian; or pixels
_REPEATED = 4  # how often each pixel of a large input is repeated: such a PNG is small
_GIVES_STYLES = {"encoder": open_encoder, "inverter": open_inverter}


@dataclass
class Goldens:
    """What is gathered on the way to `golden.json`.

    Attributes:
        kind: how pictures are kept that are drawn, or drawn from.
        root: what the paths of models are relative to.
        cases: of renderers.
        avatars: of generators.
        styles: of what gives style vectors.
        pictures: `float32 [1,3,H,W]` by name of their file.
    """

    kind: Kind
    root: Path
    cases: list[dict[str, Any]]
    avatars: list[dict[str, Any]]
    styles: list[dict[str, Any]]
    pictures: dict[str, Floats]


def write_goldens(files: list[ModelFile], root: Path, folder: Path, kind: Kind) -> Path:
    """Run files here and write `golden.json` with pictures beside it; pictures not needed any more are removed.

    Args:
        files: exported ones, with their sidecars beside them.
        root: what their paths in `golden.json` are relative to.
        folder: for the golden files, which belongs to them alone.
        kind: of the pictures; what style vectors are made of is always PNG.

    Raises:
        ArtifactError: a file draws no picture.
        OutputError: the folder cannot be written.
    """
    found = Goldens(kind, root, [], [], [], {})
    for file in files:
        if file.sizes is None or max(file.sizes[0]) <= MOST_SIDE:
            _add(found, file)
    for name, image in found.pictures.items():
        _write_picture(image, folder / name)
    write_json(folder / "golden.json", {
        "what": "what the exported files made of these inputs where they were exported; at strength 0 floats come back "
        "exactly, 8-bit pixels within most_levels; styles by the largest difference, of their largest number",
        "pictures": {"f32": "float32 [3,H,W] in [0,1], little-endian", "png": "sRGB"}[kind],
        "most_levels": MOST_LEVELS,
        "style_tolerance": STYLE_TOLERANCE,
        "cases": found.cases,
        "avatars": found.avatars,
        "styles": found.styles,
    })  # fmt: skip
    for path in folder.iterdir():
        if path.suffix in (".f32", ".png") and path.name not in found.pictures:
            path.unlink()
    return folder / "golden.json"


def check_goldens(root: Path, folder: Path, index: dict[str, Any]) -> dict[str, float]:
    """Run the files again: PSNR by case, infinite where all is equal; of styles the error of the largest number.

    Args:
        root: of the models' paths.
        folder: with `golden.json`.
        index: it, read.

    Raises:
        ArtifactError: a picture or a style is not the one that was written.
    """
    found = {}
    for case in (*index["cases"], *index["avatars"]):
        made = _draw(root / case["model"], case, folder)
        found[case["name"]] = psnr_db(made, _read(folder / case["stylized"], case))
        if found[case["name"]] < (math.inf if case["strength"] == 0 else case["min_psnr_db"]):
            raise ArtifactError(f"golden case {case['name']} is not what was written: {found[case['name']]:.1f} dB")
    for case in index["styles"]:
        expected = np.asarray(case["expected"], np.float32)
        made = _style(root / case["model"], case, folder)
        found[case["name"]] = float(np.abs(made - expected).max() / np.abs(expected).max())
        if found[case["name"]] > index["style_tolerance"]:
            raise ArtifactError(
                f"golden style {case['name']} is not what was written: off by {found[case['name']]:.3g}"
            )
    return found


def psnr_db(first: Floats, second: Floats) -> float:
    """Peak signal-to-noise ratio of pictures in [0,1], rounded to 8 bits as they are shown; infinite for equal ones."""
    error = float(np.square(to_pixels(first).astype(np.float64) - to_pixels(second)).mean())
    return 10 * math.log10(255**2 / error) if error else math.inf


def _add(found: Goldens, file: ModelFile) -> None:
    """Add the cases of one file."""
    sidecar, name = read_sidecar(file.path), file.path.name.removesuffix(file.path.suffix)
    style, known = next(iter(sidecar["styles"].items()))
    case: dict[str, Any] = {
        "name": name, "component": file.component, "model": file.path.relative_to(found.root).as_posix(),
        "sha256": sidecar["sha256"],
    }  # fmt: skip
    drawing = case | {"style": style, "vector": known["vector"], "min_psnr_db": MIN_PSNR_DB}
    if file.component == "renderer":
        height, width = (file.sizes or [FREE_SIZE])[0]
        given = _add_input(found, height, width, found.kind)
        for strength in STRENGTHS:
            one = drawing | {"height": height, "width": width, "strength": strength, "image": given}
            found.cases.append(_drawn(found, one | {"name": f"{name}-{strength:g}"}, file.path))
    elif file.component == "generator":
        height, width = (
            sidecar["outputs"][0]["shape"][1:3] if found.kind == "png" else sidecar["outputs"][0]["shape"][2:]
        )
        one = drawing | {"height": height, "width": width, "strength": AVATAR_STRENGTH}
        found.avatars.append(_drawn(found, one, file.path))
    else:
        _add_style(found, case, file, sidecar)


def _add_style(found: Goldens, case: dict[str, Any], file: ModelFile, sidecar: dict[str, Any]) -> None:
    if file.component == "mapping":
        case |= {"seed": str(SEED), "latents": sidecar["latents"]}
    else:
        side = sidecar["sizes"][0] if file.component == "inverter" else sidecar["size_multiple"]
        case |= {"height": side, "width": side, "image": _add_input(found, side, side, "png")}
    with tempfile.TemporaryDirectory() as aside:
        if "image" in case:
            _write_picture(found.pictures[case["image"]], Path(aside, case["image"]))
        made = _style(file.path, case, Path(aside))
    found.styles.append(case | {"expected": [float(f"{value:.7g}") for value in made.tolist()]})


def _add_input(found: Goldens, height: int, width: int, kind: Kind) -> str:
    name = f"input-{height}x{width}.{kind}"
    found.pictures[name] = to_floats(input_picture(height, width))
    return name


def _drawn(found: Goldens, case: dict[str, Any], path: Path) -> dict[str, Any]:
    """A case with the picture that the file draws."""
    style, strength = np.asarray([case["vector"]], np.float32), case["strength"]
    given = found.pictures.get(case.get("image", ""))
    made = (
        open_generator(path).draw(style, strength) if given is None else open_runner(path).run(given, style, strength)
    )
    if given is not None and strength == 0 and np.array_equal(to_pixels(made), to_pixels(given)):
        return case | {"stylized": case["image"]}
    name = f"{case['name']}.{found.kind}"
    found.pictures[name] = made
    return case | {"stylized": name}


def _draw(path: Path, case: dict[str, Any], folder: Path) -> Floats:
    style, strength = np.asarray([case["vector"]], np.float32), case["strength"]
    if case["component"] == "generator":
        return open_generator(path).draw(style, strength)
    return open_runner(path).run(_read(folder / case["image"], case), style, strength)


def _style(path: Path, case: dict[str, Any], folder: Path) -> Floats:
    """The style vector `[D]` that a file gives."""
    if case["component"] == "mapping":
        latent = draw_latent(int(case["seed"]), case["latents"])
        return np.asarray(open_mapping(path).map(latent[None])[0], np.float32)
    encoded = _GIVES_STYLES[case["component"]](path).encode(_read(folder / case["image"], case))
    return np.asarray(encoded[0], np.float32)


def input_picture(height: int, width: int) -> Pixels:
    """The middle of a photo `uint8 [H,W,3]`, each pixel repeated where the picture is large."""
    times = _REPEATED if min(height, width) >= MOST_SIDE // 2 else 1
    small = average_to(middle(read_picture(bundled_photo("astronaut")).pixels, 256), 128, 128)
    cut = small[: -(-height // times), : -(-width // times)]
    return np.ascontiguousarray(cut.repeat(times, 0).repeat(times, 1)[:height, :width])


def _read(path: Path, case: dict[str, Any]) -> Floats:
    """`float32 [1,3,H,W]` in [0,1]."""
    if path.suffix == ".png":
        return to_floats(read_picture(path).pixels)
    return np.fromfile(path, "<f4").astype(np.float32).reshape(1, 3, case["height"], case["width"])


def _write_picture(image: Floats, path: Path) -> None:
    """Write `float32 [1,3,H,W]`, unless the same is there."""
    with tempfile.TemporaryDirectory() as aside:
        built = Path(aside, path.name)
        if path.suffix == ".png":
            write_picture(Picture(to_pixels(image)), built)
        else:
            image.astype("<f4").tofile(built)
        copy_whole(built, path)
