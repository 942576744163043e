"""What the system counts."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from edgestyle.bench.counters import EnergyCounter, OtherWork, peak_rss_bytes, pin_to_cores
from edgestyle.errors import ContractError


def zone(root: Path, name: str, microjoules: int, largest: int = 999_999) -> Path:
    folder = root / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "energy_uj").write_text(f"{microjoules}\n")
    (folder / "max_energy_range_uj").write_text(f"{largest}\n")
    return folder / "energy_uj"


def test_energy_is_that_of_all_packages_also_where_a_counter_wraps(tmp_path: Path) -> None:
    first, second = zone(tmp_path, "intel-rapl:0", 5_000), zone(tmp_path, "intel-rapl:1", 999_000)
    zone(tmp_path, "intel-rapl:0:0", 1)  # a part of package 0, which has counted it
    counter = EnergyCounter(tmp_path)
    first.write_text("25000")
    second.write_text("4000")
    assert counter.millijoules() == 20 + 5


def test_energy_is_absent_where_there_is_no_counter(tmp_path: Path) -> None:
    assert EnergyCounter(tmp_path / "none").millijoules() is None
    zone(tmp_path, "intel-rapl:0", 1).write_text("garbage")
    assert EnergyCounter(tmp_path).millijoules() is None


def test_other_work_is_what_the_cores_do_beside_this_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stat = tmp_path / "stat"
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 10}, raising=False)
    monkeypatch.setattr(time, "process_time", lambda: 0.0)
    stat.write_text("cpu 9 9 9 9\ncpu0 0 0 0 0 0 0 0 0 0 0\ncpu1 0 0 0 0 0 0 0 0 0 0\ncpu10 5 0 0 0 0 0 0 0 0 0\n")
    others = OtherWork(stat)
    assert others.cpu_fraction() is None, "no time has passed"
    monkeypatch.setattr(time, "process_time", lambda: 100 / os.sysconf("SC_CLK_TCK"))
    stat.write_text("cpu0 90 10 10 70 10 4 4 2 50 0\ncpu1 999 0 0 0 0 0 0 0 0 0\ncpu10 45 0 0 150 10 0 0 0 0 0\n")
    assert others.cpu_fraction() == pytest.approx((120 + 40 - 100) / 400)


def test_other_work_is_unknown_where_the_system_does_not_tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert OtherWork(tmp_path / "none").cpu_fraction() is None
    (tmp_path / "stat").write_text("cpu0 garbage\n")
    assert OtherWork(tmp_path / "stat").cpu_fraction() is None
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)  # as on macOS
    assert OtherWork().cpu_fraction() is None


@pytest.mark.skipif(not Path("/proc/stat").is_file(), reason="this system does not count")
def test_other_work_is_a_share() -> None:
    others, end = OtherWork(), time.monotonic() + 1.5
    while time.monotonic() < end:
        pass
    assert 0 <= (others.cpu_fraction() or 0) <= 1


def test_peak_memory_is_this_process_and_not_the_one_that_started_it() -> None:
    held = b"x" * 300_000_000
    program = "from edgestyle.bench.counters import peak_rss_bytes; print(peak_rss_bytes())"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert 1e6 < int(done.stdout) < len(held) / 2


def test_peak_memory_without_proc(tmp_path: Path) -> None:
    assert (peak_rss_bytes(tmp_path / "none") or 0) > 1e6


def test_peak_memory_is_absent_where_the_system_counts_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)  # as on Windows
    assert peak_rss_bytes(tmp_path / "none") is None


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system does not pin")
def test_pinning_keeps_to_the_cores_and_refuses_those_that_are_not_there() -> None:
    core = min(os.sched_getaffinity(0))
    program = (
        "import os; from edgestyle.bench.counters import pin_to_cores\n"
        f"pin_to_cores(({core},)); print(os.sched_getaffinity(0))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"{{{core}}}"
    with pytest.raises(ContractError, match="cannot run on cores 4095: there are"):
        pin_to_cores((4095,))
    before = os.sched_getaffinity(0)
    pin_to_cores(())
    assert os.sched_getaffinity(0) == before


def test_a_system_that_cannot_pin_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_setaffinity", raising=False)
    with pytest.raises(ContractError, match="leave --cores out"):
        pin_to_cores((0,))
