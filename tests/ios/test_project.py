"""The iOS demo as far as any machine can check it: syntax, project, plists, catalogues, words in both languages."""

import json
import plistlib
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from PIL import Image

from tests.ios.sources import APP, IOS, KIT, ROOT, SWIFT, broken_places, key_of, parse, shown_keys

LANGUAGES = ("en", "zh-Hans")
PROJECT = yaml.safe_load((IOS / "project.yml").read_text(encoding="utf-8"))
TARGET = PROJECT["targets"]["EdgeStyleDemo"]
MOST_LINES = 400


def read_json(path: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return data


@pytest.mark.parametrize("path", SWIFT, ids=lambda path: str(path.relative_to(IOS)))
def test_swift_parses(path: Path) -> None:
    source = path.read_bytes()
    assert list(broken_places(parse(source).root_node)) == []
    assert source.count(b"\n") <= MOST_LINES


def test_swift_that_does_not_parse_is_noticed() -> None:
    assert list(broken_places(parse(b"func a( { return }").root_node))


def test_the_project_refers_to_what_is_there() -> None:
    sources = [source if isinstance(source, str) else source["path"] for source in TARGET["sources"]]
    assert all((IOS / path).exists() for path in sources)
    folders = {source["path"] for source in TARGET["sources"] if source.get("type") == "folder"}
    assert folders == {f"EdgeStyleDemo/Resources/{name}" for name in ("models", "previews", "selfie")}
    for package in PROJECT["packages"].values():
        assert (IOS / package["path"] / "Package.swift").is_file()
    assert [dependency["package"] for dependency in TARGET["dependencies"]] == list(PROJECT["packages"])
    settings = TARGET["settings"]["base"]
    assert (IOS / settings["INFOPLIST_FILE"]).is_file()
    assert (APP / f"Assets.xcassets/{settings['ASSETCATALOG_COMPILER_APPICON_NAME']}.appiconset").is_dir()
    assert (APP / f"Assets.xcassets/{settings['ASSETCATALOG_COMPILER_GLOBAL_ACCENT_COLOR_NAME']}.colorset").is_dir()
    (script,) = TARGET["preBuildScripts"]
    assert all((ROOT / path).is_file() for path in re.findall(r"export/\w+\.py", script["script"]))


def test_the_bundle_is_the_one_that_the_harness_starts() -> None:
    from edgestyle.bench.targets.ios import APP as BUNDLE
    from edgestyle.bench.targets.ios import FOLDER

    assert TARGET["settings"]["base"]["PRODUCT_BUNDLE_IDENTIFIER"] == BUNDLE
    mode = (APP / "Benchmark/BenchmarkMode.swift").read_text(encoding="utf-8")
    assert FOLDER == "Documents/benchmark"
    assert ".documentDirectory" in mode
    assert f'"{FOLDER.rpartition("/")[2]}"' in mode


def test_the_app_knows_every_argument_and_accelerator_of_the_harness() -> None:
    from edgestyle.bench.jobs import Job
    from edgestyle.bench.measuring import Plan
    from edgestyle.bench.targets import ACCELERATORS_THERE
    from edgestyle.bench.targets.ios import launch_command
    from edgestyle.bench.targets.ios_devices import Phone

    phone = Phone.__new__(Phone)
    object.__setattr__(phone, "identifier", "phone")
    job = Job.__new__(Job)
    for key, value in (("threads", 1), ("size", 512), ("accelerator", "coreml-ne")):
        object.__setattr__(job, key, value)
    asked = launch_command(phone, job, Plan(), "a.mlpackage")
    read = (KIT / "Sources/EdgeStyleKit/Measuring/BenchmarkRequest.swift").read_text(encoding="utf-8")
    options = {word for word in asked[asked.index("--") + 1 :] if word.startswith("--")}
    assert options - {"--threads"} == set(re.findall(r'"(--\w+)"', read))  # Core ML takes no number of threads
    units = (KIT / "Sources/EdgeStyleKit/Rendering/ComputeUnits.swift").read_text(encoding="utf-8")
    assert set(re.findall(r'"(coreml-\w+)"', units)) == set(ACCELERATORS_THERE["ios"][".mlpackage"])


@pytest.mark.parametrize("key", ["NSCameraUsageDescription", "NSPhotoLibraryAddUsageDescription"])
def test_the_plist_says_why_camera_and_photo_library_are_used(key: str) -> None:
    """Without the second, "Save Image" among the ways to share ends the app."""
    info = plistlib.loads((APP / "Info.plist").read_bytes())
    assert info["CFBundleIdentifier"] == "$(PRODUCT_BUNDLE_IDENTIFIER)"
    assert "UILaunchScreen" in info
    words = read_json(APP / "InfoPlist.xcstrings")["strings"]
    assert words[key]["localizations"]["en"]["stringUnit"]["value"] == info[key]


def test_the_privacy_manifest_names_what_needs_a_reason() -> None:
    manifest = plistlib.loads((APP / "PrivacyInfo.xcprivacy").read_bytes())
    assert manifest["NSPrivacyTracking"] is False
    declared = {entry["NSPrivacyAccessedAPIType"] for entry in manifest["NSPrivacyAccessedAPITypes"]}
    needing = {
        "UserDefaults": "UserDefaults", "systemUptime": "SystemBootTime", "mach_absolute_time": "SystemBootTime",
        "volumeAvailableCapacity": "DiskSpace", "activeInputModes": "ActiveKeyboards", "creationDate": "FileTimestamp",
        "modificationDate": "FileTimestamp",
    }  # fmt: skip
    swift = "".join(
        path.read_text(encoding="utf-8") for folder in (APP, KIT / "Sources") for path in folder.rglob("*.swift")
    )
    assert declared == {f"NSPrivacyAccessedAPICategory{kind}" for word, kind in needing.items() if word in swift}


def test_the_app_is_run_with_the_optimiser() -> None:
    assert PROJECT["schemes"]["EdgeStyleDemo"]["run"]["config"] == "Release"


@pytest.mark.parametrize(
    "path", sorted(APP.glob("Assets.xcassets/**/Contents.json")), ids=lambda path: path.parent.name
)
def test_asset_catalogues_are_valid(path: Path) -> None:
    contents = read_json(path)
    assert contents["info"]["version"] == 1
    for image in contents.get("images", []):
        with Image.open(path.parent / image["filename"]) as icon:
            assert f"{icon.width}x{icon.height}" == image["size"]
            assert icon.mode in ("RGB", "P")  # an icon has no transparency
    for colour in contents.get("colors", []):
        assert all(0 <= float(value) <= 1 for value in colour["color"]["components"].values())


@pytest.mark.parametrize("name", ["Localizable", "InfoPlist"])
def test_every_word_is_there_in_both_languages(name: str) -> None:
    catalogue = read_json(APP / f"{name}.xcstrings")
    assert catalogue["sourceLanguage"] == "en"
    for key, entry in catalogue["strings"].items():
        units = {language: entry["localizations"][language]["stringUnit"] for language in LANGUAGES}
        assert all(unit["state"] == "translated" and unit["value"].strip() for unit in units.values()), key
        places = {language: sorted(re.findall(r"%(?:\d\$)?(@|lld)", unit["value"])) for language, unit in units.items()}
        assert places["en"] == places["zh-Hans"], key
        if name == "Localizable":
            assert places["en"] == sorted(re.findall(r"%(@|lld)", key)), key


def used_keys() -> set[str]:
    return {key for path in APP.rglob("*.swift") for key in shown_keys(parse(path.read_bytes()).root_node)}


def test_every_word_in_the_app_is_in_the_catalogue() -> None:
    known = read_json(APP / "Localizable.xcstrings")["strings"]
    used = used_keys()
    assert used - known.keys() == set()
    packs = read_json(APP / "Resources/models/index.json")["packs"]
    titles = {style["title"] for pack in packs if pack["kind"] == "pictures" for style in pack["styles"]}
    assert titles <= known.keys()
    assert known.keys() - used - titles == set()


def test_keys_are_read_as_xcode_reads_them() -> None:
    (literal,) = [
        node for node in _walk(parse(b'Text("\\(rate, format: .percent) of \\(megapixels)")').root_node)
        if node.type == "line_string_literal"
    ]  # fmt: skip
    assert key_of(literal) == "%@ of %lld"
    assert set(shown_keys(parse(b'Button(busy ? "One" : "Two") {}; Text(name)').root_node)) == {"One", "Two"}


def test_pictures_and_symbols_are_named_for_those_who_cannot_see_them() -> None:
    """Every button that shows a symbol alone says what it does."""
    for path in APP.rglob("*.swift"):
        source = path.read_text(encoding="utf-8")
        for label in re.finditer(r"Image\(systemName: \"[^\"]+\"\)\n\s+\.font\(\.title2\)", source):
            assert "accessibilityLabel" in source[label.end() : label.end() + 700], path


def test_the_package_has_the_folders_that_it_names() -> None:
    package = (KIT / "Package.swift").read_text(encoding="utf-8")
    assert package.startswith("// swift-tools-version: 6.0")
    for name in re.findall(r'\.target\(name: "(\w+)"', package):
        assert list((KIT / "Sources" / name).rglob("*.swift"))
    for name, copied in re.findall(r'\.testTarget\(name: "(\w+)".*?\.copy\("(\w+)"\)', package):
        assert list((KIT / "Tests" / name).rglob("*.swift"))
        assert (KIT / "Tests" / name / copied / "golden.json").is_file()


def test_every_vector_is_read_by_a_swift_test() -> None:
    tests = "".join(path.read_text(encoding="utf-8") for path in (KIT / "Tests").rglob("*.swift"))
    read = set(re.findall(r'Vectors\.read\("(\w+)"', tests)) | set(
        re.findall(r'appendingPathComponent\("(\w+)\.json"', tests)
    )
    assert {path.stem for path in (ROOT / "tests/vectors").glob("*.json")} <= read


def test_every_error_of_the_kit_is_raised_in_a_test_and_told_by_the_app() -> None:
    errors = (KIT / "Sources/EdgeStyleKit/Contract/KitError.swift").read_text(encoding="utf-8")
    told = (APP / "Shared/Messages.swift").read_text(encoding="utf-8")
    kinds = re.findall(r"public enum (\w+): KitError", errors)
    assert len(kinds) == 6
    assert all(f"as {kind}" in told for kind in kinds if kind != "ModelError")  # all of these are one sentence


def _walk(node):  # type: ignore[no-untyped-def]
    yield node
    for child in node.children:
        yield from _walk(child)
