"""`edgestyle video` as a user meets it."""

import signal
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests.cli.test_commands import run
from tests.video.clips import COUNT, Sound, damage, make_clip, pixels_of, sounds_of, times_of


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return make_clip(tmp_path / "clip.mp4", sounds=[Sound()])


def test_a_video_is_stylized_with_progress_on_stderr_and_its_name_on_stdout(clip: Path, tmp_path: Path) -> None:
    target = tmp_path / "new" / "out.mp4"
    done = run("video", clip, "-o", target, "--style", "cartoon:0.6,oil:0.4", "--strength", "0.9")
    assert done.stdout == f"{target}\n"
    assert "frames/s" in done.stderr
    assert "100%" in done.stderr
    assert times_of(target) == times_of(clip)
    assert sounds_of(target) == sounds_of(clip)


def test_strength_0_gives_the_frames_back_and_1_does_not(clip: Path, tmp_path: Path) -> None:
    differences = []
    for strength in (0, 1):
        run("video", clip, "-o", tmp_path / f"{strength}.mp4", "--strength", strength, "--working-size", "32")
        drawn = pixels_of(tmp_path / f"{strength}.mp4")
        differences.append(np.abs(np.array(drawn, float) - np.array(pixels_of(clip))).mean())
    assert differences[0] < 2
    assert differences[1] > 5


def test_a_stretch_is_cut_out(clip: Path, tmp_path: Path) -> None:
    run("video", clip, "-o", tmp_path / "out.mp4", "--from", "0:00.3", "--to", "0.5")
    assert times_of(tmp_path / "out.mp4") == [0, Fraction(1, 10)]


def test_a_broken_frame_is_noted_on_stderr(tmp_path: Path) -> None:
    clip = damage(make_clip(tmp_path / "[b]clip.mkv", codec="mjpeg", pix_fmt="yuvj420p"), 5)
    done = run("video", clip, "-o", tmp_path / "out.mp4")
    assert "note: the frame at 0:00.50 is broken and left out" in done.stderr
    assert len(times_of(tmp_path / "out.mp4")) == COUNT - 1


BAD: dict[str, list[str]] = {
    "missing": ["nope.mp4", "-o", "OUT/o.mp4"],
    "no video": ["TEXT", "-o", "OUT/o.mp4"],
    "empty": ["EMPTY", "-o", "OUT/o.mp4"],
    "onto itself": ["CLIP", "-o", "CLIP"],
    "odd suffix": ["CLIP", "-o", "OUT/o.xyz"],
    "unwritable output": ["CLIP", "-o", "CLIP/under/o.mp4"],
    "strength": ["CLIP", "-o", "OUT/o.mp4", "--strength", "2"],
    "style": ["CLIP", "-o", "OUT/o.mp4", "--style", "cartoon:x"],
    "working size": ["CLIP", "-o", "OUT/o.mp4", "--working-size", "tiny"],
    "time": ["CLIP", "-o", "OUT/o.mp4", "--from", "soon"],
    "nothing between": ["CLIP", "-o", "OUT/o.mp4", "--from", "2", "--to", "1"],
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_input_is_one_clear_line_and_exit_code_2(kind: str, clip: Path, tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("hello " * 99)
    (tmp_path / "empty.mp4").write_bytes(b"")
    before = clip.read_bytes()
    places = {"CLIP": clip, "TEXT": tmp_path / "text.mp4", "EMPTY": tmp_path / "empty.mp4", "OUT": tmp_path / "out"}
    arguments = BAD[kind]
    for name, place in places.items():
        arguments = [argument.replace(name, str(place)) for argument in arguments]
    done = run("video", *arguments, check=False)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert done.stderr.startswith("error: ")
    assert clip.read_bytes() == before
    assert not (tmp_path / "out").exists()


def test_ctrl_c_leaves_nothing_behind(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", [Fraction(i, 50) for i in range(1500)], size=(240, 320), sounds=[Sound()])
    command = [sys.executable, "-m", "edgestyle", "video", str(clip), "-o", str(tmp_path / "out.mp4")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not any(part.stat().st_size for part in tmp_path.glob(".part-*")):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    time.sleep(1)  # well into the pictures: there are many
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors.strip().endswith("interrupted")
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of files")
def test_a_full_disk_is_one_clear_line_and_leaves_nothing_behind(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", [Fraction(i, 50) for i in range(200)], size=(240, 320))
    script = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))\n"
        "from edgestyle.cli.main import main; main()"
    )
    command = [sys.executable, "-c", script, "video", str(clip), "-o", str(tmp_path / "out.mp4")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stderr
    assert done.stderr.splitlines()[-1].startswith("error: cannot write")
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]


def test_without_pyav_the_line_to_type_is_shown(clip: Path, tmp_path: Path) -> None:
    (tmp_path / "av.py").write_text("raise ModuleNotFoundError('no av', name='av')")
    script = "import sys; sys.path.insert(0, sys.argv.pop(1)); from edgestyle.cli.main import main; main()"
    command = [sys.executable, "-c", script, str(tmp_path), "video", str(clip), "-o", str(tmp_path / "out.mp4")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.strip().endswith("pip install 'edgestyle[video]'")
