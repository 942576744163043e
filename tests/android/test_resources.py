"""Resources: they link against Android's own, both languages say the same, and every control has a label."""

import re
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.android import building

ANDROID = "{http://schemas.android.com/apk/res/android}"
CONTROLS = {
    "ImageButton",
    "SeekBar",
    "Spinner",
    "dev.edgestyle.demo.PictureView",
    "ProgressBar",
    "HorizontalScrollView",
}
TITLED = {"Button", "RadioButton", "TextView"}  # read out by their text
LAYOUTS = sorted((building.RESOURCES / "layout").glob("*.xml"))
LANGUAGES = ("values", "values-zh-rCN")
PLACE = re.compile(r"%(?:\d+\$)?[sd]")


def strings(folder: str) -> dict[str, str]:
    """Texts by name; those that are no words left out."""
    found = {}
    for path in (building.RESOURCES / folder).glob("*.xml"):
        for entry in ET.parse(path).getroot().iter("string"):
            if entry.get("translatable") != "false":
                found[entry.attrib["name"]] = entry.text or ""
    return found


def labelled(element: ET.Element, labels: set[str]) -> bool:
    """Whether a screen reader has something to say about a control."""
    return (
        bool(element.get(f"{ANDROID}contentDescription"))
        or element.get(f"{ANDROID}id", "").removeprefix("@+id/") in labels
        or element.get(f"{ANDROID}importantForAccessibility") == "no"
    )


def unlabelled(layout: Path) -> list[str]:
    """Controls without a label."""
    root = ET.parse(layout).getroot()
    labels = {one.get(f"{ANDROID}labelFor", "").removeprefix("@+id/") for one in root.iter()}
    return [
        one.get(f"{ANDROID}id", one.tag) for one in root.iter() if one.tag in CONTROLS and not labelled(one, labels)
    ]


def test_resources_and_manifest_link(tools: None, tmp_path: Path) -> None:
    assert building.link_resources(tmp_path).stat().st_size > 10_000
    assert "class id" in (tmp_path / "gen" / "dev" / "edgestyle" / "demo" / "R.java").read_text(encoding="utf-8")


def test_a_broken_layout_does_not_link(tools: None, tmp_path: Path) -> None:
    broken = tmp_path / "res"
    shutil.copytree(building.RESOURCES, broken)
    layout = broken / "layout" / "activity_photo.xml"
    layout.write_text(
        layout.read_text(encoding="utf-8").replace("@string/save_full", "@string/no_such"), encoding="utf-8"
    )
    with pytest.raises(AssertionError, match="no_such"):
        building.link_resources(tmp_path, resources=broken)


def test_both_languages_have_the_same_texts() -> None:
    english, chinese = (strings(folder) for folder in LANGUAGES)
    assert english.keys() == chinese.keys()
    for name, text in english.items():
        assert sorted(PLACE.findall(text)) == sorted(PLACE.findall(chinese[name])), name
        assert text.strip(), name


def test_chinese_is_chinese() -> None:
    english, chinese = (strings(folder) for folder in LANGUAGES)
    same = {name for name in english if english[name] == chinese[name]}
    assert same == {"app_name", "accelerator_cpu", "strength_percent", "unknown", "per_second", "from_to"}


def test_every_text_is_used() -> None:
    text = "\n".join(
        path.read_text(encoding="utf-8") for path in building.PROJECT.rglob("*") if path.suffix in (".kt", ".xml")
    )
    unused = [name for name in strings("values") if not re.search(rf"(R\.string\.|@string/){name}\b", text)]
    assert all(name.startswith("style_") for name in unused), unused


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda path: path.stem)
def test_every_control_has_a_label(layout: Path) -> None:
    assert not unlabelled(layout)


def test_a_control_without_label_is_noticed(tmp_path: Path) -> None:
    layout = tmp_path / "bad.xml"
    text = (building.RESOURCES / "layout" / "activity_main.xml").read_text(encoding="utf-8")
    layout.write_text(text.replace('android:contentDescription="@string/take_photo"', ""), encoding="utf-8")
    assert unlabelled(layout) == ["@+id/shutter"]


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda path: path.stem)
def test_words_stand_in_resources(layout: Path) -> None:
    for element in ET.parse(layout).getroot().iter():
        for key in ("text", "hint", "contentDescription"):
            value = element.get(ANDROID + key, "@")
            assert value.startswith(("@", "?")), f"{element.tag} says '{value}'"


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda path: path.stem)
def test_controls_are_large_enough_to_touch(layout: Path) -> None:
    small = []
    for element in ET.parse(layout).getroot().iter():
        if element.tag in ("Button", "SeekBar", "Spinner", "EditText"):
            height = element.get(f"{ANDROID}layout_height", "")
            if not (height == "@dimen/touch" or element.get("style", "").startswith("@style/Action")):
                small.append(element.get(f"{ANDROID}id"))
    assert not small


def test_dark_mode_changes_all_colours_that_screens_use() -> None:
    day, night = (
        {one.attrib["name"] for one in ET.parse(building.RESOURCES / folder / "colors.xml").getroot()}
        for folder in ("values", "values-night")
    )
    fixed = {"selfie_background", "camera_background", "camera_shade", "on_camera", "icon_background"}
    assert day - night == fixed
    assert night <= day


def test_the_app_asks_for_the_camera_and_for_no_network() -> None:
    manifest = ET.parse(building.MANIFEST).getroot()
    asked = {one.get(f"{ANDROID}name"): one.get(f"{ANDROID}maxSdkVersion") for one in manifest.iter("uses-permission")}
    assert asked == {"android.permission.CAMERA": None, "android.permission.WRITE_EXTERNAL_STORAGE": "28"}


def test_tablets_without_a_camera_are_not_left_out() -> None:
    """The permission implies both features, and no other declaration takes them back."""
    manifest = ET.parse(building.MANIFEST).getroot()
    features = {one.get(f"{ANDROID}name"): one.get(f"{ANDROID}required") for one in manifest.iter("uses-feature")}
    assert features == {"android.hardware.camera": "false", "android.hardware.camera.autofocus": "false"}


def test_dark_buttons_below_are_asked_for_where_the_bar_is_light() -> None:
    """Phones before API 27 draw them white, so that their bar has to be dark."""
    for folder, light in (("values", None), ("values-v27", "true"), ("values-night", None)):
        styles = ET.parse(building.RESOURCES / folder / "themes.xml").getroot()
        (base,) = (one for one in styles if one.get("name") == "Base.Edgestyle")
        items = {one.get("name"): one.text for one in base}
        bar = items["android:navigationBarColor"]
        assert items.get("android:windowLightNavigationBar") == light
        assert bar == ("@android:color/black" if folder == "values" else "@color/background")


def test_the_benchmark_can_be_started_in_debug_builds_alone() -> None:
    debug = ET.parse(building.PROJECT / "app" / "src" / "debug" / "AndroidManifest.xml").getroot()
    (activity,) = debug.iter("activity")
    assert (activity.get(f"{ANDROID}name"), activity.get(f"{ANDROID}exported")) == (".BenchmarkActivity", "true")
    assert "BenchmarkActivity" not in building.MANIFEST.read_text(encoding="utf-8")
