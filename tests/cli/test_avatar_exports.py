"""Exported avatar packs as a user meets them: export, check, bench and report."""

from pathlib import Path

import pytest

from edgestyle.bench.results import read_results
from edgestyle.packs.avatars import AvatarPack
from edgestyle.packs.pack import Pack
from edgestyle.sidecar import read_sidecar
from tests.cli.test_commands import run


@pytest.fixture(scope="module")
def folder(tiny_faces: AvatarPack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("faces")
    shown = run("export", tiny_faces.folder, "-o", out, "--format", "onnx", "--recipe", "float32", "--recipe", "w8a8")
    assert "each with its sidecar" in shown.stdout
    return out


def test_three_files_a_recipe_are_exported_and_pass_again(folder: Path, tiny_faces: AvatarPack) -> None:
    paths = sorted(folder.glob("*.onnx"))
    assert [path.name for path in paths] == [
        f"tiny-faces-{component}-{recipe}.onnx"
        for component in ("generator", "inverter", "mapping")
        for recipe in ("float32", "w8a8")
    ]
    assert all(read_sidecar(path)["pack"] == "tiny-faces" for path in paths)
    assert "w8a8" in run("check", folder, "--pack", tiny_faces.folder).stdout


def test_every_component_is_measured_in_a_process_of_its_own(folder: Path, tmp_path: Path) -> None:
    output, names = tmp_path / "rows.jsonl", ("generator", "mapping", "inverter")
    files = [folder / f"tiny-faces-{name}-float32.onnx" for name in names]
    run("bench", *files, "--runs", 3, "--seconds", 0, "--repeats", 1, "-o", output)
    rows = read_results(output)
    assert [row.artifact["name"] for row in rows] == [path.name for path in files]
    assert all(row.status == "measured" and row.settings["size"] == 32 for row in rows)
    assert all((row.placement or {})["CPUExecutionProvider"] for row in rows)


def test_a_report_says_that_it_is_about_photos(folder: Path, tmp_path: Path) -> None:
    shown = run("report", folder, "-o", tmp_path, check=False)
    assert shown.returncode == 2
    assert "avatar pack's files" in shown.stderr.splitlines()[-1]
    assert "a generator; edgestyle check and edgestyle bench take it" in shown.stderr
    assert "an inverter;" in shown.stderr


@pytest.mark.parametrize(
    "option",
    [
        ("--size", 256), ("--io", "uint8"), ("--quality", "40dB"), ("--max-size", "100KB"), ("--fastest",),
        ("--lut", 17), ("--calibration", "."), ("--recipe", "mine.recipe.json"),
    ],
)  # fmt: skip
def test_options_about_photos_are_refused(option: tuple[object, ...], tiny_faces: AvatarPack, tmp_path: Path) -> None:
    shown = run("export", tiny_faces.folder, "-o", tmp_path / "out", *option, check=False)
    assert shown.returncode == 2
    assert "draws avatars" in shown.stderr
    assert len(shown.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_packs_that_redraw_photos_are_exported_as_before(tiny_pack: Pack, tmp_path: Path) -> None:
    run("export", tiny_pack.folder, "-o", tmp_path, "--format", "onnx", "--recipe", "w8", "--size", 32)
    assert [path.name for path in tmp_path.glob("*.onnx")] == ["tiny-renderer-w8.onnx"]
