"""Draw layout XML as HTML: the views, drawables and texts that this app uses, at 1 CSS pixel a dp."""

import base64
import html
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field

from tests.android.building import RESOURCES

_A = "{http://schemas.android.com/apk/res/android}"
_FONTS = {"sans-serif-medium": "font-weight:500", "sans-serif-light": "font-weight:300"}
_GRAVITY = {
    "center": ("center", "center"),
    "center_vertical": ("center", None),
    "center_horizontal": (None, "center"),
    "end": (None, "flex-end"),
}
_ALONG = {"center": "center", "end": "flex-end", "center_vertical": "flex-start"}
_RAIL = "position:absolute;left:14px;top:23px;height:2px"
_KNOB = "position:absolute;top:16px;width:16px;height:16px;border-radius:8px"


@dataclass
class Scene:
    """What a running app fills a layout with.

    Attributes:
        layout: its name.
        night: dark mode.
        language: folder of the texts.
        camera: the theme of the camera's screen: white on dark, whatever the mode.
        texts: by id.
        pictures: by id: a JPEG or PNG, and whether it fills the view.
        shown, hidden: ids of views that are made visible or gone.
        selected: ids, or names of styles, that are chosen.
        progress: of sliders by id, in percent.
        children: HTML by id of the view that it is put into.
    """

    layout: str
    night: bool = False
    language: str = "values"
    camera: bool = False
    texts: dict[str, str] = field(default_factory=dict)
    pictures: dict[str, tuple[bytes, bool]] = field(default_factory=dict)
    shown: set[str] = field(default_factory=set)
    hidden: set[str] = field(default_factory=set)
    selected: set[str] = field(default_factory=set)
    progress: dict[str, int] = field(default_factory=dict)
    children: dict[str, str] = field(default_factory=dict)


class Drawing:
    """One scene, being drawn."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self._values = _read_values(
            [
                "values",
                *(["values-night"] if scene.night else []),
                *([scene.language] if scene.language != "values" else []),
            ]
        )
        self._styles = _read_styles(scene.night)

    def draw(self) -> str:
        """The screen's HTML."""
        return self._view(self._root(self.scene.layout), "screen")

    def item(self, layout: str, texts: dict[str, str], pictures: dict[str, bytes], selected: bool = False) -> str:
        """A view that is inflated again and again, with its own texts and pictures."""
        own = Scene(layout, self.scene.night, self.scene.language, self.scene.camera, texts)
        own.pictures = {name: (data, True) for name, data in pictures.items()}
        drawing = Drawing(own)
        drawing.scene.selected = {"*"} if selected else set()
        return drawing._view(drawing._root(layout), "column")

    def text(self, name: str) -> str:
        """A text in the scene's language."""
        return self._values[f"string/{name}"]

    def _root(self, layout: str) -> ET.Element:
        return ET.parse(RESOURCES / "layout" / f"{layout}.xml").getroot()

    def _attributes(self, element: ET.Element) -> dict[str, str]:
        style = element.get("style", "").removeprefix("@style/")
        own = {key.removeprefix(_A): value for key, value in element.attrib.items() if key.startswith(_A)}
        return {**self._styles.get(style, {}), **own}

    def _view(self, element: ET.Element, inside: str) -> str:
        if element.tag == "include":
            return self._view(self._root(element.attrib["layout"].rsplit("/", 1)[1]), inside)
        attributes = self._attributes(element)
        name = attributes.get("id", "").rsplit("/", 1)[-1]
        gone = (attributes.get("visibility") == "gone" and name not in self.scene.shown) or name in self.scene.hidden
        if gone:
            return ""
        css = [*self._place(attributes, inside), *self._look(attributes, name)]
        if attributes.get("visibility") == "invisible" and name not in self.scene.shown:
            css.append("visibility:hidden")
        kind = element.tag.rsplit(".", 1)[-1].lower()
        draw = getattr(self, "_pictureview" if kind == "view" else f"_{kind}", self._linearlayout)
        return draw(element, attributes, name, css)

    def _place(self, attributes: dict[str, str], inside: str) -> list[str]:
        """How large, and where in its parent."""
        css = []
        weight = attributes.get("layout_weight")
        for side, axis in (("width", "row"), ("height", "column")):
            size = attributes.get(f"layout_{side}", "wrap_content")
            if size == "match_parent":
                css.append(f"{side}:100%" if inside != axis else "flex:1")
            elif weight and inside == axis:
                css.append(f"flex:{weight} 1 0;min-{side}:0")
            elif size != "wrap_content":
                css.append(f"{side}:{self._size(size)};flex-shrink:0")
        css += [
            f"margin{edge}:{self._size(attributes[key])}"
            for end, edge in _EDGES.items()
            if (key := f"layout_margin{end}") in attributes
        ]
        if inside == "frame":
            css.append("position:absolute")
            if attributes.get("layout_gravity") == "bottom":
                css.append("bottom:0")
            if attributes.get("layout_gravity") == "center":
                css.append("left:50%;top:50%;transform:translate(-50%,-50%)")
        if (
            attributes.get("layout_width") == "match_parent"
            and any("margin" in one for one in css)
            and inside == "column"
        ):
            css = [one.replace("width:100%", "align-self:stretch") for one in css]
        return css

    def _look(self, attributes: dict[str, str], name: str) -> list[str]:
        css = [
            f"padding{edge}:{self._size(attributes[key])}"
            for end, edge in _EDGES.items()
            if (key := f"padding{end}") in attributes
        ]
        if "background" in attributes:
            chosen = (
                name in self.scene.selected
                or "*" in self.scene.selected
                or (attributes.get("checked") == "true" and not self._unchecked(name))
            )
            css.append(self._drawable(attributes["background"], chosen))
        if "minHeight" in attributes:
            css.append(f"min-height:{self._size(attributes['minHeight'])}")
        colour = attributes.get("textColor", "?")
        if colour.endswith("chip_text"):
            checked = name in self.scene.selected or (attributes.get("checked") == "true" and not self._unchecked(name))
            colour = "@color/on_accent" if checked else "@color/text"
        css.append(f"color:{self._colour(colour)}")
        css.append(f"font-size:{self._size(attributes['textSize'])}" if "textSize" in attributes else "")
        css.append(_FONTS.get(attributes.get("fontFamily", ""), ""))
        if "lineSpacingExtra" in attributes:
            css.append("line-height:1.6")
        return [one for one in css if one]

    def _unchecked(self, name: str) -> bool:
        """Whether another button of the group is chosen in this scene."""
        group = name.split("_", 1)[0]
        return any(one.startswith(f"{group}_") and one != name for one in self.scene.selected)

    def _linearlayout(self, element: ET.Element, attributes: dict[str, str], name: str, css: list[str]) -> str:
        kind = "row" if attributes.get("orientation") == "horizontal" and element.tag != "FrameLayout" else "column"
        along, across = _GRAVITY.get(attributes.get("gravity", ""), (None, None))
        if kind == "row":
            css += [f"align-items:{along or 'flex-start'}", f"justify-content:{across or 'flex-start'}"]
        else:
            css += [f"align-items:{across or 'flex-start'}", f"justify-content:{along or 'flex-start'}"]
        if attributes.get("fitsSystemWindows") == "true":
            css.append("padding-top:30px;padding-bottom:18px")
        inner = self.scene.children.get(name, "") + "".join(self._view(child, kind) for child in element)
        return f'<div style="display:flex;flex-direction:{kind};{";".join(css)}">{inner}</div>'

    _radiogroup = _linearlayout

    def _framelayout(self, element: ET.Element, attributes: dict[str, str], name: str, css: list[str]) -> str:
        inner = "".join(self._view(child, "frame") for child in element)
        return f'<div style="position:relative;{";".join(css)}">{inner}</div>'

    def _scrollview(self, element: ET.Element, attributes: dict[str, str], name: str, css: list[str]) -> str:
        inner = "".join(self._view(child, "column") for child in element)
        return f'<div style="overflow:hidden;display:flex;flex-direction:column;{";".join(css)}">{inner}</div>'

    def _horizontalscrollview(self, element: ET.Element, attributes: dict[str, str], name: str, css: list[str]) -> str:
        inner = "".join(self._view(child, "row") for child in element)
        return (
            f'<div style="overflow:hidden;display:flex;flex-direction:row;flex-shrink:0;{";".join(css)}">{inner}</div>'
        )

    def _textview(self, element: ET.Element, attributes: dict[str, str], name: str, css: list[str]) -> str:
        text = self.scene.texts.get(name, self._resolve(attributes.get("text", "")))
        centred = attributes.get("gravity") == "center"
        if centred or attributes.get("gravity") in ("end", "center_vertical"):
            css.append("display:flex;align-items:center")
            css.append(f"justify-content:{_ALONG[attributes['gravity']]}")
        if attributes.get("maxLines") == "1" or attributes.get("singleLine") == "true":
            css.append("white-space:nowrap;overflow:hidden;text-overflow:ellipsis")
        lines = "<br>".join(map(html.escape, text.split("\n")))
        inner = f'<span style="overflow:hidden;text-overflow:ellipsis">{lines}</span>' if centred else lines
        return f'<div style="{";".join(css)}">{inner}</div>'

    def _button(self, element: ET.Element, attributes: dict[str, str], name: str, css: list[str]) -> str:
        css.append(
            "display:flex;align-items:center;justify-content:center;flex-shrink:0;padding-left:16px;padding-right:16px"
        )
        text = self.scene.texts.get(name, self._resolve(attributes.get("text", "")))
        return f'<div style="{";".join(css)}">{html.escape(text)}</div>'

    _radiobutton = _button

    def _edittext(self, element: ET.Element, attributes: dict[str, str], name: str, css: list[str]) -> str:
        css.append(f"display:flex;align-items:center;border-bottom:1.5px solid {self._colour('@color/text_soft')}")
        return self._textview(element, attributes, name, css)

    def _spinner(self, element: ET.Element, attributes: dict[str, str], name: str, css: list[str]) -> str:
        css.append(f"display:flex;align-items:center;border-bottom:1px solid {self._colour('@color/outline')}")
        text = html.escape(self.scene.texts.get(name, ""))
        style = f"color:{self._colour('@color/text')};font-size:16px"
        mark = f'<span style="{style};opacity:.6">▾</span>'
        return f'<div style="{";".join(css)}"><span style="{style};flex:1">{text}</span>{mark}</div>'

    def _seekbar(self, element: ET.Element, attributes: dict[str, str], name: str, css: list[str]) -> str:
        share, accent = self.scene.progress.get(name, 0) / 100, self._accent()
        length = f"(100% - 28px) * {share}"
        rail = f"{_RAIL};right:14px;background:{self._colour('?')};opacity:.3"
        done = f"{_RAIL};width:calc({length});background:{accent}"
        knob = f"{_KNOB};left:calc(6px + {length});background:{accent}"
        parts = "".join(f'<div style="{one}"></div>' for one in (rail, done, knob))
        return f'<div style="position:relative;{";".join(css)}">{parts}</div>'

    def _progressbar(self, element: ET.Element, attributes: dict[str, str], name: str, css: list[str]) -> str:
        return f'<div style="height:4px;flex-shrink:0;{";".join(css)}"></div>'

    def _space(self, element: ET.Element, attributes: dict[str, str], name: str, css: list[str]) -> str:
        return f'<div style="{";".join(css)}"></div>'

    def _imagebutton(self, element: ET.Element, attributes: dict[str, str], name: str, css: list[str]) -> str:
        icon = self._icon(attributes["src"], self._colour(attributes.get("tint", "?"))) if "src" in attributes else ""
        return f'<div style="box-sizing:border-box;{";".join(css)}">{icon}</div>'

    def _pictureview(self, element: ET.Element, attributes: dict[str, str], name: str, css: list[str]) -> str:
        if name not in self.scene.pictures:
            return f'<div style="{";".join(css)}"></div>'
        data, fills = self.scene.pictures[name]
        kind = "png" if data.startswith(b"\x89PNG") else "jpeg"
        source = f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
        css.append(f"background:url({source}) center/{'cover' if fills else 'contain'} no-repeat")
        return f'<div style="{";".join(css)}"></div>'

    _imageview = _pictureview

    def _icon(self, reference: str, colour: str) -> str:
        root = ET.parse(RESOURCES / "drawable" / f"{reference.rsplit('/', 1)[1]}.xml").getroot()
        paths = "".join(f'<path d="{path.get(_A + "pathData")}"/>' for path in root)
        stroke = f'fill="none" stroke="{colour}" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"'
        return f'<svg viewBox="0 0 24 24" width="24" height="24" {stroke}>{paths}</svg>'

    def _drawable(self, reference: str, chosen: bool) -> str:
        if reference.startswith(("@color", "#")):
            return f"background-color:{self._colour(reference)}"
        return self._shape(ET.parse(RESOURCES / "drawable" / f"{reference.rsplit('/', 1)[1]}.xml").getroot(), chosen)

    def _shape(self, element: ET.Element, chosen: bool) -> str:
        """The CSS of a shape; of a selector's states, that of a chosen view or of one at rest."""
        if element.tag == "shape":
            return self._solid(element)
        if element.tag == "selector":
            marks = ("state_selected", "state_checked")
            items = [one for one in element if chosen and any(one.get(_A + mark) == "true" for mark in marks)]
            rest = [one for one in element if not any(key.startswith(_A + "state_") for key in one.attrib)]
            return self._shape((items or rest)[0], chosen) if items or rest else ""
        if element.tag == "layer-list":
            outer, inner = (self._solid(one[0]) for one in element)
            gap = self._size(element[1].get(_A + "top", "0dp"))
            return f"{outer};background-clip:content-box;padding:{gap};box-sizing:border-box;{inner}"
        inside = [one for one in element if one.get(_A + "id") != "@android:id/mask"]
        return self._shape(inside[0], chosen) if inside else ""

    def _solid(self, shape: ET.Element) -> str:
        css = ["border-radius:50%"] if shape.get(_A + "shape") == "oval" else []
        for part in shape:
            if part.tag == "solid":
                css.append(f"background-color:{self._colour(part.attrib[_A + 'color'])}")
            elif part.tag == "corners":
                css.append(f"border-radius:{self._size(part.attrib[_A + 'radius'])}")
            elif part.tag == "stroke":
                width, colour = self._size(part.attrib[_A + "width"]), self._colour(part.attrib[_A + "color"])
                css.append(f"border:{width} solid {colour};box-sizing:border-box")
            elif part.tag == "gradient":
                stops = ",".join(self._colour(part.attrib[f"{_A}{one}Color"]) for one in ("start", "center", "end"))
                css.append(f"background:linear-gradient(to top,{stops})")
        return ";".join(css)

    def _accent(self) -> str:
        return "#FF8A6E" if self.scene.camera else self._colour("@color/accent")

    def _colour(self, value: str) -> str:
        if value.startswith("?"):
            value = "#FFFFFF" if self.scene.camera else "@color/text"
        if value.startswith("@android:color/transparent"):
            return "transparent"
        value = self._resolve(value)
        return f"#{value[3:]}{value[1:3]}" if len(value) == 9 else value

    def _size(self, value: str) -> str:
        return re.sub(r"(dp|sp)$", "px", self._resolve(value))

    def _resolve(self, value: str) -> str:
        return self._values[value[1:]] if value.startswith("@") and value[1:] in self._values else value


_EDGES = {"": "", "Top": "-top", "Bottom": "-bottom", "Start": "-left", "End": "-right"}


def _read_values(folders: list[str]) -> dict[str, str]:
    values = {}
    for folder in folders:
        for path in sorted((RESOURCES / folder).glob("*.xml")):
            for entry in ET.parse(path).getroot():
                if entry.tag in ("string", "color", "dimen"):
                    text = (entry.text or "").replace("\\'", "'").replace("%%", "%")
                    values[f"{entry.tag}/{entry.attrib['name']}"] = text
    return values


def _read_styles(night: bool) -> dict[str, dict[str, str]]:
    styles: dict[str, dict[str, str]] = {}
    for folder in ["values", *(["values-night"] if night else [])]:
        for style in ET.parse(RESOURCES / folder / "themes.xml").getroot():
            name = style.attrib["name"]
            above = styles.get(name.rsplit(".", 1)[0], {}) if "." in name else {}
            own = {item.attrib["name"].removeprefix("android:"): item.text or "" for item in style}
            styles[name] = {**above, **own}
    return styles
