"""Recipes fill an app's folder, leave alone what is there, and refuse what is damaged; the sets in git are whole."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgestyle.errors import ArtifactError, ContractError, EdgestyleError
from edgestyle.packs.avatars import AvatarPack
from edgestyle.packs.pack import Pack
from edgestyle.runtime.onnx import OnnxRunner
from edgestyle.sidecar import read_sidecar
from export import android, common, ios
from export.checking import check_folder, read_index
from export.command import ROOT, is_whole
from export.goldens import check_goldens, psnr_db

MOST_BYTES = 6_000_000
SETS = {
    "android": (ROOT / "android_demo" / android.ASSETS, ROOT / "android_demo" / android.GOLDEN),
    "ios": (ROOT / "ios_demo" / ios.RESOURCES, ROOT / "ios_demo" / ios.GOLDEN),
}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, tiny_pack: Pack, tiny_faces: AvatarPack) -> Path:
    """An app's folder with a small pack of pictures and one of avatars."""
    folder = tmp_path_factory.mktemp("app")
    android.fill(folder, [str(tiny_pack.folder), str(tiny_faces.folder)], "w8", [(64, 32)])
    return folder


def test_the_layout_is_what_the_app_expects(filled: Path, tiny_pack: Pack, tiny_faces: AvatarPack) -> None:
    assets = filled / android.ASSETS
    index = read_index(assets)
    assert [pack["name"] for pack in index["packs"]] == [tiny_pack.name, tiny_faces.name]
    assert [pack["kind"] for pack in index["packs"]] == ["pictures", "avatars"]
    for pack in index["packs"]:
        for entry in pack["files"]:
            assert entry["path"].startswith(f"models/{pack['name']}/")
            assert (assets / entry["sidecar"]).is_file()
    recipe = json.loads((assets / "selfie/recipe.json").read_text(encoding="utf-8"))
    assert all((assets / "selfie" / name).is_file() for name in recipe["networks"])
    assert recipe["pack"] == tiny_pack.name
    assert {"flattened", "long_side", "size_multiple", "smallest_side", "detail"} == recipe["drawing"].keys()


def test_every_file_is_the_one_its_sidecar_describes(filled: Path) -> None:
    assert len(check_folder(filled / android.ASSETS)) == 2 + 3  # a renderer free and fixed, and an avatar pack's three


def test_a_fixed_copy_draws_the_same_picture(filled: Path, tiny_pack: Pack) -> None:
    folder = filled / android.ASSETS / "models" / tiny_pack.name
    free, fixed = folder / f"{tiny_pack.name}-renderer-w8.onnx", folder / f"{tiny_pack.name}-renderer-w8-64x32.onnx"
    image = np.random.default_rng(1).random((1, 3, 64, 32), np.float32)
    style = tiny_pack.style().as_input()
    assert np.array_equal(OnnxRunner(fixed).run(image, style, 0.0), image)
    assert np.allclose(OnnxRunner(fixed).run(image, style, 0.7), OnnxRunner(free).run(image, style, 0.7), atol=1e-5)
    with pytest.raises(EdgestyleError):
        OnnxRunner(fixed).run(image[:, :, :32], style, 0.7)
    assert read_sidecar(fixed)["inputs"][0]["shape"] == [1, 3, 64, 32]


def test_running_it_again_changes_nothing(filled: Path, tiny_pack: Pack, tiny_faces: AvatarPack) -> None:
    before = {path: path.stat().st_mtime_ns for path in filled.rglob("*") if path.is_file()}
    android.fill(filled, [str(tiny_pack.folder), str(tiny_faces.folder)], "w8", [(64, 32)])
    assert {path: path.stat().st_mtime_ns for path in filled.rglob("*") if path.is_file()} == before


def test_other_sizes_take_the_place_of_old_ones(tmp_path: Path, tiny_pack: Pack) -> None:
    android.fill(tmp_path, [str(tiny_pack.folder)], "w8", [(64, 32)])
    android.fill(tmp_path, [str(tiny_pack.folder)], "w8", [(32, 64)])
    names = {path.name for path in (tmp_path / android.ASSETS / "models" / tiny_pack.name).glob("*.onnx")}
    assert names == {f"{tiny_pack.name}-renderer-w8.onnx", f"{tiny_pack.name}-renderer-w8-32x64.onnx"}


def test_damage_is_seen_and_mended(tmp_path: Path, tiny_pack: Pack) -> None:
    android.fill(tmp_path, [str(tiny_pack.folder)], "w8", [(64, 32)])
    assets = tmp_path / android.ASSETS
    model = assets / "models" / tiny_pack.name / f"{tiny_pack.name}-renderer-w8.onnx"
    model.write_bytes(model.read_bytes()[:-9])
    assert not is_whole(assets)
    android.fill(tmp_path, [str(tiny_pack.folder)], "w8", [(64, 32)])
    assert is_whole(assets)


@pytest.mark.parametrize("text", ["512", "512x", "axb", "512x384x3", "30x30", "512x20", "8192x512"])
def test_sizes_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ContractError):
        android.parse_size(text)


@pytest.mark.parametrize("platform", SETS)
def test_the_set_in_git_is_whole_and_small(platform: str) -> None:
    assets, _ = SETS[platform]
    check_folder(assets)
    tracked = subprocess.run(["git", "ls-files", "-z", assets], cwd=ROOT, capture_output=True, text=True, check=True)
    files = [ROOT / name for name in tracked.stdout.split("\0") if name]
    assert sum(path.stat().st_size for path in files) < MOST_BYTES
    assert [pack["name"] for pack in read_index(assets)["packs"]] == list(common.DEFAULT_PACKS)
    named = {assets / entry["path"] for pack in read_index(assets)["packs"] for entry in pack["files"]}
    assert all(any(path == one or one in path.parents for path in files) for one in named)


@pytest.mark.parametrize("platform", SETS)
def test_golden_files_are_reproduced(platform: str) -> None:
    assets, golden = SETS[platform]
    index: dict[str, Any] = json.loads((golden / "golden.json").read_text(encoding="utf-8"))
    found = check_goldens(assets, golden, index)
    assert {case["component"] for case in index["cases"]} == {"renderer"}
    assert len(found) == len(index["cases"]) + len(index["avatars"]) + len(index["styles"]) >= 8


def test_a_golden_picture_that_changed_is_noticed(filled: Path) -> None:
    assets, golden = filled / android.ASSETS, filled / android.GOLDEN
    index = json.loads((golden / "golden.json").read_text(encoding="utf-8"))
    case = index["cases"][-1]
    stylized = np.fromfile(golden / case["stylized"], "<f4")
    (stylized + 0.05).astype("<f4").tofile(golden / case["stylized"])
    with pytest.raises(ArtifactError, match=case["name"]):
        check_goldens(assets, golden, index)
    stylized.tofile(golden / case["stylized"])
    assert check_goldens(assets, golden, index)


def test_psnr_is_what_it_says() -> None:
    image = np.zeros((1, 3, 4, 4), np.float32)
    assert psnr_db(image, image) == np.inf
    assert psnr_db(image, image + 1) == 0


@pytest.mark.parametrize("name", ["android", "ios"])
def test_the_command_teaches_and_errs_in_one_line(name: str) -> None:
    command = [sys.executable, ROOT / "export" / f"{name}.py"]
    taught = subprocess.run([*command, "--help"], capture_output=True, text=True, check=True).stdout
    assert "--if-missing" in taught
    wrong = subprocess.run([*command, "no-such-pack", "-o", "/nowhere"], capture_output=True, text=True, check=False)
    assert wrong.returncode == 2
    assert wrong.stderr.count("\n") == 1
    assert "no-such-pack" in wrong.stderr


def test_a_build_does_nothing_where_all_is_there() -> None:
    command = [sys.executable, ROOT / "export" / "android.py", "--if-missing"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "is whole" in done.stderr
