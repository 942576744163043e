"""`edgestyle distill --photographic`: a pack that takes references, and mistakes in one line."""

import json
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from edgestyle.cli.main import app, main
from edgestyle.packs.loading import load_pack
from edgestyle.teachers.grades import GRADES
from edgestyle.training import fitting
from tests.conftest import make_photo
from tests.teachers.pcakd_archive import copying_arrays, write_archive

WEIGHTS = "pcakd_VGG.npz"


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_archive(tmp_path_factory.mktemp("pcakd"), copying_arrays())


def arguments_for(photos: Path, folder: Path) -> list[str]:
    return ["distill", "mood", str(photos), "-o", str(folder / "pack"), "--run", str(folder / "run")]


def test_the_command_makes_a_pack_of_looks(
    photo_folder: Path, weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr(fitting, "fit_looks", partial(fitting.fit_looks, steps=1))  # as many would take minutes
    monkeypatch.setattr(fitting, "fitting_photos", partial(fitting.fitting_photos, count=2))
    notes = tmp_path / "notes.json"
    notes.write_text(json.dumps({"noir": {"title": "Film noir", "default_strength": 0.9}}))
    options = ["--photographic", weights, "--pairs", 2, "--steps", 3, "--batch-size", 2, "--notes", notes]
    arguments = list(map(str, [*arguments_for(photo_folder, tmp_path), *options]))
    app(arguments, standalone_mode=False)
    assert "pairs, 2 MB" in capsys.readouterr().err.replace("\n", "")
    pack = load_pack(tmp_path / "pack")
    assert list(pack.styles) == list(GRADES)
    assert pack.styles["noir"].title == "Film noir"
    assert pack.styles["golden-hour"].credit == "fitted to edgestyle's grade"
    assert pack.encodes
    assert pack.working_size is None
    command = pack.training["command"]
    assert "--photographic PCAKD --pairs 2 --steps 3" in command
    assert str(tmp_path) not in json.dumps(pack.training)
    assert "--notes notes.json" in command
    assert {"sheet-3.png", "curve.png"} <= {path.name for path in (tmp_path / "run").iterdir()}
    photo = make_photo(40, 48)
    assert np.array_equal(pack.stylize(photo, "noir", 0.0), photo)
    assert pack.stylize(photo, pack.encode(photo), 1.0).shape == photo.shape


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--photographic", WEIGHTS, "--teacher", "oil"], "leave --teacher out"),
        (["--photographic", WEIGHTS, "--painting", "dusk=a.png"], "leave --painting out"),
        (["--photographic", WEIGHTS, "--qat", "w8a8"], "leave --qat out"),
        (["--photographic", WEIGHTS, "--from", "atelier"], "leave --from out"),
        (["--photographic", WEIGHTS, "--working-size", "512"], "leave --working-size out"),
        (["--photographic", WEIGHTS, "--network", "large"], "leave --network out"),
        (["--photographic", WEIGHTS, "--crop-size", "96"], "must be 256"),
        (["--photographic", WEIGHTS, "--pairs", "0"], "1 to 20000 pairs"),
        (["--photographic", WEIGHTS, "--batch-size", "0"], "at least 1"),
        (["--pairs", "10"], "--pairs is for --photographic"),
        (["--photographic", "nowhere.npz"], "no weights of PCA-KD"),
        (["--photographic", "damaged.npz"], "is not PCA-KD's"),
    ],
)
def test_mistakes_are_one_line(
    photo_folder: Path, weights: Path, tmp_path: Path, options: list[str], message: str,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture,
) -> None:  # fmt: skip
    (tmp_path / WEIGHTS).write_bytes(weights.read_bytes())
    (tmp_path / "damaged.npz").write_bytes(b"garbage")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["edgestyle", *arguments_for(photo_folder, tmp_path), *options])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert message in said
    assert said.count("\n") == 1
    assert not (tmp_path / "pack").exists()
    assert not (tmp_path / "run").exists()


def test_the_help_says_what_teaches_looks(capsys: pytest.CaptureFixture) -> None:
    app(["distill", "--help"], standalone_mode=False)
    shown = capsys.readouterr().out
    assert "--photographic" in shown
    assert "pcakd_VGG.npz" in shown
