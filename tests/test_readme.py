"""What the README says is true: its tables come from results, its snippets run."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from benchmarks import tables

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_tables_are_the_measured_results() -> None:
    subprocess.run([sys.executable, "-m", "benchmarks.tables", "--check"], check=True, cwd=ROOT)


def test_packs_are_not_averaged_with_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        {
            "pack": pack, "style": f"{pack}-{style}", "format": "onnx", "without_psnr_db": {"1": 40.0},
            "with_psnr_db": {"1": db},
        }
        for pack, db in (("first", 41.0), ("second", 45.0))
        for style in ("a", "b")
    ]  # fmt: skip
    monkeypatch.setattr(tables, "read_rows", lambda name: rows)
    lines = [line.strip("| ").split(" | ") for line in tables.qat().splitlines()[2:]]
    assert [name for name, _ in lines] == [
        "first-a", "first-b", "all of `first`", "second-a", "second-b", "all of `second`",
    ]  # fmt: skip
    assert [cell for name, cell in lines if "all of" in name] == ["40.0 dB, 41.0 dB (+1.0)", "40.0 dB, 45.0 dB (+5.0)"]


def test_linked_files_exist() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as the README's reader has it: a photo, a reference, and an export."""
    folder = tmp_path_factory.mktemp("desk")
    shutil.copy(ROOT / "examples" / "astronaut.jpg", folder / "photo.jpg")
    shutil.copy(ROOT / "examples" / "chelsea.jpg", folder / "mood.jpg")
    export = ["export", "atelier", "-o", "phone", "--format", "onnx", "--recipe", "float16", "--size", "64"]
    subprocess.run([sys.executable, "-m", "edgestyle", *export], check=True, cwd=folder, capture_output=True)
    return folder


@pytest.mark.parametrize("snippet", [s for s in SNIPPETS if "open(" in s])
def test_snippets_run(snippet: str, desk: Path) -> None:
    subprocess.run([sys.executable, "-c", snippet], check=True, cwd=desk, capture_output=True)


def test_the_example_teacher_works() -> None:
    scope: dict[str, object] = {}
    exec(next(s for s in SNIPPETS if "def noir" in s), scope)
    noir = scope["noir"]
    assert callable(noir)
    image = torch.rand(1, 3, 32, 32)
    assert torch.equal(noir(image, 0.0), image)
    grey = noir(image, 1.0)
    assert torch.allclose(grey[:, 0], grey[:, 1], atol=1e-5)
