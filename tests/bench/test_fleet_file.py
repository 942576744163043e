"""Fleet files: what they may say, and that a typo is named with its line."""

from pathlib import Path

import pytest

from edgestyle.bench.fleet_file import read_fleet
from edgestyle.errors import FleetError
from tests.bench.phone import write_exported

WHOLE = """
# our lab
files = ["phone/*.onnx"]
threads = 4

[[device]]
target = "android:HT4ABC"
accelerator = "nnapi"

[[device]]
target = ["android:192.168.1.7:5555", "android:192.168.1.8:5555"]
binary = "benchmark_model"
files = ["phone/a.tflite"]
size = 256

[[device]]
target = [
    "testlab:shiba-34",
    "testlab:oriole-33",
]
app = "demo.apk"
project = "our-project"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "phone").mkdir()
    for name in ("b.onnx", "a.onnx", "a.tflite"):
        write_exported(tmp_path / "phone" / name)
    for name in ("benchmark_model", "demo.apk"):
        (tmp_path / name).write_bytes(b"x")
    return tmp_path


def read(folder: Path, text: str) -> FleetError | None:
    """The error, or None."""
    (folder / "fleet.toml").write_text(text)
    try:
        read_fleet(folder / "fleet.toml")
    except FleetError as error:
        return error
    return None


def test_a_fleet_says_what_to_measure_on_whom(folder: Path) -> None:
    (folder / "fleet.toml").write_text(WHOLE)
    entries = read_fleet(folder / "fleet.toml")
    assert [entry.target for entry in entries] == [
        "android:HT4ABC", "android:192.168.1.7:5555", "android:192.168.1.8:5555", "testlab:shiba-34",
        "testlab:oriole-33",
    ]  # fmt: skip
    assert [path.name for path in entries[0].files] == ["a.onnx", "b.onnx"]
    assert (entries[0].accelerator, entries[0].threads, entries[0].size) == ("nnapi", 4, None)
    assert [path.name for path in entries[1].files] == ["a.tflite"]
    assert entries[2].dialogue.binary == folder / "benchmark_model"
    assert (entries[3].dialogue.app, entries[3].dialogue.project) == (folder / "demo.apk", "our-project")


@pytest.mark.parametrize(
    ("right", "typo", "line", "words"),
    [
        ("accelerator =", "acelerator =", 8, "did you mean 'accelerator'"),
        ("threads = 4", "thread = 4", 4, "did you mean 'threads'"),
        ("threads = 4", "threads = 0", 4, "1 or more"),
        ("threads = 4", "threads = true", 4, "a whole number"),
        ("size = 256", 'size = "256"', 14, "a whole number"),
        ('"phone/a.tflite"', '"phone/c.tflite"', 13, "no file phone/c.tflite"),
        ('["phone/*.onnx"]', '["phone/*.onxx"]', 3, "no file phone/*.onxx"),
        ('["phone/a.tflite"]', "[1]", 13, "a list of texts"),
        ('target = "android:HT4ABC"', 'targte = "android:HT4ABC"', 7, "did you mean 'target'"),
        ('target = "android:HT4ABC"', "", 6, "a device needs a target"),
        ('"android:HT4ABC"', '"andriod:HT4ABC"', 7, "no target 'andriod:HT4ABC'"),
        ('"android:HT4ABC"', '"android:-s"', 7, "is no address"),
        ('"testlab:oriole-33"', '"testlab:oriole"', 19, "testlab:MODEL-VERSION"),
        ('"demo.apk"', '"deom.apk"', 18, "debug build"),
        ('"benchmark_model"', '"benchmark"', 11, "no program at"),
        ('files = ["phone/*.onnx"]', 'files = ["phone/*.onnx"', 4, "is no TOML"),
        ("size = 256", "size = 100", 14, "multiples of 8"),
        ("[[device]]", "[[devices]]", 6, "did you mean 'device'"),
    ],
)
def test_a_typo_is_named_with_its_line(folder: Path, right: str, typo: str, line: int, words: str) -> None:
    error = read(folder, WHOLE.replace(right, typo))
    assert error is not None
    assert words in str(error)
    assert "\n" not in str(error)
    assert f"line {line}" in str(error)


@pytest.mark.parametrize("text", ["", "threads = 4", "device = 3", "[device]\ntarget = 'android'"])
def test_a_file_without_devices_says_how_to_name_one(folder: Path, text: str) -> None:
    assert 'write [[device]], and target = "android"' in str(read(folder, text))


def test_what_is_no_fleet_file_is_refused(folder: Path) -> None:
    with pytest.raises(FleetError, match="can be read"):
        read_fleet(folder / "none.toml")
    (folder / "fleet.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(FleetError, match="is no TOML"):
        read_fleet(folder / "fleet.toml")
    assert "more than 1 MB" in str(read(folder, "#" * 1_100_000))
    assert "is no TOML" in str(read(folder, "a = " + "[" * 100_000))
