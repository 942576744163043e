"""Fleets: all devices at once, one queue a device; stand-in phones through the real adb."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edgestyle.bench.fleet import Event, _read_line, measure_fleet
from edgestyle.bench.measuring import Plan
from edgestyle.bench.results import Result, read_results
from edgestyle.cli.bench_fleet import Board, fleet_tasks
from edgestyle.errors import OutputError
from tests.bench.phone import Phone, adb_alone, start_phone, write_exported
from tests.cli.test_bench import HEEDS_CTRL_C
from tests.cli.test_commands import run

QUICK = ("--size", "32", "--runs", "5", "--seconds", "0", "--repeats", "1")


@pytest.fixture(scope="module")
def adb_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with adb_alone(tmp_path_factory.mktemp("home")):
        yield


@pytest.fixture
def phones(tmp_path: Path, adb_server: None) -> Iterator[list[Phone]]:
    """Three phones; the slowest takes six seconds a file."""
    phones = [start_phone(tmp_path / f"phone-{seconds}", app_seconds=seconds) for seconds in (0.1, 0.2, 6)]
    write_exported(tmp_path / "a.onnx")
    yield phones
    for phone in phones:
        phone.stop()


def write_fleet(folder: Path, *addresses: str) -> Path:
    """A fleet file of devices with one file each."""
    path = folder / "fleet.toml"
    path.write_text('files = ["a.onnx"]\n' + "".join(f'[[device]]\ntarget = "{one}"\n' for one in addresses))
    return path


def running(phones: list[Phone]) -> int:
    """How many phones run the app now."""
    return sum((phone.folder / "running").exists() for phone in phones)


def measured(rows: list[Result]) -> dict[str, list[str]]:
    """Statuses by target."""
    found: dict[str, list[str]] = {}
    for one in rows:
        found.setdefault(one.target, []).append(one.status)
    return found


def test_a_dead_device_holds_up_no_other_and_is_a_failed_row(phones: list[Phone], tmp_path: Path) -> None:
    fleet = write_fleet(tmp_path, "android:127.0.0.1:9", *(phone.address for phone in phones))
    output = tmp_path / "fleet.jsonl"
    done = run("bench", "--targets", fleet, *QUICK, "-o", output, check=False)
    rows = read_results(output)
    assert measured(rows) == {
        "android:127.0.0.1:9": ["failed"], **{phone.address: ["measured"] for phone in phones}
    }, [row.error for row in rows]  # fmt: skip
    assert rows[-1].target == phones[-1].address, "the slowest comes last"
    assert len({row.run_id for row in rows}) == 1
    assert done.returncode == 2
    assert "127.0.0.1:9 is not connected" in done.stderr.splitlines()[-1]
    assert "fleet" in done.stderr
    assert [phone.leftovers for phone in phones] == [[], [], []]


def test_a_device_that_is_named_twice_is_one_queue(phones: list[Phone], tmp_path: Path) -> None:
    fleet = write_fleet(tmp_path, phones[0].address, phones[0].address, phones[1].address)
    output = tmp_path / "fleet.jsonl"
    run("bench", "--targets", fleet, *QUICK, "-o", output)
    assert measured(read_results(output)) == {
        phones[0].address: ["measured", "measured"], phones[1].address: ["measured"]
    }  # fmt: skip


def test_ctrl_c_keeps_the_rows_that_are_finished_and_cleans_up(phones: list[Phone], tmp_path: Path) -> None:
    phones[2].write("app_seconds.txt", "120")
    fleet, output = write_fleet(tmp_path, *(phone.address for phone in phones)), tmp_path / "fleet.jsonl"
    command = [sys.executable, "-c", HEEDS_CTRL_C, "bench", "--targets", str(fleet), *QUICK, "-o", str(output)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    wait_for(lambda: output.exists() and output.read_text().count("\n") == 2 and running(phones) == 1)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does it
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 130, errors
    assert "Traceback" not in errors, errors
    assert sorted(row.target for row in read_results(output)) == sorted(phone.address for phone in phones[:2])
    assert phones[2].leftovers == []
    assert running(phones) == 0


def test_a_full_disk_ends_what_runs_elsewhere(phones: list[Phone], tmp_path: Path) -> None:
    tasks = fleet_tasks(write_fleet(tmp_path, phones[0].address, phones[2].address), [], 32, 1, None)
    phones[2].write("app_seconds.txt", "120")

    def on_event(event: Event) -> None:
        if event.row is not None:
            raise OutputError("the disk is full")

    with pytest.raises(OutputError, match="the disk is full"):
        measure_fleet(tasks, Plan(min_runs=3, min_seconds=0.01), 1, on_event)
    assert [phone.leftovers for phone in phones] == [[], [], []]
    assert running(phones) == 0


def test_a_fleet_that_is_killed_leaves_nothing_on_its_devices(phones: list[Phone], tmp_path: Path) -> None:
    phones[2].write("app_seconds.txt", "120")
    command = [sys.executable, "-m", "edgestyle", "bench", "--targets", str(write_fleet(tmp_path, phones[2].address))]
    process = subprocess.Popen([*command, *QUICK], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(lambda: running(phones) == 1)
    (member,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    process.kill()
    process.wait()
    wait_for(lambda: not is_alive(int(member)))
    assert phones[2].leftovers == []
    assert running(phones) == 0


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that ended and that nobody waits for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_for(happens: Callable[[], bool]) -> None:
    """Until it does, at most three minutes: a machine may have other work."""
    end = time.monotonic() + 180
    while not happens():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_typos_and_missing_files_are_said_before_anything_is_measured(tmp_path: Path) -> None:
    write_exported(tmp_path / "a.onnx")
    fleet = write_fleet(tmp_path, "android")
    fleet.write_text(fleet.read_text() + "thraeds = 2\n")
    done = run("bench", "--targets", fleet, check=False)
    assert (done.returncode, done.stderr) == (
        2,
        f"error: {fleet}, line 4: unknown 'thraeds': did you mean 'threads'?\n",
    )
    fleet.write_text('[[device]]\ntarget = "android"\n')
    assert "name files for android" in run("bench", "--targets", fleet, check=False).stderr
    done = run("bench", tmp_path / "a.onnx", "--targets", fleet, "--in-turns", check=False)
    assert "leave --in-turns out" in done.stderr
    done = run("bench", tmp_path / "a.onnx", "--targets", fleet, "--accelerator", "openvino-cpu", check=False)
    assert f"{fleet}, line 2: .onnx files run on cpu, xnnpack, nnapi there, not on 'openvino-cpu'" in done.stderr
    fleet.write_text('files = ["a.onnx"]\n[[device]]\ntarget = "android"\naccelerator = "gpu"\n')
    done = run("bench", "--targets", fleet, check=False)
    assert done.stderr == f"error: {fleet}, line 4: .onnx files run on cpu, xnnpack, nnapi there, not on 'gpu'\n"


@pytest.mark.parametrize("option", ["--target", "--binary", "--ssh-config"])
def test_what_the_fleet_file_says_is_not_said_again(option: str, tmp_path: Path) -> None:
    value = "android" if option == "--target" else write_exported(tmp_path / "a.onnx")
    done = run("bench", "--targets", write_fleet(tmp_path, "android"), option, value, check=False)
    assert done.returncode == 2
    assert "into the fleet file" in done.stderr


def test_what_a_member_s_libraries_print_is_no_reason_to_stop() -> None:
    assert _read_line(b'{"row": {}}\n') == {"row": {}}
    assert _read_line(b"WARNING: \x1b[2J\xff\n") == {"say": "WARNING: ?[2J\ufffd"}
    assert _read_line(b"[" * 100_000) == {"say": "[" * 300}
    assert _read_line(b"3\n") == {"say": "3"}


def test_what_a_fleet_prints_into_a_file_begins_on_a_line_of_its_own(tmp_path: Path, adb_server: None) -> None:
    write_exported(tmp_path / "a.onnx")
    command = [
        sys.executable,
        "-m",
        "edgestyle",
        "bench",
        "--targets",
        str(write_fleet(tmp_path, "android:127.0.0.1:9")),
    ]
    done = subprocess.run([*command, *QUICK], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    lines = [line.strip() for line in done.stdout.splitlines()]
    assert "fleet" in lines
    assert any(line.startswith("latency on android") for line in lines), done.stdout


def test_the_table_has_a_line_for_each_device(tmp_path: Path) -> None:
    write_exported(tmp_path / "a.onnx")
    many = write_fleet(tmp_path, *(f"android:phone{number}" for number in range(60)))
    board = Board(fleet_tasks(many, [], 32, 1, None), 3)
    table = board.table()
    assert (table.row_count, table.caption) == (40, "and 20 more, not shown")


@pytest.mark.slow
def test_twenty_phones_are_measured_all_at_once(tmp_path: Path, adb_server: None) -> None:
    slowest = 25.0
    phones = [start_phone(tmp_path / f"phone-{index}", app_seconds=slowest - index / 4) for index in range(20)]
    write_exported(tmp_path / "a.onnx")
    most = [0]
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(0.2):
            most.append(running(phones))

    try:
        began = time.monotonic()
        run("bench", "--targets", write_fleet(tmp_path, phones[0].address), *QUICK)
        alone_s = time.monotonic() - began
        threading.Thread(target=look).start()
        fleet = write_fleet(tmp_path, "android:127.0.0.1:9", *(phone.address for phone in phones))
        began = time.monotonic()
        run("bench", "--targets", fleet, *QUICK, "-o", tmp_path / "fleet.jsonl", check=False)
        fleet_s = time.monotonic() - began
    finally:
        ended.set()
        for phone in phones:
            phone.stop()
    print(f"the slowest alone {alone_s:.1f} s, all twenty {fleet_s:.1f} s, {max(most)} at once")
    rows = read_results(tmp_path / "fleet.jsonl")
    assert sorted(row.status for row in rows) == ["failed"] + ["measured"] * 20
    assert max(most) > 10, "all at once; how many are caught in the same moment depends on the machine"
    assert fleet_s < 5 * alone_s, "one after the other it would be twenty times"
