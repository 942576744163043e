"""`--reference` as a user meets it."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edgestyle.exporters.bundle import export_pack
from edgestyle.images import Picture, read_picture, write_picture
from edgestyle.packs.pack import Pack
from tests.cli.test_commands import run
from tests.conftest import make_photo
from tests.video.clips import make_clip, pixels_of, times_of


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    write_picture(Picture(make_photo(90, 120)), path)
    return path


@pytest.fixture
def mood(tmp_path: Path) -> Path:
    path = tmp_path / "mood.jpg"
    write_picture(Picture(make_photo(40, 70, seed=7)), path)
    return path


def test_a_photo_gets_the_look_of_a_reference(photo: Path, mood: Path, tiny_lumen: Pack, tmp_path: Path) -> None:
    for strength in (0, 0.6, 1):
        target = tmp_path / f"{strength}.png"
        run("stylize", photo, "--reference", mood, "--pack", tiny_lumen.folder, "--strength", strength, "-o", target)
    original, *drawn = (read_picture(tmp_path / f"{name}.png").pixels.astype(int) for name in ("photo", 0, 0.6, 1))
    distances = [np.abs(one - original).mean() for one in drawn]
    assert distances[0] == 0
    assert 0 < distances[1] < distances[2]
    expected = tiny_lumen.stylize(read_picture(photo).pixels, tiny_lumen.encode(read_picture(mood)), 1.0)
    assert np.array_equal(drawn[2], expected)


def test_the_photo_itself_may_be_the_reference(photo: Path, tiny_lumen: Pack, tmp_path: Path) -> None:
    run("stylize", photo, "--reference", photo, "--pack", tiny_lumen.folder, "-o", tmp_path / "out.png")
    assert read_picture(tmp_path / "out.png").pixels.shape == (90, 120, 3)


def test_one_reference_is_for_all_photos_and_alpha_is_kept(mood: Path, tiny_lumen: Pack, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    Image.new("RGBA", (20, 10), (9, 99, 9, 50)).save(tmp_path / "photos" / "a.png")
    Image.new("L", (20, 10)).save(tmp_path / "photos" / "b.jpg")
    out = tmp_path / "out"
    done = run("stylize", tmp_path / "photos", "--reference", mood, "--pack", tiny_lumen.folder, "-o", out)
    assert "2 of 2" in done.stdout
    alpha = read_picture(out / "a.png").alpha
    assert alpha is not None
    assert alpha.max() == 50


def test_a_video_gets_the_look_of_a_reference(mood: Path, tiny_lumen: Pack, tmp_path: Path) -> None:
    clip, target = make_clip(tmp_path / "clip.mp4"), tmp_path / "out.mp4"
    run("video", clip, "--reference", mood, "--pack", tiny_lumen.folder, "--strength", 1, "-o", target)
    assert times_of(target) == times_of(clip)
    assert np.abs(np.array(pixels_of(target), float) - np.array(pixels_of(clip))).mean() > 1


BAD: dict[str, tuple[list[str], str]] = {
    "a style too": (["--reference", "MOOD", "--style", "warm"], "--style and --reference"),
    "a pack without an encoder": (["--reference", "MOOD", "--pack", "atelier"], "'atelier' has no encoder"),
    "missing": (["--reference", "nope.jpg", "--pack", "PACK"], "no such picture"),
    "no picture": (["--reference", "TEXT", "--pack", "PACK"], "not a readable picture"),
    "strength": (["--reference", "MOOD", "--pack", "PACK", "--strength", "2"], "strength must be"),
}


@pytest.mark.parametrize("command", ["stylize", "video"])
@pytest.mark.parametrize("kind", BAD)
def test_bad_references_are_one_clear_line_and_exit_code_2(
    kind: str, command: str, photo: Path, mood: Path, tiny_lumen: Pack, tmp_path: Path
) -> None:
    (tmp_path / "text.jpg").write_text("text")
    places = {"MOOD": mood, "PACK": tiny_lumen.folder, "TEXT": tmp_path / "text.jpg"}
    arguments, message = BAD[kind]
    given = [str(places.get(argument, argument)) for argument in arguments]
    source = photo if command == "stylize" else make_clip(tmp_path / "clip.mp4")
    done = run(command, source, *given, "-o", tmp_path / "new" / "out.mp4", check=False)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert done.stderr.startswith("error: ")
    assert message in done.stderr
    assert not (tmp_path / "new").exists()


def test_the_reference_is_never_overwritten(photo: Path, mood: Path, tiny_lumen: Pack) -> None:
    before = mood.read_bytes()
    done = run("stylize", photo, "--reference", mood, "--pack", tiny_lumen.folder, "-o", mood, check=False)
    assert done.returncode == 2
    assert "is the reference" in done.stderr
    assert mood.read_bytes() == before


def test_packs_say_which_take_a_reference(tiny_lumen: Pack) -> None:
    listed = run("packs", tiny_lumen.folder).stdout.splitlines()
    rows = [line for line in listed if "--reference FILE" in line]
    assert any("lumen" in line and "golden-hour" in line and "looks by name" in line for line in listed)
    assert any("tiny-lumen" in row and "recolours like any picture" in row for row in rows)
    assert not any("atelier" in row for row in rows)


def test_help_tells_of_references() -> None:
    for command in ("stylize", "video"):
        assert "--reference" in run(command, "--help").stdout


def test_check_bench_and_report_know_an_encoders_file(tiny_lumen: Pack, tmp_path: Path) -> None:
    export_pack(tiny_lumen, tmp_path / "out", ["onnx"], ["float32"], [64])
    encoder = tmp_path / "out" / "tiny-lumen-encoder-float32.onnx"
    checked = run("check", tmp_path / "out", "--pack", tiny_lumen.folder).stdout
    assert "tiny-lumen-encoder-float32.onnx" in checked
    assert "tiny-lumen-renderer-float32.onnx" in checked
    timed = run("bench", encoder, "--seconds", 0.1, "-o", tmp_path / "rows.jsonl").stdout
    assert "256x256" in timed
    reported = run("report", tmp_path / "out", "-o", tmp_path / "report", "--pack", tiny_lumen.folder, "--rounds", 0)
    assert f"left out: {encoder.name}, an encoder" in reported.stderr
