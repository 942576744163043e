"""Damaged and hostile files end in one line that names them, whatever reads them."""

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest

from edgestyle.errors import ArtifactError
from edgestyle.exporters.bundle import export_pack
from edgestyle.exporters.inspection import count_precisions, read_tflite
from edgestyle.packs.pack import Pack
from edgestyle.report.readiness import check_readiness
from edgestyle.runtime.runner import open_runner
from edgestyle.sidecar import file_sha256, file_size_bytes, sidecar_path
from tests.cli.test_commands import run

SIZE = 32
FORMATS = {"onnx": ".onnx", "tflite": ".tflite", "coreml": ".mlpackage"}
every_format = pytest.mark.parametrize("name", FORMATS)


@pytest.fixture(scope="module")
def exported(tiny_pack: Pack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    export_pack(tiny_pack, folder, list(FORMATS), ["float32"], [SIZE])
    return folder


def copied(exported: Path, name: str, folder: Path) -> tuple[Path, Path]:
    """A copy of an exported file with its sidecar, and the part of it that holds the graph."""
    source = exported / f"tiny-renderer-float32{FORMATS[name]}"
    path = folder / source.name
    shutil.copytree(source, path) if source.is_dir() else shutil.copy(source, path)
    shutil.copy(sidecar_path(source), sidecar_path(path))
    return path, next(path.rglob("*.mlmodel")) if path.is_dir() else path


def describe_again(path: Path) -> None:
    """Make the sidecar fit the file, as a hostile one would."""
    sidecar = json.loads(sidecar_path(path).read_text())
    sidecar |= {"sha256": file_sha256(path), "size_bytes": file_size_bytes(path)}
    sidecar_path(path).write_text(json.dumps(sidecar))


def read_everything(path: Path, pack: Pack) -> None:
    runner = open_runner(path)
    runner.run(np.full((1, 3, SIZE, SIZE), 0.5, np.float32), pack.style().as_input(), 1.0)
    count_precisions(path)
    check_readiness(path, SIZE)


@every_format
@pytest.mark.parametrize("damage", [b"", b"text", b"\0" * 4096, b"\xff" * 4096])
def test_what_is_no_such_file_is_refused(
    name: str, damage: bytes, exported: Path, tiny_pack: Pack, tmp_path: Path
) -> None:
    path, graph = copied(exported, name, tmp_path)
    graph.write_bytes(damage)
    for read in (open_runner, count_precisions, lambda path: check_readiness(path, SIZE)):
        with pytest.raises(ArtifactError) as caught:
            read(path)
        assert len(str(caught.value).splitlines()) == 1


@every_format
def test_changed_bytes_anywhere_raise_nothing_else(name: str, exported: Path, tiny_pack: Pack, tmp_path: Path) -> None:
    path, graph = copied(exported, name, tmp_path)
    whole, rng = graph.read_bytes(), np.random.default_rng(0)
    said = []
    for cut in np.linspace(0.05, 0.95, 8):
        graph.write_bytes(whole[: int(len(whole) * cut)])
        with pytest.raises(ArtifactError):
            read_everything(path, tiny_pack)
    for _ in range(6):
        data = bytearray(whole)
        for place in rng.integers(0, len(data), 40):
            data[place] = int(rng.integers(0, 256))
        graph.write_bytes(data)
        try:
            read_everything(path, tiny_pack)
        except ArtifactError as error:
            said.append(str(error))
    assert said
    assert all(len(text.splitlines()) == 1 for text in said)


@pytest.mark.parametrize("name", ["tflite", "coreml"])
def test_the_report_of_a_hostile_file_is_one_line_and_exit_code_2(
    name: str, exported: Path, tiny_pack: Pack, tmp_path: Path
) -> None:
    path, graph = copied(exported, name, tmp_path)
    graph.write_bytes(b"\0\0\0\0TFL3" + b"\x7f" * 4000)
    describe_again(path)
    done = run("report", tmp_path, "-o", tmp_path / "out", "--pack", tiny_pack.folder, "--rounds", 0, check=False)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert path.name in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_tflite_file_whose_operator_points_nowhere_is_refused(
    exported: Path, tiny_pack: Pack, tmp_path: Path
) -> None:
    from flatbuffers import Builder

    path, _ = copied(exported, "tflite", tmp_path)
    model = read_tflite(path)
    model.subgraphs[0].operators[3].inputs = [10_000]
    builder = Builder(2**16)
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    path.write_bytes(bytes(builder.Output()))
    with pytest.raises(ArtifactError):
        count_precisions(path)


def test_an_onnx_file_with_a_strange_operator_is_refused(exported: Path, tiny_pack: Pack, tmp_path: Path) -> None:
    path, _ = copied(exported, "onnx", tmp_path)
    model = onnx.load(path)
    model.graph.node[5].op_type = "Explode"
    onnx.save(model, path)
    with pytest.raises(ArtifactError, match="cannot load"):
        read_everything(path, tiny_pack)


def test_a_core_ml_program_of_another_shape_is_refused(exported: Path, tiny_pack: Pack, tmp_path: Path) -> None:
    path, _ = copied(exported, "coreml", tmp_path)
    runner = open_runner(path)
    if sys.platform != "darwin":
        with pytest.raises(ArtifactError, match="cannot be run"):
            runner.run(np.full((1, 3, SIZE, SIZE), 0.5, np.float32), np.zeros((1, 9), np.float32), 1.0)
