"""A hundred measurements on a stand-in phone where something goes wrong: each ends in a right row or a right error."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from edgestyle.bench.jobs import make_job
from edgestyle.bench.measuring import Plan
from edgestyle.bench.targets import Dialogue, android
from edgestyle.bench.targets.android import AndroidTarget
from edgestyle.errors import TargetError
from tests.bench.adbd import Fault
from tests.bench.phone import Phone, adb_alone, start_phone, write_binary, write_exported

RUNS = 100
PLACES = {
    "app": (
        "getprop",
        "pm path",
        "mkdir",
        "push",
        "sha256sum",
        "cp ",
        "am start",
        "until",
        "head -c",
        "rm -f",
        "df -k",
    ),
    "binary": ("getprop", "mkdir", "push", "sha256sum", "timeout", "rm -rf", "df -k"),
}
KINDS = ("cut", "slow", "exit", "garbage", "full")
P50_MS = {"app": 10.3, "binary": 41.0435}


def make_faults(random_numbers: random.Random, way: str) -> list[Fault]:
    """One or two faults; a storage gets full when something is copied."""
    found = []
    for _ in range(random_numbers.choice((1, 1, 2))):
        kind = random_numbers.choice(KINDS)
        place = "push" if kind == "full" else random_numbers.choice(PLACES[way])
        found.append(Fault(place, kind, after=random_numbers.choice((0, 0, 1)), seconds=random_numbers.uniform(0.1, 1)))
    return found


def run_once(seed: int, folder: Path) -> str:
    """How a measurement of two files ended; raises where it ended wrongly."""
    numbers = random.Random(seed)
    way = numbers.choice(tuple(PLACES))
    phone = start_phone(folder / f"phone-{seed}")
    faults = phone.adbd.faults = make_faults(numbers, way)
    told = f"{way} {faults}"
    binary = folder / "benchmark_model" if way == "binary" else None
    try:
        return judge(phone, way, binary, folder, told)
    finally:
        phone.stop()


def judge(phone: Phone, way: str, binary: Path | None, folder: Path, told: str) -> str:
    """Measure, and see that rows are right and the phone is clean."""
    jobs = [make_job(folder / "a.tflite", 32, 1) for _ in range(2)]
    plan = Plan(min_runs=3, min_seconds=0.01, max_warmup_seconds=0.05)
    ended = []
    try:
        for row in AndroidTarget(phone.address, Dialogue(binary=binary)).measure(jobs, plan):
            ended.append(row.status)
            right = row.error if row.status == "failed" else (row.latency_ms or {})["p50"] == pytest.approx(P50_MS[way])
            assert right, f"{told}: {row}"
            assert (row.error or "one line").isprintable(), told
    except TargetError as error:
        ended.append("error" if str(error).isprintable() else "no line")
    assert ended == ["error"] or len(ended) == 2, told
    assert phone.leftovers == [], told
    assert not (phone.folder / "running").exists(), told
    return " ".join(sorted(set(ended)))


@pytest.mark.slow
def test_every_run_ends_in_a_right_row_or_a_right_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(android, "_RETURN_SECONDS", 20.0)
    write_exported(tmp_path / "a.tflite")
    write_binary(tmp_path / "benchmark_model")
    with adb_alone(tmp_path), ThreadPoolExecutor(4) as pool:
        ended = Counter(pool.map(lambda seed: run_once(seed, tmp_path), range(RUNS)))
    print(dict(ended))
    assert ended.total() == RUNS
    assert set(ended) >= {"measured", "failed measured", "error"}, "faults strike, and are survived"
