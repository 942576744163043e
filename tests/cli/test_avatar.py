"""`edgestyle avatar` as a user meets it; in this process, because a tiny network draws faster than Python starts."""

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edgestyle.cli.main import main
from edgestyle.images import Picture, Pixels, read_picture, write_picture
from edgestyle.packs.avatars import AvatarPack
from tests.conftest import make_photo
from tests.packs.test_pack import edit


class Command:
    """Runs `edgestyle` in a folder of its own.

    Attributes:
        out, err: what the last call printed.
    """

    def __init__(self, pack: AvatarPack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.pack, self.out, self.err = pack, "", ""
        self._monkeypatch, self._capsys = monkeypatch, capsys

    def run(self, *arguments: object) -> int:
        """The exit code."""
        self._monkeypatch.setattr(sys, "argv", ["edgestyle", *map(str, arguments)])
        with pytest.raises(SystemExit) as done:
            main()
        self.out, self.err = self._capsys.readouterr()
        assert isinstance(done.value.code, int)
        return done.value.code

    def draw(self, *arguments: object) -> Pixels:
        """Draw a face of the tiny pack that is written where it says."""
        assert self.run("avatar", "--pack", self.pack.folder, *arguments) == 0, self.err
        return read_picture(self.out.splitlines()[0]).pixels


@pytest.fixture
def command(
    tiny_faces: AvatarPack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    monkeypatch.chdir(tmp_path)
    return Command(tiny_faces, monkeypatch, capsys)


def made(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_faces_are_enlarged_alone_and_in_grids(command: Command) -> None:
    side = command.pack.size
    small, large = command.draw("--seed", 7), command.draw("--seed", 7, "--upscale", 2, "-o", "large.png")
    assert large.shape == (2 * side, 2 * side, 3)
    shrunk = large.reshape(side, 2, side, 2, 3).mean((1, 3))
    assert np.corrcoef(shrunk.ravel(), small.ravel())[0, 1] > 0.98  # noise, of which some is lost
    plain = command.draw("--grid", "2x1", "-o", "plain.png")
    assert command.draw("--grid", "2x1", "--upscale", 2, "-o", "grid.png").shape[0] > 1.5 * plain.shape[0]
    assert command.run("avatar", "--pack", command.pack.folder, "--upscale", 3) == 2
    assert "2 or 4" in command.err


def test_a_seed_becomes_a_file_with_its_name(command: Command, tmp_path: Path) -> None:
    assert np.array_equal(command.draw("--seed", 7), command.pack.draw(7))
    assert command.out == "avatar-7.png\n"
    assert command.err == ""
    command.draw("--name", "old-tom")
    command.draw()
    command.draw("--seed", 7, "--mix", "9:0.3", "--mix", "mira:.2")
    command.draw("--seed", 7, "-o", tmp_path / "new" / "me.png")
    (tmp_path / "folder").mkdir()
    command.draw("--seed", 8, "-o", "folder")
    assert made(tmp_path) == [
        "avatar-0.png", "avatar-7-9x0.3-mirax0.2.png", "avatar-7.png", "avatar-old-tom.png", "folder/avatar-8.png",
        "new/me.png",
    ]  # fmt: skip


def test_a_mix_is_so_much_of_each(command: Command) -> None:
    pack = command.pack
    expected = pack.draw(0.7 * pack.style(7) + 0.3 * pack.style("mira"))
    assert np.abs(command.draw("--seed", 7, "--mix", "mira:0.3").astype(int) - expected).max() <= 1


def test_strength_is_the_one_asked_for_or_the_faces_own(command: Command, tmp_path: Path) -> None:
    assert np.array_equal(command.draw("--seed", 7, "--strength", "0.4"), command.pack.draw(7, 0.4))
    shutil.copytree(command.pack.folder, tmp_path / "pack")
    edit(tmp_path / "pack", lambda d: d["styles"]["mira"].update(default_strength=0.3))
    assert np.array_equal(command.draw("--name", "mira", "--pack", "pack"), command.pack.draw("mira", 0.3))


def test_a_grid_counts_seeds_from_the_first(command: Command) -> None:
    sheet = command.draw("--grid", "3x2", "--seed", 40)
    assert command.out == "avatars-40-3x2.png\n"
    assert sheet.shape == (2 * 34 + 2, 3 * 34 + 2, 3)
    for place, (y, x) in enumerate(((2, 2), (2, 36), (2, 70), (36, 2), (36, 36), (36, 70))):
        assert np.array_equal(sheet[y : y + 32, x : x + 32], command.pack.draw(40 + place))
    captioned = command.draw("--grid", "3x2", "--seed", 40, "--captions", "--mix", "mira:0.5")
    assert captioned.shape[0] > sheet.shape[0]
    assert np.abs(captioned[2:34, 2:34].astype(int) - command.draw("--seed", 40, "--mix", "mira:0.5")).max() == 0


def test_a_way_is_a_strip_or_moves(command: Command) -> None:
    strip = command.draw("--seed", 7, "--to", 9, "--steps", 4)
    assert command.out == "avatar-7-to-9.png\n"
    assert strip.shape == (36, 4 * 34 + 2, 3)
    assert np.array_equal(strip[2:34, 2:34], command.pack.draw(7))
    assert np.array_equal(strip[2:34, -34:-2], command.pack.draw(9))
    assert command.draw("--seed", 7, "--to", "mira").shape == (36, 9 * 34 + 2, 3)
    for suffix in ("gif", "webp"):
        command.draw("--seed", 7, "--to", "mira", "--steps", 5, "-o", f"way.{suffix}")
        with Image.open(f"way.{suffix}") as image:
            assert (image.n_frames, image.size) == (8, (32, 32))  # type: ignore[attr-defined]


def test_a_picture_is_drawn_again_edited_and_kept(command: Command, tmp_path: Path) -> None:
    pack, photo = command.pack, make_photo(60, 90)
    write_picture(Picture(photo), tmp_path / "me.png")
    again = command.draw("--invert", "me.png")
    assert command.out == "avatar-me.png\n"
    assert command.err.startswith("note: me.png drawn again is ")
    assert np.array_equal(again, pack.draw(pack.invert(photo), 1.0))
    edited = command.draw("--invert", "me.png", "--mix", "9:0.3", "--strength", 0.9, "--save-style", "me.json")
    assert command.out == "avatar-me-9x0.3.png\nme.json\n"
    assert np.array_equal(command.draw("--style", "me.json", "-o", "kept.png"), edited)
    assert json.loads((tmp_path / "me.json").read_text())["strength"] == 0.9
    stronger = command.draw("--style", "me.json", "--strength", 1, "-o", "stronger.png")
    assert not np.array_equal(stronger, edited)


BAD: dict[str, tuple[list[str], str]] = {
    "a seed that is no number": (["--seed", "seven"], "whole number from 0 to 2^63-1"),
    "an empty seed": (["--seed", ""], "whole number"),
    "a seed below 0": (["--seed", "-1"], "whole number"),
    "a seed too large": (["--seed", "9223372036854775808"], "whole number"),
    "an unknown name": (["--name", "nobody"], "mira, old-tom"),
    "a seed for a name": (["--name", "7"], "--seed 7"),
    "a mix without weight": (["--mix", "9"], "such as 9:0.3"),
    "a mix of nobody": (["--mix", "nobody:0.3"], "mira, old-tom"),
    "a mix of too much": (["--mix", "9:0.6", "--mix", "8:0.6"], "sum to 1.2"),
    "a mix of a seed that is none": (["--mix", "-9:0.3"], "neither a seed"),
    "no face at all": (["--grid", "0x0"], "no grid of 1 to 400 faces"),
    "a million faces": (["--grid", "1000x1000"], "no grid of 1 to 400 faces"),
    "half a grid": (["--grid", "6"], "such as 6x4"),
    "a grid of a name": (["--grid", "2x2", "--name", "mira"], "counts seeds"),
    "a grid beyond the last seed": (["--grid", "2x1", "--seed", "9223372036854775807"], "whole number"),
    "a grid and a way": (["--grid", "2x2", "--to", "9"], "give one of them"),
    "captions of nothing": (["--captions"], "--grid 6x6"),
    "steps to nowhere": (["--steps", "5"], "--to"),
    "one step": (["--to", "9", "--steps", "1"], "2 to 400"),
    "a way to nobody": (["--to", "nobody"], "mira, old-tom"),
    "strength above 1": (["--strength", "1.5"], "from 0 to 1"),
    "strength below 0": (["--strength", "-0.5"], "from 0 to 1"),
    "strength nan": (["--strength", "nan"], "from 0 to 1"),
    "strength abc": (["--strength", "abc"], "valid number"),
    "two faces": (["--seed", "7", "--name", "mira"], "--seed and --name"),
    "no such picture": (["--invert", "none.png"], "no such picture"),
    "a picture that is none": (["--invert", "text.png"], "is not a readable picture"),
    "a folder for a picture": (["--invert", "."], "no such picture"),
    "a style that is none": (["--style", "text.png"], "is no face that was kept"),
    "no such style": (["--style", "none.json"], "is no face that was kept"),
    "many faces to keep": (["--grid", "2x2", "--save-style", "a.json"], "keeps one face"),
    "over its picture": (["--invert", "me.png", "-o", "me.png"], "cannot be the same file"),
    "over its style": (["-o", "a.png", "--save-style", "a.png"], "cannot be the same file"),
    "no suffix": (["-o", "me"], "such as me.png"),
    "an odd suffix": (["-o", "me.xyz"], "cannot write pictures as '.xyz'"),
    "an unknown pack": (["--pack", "nope"], "unknown pack of avatars 'nope'"),
    "a pack that redraws": (["--pack", "atelier"], "edgestyle stylize"),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_input_is_one_clear_line_and_exit_code_2(kind: str, command: Command, tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("hello")
    write_picture(Picture(make_photo(20, 20)), tmp_path / "me.png")
    before = (tmp_path / "me.png").read_bytes()
    arguments, said = BAD[kind]
    assert command.run("avatar", "--pack", command.pack.folder, *arguments) == 2
    lines = [line for line in command.err.splitlines() if not line.startswith("note: ")]
    assert len(lines) == 1, command.err
    assert lines[0].startswith("error: ")
    assert said in lines[0]
    assert made(tmp_path) == ["me.png", "text.png"]
    assert (tmp_path / "me.png").read_bytes() == before


def test_a_pack_without_inverter_says_so_before_it_looks_for_the_picture(command: Command, tmp_path: Path) -> None:
    shutil.copytree(command.pack.folder, tmp_path / "pack")
    edit(tmp_path / "pack", lambda d: d["components"].pop("inverter"))
    assert command.run("avatar", "--pack", "pack", "--invert", "none.png") == 2
    assert "no inverter" in command.err


def test_packs_lists_both_kinds_and_what_they_do(command: Command) -> None:
    assert command.run("packs", command.pack.folder) == 0
    rows = [line for line in command.out.splitlines() if "tiny-faces" in line]
    assert len(rows) == 4
    assert all("draws avatars" in row for row in rows)
    assert [any(f" {word} " in row for row in rows) for word in ("--name mira", "--seed", "--invert")] == [True] * 3
    assert any("atelier" in line and "redraws pictures" in line for line in command.out.splitlines())


def test_other_commands_say_who_takes_avatars(command: Command, tmp_path: Path) -> None:
    write_picture(Picture(make_photo(20, 20)), tmp_path / "me.png")
    assert command.run("stylize", "me.png", "-o", "out.png", "--pack", command.pack.folder) == 2
    assert "edgestyle avatar --pack" in command.err


def test_help_teaches(command: Command) -> None:
    assert command.run("avatar", "--help") == 0
    for example in ("--seed 7 --mix 9:0.3", "--grid 6x6", "--to 9", "--invert me.png", "--style me.json"):
        assert example in command.out
