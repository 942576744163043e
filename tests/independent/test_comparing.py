"""What counts as the same picture, and that a missing tool never passes unnoticed in CI."""

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.independent import arm64
from benchmarks.independent.comparing import compare, is_same, make_cases
from benchmarks.independent.drawing import Case, draw, read_cases, write_cases
from edgestyle.errors import ArtifactError
from edgestyle.exporters.bundle import export_pack
from edgestyle.images import Floats
from edgestyle.packs.pack import Pack
from edgestyle.runtime.runner import open_runner
from tests.independent.conftest import need


@pytest.mark.parametrize(
    ("native_db", "other_db", "between_db", "same"),
    [
        (43.0, 43.9, 40.0, True),
        (43.0, 44.1, 40.0, False),
        (43.0, 41.9, 90.0, False),
        (148.0, 145.0, 144.0, True),
        (79.0, 69.0, 67.0, True),
        (79.0, 59.0, 67.0, False),
        (79.0, 69.0, 59.0, False),
        (0.0, 0.0, 0.0, False),
    ],
)
def test_within_1_db_or_too_close_to_see(native_db: float, other_db: float, between_db: float, same: bool) -> None:
    assert is_same(native_db, other_db, between_db) is same


def case(strength: float) -> Case:
    return Case(
        f"photo at {strength:g}", np.full((1, 3, 8, 8), 0.5, np.float32), np.zeros((1, 4), np.float32), strength
    )


def test_disagreements_are_named_and_identity_is_measured() -> None:
    cases = [case(0.0), case(1.0)]
    network: list[Floats] = [cases[0].image, cases[1].image + np.float32(0.2)]
    native: list[Floats] = [network[0], network[1] + np.float32(0.01)]
    other: list[Floats] = [network[0] + np.float32(0.125), network[1] + np.float32(0.02)]
    found = compare(cases, network, native, other)
    assert found.pictures == 1
    assert found.identity_difference == 0.125
    assert found.largest_difference_db == pytest.approx(-6.0, abs=0.1)
    assert found.disagreements == ("photo at 1: 40.0 dB here, 34.0 dB there, 40.0 dB apart",)
    assert compare(cases, network, native, native).disagreements == ()


def test_pictures_that_are_not_finite_or_of_another_shape_disagree() -> None:
    cases = [case(0.0), case(1.0)]
    good: list[Floats] = [one.image for one in cases]
    broken: list[Floats] = [np.full_like(one.image, np.nan) for one in cases]
    small: list[Floats] = [one.image[..., :4] for one in cases]
    for bad in (broken, small):
        found = compare(cases, good, good, bad)
        assert len(found.disagreements) == 1
        assert found.identity_difference == float("inf")
        assert len(compare(cases, good, bad, good).disagreements) == 1
        assert len(compare(cases, good, bad, bad).disagreements) == 1


def test_cases_survive_being_written(tiny_pack: Pack, tmp_path: Path) -> None:
    cases = make_cases(tiny_pack, ["china"], ["second"], 32)
    write_cases(cases, tmp_path / "cases.npz")
    assert [one.name for one in cases] == [
        "china as second at 0", "china as second at 0.5", "china as second at 1", "noise as second at 0",
    ]  # fmt: skip
    for before, after in zip(cases, read_cases(tmp_path / "cases.npz"), strict=True):
        assert (after.name, after.strength) == (before.name, before.strength)
        assert np.array_equal(after.image, before.image)
        assert np.array_equal(after.style, before.style)


def test_a_missing_tool_fails_in_ci_and_skips_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    need(True, "get it")
    with pytest.raises(pytest.fail.Exception, match="get it"):
        need(False, "get it")
    monkeypatch.delenv("CI")
    with pytest.raises(pytest.skip.Exception, match="get it"):
        need(False, "get it")


def test_pictures_of_another_processor_are_refused(
    monkeypatch: pytest.MonkeyPatch, tiny_pack: Pack, tmp_path: Path
) -> None:
    cases = make_cases(tiny_pack, ["china"], ["first"], 32)
    paths = ":".join([str(arm64.ROOT), *(path for path in sys.path if path)])
    monkeypatch.setattr(arm64, "_python", lambda processor: [sys.executable])
    monkeypatch.setattr(arm64, "_environment", lambda: {"PYTHONPATH": paths})
    monkeypatch.setattr(arm64, "_ARM64", platform.machine())
    (file,) = export_pack(tiny_pack, tmp_path, ["onnx"], ["float32"], [32])
    drawn = arm64.draw_on_arm64("cortex-a72", [file.path], cases)
    here = draw(open_runner(file.path, threads=1), cases)
    assert all(np.array_equal(*pair) for pair in zip(drawn[file.path.name], here, strict=True))
    monkeypatch.setattr(arm64, "_ARM64", "another")
    with pytest.raises(ArtifactError, match="not on another"):
        arm64.draw_on_arm64("cortex-a72", [file.path], cases)


def test_the_set_up_says_what_it_needs_and_leaves_nothing(tmp_path: Path) -> None:
    script = tmp_path / "benchmarks" / "independent" / "setup_arm64.sh"
    script.parent.mkdir(parents=True)
    shutil.copy(arm64.ROOT / "benchmarks" / "independent" / "setup_arm64.sh", script)
    (tmp_path / "constraints.txt").touch()
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("bash", "cat", "dirname", "realpath", "sha256sum"):
        (tools / name).symlink_to(str(shutil.which(name)))
    command = [str(tools / "bash"), str(script), sys.executable]
    done = subprocess.run(command, env={"PATH": str(tools)}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "ARM64 emulation: needs Debian's apt-get, which is not here\n")
    assert not list(tmp_path.glob(".arm64*"))


def test_a_set_up_that_fails_leaves_the_board_that_was_there(tmp_path: Path) -> None:
    script = tmp_path / "benchmarks" / "independent" / "setup_arm64.sh"
    script.parent.mkdir(parents=True)
    shutil.copy(arm64.ROOT / "benchmarks" / "independent" / "setup_arm64.sh", script)
    (tmp_path / "constraints.txt").touch()
    (tmp_path / "tools").mkdir()
    for name in ("apt-get", "dpkg-deb"):
        (tmp_path / "tools" / name).symlink_to(str(shutil.which("false")))
    (tmp_path / ".arm64").mkdir()
    (tmp_path / ".arm64" / "ready").write_text("of older versions")
    tools = {"PATH": f"{tmp_path / 'tools'}:{os.environ['PATH']}"}
    assert subprocess.run([script, sys.executable], env=tools, capture_output=True, check=False).returncode != 0
    assert [path.name for path in tmp_path.glob(".arm64*")] == [".arm64"]
    assert (tmp_path / ".arm64" / "ready").is_file()


def test_an_emulator_half_set_up_or_of_other_versions_is_not_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arm64, "HOME", tmp_path)
    (tmp_path / "qemu-aarch64-static").touch()
    assert not arm64.is_ready()
    stamp = "cat benchmarks/independent/setup_arm64.sh constraints.txt | sha256sum"
    made = subprocess.run(["bash", "-c", stamp], cwd=arm64.ROOT, capture_output=True, check=True).stdout
    (tmp_path / "ready").write_bytes(made)
    assert arm64.is_ready()
    (tmp_path / "ready").write_bytes(made.replace(made[:1], b"x"))
    assert not arm64.is_ready()
    (tmp_path / "ready").write_text("")
    assert not arm64.is_ready()
