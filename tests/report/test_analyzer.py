"""TensorFlow's Analyzer is asked in a Python of its own, and trusted only if it refuses what it must refuse."""

import sys
from pathlib import Path

import pytest

from edgestyle.errors import ArtifactError
from edgestyle.report.analyzer import ask_tensorflow, find_tensorflow, read_answer

REFUSED = (
    "GPU COMPATIBILITY WARNING: SLICE supports for 3 or 4 dimensional tensors only, but node has 2 dimensional tensors."
)
COMPATIBLE = "Your model looks compatible with GPU delegate on TFLite runtime version 2.15.1."
ANSWER = f"""=== file.tflite ===

Subgraph#0 main(T#0) -> [T#3]
  Op#0 RELU_0_TO_1(T#0) -> [T#1]
GPU COMPATIBILITY WARNING: Not supported op RELU_0_TO_1
  Op#1 SLICE(T#1, T#4[0, 0]) -> [T#2]
{REFUSED}
  Op#2 SLICE(T#1, T#5[0, 1]) -> [T#3]
{REFUSED}
GPU COMPATIBILITY WARNING: Subgraph#0 has GPU delegate compatibility issues at nodes 0, 1, 2 on TFLite runtime

Subgraph#1 s64(T#0) -> [T#3]
  Op#0 RELU_0_TO_1(T#0) -> [T#1]
GPU COMPATIBILITY WARNING: Not supported op RELU_0_TO_1
"""


def python_that_says(text: str, folder: Path) -> Path:
    """A program that answers to `-c PROGRAM FILE` as TensorFlow would."""
    (folder / "text").write_text(text)
    path = folder / "python"
    path.write_text(f'#!/bin/sh\ncat "{folder}/text"\n')
    path.chmod(0o755)
    return path


def test_reasons_and_operators_of_the_first_signature_are_counted(tmp_path: Path) -> None:
    python = python_that_says(f"{REFUSED}\n@file 2.15.1\n{ANSWER}@end\n", tmp_path)
    found = ask_tensorflow(tmp_path / "file.tflite", python)
    slice_reason = REFUSED.removeprefix("GPU COMPATIBILITY WARNING: ")
    assert found.refused == {"Not supported op RELU_0_TO_1": 1, slice_reason: 2}
    assert found.operators == 3
    assert "TensorFlow 2.15.1" in found.source


def test_a_file_that_is_taken_whole_has_no_refusals(tmp_path: Path) -> None:
    text = f"{REFUSED}\n@file 2.15.1\nSubgraph#0 main()\n  Op#0 ADD(T#0, T#1) -> [T#2]\n{COMPATIBLE}\n@end\n"
    found = ask_tensorflow(tmp_path / "file.tflite", python_that_says(text, tmp_path))
    assert (found.refused, found.operators) == ({}, 1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"{COMPATIBLE}\n@file 2.21.0\n{COMPATIBLE}\n@end\n", r"TensorFlow 2\.21\.0 checks nothing"),
        (f"{REFUSED}\n@file 2.15.1\nsomething new\n@end\n", "not understood"),
        (f"{REFUSED}\n@file 2.15.1\n{COMPATIBLE}\n", "not understood"),
        ("", "not understood"),
    ],
)
def test_what_does_not_check_is_not_believed(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=message):
        ask_tensorflow(tmp_path / "file.tflite", python_that_says(text, tmp_path))


def test_a_python_that_cannot_be_run_or_lacks_tensorflow_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="cannot be run by /nowhere/python"):
        ask_tensorflow(tmp_path / "file.tflite", Path("/nowhere/python"))
    failing = tmp_path / "failing"
    failing.write_text("#!/bin/sh\necho \"ModuleNotFoundError: No module named 'tensorflow'\" >&2\nexit 1\n")
    failing.chmod(0o755)
    with pytest.raises(ArtifactError, match="No module named 'tensorflow'"):
        ask_tensorflow(tmp_path / "file.tflite", failing)


def test_nothing_in_the_current_folder_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("downloaded", "installed"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "tensorflow.py").write_text(f"raise SystemExit('this one was {folder}')")
    monkeypatch.chdir(tmp_path / "downloaded")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "installed"))
    with pytest.raises(ArtifactError, match="this one was installed"):
        ask_tensorflow(tmp_path / "file.tflite", Path(sys.executable))


def test_a_tensorflow_beside_edgestyle_that_does_not_check_is_told_and_left(monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[str] = []
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert find_tensorflow(lines.append) is None
    assert not lines
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name)
    monkeypatch.setattr("edgestyle.report.analyzer._run", lambda *paths: f"{COMPATIBLE}\n@file 2.21.0\n@end\n")
    assert find_tensorflow(lines.append) is None
    assert "going by the list of rules" in lines[0]
    monkeypatch.setattr("edgestyle.report.analyzer._run", lambda *paths: f"{REFUSED}\n@file 2.15.1\n@end\n")
    assert find_tensorflow(lines.append) is not None


def test_the_version_is_read(tmp_path: Path) -> None:
    assert read_answer(f"{REFUSED}\n@file 2.15.1\n@end\n") == ("2.15.1", "@end\n")
