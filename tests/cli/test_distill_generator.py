"""`edgestyle distill-generator` as a user meets it: from a teacher's file to a pack that draws."""

import json
from pathlib import Path

import pytest
import torch

from edgestyle.models.generator_files import save_generator
from edgestyle.models.stylegan import Generator, GeneratorConfig
from edgestyle.packs.avatars import load_avatars
from edgestyle.training.adversarial import set_mean_style
from tests.cli.test_commands import run


@pytest.fixture
def teacher(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    generator = Generator(GeneratorConfig(32, 8, 8, 2, 8, 0.1, (), (8, 8, 8, 4)))
    set_mean_style(generator, 0)
    save_generator(generator, tmp_path / "teacher.safetensors", {"step": 1})
    return tmp_path / "teacher.safetensors"


def test_a_pack_is_made_that_draws_named_faces_and_finds_them_again(teacher: Path, tmp_path: Path) -> None:
    names = tmp_path / "names.json"
    names.write_text(json.dumps({"juniper": 7, "rowan": "9"}))
    options = ("--run", tmp_path / "run", "--batch-size", 2, "--licence", "CC0-1.0", "--credit", "drawn by chance")
    run("distill-generator", teacher, "-o", tmp_path / "tiny", *options, "--steps", 4, "--avatars", names)
    pack = load_avatars(tmp_path / "tiny")
    assert list(pack.styles) == ["juniper", "rowan"]
    assert (pack.size, pack.licence, pack.styles["rowan"].credit) == (32, "CC0-1.0", "drawn by chance")
    assert pack.training["steps"] == 4
    assert pack.training["teacher"] == {"step": 1}
    assert pack.draw("juniper").shape == (32, 32, 3)
    assert pack.invert(pack.draw("juniper")).shape == (8,)
    assert (tmp_path / "run" / "sheet-4.png").is_file()
    again = run("distill-generator", teacher, "-o", tmp_path / "tiny", *options, "--steps", 5, check=False)
    assert again.returncode == 2
    assert "another steps" in again.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [("{}", "no names"), ('{"a": -1}', "whole number"), ("[1]", "no names"), ("nonsense", "names.json")],
)
def test_names_without_seeds_are_refused_before_any_work(teacher: Path, tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "names.json").write_text(text)
    done = run("distill-generator", teacher, "-o", tmp_path / "x", "--avatars", tmp_path / "names.json", check=False)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
