"""What edgestyle makes of some photos with the models in the Android app, for the Kotlin tests to compare with."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from PIL import Image

from edgestyle.arrays import Floats, Pixels, to_pixels
from edgestyle.images import Picture
from edgestyle.packs.loading import load_pack
from edgestyle.packs.mixing import mix_styles, parse_mix
from edgestyle.packs.seeds import draw_latent
from edgestyle.packs.stylizing import reference_input, stylize_pixels
from edgestyle.selfie.composing import parse_background
from edgestyle.selfie.making import Look, SelfieMaker
from tests.android.building import PROJECT, ROOT

ASSETS = PROJECT / "app" / "src" / "main" / "assets"
MIX = "cartoon:0.6,oil:0.4"


def prepare(folder: Path) -> None:
    """Write pictures as raw bytes, and `wanted.json` that says what they are."""
    wanted: dict[str, Any] = {"mix": MIX}
    photos = _photos()
    for name, photo in photos.items():
        wanted[name] = _write(folder, name, photo)
    _photo_styles(folder, wanted, photos)
    _face(folder, wanted)
    _selfies(folder, wanted, photos)
    (folder / "wanted.json").write_text(json.dumps(wanted), encoding="utf-8")


def session(pack: str, component: str) -> onnxruntime.InferenceSession:
    """The app's own file of a component."""
    index = json.loads((ASSETS / "models" / "index.json").read_text(encoding="utf-8"))
    (entry,) = (one for one in index["packs"] if one["name"] == pack)
    files = [one["path"] for one in entry["files"] if one["component"] == component]
    path = min(files, key=len)  # those of one size have it in their names
    return onnxruntime.InferenceSession(str(ASSETS / path), providers=["CPUExecutionProvider"])


def _photos() -> dict[str, Pixels]:
    astronaut = Image.open(ROOT / "examples" / "astronaut.jpg").convert("RGB")
    photo = Image.open(ROOT / "examples" / "china.jpg").convert("RGB")
    large = photo.resize((1300, 867), Image.Resampling.BICUBIC)
    return {
        "photo": np.asarray(large.crop((0, 0, 1300, 500))),
        "reference": np.asarray(Image.open(ROOT / "examples" / "chelsea.jpg").convert("RGB")),
        "portrait": np.asarray(astronaut),
        "turned_portrait": np.asarray(astronaut.rotate(90, expand=True)),
        "nobody": np.asarray(photo),
    }


def _photo_styles(folder: Path, wanted: dict[str, Any], photos: dict[str, Pixels]) -> None:
    atelier, lumen = load_pack("atelier"), load_pack("lumen")
    style = mix_styles(atelier.styles, parse_mix(MIX))
    drawn = stylize_pixels(_render("atelier", style.as_input(), 0.7), photos["photo"], atelier.working_size, 1 - 0.7)
    wanted["stylized"] = _write(folder, "stylized", drawn)
    reference = reference_input(Picture(photos["reference"]))
    (vector,) = session("lumen", "encoder").run(None, {"reference": reference})
    wanted["reference_style"] = vector[0].tolist()
    drawn = stylize_pixels(_render("lumen", vector, 0.6), photos["photo"], lumen.working_size, 1 - 0.6)
    wanted["in_its_look"] = _write(folder, "in_its_look", drawn)


def _render(pack: str, style: Floats, strength: float) -> Any:
    opened = session(pack, "renderer")

    def render(image: Floats) -> Floats:
        feeds = {"image": image, "style": style, "strength": np.array([strength], np.float32)}
        return np.asarray(opened.run(None, feeds)[0])

    return render


def _face(folder: Path, wanted: dict[str, Any]) -> None:
    mapping, generator = session("faces", "mapping"), session("faces", "generator")
    (style,) = mapping.run(None, {"latent": draw_latent(20, mapping.get_inputs()[0].shape[1])[None]})
    wanted["face_style"] = style[0].tolist()
    (picture,) = generator.run(None, {"style": style, "strength": np.array([0.8], np.float32)})
    wanted["face"] = _write(folder, "face", to_pixels(picture))


class _ShippedRenderer:
    """The app's renderer where `Pack` has its own."""

    def __init__(self) -> None:
        self._session = session("atelier", "renderer")

    def run(self, image: Floats, style: Floats, strength: float) -> Floats:
        feeds = {"image": image, "style": style, "strength": np.array([strength], np.float32)}
        return np.asarray(self._session.run(None, feeds)[0])


def _selfies(folder: Path, wanted: dict[str, Any], photos: dict[str, Pixels]) -> None:
    pack = load_pack("atelier")
    pack.__dict__["renderer"] = _ShippedRenderer()
    maker = SelfieMaker(pack)
    (face, *_) = maker.find_faces(photos["portrait"])
    looks = {
        "selfie_circle": Look("cartoon", 0.8, parse_background("#ffd166"), "circle", 512),
        "selfie_blur": Look("cartoon", 0.8, parse_background("blur"), "square", 512),
        "selfie_alone": Look("cartoon", 1.0, parse_background("transparent"), "none", 300),
    }
    for name, look in looks.items():
        picture = maker.draw(photos["portrait"], face, look)
        alpha = np.full(picture.pixels.shape[:2], 255, np.uint8) if picture.alpha is None else picture.alpha
        wanted[name] = _write(folder, name, np.concatenate([picture.pixels, alpha[..., None]], 2))
    for name in ("portrait", "turned_portrait"):
        (face, *_) = maker.find_faces(photos[name])
        wanted[name]["eyes"] = face.eyes.ravel().tolist()


def _write(folder: Path, name: str, pixels: Any) -> dict[str, Any]:
    (folder / f"{name}.raw").write_bytes(np.ascontiguousarray(pixels).tobytes())
    return {"file": f"{name}.raw", "height": pixels.shape[0], "width": pixels.shape[1]}
