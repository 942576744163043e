"""Draw the app's screens from its layouts, texts and models: `python -m tests.android.draw_screens`.

Pictures in them are what the app's own models draw. It needs Chromium, and writes docs/android-*.jpg.
"""

import io
import json
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from edgestyle.arrays import to_floats, to_pixels
from edgestyle.bench.statistics import summarise
from edgestyle.images import Picture
from edgestyle.packs.stylizing import reference_input
from tests.android import wanted
from tests.android.building import ROOT
from tests.android.layouts import Drawing, Scene

WIDTH, HEIGHT, SCALE, GAP = 360, 740, 1.5, 20
MOST_BYTES = 150_000
CHINESE = "values-zh-rCN"
CSS = f"""
* {{ margin: 0; box-sizing: border-box }}
body {{ display: flex; gap: {GAP}px; padding: {GAP}px; background: #D9D3CA;
  font-family: Roboto, 'Noto Sans', sans-serif }}
.phone {{ position: relative; width: {WIDTH}px; height: {HEIGHT}px; border-radius: 28px; overflow: hidden;
  box-shadow: 0 6px 24px #0004; flex-shrink: 0; display: flex }}
.phone > div:first-child {{ width: 100%; height: 100% }}
.bar {{ position: absolute; left: 24px; right: 24px; top: 8px; display: flex; justify-content: space-between;
  font-size: 12px; font-weight: 600 }}
"""


def main() -> None:
    """Draw all sheets."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        wanted.prepare(folder)
        made = Pictures(folder)
        save("android-live", [live(made), live_chinese(made), photo(made)])
        save("android-selfie", [selfie(made), selfie_failure(made), avatars(made)])
        save("android-measure", [measure(made), settings(made, night=False), settings(made, night=True)])


class Pictures:
    """What the app's models draw, as JPEG or PNG."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._wanted = json.loads((folder / "wanted.json").read_text(encoding="utf-8"))
        self.index = json.loads((wanted.ASSETS / "models" / "index.json").read_text(encoding="utf-8"))

    def raw(self, name: str) -> Any:
        """A picture that was prepared."""
        entry = self._wanted[name]
        data = np.frombuffer((self._folder / entry["file"]).read_bytes(), np.uint8)
        return data.reshape(entry["height"], entry["width"], -1)

    def stylized(self, pack: str, style: str, strength: float, pixels: Any, vector: Any = None) -> bytes:
        """A picture drawn in a style at its own size."""
        if vector is None:
            path = next(one["sidecar"] for p in self.index["packs"] if p["name"] == pack for one in p["files"])
            sidecar = json.loads((wanted.ASSETS / path).read_text(encoding="utf-8"))
            vector = np.array([sidecar["styles"][style]["vector"]], np.float32)
        feeds = {"image": to_floats(pixels), "style": vector, "strength": np.array([strength], np.float32)}
        return encoded(to_pixels(wanted.session(pack, "renderer").run(None, feeds)[0]))

    def carousel(self, drawing: Drawing, packs: tuple[str, ...], chosen: str) -> str:
        """The row of styles, the chosen one marked."""
        items = []
        for pack in self.index["packs"]:
            for style in pack["styles"] if pack["name"] in packs else ():
                key = f"style_{style['name'].replace('-', '_')}"
                try:
                    title = drawing.text(key)
                except KeyError:
                    title = style["title"]
                preview = (wanted.ASSETS / style["preview"]).read_bytes()
                picked = style["name"] == chosen
                items.append(drawing.item("item_style", {"style_title": title}, {"style_preview": preview}, picked))
        return "".join(items)


def live(made: Pictures) -> str:
    """The camera in cartoon."""
    frame = np.asarray(Image.fromarray(made.raw("portrait")).crop((64, 0, 448, 512)))
    drawn = made.stylized("atelier", "cartoon", 0.8, frame)
    scene = Scene("activity_main", night=True, camera=True, pictures={"picture": (drawn, True)}, hidden={"speed"})
    return styled(made, scene, 80, ("atelier", "lumen"), "cartoon")


def live_chinese(made: Pictures) -> str:
    """The camera in ink, in Chinese, with a notice."""
    photo = Image.fromarray(made.raw("nobody"))
    width = 3 * photo.height // 4
    left = (photo.width * 36) // 100 - width // 2
    frame = np.asarray(photo.crop((left, 0, left + width, photo.height)).resize((384, 512)))
    drawn = made.stylized("atelier", "watercolour", 0.9, frame)
    scene = Scene(
        "activity_main",
        night=True,
        language=CHINESE,
        camera=True,
        pictures={"picture": (drawn, True)},
        hidden={"speed", "message_action"},
    )
    drawing = Drawing(scene)
    scene.shown = {"message"}
    scene.texts["message_text"] = (
        drawing.text("notice_fallback")
        .replace("%1$s", drawing.text("accelerator_nnapi"))
        .replace("%2$s", drawing.text("accelerator_cpu"))
    )
    return styled(made, scene, 90, ("atelier", "lumen"), "watercolour")


def photo(made: Pictures) -> str:
    """A photo in the look of another picture."""
    vector = wanted.session("lumen", "encoder").run(
        None, {"reference": reference_input(Picture(made.raw("reference")))}
    )[0]
    pixels = np.asarray(Image.fromarray(made.raw("nobody")).resize((640, 424)))
    drawn = made.stylized("lumen", "", 0.9, pixels, vector)
    scene = Scene("activity_photo", pictures={"picture": (drawn, False)}, hidden={"hint"})
    drawing = Drawing(scene)
    look = encoded(np.asarray(Image.fromarray(made.raw("reference")).resize((160, 106))))
    first = drawing.item("item_style", {"style_title": drawing.text("reference_look")}, {"style_preview": look}, True)
    scene.children["styles"] = first
    return styled(made, scene, 90, ("lumen",), "")


def selfie(made: Pictures) -> str:
    """A selfie in a circle."""
    drawn = encoded(made.raw("selfie_circle"))
    scene = Scene(
        "activity_selfie", pictures={"picture": (drawn, False)}, selected={"shape_circle", "background_colour"}
    )
    return styled(made, scene, 80, ("atelier",), "cartoon")


def selfie_failure(made: Pictures) -> str:
    """No face: what the app says, in dark mode."""
    scene = Scene("activity_selfie", night=True, selected={"shape_none", "background_blur"}, shown={"message"})
    drawing = Drawing(scene)
    scene.texts |= {"message_text": drawing.text("error_face_none"), "message_action": drawing.text("other_photo")}
    return styled(made, scene, 80, ("atelier",), "ink")


def avatars(made: Pictures) -> str:
    """The face of seed 20."""
    face = np.asarray(Image.fromarray(made.raw("face")).resize((512, 512), Image.Resampling.BICUBIC))
    scene = Scene("activity_avatars", pictures={"picture": (encoded(face), False)})
    return styled(made, scene, 80, ("faces",), "")


def measure(made: Pictures) -> str:
    """Figures that the machine which draws this has measured just now."""
    summary = summarise(_timed_here())
    scene = Scene("activity_measure", shown={"results"}, hidden={"working"})
    drawing = Drawing(scene)
    unknown = drawing.text("thermal_unknown")
    scene.texts = {
        "model": "atelier-renderer-w8.onnx",
        "accelerator": drawing.text("accelerator_cpu"),
        "p50": _filled(drawing.text("milliseconds"), f"{summary.p50:.2f}"),
        "interval": _filled(drawing.text("interval"), f"{summary.p50_low:.2f}", f"{summary.p50_high:.2f}"),
        "p90": _filled(drawing.text("milliseconds"), f"{summary.p90:.2f}"),
        "rate": f"{1000 / summary.p50:.2f}",
        "thermal": _filled(drawing.text("from_to"), unknown, unknown),
        "placement": "CPU 20",
        "runtime": "Measured on a PC, for this picture",
    }
    return page(drawing, scene)


def _timed_here() -> list[float]:
    """Milliseconds of some runs on this machine, at 256x256."""
    session = wanted.session("atelier", "renderer")
    feeds = {
        "image": np.random.default_rng(0).random((1, 3, 256, 256), np.float32),
        "style": np.zeros((1, 32), np.float32),
        "strength": np.ones(1, np.float32),
    }
    samples = []
    for _ in range(60):
        start = time.perf_counter()
        session.run(None, feeds)
        samples.append(1000 * (time.perf_counter() - start))
    return samples[10:]


def settings(made: Pictures, night: bool) -> str:
    """What runs the networks; light and dark."""
    scene = Scene("activity_settings", night=night, language=CHINESE if night else "values")
    drawing = Drawing(scene)
    rows = [drawing.text(f"accelerator_{name}") for name in ("xnnpack", "cpu", "nnapi")]
    scene.children["accelerators"] = "".join(_radio(row, number == 0, night) for number, row in enumerate(rows))
    scene.texts["packs"] = "\n".join(f"{pack['title']}: {len(pack['styles'])}" for pack in made.index["packs"])
    works = _filled(drawing.text("accelerator_works"), rows[0])
    scene.texts["accelerator_status"] = works if night else drawing.text("accelerator_about")
    return page(drawing, scene)


def _radio(title: str, chosen: bool, night: bool) -> str:
    """A row of a group, as Android draws radio buttons."""
    accent, text, card = ("#FF8A6E", "#F5EEE6", "#211D1A") if night else ("#C4452B", "#1E1B18", "#FFF")
    dot = f"border:2px solid {accent};box-shadow:inset 0 0 0 3px {card};background:{accent}"
    ring = dot if chosen else f"border:2px solid {text}"
    row = "height:56px;display:flex;align-items:center;gap:14px;padding:0 8px;font-size:16px"
    circle = f"width:16px;height:16px;border-radius:50%;flex-shrink:0;{ring}"
    return f'<div style="{row};color:{text}"><div style="{circle}"></div>{title}</div>'


def styled(made: Pictures, scene: Scene, percent: int, packs: tuple[str, ...], chosen: str) -> str:
    """A screen with a slider and a carousel."""
    drawing = Drawing(scene)
    scene.progress["strength"] = percent
    scene.texts["strength_label"] = f"{percent}%"
    scene.children["styles"] = scene.children.get("styles", "") + made.carousel(drawing, packs, chosen)
    return page(drawing, scene)


def page(drawing: Drawing, scene: Scene) -> str:
    """A screen in its frame, with a status bar."""
    light = scene.camera or scene.night
    bar = f'<div class="bar" style="color:{"#fff" if light else "#222"}"><span>9:41</span><span>● ● ▮</span></div>'
    return f'<div class="phone">{drawing.draw()}{bar}</div>'


def save(name: str, screens: list[str]) -> None:
    """Take a picture of some screens side by side."""
    width = len(screens) * WIDTH + (len(screens) + 1) * GAP
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "page.html", Path(folder) / "page.png"
        source.write_text(f"<meta charset=utf-8><style>{CSS}</style>{''.join(screens)}", encoding="utf-8")
        size = [f"--window-size={width},{HEIGHT + 2 * GAP}", f"--force-device-scale-factor={SCALE}"]
        command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", *size]
        subprocess.run([*command, f"--screenshot={target}", str(source)], check=True, capture_output=True, timeout=120)
        picture = Image.open(target).convert("RGB")
    path = ROOT / "docs" / f"{name}.jpg"
    for quality in range(90, 40, -4):
        picture.save(path, quality=quality, optimize=True)
        if path.stat().st_size <= MOST_BYTES:
            break
    print(f"{path}: {picture.width}x{picture.height}, {path.stat().st_size} bytes, quality {quality}")


def encoded(pixels: Any) -> bytes:
    """JPEG, or PNG where there is alpha."""
    out = io.BytesIO()
    image = Image.fromarray(np.ascontiguousarray(pixels))
    image.save(out, "PNG" if image.mode == "RGBA" else "JPEG", **({} if image.mode == "RGBA" else {"quality": 92}))
    return out.getvalue()


def _filled(text: str, *values: str) -> str:
    for number, value in enumerate(values, 1):
        text = text.replace(f"%{number}$s", value)
    return text


if __name__ == "__main__":
    main()
