"""`edgestyle data` and `edgestyle train-generator` as a user meets them."""

import json
from pathlib import Path

import pytest

from edgestyle.images import Picture, write_picture
from edgestyle.models.generator_files import load_generator
from tests.cli.test_commands import run
from tests.conftest import make_photo


@pytest.fixture
def faces(tmp_path: Path) -> Path:
    folder = tmp_path / "faces"
    for number in range(12):
        write_picture(Picture(make_photo(32, 32, number)), folder / f"{number:02}.png")
    lines = [{"file": f"{number:02}.png", "attributes": {"hair": f"h{number % 3}"}} for number in range(12)]
    (folder / "CREDITS.md").write_text(
        '* Design: "Lorelei" by Lisa W., https://a.example (https://b.example)\n'
        "* Licence of the design, and so of these pictures: CC BY 4.0, https://c.example\n"
    )
    (folder / "attributes.jsonl").write_text("\n".join(map(json.dumps, lines)))
    return folder


def test_a_generator_is_trained_measured_kept_and_gone_on_with(faces: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    options = ("--run", folder, "--size", 32, "--warm-steps", 2, "--batch-size", 2, "--measured", 4, "--width", 0.5)
    first = run("train-generator", faces, *options, "--steps", 3)
    assert "8 pictures to learn from, 4 held back" in first.stdout
    assert "precision" in first.stderr
    generator, notes = load_generator(folder / "best.safetensors")
    assert (generator.config.size, generator.config.widths[:2]) == (32, (64, 64))
    assert (notes["licence"], notes["credit"]) == ("CC-BY-4.0", 'design "Lorelei" by Lisa W.')
    assert notes["step"] == 3
    run("train-generator", faces, *options, "--steps", 4)
    steps = [json.loads(line)["step"] for line in (folder / "measures.jsonl").read_text().splitlines()]
    assert steps == [3, 4]
    assert (folder / "sheet-4.png").is_file()
    wider = run("train-generator", faces, "--from", folder, "--width", 2, "--run", tmp_path / "b", check=False)
    assert wider.returncode == 2
    assert "leave out --width 2" in wider.stderr
    again = run("train-generator", faces, *options, "--steps", 4, "--seed", 1, check=False)
    assert again.returncode == 2
    assert "another seed" in again.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("train-generator", "nowhere"), "no such folder of pictures: nowhere; give one"),
        (("train-generator", "no where"), "edgestyle data avatars 'no where'"),
        (
            ("data", "avatars", "faces", "--packages", "nowhere"),
            "make it: npm install --prefix nowhere @dicebear/core@",
        ),
        (("distill-generator", "nowhere.safetensors"), "`edgestyle train-generator` writes"),
        (("train-generator", ".", "--size", "48"), "error: "),
        (("data", "avatars", "faces", "--style", "photo"), "known: lorelei"),
        (("data", "avatars", "faces", "--count", "0"), "count"),
    ],
)
def test_what_is_wrong_is_one_line(arguments: tuple[str, ...], said: str) -> None:
    done = run(*arguments, check=False)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
