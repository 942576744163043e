"""Draw the iOS app's screens: `python -m tests.ios.draw_screens`. They are drawings, not screenshots.

Words are the string catalogue's and pictures are drawn by edgestyle; where things stand is drawn after the SwiftUI
sources by hand. Needs Chromium; looks best with Debian's fonts-inter. Writes docs/ios-*.jpg.
"""

import base64
import html
import io
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

import edgestyle
from edgestyle.selfie import make_selfie
from tests.ios.sources import APP, ROOT

WIDTH, HEIGHT, MOST_BYTES = 1236, 980, 150_000
WORDS = json.loads((APP / "Localizable.xcstrings").read_text(encoding="utf-8"))["strings"]
STYLES = ("cartoon", "oil", "watercolour", "pencil", "ink", "pop-art")
LOOKS = ("golden-hour", "blue-hour", "noir", "film", "teal-orange", "pastel")

CSS = """
*{box-sizing:border-box;margin:0}
body{width:1236px;height:980px;background:linear-gradient(160deg,#f6f1ea,#e7dccf);position:relative;overflow:hidden;
 font-family:Inter,'Droid Sans Fallback','Liberation Sans',sans-serif;-webkit-font-smoothing:antialiased}
.phone{position:absolute;top:44px;width:402px;height:874px;border-radius:62px;background:#0b0b0c;padding:11px;
 box-shadow:0 30px 60px #5b42302e,0 4px 14px #5b423026}
.screen{position:relative;width:380px;height:852px;border-radius:52px;overflow:hidden;display:flex;
 flex-direction:column}
.island{position:absolute;top:12px;left:130px;width:120px;height:34px;border-radius:20px;background:#000;z-index:5}
.status{position:absolute;top:17px;left:0;right:0;padding:0 32px;display:flex;justify-content:space-between;z-index:4;
 font-size:16px;font-weight:600}
.light{background:#f2f2f7;color:#000}.dark{background:#000;color:#fff}
.picture{position:absolute;inset:0 0 auto 0;height:507px;margin-top:64px;background:center/cover}
.shade{position:absolute;left:0;right:0;bottom:0;padding:70px 0 0;background:linear-gradient(#0000,#000c 18%,#000)}
.slider{display:flex;align-items:center;gap:12px;padding:0 20px;font-size:14px;font-variant-numeric:tabular-nums}
.track{flex:1;height:5px;border-radius:3px;background:#fff5;position:relative}
.light .track{background:#0002}
.slider>span{min-width:44px;text-align:right}
.fill{height:100%;border-radius:3px;background:#ffd60a}
.thumb{position:absolute;top:-11px;width:27px;height:27px;border-radius:50%;background:#fff;box-shadow:0 2px 6px #0006}
.styles{display:flex;gap:12px;padding:16px 16px 12px;overflow:hidden}
.style{width:66px;flex:none;text-align:center;font-size:11px;color:#fff;white-space:nowrap;overflow:hidden}
.style i{display:block;width:64px;height:64px;margin:1px auto 6px;border-radius:14px;background-size:cover}
.style i.on{box-shadow:inset 0 0 0 3px #ffd60a}
.glass{background:#ffffff2e;backdrop-filter:blur(20px)}
.gear{position:absolute;right:18px;top:72px;border-radius:50%;padding:9px 9px 5px}
.controls{display:flex;justify-content:space-between;align-items:center;padding:4px 44px 14px}
.shutter{width:74px;height:74px;border-radius:50%;border:4px solid #fff;padding:4px}
.shutter b{display:block;width:100%;height:100%;border-radius:50%;background:#fff}
.tabs{height:83px;display:flex;justify-content:space-around;padding-top:9px;font-size:10.5px;color:#8e8e93;
 border-top:.5px solid #8884;text-align:center;z-index:2}
.tabs div.on{color:#d96b33}.dark .tabs div.on{color:#ff9959}.dark .tabs{background:#000}.light .tabs{background:#f9f9fb}
.tabs svg{display:block;margin:0 auto 3px}
.title{font-size:33px;font-weight:700;letter-spacing:-.6px;padding:66px 20px 10px}
.body{flex:1;padding:0 16px;display:flex;flex-direction:column;gap:15px}
.segments{display:flex;background:#7676801f;border-radius:9px;padding:2px;font-size:13px;font-weight:500}
.dark .segments{background:#7676803d}
.segments span{flex:1;text-align:center;padding:6px 0;border-radius:7px}
.segments .on{background:#fff;box-shadow:0 2px 6px #0002}
.wide.last{margin-bottom:14px}.list.dice{padding:9px 14px;display:flex;gap:8px}
.wide{background:#d96b33;color:#fff;border-radius:13px;text-align:center;padding:14px;font-size:16px;font-weight:600;
 display:flex;gap:9px;justify-content:center;align-items:center}
.list{background:#fff;border-radius:12px;font-size:16px}.dark .list{background:#1c1c1e}
.list div{display:flex;justify-content:space-between;padding:12px 16px;border-bottom:.5px solid #8883}
.list div:last-child{border:0}.list em{font-style:normal;color:#8e8e93}
.foot{font-size:12.5px;color:#8e8e93;padding:0 16px;line-height:1.45}
.tinted{color:#d96b33}.dark .tinted{color:#ff9959}
.note{position:absolute;width:190px;font-size:14.5px;line-height:1.42;color:#4a3a2e}
.note b{display:block;color:#8a3d14;font-size:15.5px;margin-bottom:3px}
.note:after{content:'';position:absolute;top:10px;width:34px;border-top:1.5px solid #b98a6a}
.l{text-align:right}.l:after{right:-44px}.r:after{left:-44px}
.said{position:absolute;bottom:20px;left:0;right:0;text-align:center;font-size:13px;color:#8b7767}
.empty{flex:1;display:flex;flex-direction:column;align-items:center;justify-content:center;text-align:center;gap:12px;
 padding:0 36px;color:#8e8e93;font-size:15px;line-height:1.45}
.empty h3{font-size:22px;color:#fff}
.light .empty h3{color:#000}
.banner{margin:0 16px 14px;border-radius:14px;padding:12px 14px;font-size:13px;line-height:1.4;display:flex;gap:10px;
 color:#fff}
"""

ICONS = {
    "camera": "M3 8h4l2-3h6l2 3h4v12H3z M12 17a3.6 3.6 0 1 0 0-7.2 3.6 3.6 0 0 0 0 7.2z",
    "person": "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8z M4 21c1-5 4.5-7 8-7s7 2 8 7",
    "mask": "M4 4h10v8a5 5 0 0 1-10 0z M14 8h6v8a5 5 0 0 1-8.5 3.5 M7 8h.1 M11 8h.1 M7 12c1.3 1.200 2.7 1.200 4 0",
    "gauge": "M4 18a9 9 0 1 1 16 0 M12 14l4-5",
    "photos": "M3 7h14v12H3z M7 4h14v12 M5 17l4-5 3 3.5 2-2 3 3.5",
    "turn": "M4 8h4l1.5-2h5L16 8h4v11H4z M8.5 13.5a3.5 3.5 0 0 1 6.3-1.800 M15.5 13.5a3.5 3.5 0 0 1-6.3 1.800",
    "gear": "M12 15.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7z M12 2.5v3 M12 18.5v3 M2.5 12h3 M18.5 12h3 M5.3 5.3l2 2 "
    "M16.7 16.7l2 2 M5.3 18.7l2-2 M16.7 7.3l2-2",
    "half": "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z M12 3v18",
    "plus": "M4 8V4h4 M16 4h4v4 M20 16v4h-4 M8 20H4v-4 M12 8v8 M8 12h8",
    "share": "M12 15V3 M8 7l4-4 4 4 M6 11H4v10h16V11h-2",
    "dice": "M4 4h16v16H4z M8.5 8.5h.1 M15.5 8.5h.1 M12 12h.1 M8.5 15.5h.1 M15.5 15.5h.1",
    "info": "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z M12 11v6 M12 7.5h.1",
    "watch": "M12 21a8 8 0 1 0 0-16 8 8 0 0 0 0 16z M12 13l3-3 M9.5 2h5",
    "up": "M8 10l4-4 4 4 M8 14l4 4 4-4",
}  # fmt: skip


def icon(name: str, size: int = 24, width: float = 1.7) -> str:
    stroke = f'fill="none" stroke="currentColor" stroke-width="{width}" stroke-linecap="round" stroke-linejoin="round"'
    return f'<svg width="{size}" height="{size}" viewBox="0 0 24 24" {stroke}><path d="{ICONS[name]}"/></svg>'


def word(key: str, language: str = "en") -> str:
    """A text of the app; raises KeyError where the catalogue has none."""
    return html.escape(WORDS[key]["localizations"][language]["stringUnit"]["value"])


def picture(image: Image.Image) -> str:
    """For `url()`; PNG where it has transparency."""
    data, kind = io.BytesIO(), "PNG" if image.mode == "RGBA" else "JPEG"
    image.save(data, kind, quality=92)
    return f"data:image/{kind.lower()};base64,{base64.b64encode(data.getvalue()).decode()}"


def photo(name: str) -> Image.Image:
    """A photo of those that parity is judged by, 3:4."""
    with Image.open(ROOT / f"edgestyle/exporters/photos/{name}.jpg") as image:
        return image.convert("RGB").crop((64, 0, 448, 512)).resize((768, 1024), Image.Resampling.LANCZOS)


def preview(pack: str, style: str) -> str:
    with Image.open(ROOT / f"edgestyle/packs/{pack}/previews/{style}.jpg") as image:
        return picture(image.convert("RGB").resize((132, 132)))


def title(pack: str, style: str, language: str) -> str:
    return word(edgestyle.load_pack(pack).style(style).title, language)


def slider(share: float) -> str:
    thumb = f'<span class="thumb" style="left:calc({share * 100}% - {27 * share}px)"></span>'
    track = f'<div class="track"><div class="fill" style="width:{share * 100}%"></div>{thumb}</div>'
    return f'<div class="slider">{icon("half", 22)}{track}<span>{share:.0%}</span></div>'


def tabs(chosen: int, language: str = "en") -> str:
    places = (("camera", "Camera"), ("person", "Selfie"), ("mask", "Avatars"), ("gauge", "Benchmark"))
    return '<div class="tabs">' + "".join(
        f'<div class="{"on" if index == chosen else ""}">{icon(name, 26)}{word(text, language)}</div>'
        for index, (name, text) in enumerate(places)
    ) + "</div>"  # fmt: skip


def phone(left: int, theme: str, inside: str) -> str:
    status = '<div class="status"><span>9:41</span><span>100%</span></div><div class="island"></div>'
    return f'<div class="phone" style="left:{left}px"><div class="screen {theme}">{status}{inside}</div></div>'


def note(side: str, left: int, top: int, head: str, text: str) -> str:
    return f'<div class="note {side}" style="left:{left}px;top:{top}px"><b>{head}</b>{text}</div>'


def live(
    left: int, image: Image.Image, pack: str, styles: tuple[str, ...], chosen: str, share: float, language: str
) -> str:
    plus = f'<i class="glass" style="padding:20px 0">{icon("plus")}</i>'
    row = f'<div class="style">{plus}{word("Reference", language)}</div>'
    for style in styles:
        ring = "on" if style == chosen else ""
        row += f'<div class="style"><i class="{ring}" style="background-image:url({preview(pack, style)})"></i>'
        row += f"{title(pack, style, language)}</div>"
    gear = f'<div class="glass gear">{icon("gear", 22)}</div>'
    controls = f'<div class="controls">{icon("photos", 30)}<div class="shutter"><b></b></div>{icon("turn", 32)}</div>'
    bottom = f'<div class="shade">{slider(share)}<div class="styles">{row}</div>{controls}{tabs(0, language)}</div>'
    return phone(
        left, "dark", f'<div class="picture" style="background-image:url({picture(image)})"></div>{gear}{bottom}'
    )


def sheet(name: str, body: str) -> None:
    """Have Chromium draw it, and save it as JPEG within `MOST_BYTES`."""
    said = "Drawings, not screenshots: the words are the app's, the pictures are drawn by edgestyle."
    page = f'<meta charset="utf-8"><style>{CSS}</style><body>{body}<div class="said">{said}</div></body>'
    with tempfile.TemporaryDirectory() as folder:
        source, shot = Path(folder, "page.html"), Path(folder, "page.png")
        source.write_text(page, encoding="utf-8")
        options = ["--headless", "--no-sandbox", "--hide-scrollbars", "--force-device-scale-factor=1.25"]
        command = ["chromium", *options, f"--window-size={WIDTH},{HEIGHT}", f"--screenshot={shot}", source.as_uri()]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        with Image.open(shot) as image:
            drawn = image.convert("RGB")
    for quality in range(90, 40, -3):
        data = io.BytesIO()
        drawn.save(data, "JPEG", quality=quality, optimize=True, progressive=True)
        if data.tell() <= MOST_BYTES:
            break
    path = ROOT / "docs" / f"{name}.jpg"
    path.write_bytes(data.getvalue())
    print(f"{path.name}: {data.tell()} bytes at quality {quality}")


def draw_live() -> None:
    painted = edgestyle.load_pack("atelier").stylize(photo("astronaut"), "watercolour", 0.9)
    golden = edgestyle.load_pack("lumen").stylize(photo("sunset"), "golden-hour", 0.8)
    sheet("ios-live", "".join((
        live(238, painted, "atelier", STYLES, "watercolour", 0.9, "en"),
        live(654, golden, "lumen", LOOKS, "golden-hour", 0.8, "zh-Hans"),
        note("l", 16, 230, "Live", "Drawn by the phone, frame by frame. Hold the picture to see the original."),
        note("l", 16, 586, "Strength", "An input of the model: the next frame is drawn with it."),
        note("l", 16, 672, "Reference", "Takes the look of any picture."),
        note("l", 16, 760, "Gallery, shutter, camera", "Photos are drawn at full resolution, to share."),
        note("r", 1072, 118, "Settings", "Compute units, and a notice where others are used."),
        note("r", 1072, 650, "Looks", "Light and palette of lumen, in Chinese here."),
    )).replace('class="note r" style="', 'class="note r" style="width:146px;'))  # fmt: skip


def draw_selfie() -> None:
    whole = Image.open(ROOT / "edgestyle/exporters/photos/astronaut.jpg").convert("RGB")
    selfie = make_selfie(whole, style="cartoon", strength=0.8, size=512)
    faces = edgestyle.load_avatars("faces")
    avatar = Image.fromarray(np.asarray(faces.draw(20))).resize((512, 512), Image.Resampling.LANCZOS)
    share = f'<span class="tinted" style="position:absolute;right:20px;top:72px">{icon("share", 25)}</span>'
    first = (
        f'<div class="title">{word("Selfie")}</div>{share}<div class="body">'
        f'<div style="flex:1;background:center/320px no-repeat url({picture(selfie)})"></div>'
        + segments(("None", "Blurred", "Kept", "Yellow")) + segments(("Circle", "Square")) + slider(0.8)
        + f'<div class="wide last">{icon("photos", 22)}{word("Pick a photo of a person")}</div></div>'
        + tabs(1)
    )  # fmt: skip
    field = '<div class="list" style="flex:1;padding:10px 14px">20</div>'
    dice = f'<div class="list tinted dice">{icon("dice", 22)}{word("Surprise me")}</div>'
    second = (
        f'<div class="title">{word("Avatars")}</div><div class="body">'
        f'<div style="flex:1;background:center/330px no-repeat url({picture(avatar)});'
        f'clip-path:inset(calc(50% - 165px) 9px round 32px)">'
        f'</div>{slider(1.0)}<div style="display:flex;gap:10px;margin-bottom:14px">{field}{dice}</div></div>{tabs(2)}'
    )
    sheet("ios-selfie", "".join((
        phone(238, "light", first), phone(654, "light", second),
        note("l", 16, 270, "Cut out here", "Vision finds face and person; nothing leaves the phone."),
        note("l", 16, 640, "The recipe", "Eyes and mouth are drawn milder, so that one still knows who it is."),
        note("r", 1072, 300, "From nothing", "A face of a number."),
        note("r", 1072, 726, "A promise", "Seed 20 is this face in Python, Kotlin and Swift."),
    )).replace('class="note r" style="', 'class="note r" style="width:146px;'))  # fmt: skip


def draw_benchmark() -> None:
    rows = (("Compute units", word("All units") + " " + icon("up", 16)), ("Thermal state", "nominal"))
    lines = "".join(f"<div>{word(name)}<em>{value}</em></div>" for name, value in rows)
    button = (
        f'<div class="tinted" style="justify-content:flex-start;gap:9px">{icon("watch", 21)}{word("Measure")}</div>'
    )
    foot = word("Keep the phone unlocked and cool. Each model is measured for three seconds.")
    names = ("Median", "90th percentile", "Frames a second", "Runs", "Compute units")
    result = "".join(
        f"<div>{word(name)}<em>{word('All units') if name == 'Compute units' else '…'}</em></div>" for name in names
    )
    share = f'<span class="tinted" style="position:absolute;right:20px;top:72px">{icon("share", 25)}</span>'
    first = (
        f'<div class="title">{word("Benchmark")}</div>{share}<div class="body"><div class="list">{lines}{button}</div>'
        f'<div class="foot">{foot}</div><div class="foot" style="padding-top:8px">Atelier · renderer</div>'
        f'<div class="list">{result}</div></div>{tabs(3)}'
    )
    second = (
        f'<div class="empty" style="padding-top:60px">{icon("camera", 62, 1.2)}<h3>{word("No camera")}</h3>'
        f"{word('The camera is not allowed for this app. Allow it in Settings.')}"
        f'<div class="wide" style="padding:9px 18px;font-size:15px;margin-top:6px">{word("Open Settings")}</div></div>'
        f'<div class="banner" style="background:#ffffff26">{icon("info", 20)}'
        f"{notice('CPU and Neural Engine', 'CPU')}</div>{tabs(0)}"
    )
    sheet("ios-benchmark", "".join((
        phone(238, "dark", first), phone(654, "dark", second),
        note("l", 16, 180, "Compute units", "A model that does not start on them says so; nothing else is measured."),
        note("l", 16, 470, "Results", "The harness's statistics, to share as JSON. No numbers: none were measured."),
        note("r", 1072, 440, "Refused", "Said plainly, with the way to Settings."),
        note("r", 1072, 768, "Fallback", "A notice, never a silent change."),
    )).replace('class="note r" style="', 'class="note r" style="width:146px;'))  # fmt: skip


def segments(keys: tuple[str, ...]) -> str:
    """A row of which the first is chosen."""
    parts = (f'<span class="{"" if index else "on"}">{word(key)}</span>' for index, key in enumerate(keys))
    return f'<div class="segments">{"".join(parts)}</div>'


def notice(asked: str, used: str) -> str:
    text = word("%@ did not start; %@ is used instead.")
    return text.replace("%1$@", word(asked)).replace("%2$@", word(used))


if __name__ == "__main__":
    draw_live()
    draw_selfie()
    draw_benchmark()
