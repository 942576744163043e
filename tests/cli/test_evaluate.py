"""`edgestyle evaluate` as a user meets it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from edgestyle.images import Picture, write_picture
from edgestyle.packs.pack import Pack
from tests.cli.test_commands import run
from tests.conftest import make_photo


def test_a_pack_of_ones_own_is_measured(tiny_pack: Pack, tmp_path: Path) -> None:
    write_picture(Picture(make_photo(90, 120)), tmp_path / "photos" / "a & b.png")
    write_picture(Picture(make_photo(90, 120, seed=4)), tmp_path / "painting.png")
    done = run(
        "evaluate", tiny_pack.folder, "--photos", tmp_path / "photos", "--painting",
        f"second={tmp_path / 'painting.png'}", "--style", "second", "-o", tmp_path / "report",
    )  # fmt: skip
    assert [Path(line).name for line in done.stdout.split()] == ["report.md", "evaluation.json", "index.html"]
    (row,) = json.loads((tmp_path / "report" / "evaluation.json").read_text())["styles"]
    assert row["style"] == "second"
    assert row["style_distance"] > 0
    assert row["psnr_db"] is None
    assert "a &amp; b.png" in (tmp_path / "report" / "index.html").read_text()


BAD: dict[str, list[object]] = {
    "no photos": ["atelier", "--photos", "EMPTY"],
    "no folder": ["atelier", "--photos", "EMPTY/none"],
    "broken photo": ["atelier", "--photos", "BROKEN"],
    "unknown pack": ["nope"],
    "unknown style": ["atelier", "--style", "nope"],
    "painting without a file": ["atelier", "--painting", "oil"],
    "painting of no style": ["atelier", "--painting", "nope=a.png"],
    "missing painting": ["atelier", "--painting", "oil=none.png"],
    "missing features": ["atelier", "--features", "none.safetensors"],
    "output is a file": ["atelier", "-o", "BROKEN/photo.png/out"],
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_input_is_one_line_and_leaves_nothing(kind: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "photo.png").write_text("text")
    places = {"EMPTY": str(tmp_path / "empty"), "BROKEN": str(tmp_path / "broken")}
    arguments = [str(a) for a in BAD[kind]]
    for name, place in places.items():
        arguments = [argument.replace(name, place) for argument in arguments]
    done = run("evaluate", "-o", tmp_path / "out", *arguments, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("package", ["torch", "jinja2", "torchmetrics"])
def test_a_missing_extra_gives_the_line_to_type(package: str, tmp_path: Path) -> None:
    (tmp_path / f"{package}.py").write_text(f"raise ModuleNotFoundError('no {package}', name='{package}')")
    script = "import sys; sys.path.insert(0, sys.argv.pop(1)); from edgestyle.cli.main import main; main()"
    command = [sys.executable, "-c", script, str(tmp_path), "evaluate", "atelier", "-o", str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "pip install 'edgestyle[evaluate]'" in done.stderr
