"""The project's files: what Gradle reads, what is shipped, and what is nowhere typed by hand."""

import gzip
import json
import re
import struct
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

from edgestyle.bench.targets.android_app import APP
from edgestyle.contract import CONTRACT_VERSION, SIGNATURES, SIZE_MULTIPLE, SMALLEST_SIDE
from edgestyle.packs.stylizing import MOST_PIXELS
from edgestyle.selfie.recipe import RECIPE_FORMAT
from edgestyle.sidecar import MAX_SIZE, read_sidecar
from tests.android import building

ASSETS = building.PROJECT / "app" / "src" / "main" / "assets"
SOURCES = sorted(path for folder in (*building.KIT_SOURCES, *building.APP_SOURCES) for path in folder.rglob("*.kt"))
SCRIPTS = sorted(building.PROJECT.glob("**/*.gradle.kts"))
MOST_APK_BYTES = 25_000_000
LITERT_BYTES = 6_000_000  # of LiteRT's libraries for arm64, packed: a guess until an APK is built


def constant(name: str, path: str) -> int:
    """A `const val` of the kit."""
    text = (building.KIT_SOURCES[0] / "dev" / "edgestyle" / "kit" / path).read_text(encoding="utf-8")
    found = re.search(rf"const val {name} = ([\d_]+)", text)
    assert found, name
    return int(found[1].replace("_", ""))


def test_the_kit_knows_the_contract_that_python_writes() -> None:
    contract = "contract/Contract.kt"
    assert constant("VERSION", contract) == CONTRACT_VERSION
    assert constant("SIZE_MULTIPLE", contract) == SIZE_MULTIPLE
    assert constant("SMALLEST_SIDE", contract) == SMALLEST_SIDE
    assert constant("LARGEST_SIDE", contract) == MAX_SIZE
    assert constant("MOST_DRAWN_PIXELS", contract) == MOST_PIXELS
    assert constant("FORMAT", "selfie/SelfieRecipe.kt") == RECIPE_FORMAT
    text = (building.KIT_SOURCES[0] / "dev" / "edgestyle" / "kit" / contract).read_text(encoding="utf-8")
    for component, signature in SIGNATURES.items():
        assert f'Component.{component.upper()} -> "{signature}"' in text


def test_no_number_of_a_sidecar_is_typed_by_hand() -> None:
    recipe = json.loads((ASSETS / "selfie" / "recipe.json").read_text(encoding="utf-8"))
    steps = ("detecting", "meshing", "framing", "bolding", "matting", "likeness", "composing")
    numbers = {repr(value) for step in steps for value in _numbers(recipe[step]) if _tells(value)}
    hashes = {one["sha256"] for pack in _index()["packs"] for one in pack["files"]} | set(recipe["networks"].values())
    for path in SOURCES:
        if "/main/" not in str(path) or path.name == "JpegWriter.kt":
            continue
        text = path.read_text(encoding="utf-8")
        assert not any(one in text for one in hashes), path.name
        if "selfie" in path.parts:
            code = re.sub(r"/\*.*?\*/|//[^\n]*|\"[^\"]*\"", "", text, flags=re.DOTALL)
            typed = set(re.findall(r"(?<![\w.])\d+\.?\d*(?:e-?\d+)?", code)) & numbers
            assert not typed, f"{path.name} has {typed}, which are in recipe.json"
        assert not re.search(r"floatArrayOf\((?:-?[\d.]+f?, ){8}", text), f"{path.name} has a vector in it"


_TURNS = (90, 180, 270)  # degrees mean themselves in code, as small whole numbers do


def _tells(value: float) -> bool:
    """Whether a number, found in code, must have been copied from the recipe."""
    return value != 0.5 and (value != int(value) or (value > 16 and value not in _TURNS))


def _numbers(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [one for part in value.values() for one in _numbers(part)]
    if isinstance(value, list):
        return [one for part in value for one in _numbers(part)]
    return [value] if type(value) in (int, float) else []


def _index() -> dict[str, Any]:
    return dict(json.loads((ASSETS / "models" / "index.json").read_text(encoding="utf-8")))


def test_the_shipped_models_are_those_of_their_sidecars() -> None:
    for pack in _index()["packs"]:
        for entry in pack["files"]:
            assert (ASSETS / entry["sidecar"]).exists()
            assert read_sidecar(ASSETS / entry["path"])["component"] == entry["component"]


def test_each_picture_pack_has_a_live_size_for_both_ways_of_holding() -> None:
    for pack in _index()["packs"]:
        if pack["kind"] == "pictures":
            renderers = [one for one in pack["files"] if one["component"] == "renderer"]
            live = [tuple(size) for one in renderers for size in one["sizes"] or []]
            assert any(height > width for height, width in live)
            assert any(height < width for height, width in live)


def test_catalogue_has_what_the_scripts_ask_for() -> None:
    catalogue = tomllib.loads((building.PROJECT / "gradle" / "libs.versions.toml").read_text(encoding="utf-8"))
    known = {f"libs.{name.replace('-', '.')}" for name in catalogue["libraries"]}
    known |= {f"libs.plugins.{name.replace('-', '.')}" for name in catalogue["plugins"]}
    known |= {f"libs.versions.{name}" for name in catalogue["versions"]}
    for script in SCRIPTS:
        for used in re.findall(r"\blibs(?:\.\w+)+", script.read_text(encoding="utf-8")):
            assert used.removesuffix(".get") in known, f"{script.name} asks for {used}"
    for entry in (*catalogue["libraries"].values(), *catalogue["plugins"].values()):
        assert entry["version"]["ref"] in catalogue["versions"]


def test_readme_names_all_that_the_kit_asks_another_project_for() -> None:
    script = (building.PROJECT / "kit" / "build.gradle.kts").read_text(encoding="utf-8")
    readme = (building.PROJECT / "README.md").read_text(encoding="utf-8")
    catalogue = tomllib.loads((building.PROJECT / "gradle" / "libs.versions.toml").read_text(encoding="utf-8"))
    aliases = {f"libs.{name.replace('-', '.')}": name for name in catalogue["libraries"]}
    aliases |= {f"libs.plugins.{name.replace('-', '.')}": name for name in catalogue["plugins"]}
    for used in re.findall(r"\blibs(?:\.\w+)+", script):
        name = aliases.get(used, used.removeprefix("libs.versions.").removesuffix(".get"))
        assert f"`{name}`" in readme, used


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_gradle_scripts_are_balanced(script: Path) -> None:
    text = re.sub(r'//[^\n]*|"(?:\\.|[^"\\])*"', "", script.read_text(encoding="utf-8"))
    for opening, closing in ("{}", "()"):
        assert text.count(opening) == text.count(closing)


def test_the_app_is_the_one_that_the_harness_starts() -> None:
    script = (building.PROJECT / "app" / "build.gradle.kts").read_text(encoding="utf-8")
    assert f'applicationId = "{APP}"' in script
    activity = building.APP_SOURCES[1] / Path(*APP.split(".")) / "BenchmarkActivity.kt"
    text = activity.read_text(encoding="utf-8")
    for extra in ("model", "runs", "seconds", "threads", "size", "accelerator"):
        assert re.search(rf'get\w+Extra\("{extra}"', text), extra
    assert 'File(filesDir, "benchmark")' in text
    assert '"$name.sidecar.json"' in text
    assert '"$name.json"' in text


def test_native_libraries_are_ready_for_pages_of_16_kb_and_small_enough(tools: None) -> None:
    with zipfile.ZipFile(building.AAR) as aar:
        libraries = [aar.read(name) for name in aar.namelist() if re.match(r"jni/arm64-v8a/.*\.so$", name)]
    assert len(libraries) == 2
    for library in libraries:
        assert all(alignment >= 0x4000 for alignment in _load_alignments(library))
    packed = sum(len(gzip.compress(library)) for library in libraries)
    assets = sum(path.stat().st_size for path in ASSETS.rglob("*") if path.is_file())
    assert packed + assets + LITERT_BYTES < MOST_APK_BYTES


def _load_alignments(library: bytes) -> list[int]:
    """Alignments of the segments that are loaded, in a 64-bit ELF file."""
    (start,), (size, count) = struct.unpack_from("<Q", library, 32), struct.unpack_from("<HH", library, 54)
    headers = [struct.unpack_from("<IIQQQQQQ", library, start + size * number) for number in range(count)]
    return [header[7] for header in headers if header[0] == 1]


def test_the_runtime_that_was_compiled_against_is_the_catalogues(tools: None) -> None:
    with zipfile.ZipFile(building.AAR) as aar:
        library = aar.read("jni/arm64-v8a/libonnxruntime.so")
    assert f"\0{building.version('onnxruntime')}\0".encode() in library


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_kotlin_files_keep_the_house_rules(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 400
    long = [number for number, line in enumerate(lines, 1) if len(line) > 140]
    assert not long, f"lines {long} are too long"
    assert not re.search(r"\bTODO\b|\bFIXME\b|!!|printStackTrace", "\n".join(lines))


def test_the_kits_pure_part_knows_no_android() -> None:
    android = ("android", "onnx", "litert")
    for path in building.KIT_SOURCES[0].rglob("*.kt"):
        package = path.parent.name
        if package in android or path.name == "RuntimeOpener.kt":
            continue
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"^import (android\.|ai\.onnxruntime|com\.google)", text, re.MULTILINE), path.name
