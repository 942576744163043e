"""`edgestyle bench` and `edgestyle compare` as a user meets them."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from edgestyle.bench.results import read_results, write_results
from edgestyle.cli.latencies import latency_table
from edgestyle.cli.quantities import parse_cores, parse_seconds, parse_share
from edgestyle.errors import ContractError
from edgestyle.exporters.bundle import export_pack
from edgestyle.packs.pack import Pack
from tests.bench.samples import row
from tests.cli.test_commands import run

QUICK = ("--size", "32", "--runs", "5", "--seconds", "0")


@pytest.fixture(scope="module")
def file(tiny_pack: Pack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exported")
    (exported,) = export_pack(tiny_pack, folder, ["onnx"], ["float32"], [32])
    return exported.path


def test_files_are_measured_three_times_and_reported(file: Path, tmp_path: Path) -> None:
    output, page = tmp_path / "rows.jsonl", tmp_path / "page.html"
    shown = run("bench", file, *QUICK, "-o", output, "--report", page).stdout
    assert "needs 300 runs" in " ".join(shown.split())
    rows = read_results(output)
    assert len(rows) == 3
    assert len({row.run_id for row in rows}) == 1
    assert all(row.samples_ms and row.started_at and row.warm_up for row in rows)
    assert all((row.overhead_fraction or 1) < 0.5 for row in rows)
    assert "<!doctype html>" in page.read_text()[:50]
    run("bench", file, *QUICK, "--repeats", 1, "-o", output)
    assert len(read_results(output)) == 4, "rows are added"
    assert (
        "4 measurements"
        in Path(run("bench", "--from", output, "--report", tmp_path / "again.html").stdout.split()[-1]).read_text()
    )


def test_columns_that_say_nothing_leave_their_room_to_the_interval() -> None:
    one = replace(row(np.full(50, 10.0)), energy_mj_per_run=None)
    (about, found) = (latency_table([one]), latency_table([replace(one, energy_mj_per_run=3.0)]))
    assert [column.header for column in about.columns] == [
        "file", "p50 ms (95%)", "p90", "p99", "load ms", "first ms", "peak MB", "runs",
    ]  # fmt: skip
    assert "mJ" in [column.header for column in found.columns]
    console = Console(width=80)
    with console.capture() as captured:
        console.print(latency_table([replace(one, artifact={**one.artifact, "name": "a" * 40})]))
    assert "10.00 (10.00-10.00)" in captured.get()
    assert "runs" in captured.get()
    assert max(map(len, captured.get().splitlines())) <= 80


def test_repeats_of_what_cannot_be_measured_are_one_line() -> None:
    failed = replace(
        row(np.full(50, 10.0)), status="unavailable", error="browsers run .onnx files only", latency_ms=None
    )
    assert latency_table([failed, failed, failed]).row_count == 1


def test_an_option_that_would_do_nothing_is_refused(file: Path) -> None:
    done = run("bench", file, *QUICK, "--binary", file, check=False)
    assert (done.returncode, done.stderr) == (2, "error: --binary measures on Android phones: add --target android\n")


def test_files_in_turns_share_a_group_and_are_compared(file: Path, tmp_path: Path) -> None:
    output = tmp_path / "rows.jsonl"
    shown = run("bench", file, file, *QUICK, "--in-turns", "-o", output).stdout
    assert "new by old" in shown
    first, second = read_results(output)
    assert first.group == second.group is not None
    assert (first.position, second.position) == (0, 1)
    assert len(first.samples_ms or []) >= 60
    assert "in turns" in run("compare", output).stdout


@pytest.mark.parametrize("seconds", ["nan", "inf"])
def test_a_time_that_never_ends_is_refused(seconds: str, file: Path) -> None:
    shown = run("bench", file, "--seconds", seconds, check=False)
    assert shown.returncode == 2
    assert "--seconds" in shown.stderr.splitlines()[0]
    assert "Traceback" not in shown.stderr


def test_a_sustained_run_takes_as_long_as_asked(file: Path, tmp_path: Path) -> None:
    output = tmp_path / "rows.jsonl"
    run("bench", file, *QUICK, "--sustained", "2s", "-o", output)
    (one,) = read_results(output)
    assert 1.5 < (one.sample_starts_s or [0])[-1] < 4
    assert one.settings["sustained_seconds"] == 2


def test_a_small_device_without_scipy_measures_itself(file: Path, tmp_path: Path) -> None:
    for package in ("scipy", "jinja2", "matplotlib"):
        (tmp_path / f"{package}.py").write_text(f"raise ModuleNotFoundError('none', name='{package}')")
    script = "import sys; sys.path.insert(0, sys.argv.pop(1)); from edgestyle.cli.main import main; main()"
    command = [sys.executable, "-c", script, str(tmp_path), "bench", str(file), *QUICK, "-o", str(tmp_path / "r.jsonl")]
    subprocess.run(command, check=True, capture_output=True)
    assert len(read_results(tmp_path / "r.jsonl")) == 3
    done = subprocess.run([*command, "--report", "page.html"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.strip().endswith("pip install 'edgestyle[bench]'")
    assert len(read_results(tmp_path / "r.jsonl")) == 3, "it is said before anything is measured"


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system does not pin")
def test_cores_are_pinned_and_a_core_that_is_not_there_is_refused(file: Path, tmp_path: Path) -> None:
    core = max(os.sched_getaffinity(0))
    run("bench", file, *QUICK, "--repeats", 1, "--cores", core, "-o", tmp_path / "rows.jsonl")
    assert read_results(tmp_path / "rows.jsonl")[0].settings["pinned_cores"] == [core]
    done = run("bench", file, *QUICK, "--repeats", 1, "--cores", 4000, check=False)
    assert done.returncode == 2
    assert "cannot run on cores 4000" in done.stderr


# A process started in the background ignores Ctrl-C, and so would all that it starts.
HEEDS_CTRL_C = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from edgestyle.cli.main import main; main()"
)


def test_ctrl_c_keeps_the_rows_that_are_finished(file: Path, tmp_path: Path) -> None:
    output, page = tmp_path / "rows.jsonl", tmp_path / "page.html"
    command = [sys.executable, "-c", HEEDS_CTRL_C, "bench", str(file), *QUICK, "--repeats", "500"]
    command += ["-o", str(output), "--report", str(page)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    deadline = time.monotonic() + 120
    while not (output.exists() and output.read_text().count("\n") >= 2) and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does it
    shown, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors.strip().splitlines()[-1] == "interrupted"
    assert "Traceback" not in errors
    assert len(read_results(output)) >= 2
    assert str(output) in shown
    assert page.exists()


def days(path: Path, *medians: float) -> Path:
    """A file of results with a repeat a median."""
    rng = np.random.default_rng(0)
    write_results([row(ms * np.exp(rng.normal(0, 0.01, 100))) for ms in medians], path)
    return path


def test_a_regression_is_exit_code_1_and_noise_is_not(tmp_path: Path) -> None:
    old = days(tmp_path / "old.jsonl", 10.0, 10.1, 9.9)
    slow, alike = days(tmp_path / "slow.jsonl", 13.0, 13.1, 12.9), days(tmp_path / "new.jsonl", 10.3, 10.2, 10.1)
    done = run("compare", old, slow, "--fail-above", "10%", check=False)
    assert done.returncode == 1
    assert "slower" in done.stdout
    assert "1.3" in done.stdout
    assert run("compare", old, alike, "--fail-above", "10%").returncode == 0
    assert run("compare", old, slow).returncode == 0
    assert run("compare", slow, old, "--fail-above", "10%").returncode == 0, "faster is no regression"


def test_what_changed_is_a_table(tmp_path: Path) -> None:
    old, new = days(tmp_path / "old.jsonl", 10.0, 10.0), days(tmp_path / "new.jsonl", 10.0, 10.0)
    rows = [replace(one, runtime="onnxruntime 1.33.0") for one in read_results(new)]
    write_results([*rows, row(np.full(40, 9.0), "other.onnx")], new)
    shown = run("compare", old, new).stdout
    assert "onnxruntime 1.33.0" in shown
    assert "what changed" in shown
    assert f"only in {new}: other.onnx" in shown


def test_a_file_that_fails_now_is_exit_code_2(tmp_path: Path) -> None:
    old = days(tmp_path / "old.jsonl", 10.0, 10.0)
    broken = replace(read_results(old)[0], status="failed", latency_ms=None, error="it broke")
    write_results([broken], tmp_path / "new.jsonl")
    done = run("compare", old, tmp_path / "new.jsonl", "--fail-above", "10%", check=False)
    assert done.returncode == 2
    assert done.stderr.strip() == "error: a.onnx can no longer be measured: it broke"


def test_a_row_that_is_cut_is_named_and_can_be_left_out(tmp_path: Path) -> None:
    old, new = days(tmp_path / "old.jsonl", 10.0, 10.0), days(tmp_path / "new.jsonl", 10.0, 10.0, 10.0)
    new.write_bytes(new.read_bytes()[:-500])
    done = run("compare", old, new, check=False)
    assert done.returncode == 2
    assert "line 3: the row is cut in the middle" in done.stderr
    assert run("compare", old, new, "--skip-damaged").returncode == 0
    done = run("bench", tmp_path / "nothing.onnx", "-o", new, check=False)
    assert "line 3: the row is cut" in done.stderr, "before anything is measured"


BAD: dict[str, list[str]] = {
    "nothing to do": ["bench"],
    "no such results": ["compare", "RESULTS", "FOLDER/none.jsonl"],
    "another schema": ["compare", "RESULTS", "NEWER"],
    "no turns in it": ["compare", "RESULTS"],
    "not a share": ["compare", "RESULTS", "RESULTS", "--fail-above", "10"],
    "not a time": ["bench", "FILE", "--sustained", "long"],
    "not a list of cores": ["bench", "FILE", "--cores", "a"],
    "turns with nobody": ["bench", "FILE", "--in-turns"],
    "a target nobody knows": ["bench", "FILE", "--size", "32", "--target", "cloud"],
    "a report of no kind": ["bench", "FILE", "--report", "FOLDER/x.pdf"],
    "onto another file": ["bench", "FILE", "-o", "FILE"],
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_input_is_one_clear_line_and_exit_code_2(kind: str, file: Path, tmp_path: Path) -> None:
    before = file.read_bytes()
    newer = tmp_path / "newer.jsonl"
    newer.write_text(json.dumps({"schema_version": 3}) + "\n")
    results = days(tmp_path / "r.jsonl", 10.0)
    places = {"RESULTS": results, "NEWER": newer, "FILE": file, "FOLDER": tmp_path}
    arguments = BAD[kind]
    for name, place in places.items():
        arguments = [argument.replace(name, str(place)) for argument in arguments]
    done = run(*arguments, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("error: "), done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert file.read_bytes() == before


def test_quantities_have_units() -> None:
    assert [parse_seconds(text) for text in ("30", "30s", "10m", "1.5h")] == [30, 30, 600, 5400]
    assert parse_share("5%") == 0.05
    assert parse_cores("2,0,2") == (2, 0)
    for parse, text in ((parse_seconds, "-1s"), (parse_seconds, "1d"), (parse_share, "5"), (parse_cores, "0,,1")):
        with pytest.raises(ContractError, match="write"):
            parse(text)
