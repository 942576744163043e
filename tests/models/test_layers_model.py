"""Files in TensorFlow.js's layers format that are damaged, or somebody else's."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgestyle.errors import ArtifactError
from edgestyle.models import layers_model
from edgestyle.models.layers_model import read_layers_model
from tests.layers_models import make_graph, make_model, make_weights, write_model


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_model(tmp_path / "model", 2)


def test_layers_and_weights_are_read_as_they_were_written(folder: Path) -> None:
    model = read_layers_model(folder)
    assert model.output == "SR"
    assert model.layers["RDB_Concat_2_1"].inputs == ("LRL_1", "F_2_1_Relu")
    assert model.layers["F_0"].kind == "Conv2D"
    for name, values in make_weights(make_graph(2)).items():
        assert np.array_equal(model.weights[name], values.astype(np.float32)), name


def change(folder: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    data = json.loads((folder / "model.json").read_text())
    edit(data)
    (folder / "model.json").write_text(json.dumps(data))


def manifest(data: dict[str, Any]) -> Any:
    return data["weightsManifest"][0]


def layers(data: dict[str, Any]) -> Any:
    return data["modelTopology"]["model_config"]["config"]["layers"]


DAMAGE: dict[str, Callable[[dict[str, Any]], object]] = {
    "no topology": lambda data: data.pop("modelTopology"),
    "a list for the graph": lambda data: data.update(modelTopology=[]),
    "no weights": lambda data: data.update(weightsManifest=[]),
    "two groups": lambda data: data["weightsManifest"].append(manifest(data)),
    "two files": lambda data: manifest(data)["paths"].append("more.bin"),
    "integers": lambda data: manifest(data)["weights"][0].update(dtype="int32"),
    "quantized": lambda data: manifest(data)["weights"][0].update(quantization={"dtype": "uint8"}),
    "a name twice": lambda data: manifest(data)["weights"].append(manifest(data)["weights"][0]),
    "a shape below 0": lambda data: manifest(data)["weights"][0].update(shape=[-1, 4]),
    "a shape of fractions": lambda data: manifest(data)["weights"][0].update(shape=[1.5]),
    "a layer twice": lambda data: layers(data).append(layers(data)[1]),
    "a layer before its source": lambda data: layers(data).insert(0, layers(data).pop()),
    "a layer used twice over": lambda data: layers(data)[1]["inbound_nodes"].append([["LR", 0, 0, {}]]),
    "no such output": lambda data: data["modelTopology"]["model_config"]["config"].update(output_layers=[["X", 0, 0]]),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_graph_is_refused(kind: str, folder: Path) -> None:
    change(folder, DAMAGE[kind])
    with pytest.raises(ArtifactError, match=r"no TensorFlow\.js layers model"):
        read_layers_model(folder)


@pytest.mark.parametrize("text", ["", "no JSON", "[" * 100_000, '"text"', "{}"])
def test_what_is_no_graph_at_all_is_refused(text: str, folder: Path) -> None:
    (folder / "model.json").write_text(text)
    with pytest.raises(ArtifactError, match=r"model\.json is no"):
        read_layers_model(folder)


@pytest.mark.parametrize("name", ["../weights.bin", "/etc/passwd", "sub/weights.bin", "..", ""])
def test_no_path_leads_out_of_the_folder(name: str, folder: Path) -> None:
    change(folder, lambda data: manifest(data).update(paths=[name]))
    with pytest.raises(ArtifactError, match="points out of its folder"):
        read_layers_model(folder)


def test_missing_files_are_said(folder: Path) -> None:
    (folder / "weights.bin").unlink()
    with pytest.raises(ArtifactError, match="cannot read"):
        read_layers_model(folder)
    with pytest.raises(ArtifactError, match="cannot read"):
        read_layers_model(folder / "none")


@pytest.mark.parametrize("extra", [-4, -1, 4])
def test_weights_of_another_size_than_the_graph_says_are_refused(extra: int, folder: Path) -> None:
    file = folder / "weights.bin"
    file.write_bytes((file.read_bytes() + bytes(4))[: file.stat().st_size + extra])
    with pytest.raises(ArtifactError, match="bytes, where the graph says"):
        read_layers_model(folder)


def test_a_shape_without_end_allocates_nothing(folder: Path) -> None:
    change(folder, lambda data: manifest(data)["weights"][0].update(shape=[10**9, 10**9]))
    with pytest.raises(ArtifactError, match="bytes, where the graph says"):
        read_layers_model(folder)


def test_files_that_are_too_large_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layers_model, "MAX_WEIGHTS_BYTES", 1000)
    with pytest.raises(ArtifactError, match="the limit 1000"):
        read_layers_model(folder)
    monkeypatch.setattr(layers_model, "MAX_GRAPH_BYTES", 1000)
    with pytest.raises(ArtifactError, match="larger"):
        read_layers_model(folder)


def test_numbers_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    graph = make_graph(2)
    weights = make_weights(graph)
    weights["F_0/bias"][0] = np.nan
    with pytest.raises(ArtifactError, match="not finite"):
        read_layers_model(write_model(tmp_path, graph, weights))
