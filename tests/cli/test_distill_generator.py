"""`edgestyle distill-generator` as a user meets it: from a teacher's file to a pack that draws."""

import json
import shlex
import shutil
from inspect import signature
from pathlib import Path

import pytest
import torch

from edgestyle.cli.distill_generator import distill_generator
from edgestyle.models.generator_files import save_generator
from edgestyle.models.stylegan import Generator, GeneratorConfig
from edgestyle.packs.avatars import load_avatars
from edgestyle.training.adversarial import set_mean_style
from edgestyle.training.generator_distillation import GeneratorDistillConfig
from edgestyle.training.generator_lessons import GeneratorLessonConfig
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
    assert pack.training["command"] == (
        "edgestyle distill-generator teacher.safetensors --output tiny --steps 4 --batch-size 2 --avatars names.json "
        "--licence CC0-1.0 --credit 'drawn by chance'"
    )
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


def test_a_long_training_fits_in_two_parts_and_says_how_to_repeat_both(
    teacher: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "one.json").write_text('{"juniper": 7}')
    options = (
        "--batch-size",
        2,
        "--steps",
        2,
        "--faces",
        4,
        "--avatars",
        tmp_path / "one.json",
        "--licence",
        "CC0-1.0",
    )
    first = ("--run", tmp_path / "first", "--coarse-share", 0.5, "--adversarial-weight", 0)
    run("distill-generator", teacher, "-o", tmp_path / "draft", *options, *first)
    second = (
        "--from", tmp_path / "first", "--learning-rate", 0.001, "--coarse-share", 0, "--encoder-start", 0,
        "--adversarial-start", 0.25, "--adversarial-weight", 0.1, "--wavelet-weight", 1,
    )  # fmt: skip
    run("distill-generator", teacher, "-o", tmp_path / "tiny", *options, *second, "--run", tmp_path / "second")
    training = load_avatars(tmp_path / "tiny").training
    typed = training["command"].split()
    for option, value in zip(second[::2], second[1::2], strict=True):
        given = typed[typed.index(str(option)) + 1]
        assert given == "first" if option == "--from" else float(given) == float(str(value)), option
    assert training["command"].endswith("--licence CC0-1.0")
    assert "second" not in training["command"]
    assert training["lesson"]["faces"] == 4
    assert training["started_from"]["config"]["lesson"]["coarse_share"] == 0.5
    made = (tmp_path / "tiny" / "generator.safetensors").read_bytes()
    shutil.rmtree(tmp_path / "tiny")
    monkeypatch.chdir(tmp_path)
    run(*shlex.split(training["command"])[1:])
    assert (tmp_path / "tiny" / "generator.safetensors").read_bytes() == made


def test_defaults_that_are_typed_are_those_of_the_lesson() -> None:
    defaults = {name: parameter.default for name, parameter in signature(distill_generator).parameters.items()}
    lesson = GeneratorLessonConfig()
    for name in ("batch_size", "learning_rate", "faces", "coarse_share", "encoder_start", "wavelet_weight"):
        assert defaults[name] == getattr(lesson, name), name
    for name in ("adversarial_start", "adversarial_weight"):
        assert defaults[name] == getattr(lesson, name), name
    assert defaults["steps"] == GeneratorDistillConfig("").steps


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "--licence SPDX"),
        (("--licence", " "), "--licence SPDX"),
        (("--licence", "CC0\n1.0"), "one line"),
        (("--licence", "CC0-1.0", "--credit", "a\x1b[1m"), "one line"),
        (("--licence", "CC0-1.0", "-o", "full"), "something else than a pack"),
        (("--licence", "CC0-1.0", "-o", "file"), "something else than a pack"),
        (("--licence", "CC0-1.0", "-o", "file/pack"), "cannot write"),
        (("--licence", "CC0-1.0", "--coarse-share", "0.9"), "coarse share 0.9 must be below 1 and not above"),
    ],
)
def test_what_would_spoil_the_pack_is_said_before_training(
    teacher: Path, tmp_path: Path, options: tuple[str, ...], said: str
) -> None:
    (tmp_path / "full").mkdir()
    for name in ("full/letter.txt", "file"):
        (tmp_path / name).write_text("dear")
    typed = [str(tmp_path / option) if option.startswith("f") else option for option in options]
    done = run("distill-generator", teacher, *typed, "--run", tmp_path / "run", check=False)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "run").exists()
