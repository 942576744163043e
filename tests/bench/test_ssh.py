"""Measuring over a real connection: sshd on loopback stands in for a board."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from edgestyle.bench.jobs import Job, make_job
from edgestyle.bench.measuring import Plan
from edgestyle.bench.results import Result
from edgestyle.bench.targets import Dialogue, device_side, never, ssh
from edgestyle.bench.targets.connection import Address, parse_address
from edgestyle.bench.targets.copying import PARTS, pack_for_device
from edgestyle.bench.targets.ssh import SshTarget
from edgestyle.errors import TargetError
from edgestyle.exporters.bundle import export_pack
from edgestyle.packs.pack import Pack
from tests.bench.sshd import SSHD, Board, free_port, make_key, python_with, start_board
from tests.independent.conftest import need

QUICK = Plan(min_runs=3, min_seconds=0.01, max_warmup_seconds=0.05)
LONG = Plan(min_runs=3, min_seconds=60, max_warmup_seconds=0.05)


@pytest.fixture(scope="module")
def folder(tiny_pack: Pack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ssh")
    export_pack(tiny_pack, folder, ["onnx", "tflite", "coreml"], ["float32"], [32])
    return folder


@pytest.fixture
def board(tmp_path: Path) -> Iterator[Board]:
    need(SSHD is not None, "sshd is not installed: apt-get install openssh-server")
    board = start_board(tmp_path / "board")
    yield board
    board.stop()


def job(folder: Path, suffix: str = "onnx", accelerator: str | None = None) -> Job:
    return make_job(folder / f"tiny-renderer-float32.{suffix}", 32, 1, accelerator)


def target_of(board: Board, ask: Callable[[str], bool] = never, python: str = "python3") -> SshTarget:
    return SshTarget(board.address, Dialogue(ask, ssh_config=board.config), python)


def measure(board: Board, jobs: list[Job], plan: Plan = QUICK, **more: Any) -> list[Result]:
    return list(target_of(board, **more).measure(jobs, plan))


def refusal(board: Board, jobs: list[Job], **more: Any) -> str:
    """The one line that a user sees."""
    with pytest.raises(TargetError) as caught:
        measure(board, jobs, **more)
    assert "\n" not in str(caught.value)
    assert board.leftovers == []
    return str(caught.value)


def test_rows_come_back_from_the_device_and_nothing_stays_there(board: Board, folder: Path) -> None:
    onnx, tflite, coreml = measure(board, [job(folder, name) for name in ("onnx", "tflite", "mlpackage")])
    assert (onnx.status, tflite.status, coreml.status) == ("measured", "measured", "unavailable")
    assert (onnx.runtime or "").startswith("onnxruntime")
    assert (tflite.runtime or "").startswith("litert")
    assert set(onnx.placement or {}) == {"CPUExecutionProvider"}
    assert (onnx.target, onnx.device["kind"]) == (board.address, "ssh")
    assert "torch" not in onnx.device["runtimes"]
    assert onnx.environment_before is not None
    assert board.leftovers == []


def test_files_run_in_turns_in_one_process_there(board: Board, folder: Path) -> None:
    plan = Plan(min_runs=3, min_seconds=0.01, max_warmup_seconds=0.05, interleaved=True, alternations=3, turn_runs=1)
    rows = measure(board, [job(folder), job(folder, "tflite")], plan)
    assert [row.status for row in rows] == ["measured", "measured"]
    assert len({row.group for row in rows}) == 1
    assert [row.position for row in rows] == [0, 1]


def test_all_that_the_worker_loads_is_copied_and_nothing_more(folder: Path) -> None:
    code = f"""
        import sys
        sys.modules |= dict.fromkeys(["PIL", "scipy", "torch", "matplotlib"])
        from pathlib import Path
        import edgestyle.bench.worker, edgestyle.bench.environment
        from edgestyle.runtime.runner import open_runner
        for name in ("cpu", "openvino-cpu"):
            open_runner(Path({str(folder / "tiny-renderer-float32.onnx")!r}), 1, name)
        open_runner(Path({str(folder / "tiny-renderer-float32.tflite")!r}), 1)
        print(*(name for name in sys.modules if name.startswith("edgestyle")))
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True
    ).stdout.split()
    loaded = {name.replace(".", "/").removeprefix("edgestyle").lstrip("/") for name in done}
    packages = {part.removesuffix("/__init__.py").removesuffix("__init__.py") for part in PARTS if "__init__" in part}
    assert loaded == packages | {part.removesuffix(".py") for part in PARTS if "__init__" not in part}
    assert len(pack_for_device([])) < 300_000


def test_a_refused_key_is_one_line_that_says_what_to_do(board: Board, folder: Path) -> None:
    make_key(board.folder / "stranger")
    board.config.write_text(board.config.read_text().replace("user_key", "stranger"))
    assert "ssh-copy-id" in refusal(board, [job(folder)])


def test_a_changed_host_key_is_refused(board: Board, folder: Path) -> None:
    make_key(board.folder / "other")
    known = board.known_hosts.read_text().split()[0]
    board.known_hosts.write_text(f"{known} {(board.folder / 'other.pub').read_text()}")
    message = refusal(board, [job(folder)])
    assert "host key" in message
    assert "somebody may be in between" in message
    assert f"ssh-keygen -R '{known}'" in message


def test_an_unknown_host_key_is_refused_and_not_learned(board: Board, folder: Path) -> None:
    board.known_hosts.write_text("")
    assert "not known yet" in refusal(board, [job(folder)])
    assert board.known_hosts.read_text() == ""


def test_a_device_that_does_not_answer_is_named(board: Board, folder: Path) -> None:
    board.address = f"ssh://127.0.0.1:{free_port()}"
    assert "does not answer" in refusal(board, [job(folder)])


def test_a_device_without_python_is_named(board: Board, folder: Path) -> None:
    message = refusal(board, [job(folder)], python="python3-that-is-not-there")
    assert "install Python 3.11 or later there" in message


def test_a_device_with_an_old_python_says_which(board: Board, folder: Path) -> None:
    old = 'import sys; sys.version_info = (3, 9, 2, "final", 0); exec(sys.argv.pop(1), {"__name__": "__main__"})'
    board.write_tool("python3", f"shift; exec {sys.executable} -c '{old}' \"$@\"")
    assert "has Python 3.9.2" in refusal(board, [job(folder)])


def test_a_device_without_a_runtime_says_which_and_how_to_get_it(board: Board, folder: Path) -> None:
    for link in (board.folder / "site").glob("ai_edge_litert*"):
        link.unlink()
    asked: list[str] = []
    message = refusal(board, [job(folder, "tflite")], ask=lambda question: bool(asked.append(question)))
    assert "lacks ai-edge-litert" in message
    assert "--yes" in message
    assert len(asked) == 1
    assert measure(board, [job(folder)])[0].status == "measured"  # the other runtime is there


def test_a_device_that_cannot_make_an_environment_says_what_is_missing(
    board: Board, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ssh, "_ON_DEVICE", ssh._ON_DEVICE.replace('has("ensurepip")', 'has("no_such_module")'))
    for link in (board.folder / "site").glob("ai_edge_litert*"):
        link.unlink()
    assert "install python3-venv there" in refusal(board, [job(folder, "tflite")], ask=lambda question: True)


@pytest.fixture
def small_disk(board: Board) -> Iterator[Board]:
    """One MiB where edgestyle keeps things."""
    place = board.home / ".cache" / "edgestyle"
    place.mkdir(parents=True)
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", place], check=False, capture_output=True)
    need(done.returncode == 0, "only root can mount a small disk")
    yield board
    subprocess.run(["umount", "-l", place], check=True)


def test_a_full_disk_is_noticed_before_anything_is_copied(small_disk: Board, folder: Path) -> None:
    (small_disk.home / ".cache" / "edgestyle" / "photos").write_bytes(bytes(1_000_000))
    with pytest.raises(TargetError, match=r"the disk of 127.0.0.1 is full: 0.\d MB free"):
        measure(small_disk, [job(folder)])


def test_a_disk_that_fills_up_while_copying_is_named_and_left_clean(
    small_disk: Board, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (small_disk.home / ".cache" / "edgestyle" / "photos").write_bytes(bytes(1_000_000))
    monkeypatch.setattr(ssh, "_check_device", lambda *_: None)
    with pytest.raises(TargetError, match=r"the disk of 127\.0\.0\.1 is full"):
        measure(small_disk, [job(folder)])
    assert small_disk.leftovers == ["photos"]


def test_a_file_that_is_cut_short_on_the_device_is_a_failed_row_and_the_others_go_on(
    board: Board, folder: Path
) -> None:
    target = target_of(board)
    rows = target.measure([job(folder), job(folder, "tflite")], QUICK)
    assert next(rows).status == "measured"
    (copied,) = (board.home / ".cache" / "edgestyle").glob("run-*/*/*.tflite")
    copied.write_bytes(copied.read_bytes()[:1000])
    (cut,) = rows
    assert cut.status == "failed"
    assert "cut short: 1000 of" in (cut.error or "")
    assert board.leftovers == []


def test_a_connection_that_breaks_fails_that_row_alone(board: Board, folder: Path) -> None:
    rows: list[Result] = []
    target = target_of(board)
    running = target.measure([job(folder), job(folder, "tflite"), job(folder)], QUICK)
    rows.append(next(running))
    assert target._connection is not None
    real = target._connection.command

    def command_and_cut(arguments: list[str]) -> list[str]:
        target._connection.command = real  # type: ignore[union-attr, method-assign]
        board.cut_after(0.5)
        return real(["exec", "sleep", "60"])

    target._connection.command = command_and_cut  # type: ignore[method-assign]
    rows += running
    assert [row.status for row in rows] == ["measured", "failed", "measured"]
    assert rows[1].error == "the connection to 127.0.0.1 was lost"
    assert board.leftovers == []


def test_ctrl_c_keeps_finished_rows_and_leaves_nothing_running_there(board: Board, folder: Path) -> None:
    code = f"""
        from pathlib import Path
        from edgestyle.bench.jobs import make_job
        from edgestyle.bench.measuring import Plan
        from edgestyle.bench.targets import Dialogue
        from edgestyle.bench.targets.ssh import SshTarget
        plans = iter([Plan(**{vars(QUICK)!r}), Plan(**{vars(LONG)!r})])
        say = lambda text: print(text, flush=True)
        target = SshTarget({board.address!r}, Dialogue(say=say, ssh_config=Path({str(board.config)!r})))
        files = [Path({str(folder)!r}) / f"tiny-renderer-float32.{{name}}" for name in ("onnx", "tflite")]
        jobs = [make_job(file, 32, 1) for file in files]
        measure_group = target._measure_group
        target._measure_group = lambda group, able, plan: measure_group(group, able, next(plans))
        try:
            for row in target.measure(jobs, Plan()):
                print("row", row.status, flush=True)
        except KeyboardInterrupt:
            print("stopped", flush=True)
    """
    running = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert running.stdout is not None
    said = []
    for line in running.stdout:
        said.append(line.strip())
        if "measuring tiny-renderer-float32.tflite" in line:
            break
    time.sleep(2)
    os.killpg(running.pid, signal.SIGINT)
    said += running.communicate(timeout=60)[0].split("\n")
    assert "row measured" in said
    assert "stopped" in said
    assert board.leftovers == []
    assert not workers_of(board)


def test_a_measuring_process_that_is_killed_leaves_no_connection(board: Board) -> None:
    code = f"""
        import time
        from pathlib import Path
        from edgestyle.bench.targets.connection import Connection, parse_address
        connection = Connection(parse_address({board.address!r}), Path({str(board.config)!r}))
        print("there", flush=True)
        time.sleep(60)
    """
    with subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "there\n"
        assert board.sessions()
        running.kill()
    assert wait_until(lambda: not board.sessions())


def test_a_configuration_that_keeps_connections_open_is_overruled(board: Board, folder: Path) -> None:
    own = "ControlMaster auto\nControlPersist 10m\nRemoteCommand true\n"
    board.config.write_text(own + board.config.read_text())
    assert measure(board, [job(folder)])[0].status == "measured"
    assert wait_until(lambda: not board.sessions())


def test_a_shell_that_greets_is_understood(board: Board, folder: Path) -> None:
    board.write_tool("python3", "echo Hello\n" + python_with(board.folder / "site"))
    assert measure(board, [job(folder)])[0].status == "measured"


def test_an_environment_that_was_left_half_made_is_made_whole(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.write_text("")
    ran: list[list[str]] = []
    monkeypatch.setattr(device_side, "VENV", str(tmp_path))
    monkeypatch.setattr(device_side, "run", ran.append)
    assert device_side.install(["numpy"]) == {"python": str(python)}
    assert ran[0][1:] == ["-m", "venv", str(tmp_path)]
    assert ran[1][-1] == "numpy"


def test_a_package_that_is_half_removed_hides_no_other(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "gone-1.dist-info").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    assert "numpy" in device_side.packages()


def wait_until(happens: Callable[[], bool], seconds: float = 20) -> bool:
    """Whether something happens in time."""
    end = time.monotonic() + seconds
    while not happens() and time.monotonic() < end:
        time.sleep(0.1)
    return happens()


def workers_of(board: Board) -> list[str]:
    """Commands that run with what was copied, after a moment to end."""
    for _ in range(50):
        found = []
        for path in Path("/proc").glob("[0-9]*/environ"):
            try:
                found += [str(path)] if str(board.home).encode() + b"/.cache" in path.read_bytes() else []
            except OSError:
                continue
        if not found:
            return []
        time.sleep(0.1)
    return found


def test_what_a_lost_run_left_is_removed_a_day_later(board: Board, folder: Path) -> None:
    place = board.home / ".cache" / "edgestyle"
    for name, age in (("run-old", 100_000), ("run-new", 10)):
        (place / name).mkdir(parents=True)
        os.utime(place / name, (time.time() - age,) * 2)
    measure(board, [job(folder)])
    assert board.leftovers == ["run-new"]


@pytest.mark.slow
def test_an_environment_is_made_where_that_is_agreed_and_used_again(board: Board, folder: Path) -> None:
    board.write_tool("python3", f'exec {os.path.realpath(sys.executable)} "$@"')
    asked: list[str] = []

    def agree(question: str) -> bool:
        asked.append(question)
        return True

    for _ in range(2):
        (row,) = measure(board, [job(folder)], ask=agree)
        assert row.status == "measured", row.error
        assert set(row.device["runtimes"]) == {"numpy", "onnxruntime"}
    assert len(asked) == 1
    assert board.leftovers == ["venv"]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("ssh://pi", Address("pi")),
        ("ssh://me@pi.local:2222", Address("pi.local", "me", 2222)),
        ("ssh://MyPi/", Address("MyPi")),
        ("ssh://me@[fe80::1%25eth0]", Address("fe80::1%eth0", "me")),
        ("ssh://[fe80::1%eth0]:2222", Address("fe80::1%eth0", None, 2222)),
    ],
)
def test_addresses_are_read(text: str, address: Address) -> None:
    assert parse_address(text) == address


@pytest.mark.parametrize(
    "text",
    ["pi", "ssh://", "ssh://me@", "ssh://pi/folder", "ssh://me:secret@pi", "ssh://pi:port", "ssh://-oProxyCommand=x",
     "ssh://-oX=y@pi", "ssh://pi;reboot", "http://pi", "ssh://[pi", "ssh://pi:0", "ssh://pi:65536", "ssh://$(x)@pi",
     "ssh://[-oX]", "ssh://pi\n"],
)  # fmt: skip
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(TargetError, match="ssh://user@host"):
        parse_address(text)
