"""Files of avatar packs are opened as what they are, or refused."""

from pathlib import Path

import numpy as np
import pytest

from edgestyle.errors import ArtifactError, ContractError
from edgestyle.exporters.generators_onnx import export_generator, export_mapping
from edgestyle.runtime.generator import open_generator, open_inverter, open_mapping
from edgestyle.runtime.runner import RUNNERS
from tests.conftest import make_generator, make_mapping

OPENERS = (open_generator, open_mapping, open_inverter)


@pytest.mark.parametrize("suffix", RUNNERS)
@pytest.mark.parametrize("opener", OPENERS)
def test_garbage_is_refused_with_its_name(opener: type, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"model{suffix}"
    path.write_bytes(b"garbage")
    with pytest.raises(ArtifactError, match="model"):
        opener(path)


@pytest.mark.parametrize("opener", OPENERS)
def test_missing_files_and_other_accelerators_are_refused(opener: type, tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="no such"):
        opener(tmp_path / "model.onnx")
    (tmp_path / "model.onnx").write_bytes(b"garbage")
    with pytest.raises(ArtifactError, match="runtime of their format, not on 'openvino-cpu'"):
        opener(tmp_path / "model.onnx", accelerator="openvino-cpu")


def test_a_file_of_another_component_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mapping.onnx"
    export_mapping(make_mapping(), path, "float32", {})
    with pytest.raises(ArtifactError, match="does not keep the contract"):
        open_generator(path)


def test_a_style_of_another_length_is_an_error_and_no_crash(tmp_path: Path) -> None:
    path = tmp_path / "generator.onnx"
    export_generator(make_generator(), path, "float32", {})
    with pytest.raises((ArtifactError, ContractError), match="ONNX Runtime failed"):
        open_generator(path).draw(np.zeros((1, 5), np.float32), 1.0)


def test_operators_are_counted_by_what_ran_them(tmp_path: Path) -> None:
    path = tmp_path / "generator.onnx"
    export_generator(make_generator(), path, "float32", {})
    placement = open_generator(path, 1).placement(np.zeros((1, 12), np.float32), 1.0)
    assert placement is not None
    assert placement["CPUExecutionProvider"] > 10
