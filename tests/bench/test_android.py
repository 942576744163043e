"""Measuring on a phone through the real adb: a stand-in on loopback takes the phone's part."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edgestyle.bench.conditions import conditions
from edgestyle.bench.jobs import Job, make_job
from edgestyle.bench.measuring import Plan
from edgestyle.bench.results import Result, append, read_results
from edgestyle.bench.targets import ACCELERATORS_THERE, Dialogue, adb, android
from edgestyle.bench.targets.adb import Adb, find_phone, list_phones
from edgestyle.bench.targets.android import AndroidTarget
from edgestyle.bench.targets.android_facts import read_facts
from edgestyle.bench.targets.tools import Said
from edgestyle.errors import ArtifactError, TargetError
from tests.bench.adbd import Fault
from tests.bench.phone import (
    BATTERY,
    OUTPUT,
    THERMAL,
    Phone,
    adb_alone,
    start_phone,
    write_binary,
    write_exported,
)  # fmt: skip

QUICK = Plan(min_runs=3, min_seconds=0.01, max_warmup_seconds=0.05)

THERE = ACCELERATORS_THERE["android"]


@pytest.fixture(scope="module")
def adb_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with adb_alone(tmp_path_factory.mktemp("home")):
        yield


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for suffix in ("onnx", "tflite"):
        write_exported(tmp_path / f"a.{suffix}")
    write_binary(tmp_path / "benchmark_model")
    return tmp_path


@pytest.fixture
def phone(tmp_path: Path, adb_server: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Phone]:
    monkeypatch.setattr(android, "_RETURN_SECONDS", 3.0)
    phone = start_phone(tmp_path / "phone")
    yield phone
    phone.stop()


def job(folder: Path, suffix: str = "onnx", accelerator: str | None = None) -> Job:
    return make_job(folder / f"a.{suffix}", 32, 1, accelerator)


def measure(phone: Phone, jobs: list[Job], plan: Plan = QUICK, binary: Path | None = None) -> list[Result]:
    return list(AndroidTarget(phone.address, Dialogue(binary=binary)).measure(jobs, plan))


def refusal(address: str, jobs: list[Job], plan: Plan = QUICK, binary: Path | None = None) -> str:
    """The one line that a user sees."""
    with pytest.raises(TargetError) as caught:
        list(AndroidTarget(address, Dialogue(binary=binary)).measure(jobs, plan))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_demo_app_measures_and_nothing_stays_on_the_phone(phone: Phone, folder: Path) -> None:
    onnx, tflite = measure(phone, [job(folder), job(folder, "tflite", "xnnpack")])
    assert (onnx.status, tflite.status) == ("measured", "measured"), (onnx.error, tflite.error)
    assert (onnx.latency_ms or {})["p50"] == pytest.approx(10.3)
    assert (onnx.runtime, onnx.placement) == ("onnxruntime-android 1.22.0", {"CPUExecutionProvider": 20})
    assert (onnx.target, onnx.device["model"]) == (phone.address, "Google Pixel 8")
    assert (onnx.device["soc"], onnx.device["system"]) == ("Google Tensor G3", "Android 15")
    assert (onnx.environment_before or {})["temperature_c"] == 29.1
    assert conditions(onnx) == []
    started = [command for command in phone.adbd.commands if "am start" in command]
    assert "--ei runs 3" in started[0]
    assert "--es accelerator xnnpack" in started[1]
    assert phone.leftovers == []


def test_a_benchmark_program_measures_tflite_files_only(phone: Phone, folder: Path) -> None:
    onnx, tflite = measure(phone, [job(folder), job(folder, "tflite")], binary=folder / "benchmark_model")
    assert (onnx.status, tflite.status) == ("unavailable", "measured"), tflite.error
    latency = tflite.latency_ms or {}
    assert (latency["p50"], latency["min"], latency["runs"]) == (41.0435, 40.1, 50)
    assert latency["p50_low"] < latency["p50"] < latency["p50_high"]
    assert (tflite.load_ms, tflite.first_run_ms, tflite.peak_rss_bytes) == (17.187, 51.23, 52_500_000)
    assert tflite.placement == {"TfLiteXNNPackDelegate": 24, "LiteRT kernels": 2}
    assert conditions(tflite) == ["p50 is a mean: the program prints no median"]
    assert (tflite.runtime or "").startswith("benchmark_model ")
    assert phone.leftovers == []


def test_a_newer_program_prints_a_median(phone: Phone, folder: Path) -> None:
    newer = OUTPUT.replace("std=620", "std=620 p5=40200 median=40900 p95=42500")
    write_binary(folder / "benchmark_model", newer)
    (row,) = measure(phone, [job(folder, "tflite")], binary=folder / "benchmark_model")
    assert ((row.latency_ms or {})["p50"], (row.latency_ms or {})["p95"]) == (40.9, 42.5)
    assert conditions(row) == []


def test_a_program_that_fails_says_its_last_words(phone: Phone, folder: Path) -> None:
    write_binary(folder / "benchmark_model", "ERROR: Failed to apply GPU delegate.\n", "exit 1")
    (row,) = measure(phone, [job(folder, "tflite")], binary=folder / "benchmark_model")
    assert row.error == "benchmark_model ended with code 1: ERROR: Failed to apply GPU delegate."
    assert phone.leftovers == []


def test_a_program_that_says_something_else_is_a_failed_row(phone: Phone, folder: Path) -> None:
    write_binary(folder / "benchmark_model", "count=1 curr=99999999\n\x1b[2J")
    (row,) = measure(phone, [job(folder, "tflite")], binary=folder / "benchmark_model")
    assert row.status == "failed"
    assert "something else" in (row.error or "")


def test_a_program_that_ran_elsewhere_than_asked_is_no_measurement(phone: Phone, folder: Path) -> None:
    (row,) = measure(phone, [make_job(folder / "a.tflite", 32, 1, "gpu", THERE)], binary=folder / "benchmark_model")
    assert row.status == "unavailable"
    assert row.error == "asked for gpu, but no operator ran there: 24 on TfLiteXNNPackDelegate, 2 on LiteRT kernels"
    write_binary(folder / "benchmark_model", OUTPUT.replace("TfLiteXNNPackDelegate", "TfLiteGpuDelegateV2"))
    (row,) = measure(phone, [make_job(folder / "a.tflite", 32, 1, "gpu", THERE)], binary=folder / "benchmark_model")
    assert row.status == "measured"
    assert "--use_gpu=true" in [command for command in phone.adbd.commands if "--graph" in command][-1]


def test_what_phones_do_not_have_is_refused_by_name(folder: Path) -> None:
    with pytest.raises(ArtifactError, match="run on cpu, xnnpack, nnapi there, not on 'gpu'"):
        make_job(folder / "a.onnx", 32, 1, "gpu", THERE)


def test_low_power_and_heat_are_said_in_the_row(phone: Phone, folder: Path) -> None:
    phone.write("low_power.txt", "1\n")
    phone.write("dumpsys-thermalservice.txt", THERMAL.format(status=2))
    phone.write("dumpsys-battery.txt", BATTERY.replace("291", "433"))
    (row,) = measure(phone, [job(folder)])
    assert (row.device["low_power_mode"], row.device["thermal_status"]) == (True, "moderate")
    assert (row.device["throttled"], row.device["temperature_c"]) == (True, 43.3)
    assert conditions(row) == ["in low-power mode", "held back by heat (moderate)"]
    phone.write("dumpsys-thermalservice.txt", "Can't find service: thermalservice\n")
    phone.write("low_power.txt", "null\n")
    (row,) = measure(phone, [job(folder)])
    assert (row.device["low_power_mode"], row.device["throttled"]) == (None, None)
    assert conditions(row) == ["hot: 43 degrees"]


def test_a_phone_that_tells_nothing_is_measured_all_the_same(phone: Phone, folder: Path) -> None:
    for tool in ("getprop", "dumpsys", "settings"):
        (phone.folder / "tools" / tool).write_text("#!/bin/sh\nhead -c 300 /dev/urandom\nexit 1\n")
    (row,) = measure(phone, [job(folder)])
    assert row.status == "measured", row.error
    assert row.device["model"] is None


def test_no_phone_is_said(adb_server: None, folder: Path) -> None:
    assert "no phone is connected" in refusal("android", [job(folder)])
    assert "127.0.0.1:9 is not connected" in refusal("android:127.0.0.1:9", [job(folder)])


def test_two_phones_want_a_serial_and_one_does_not(phone: Phone, folder: Path, tmp_path: Path) -> None:
    other = start_phone(tmp_path / "other")
    try:
        phone.connect()
        (row,) = AndroidTarget("android").measure([job(folder)], QUICK)
        assert row.status == "measured", row.error
        other.connect()
        message = refusal("android", [job(folder)])
        assert "2 phones are connected: say which" in message
        assert phone.adbd.serial in message
        message = refusal("android:HT4ABC", [job(folder)])
        assert "HT4ABC is not connected (connected are: " in message
        assert phone.adbd.serial in message
    finally:
        other.stop()


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("no permissions (user in plugdev group; are your udev rules wrong?); see [http://x]", "(udev)"),
        ("offline", "plug it in again"),
        ("recovery", "it is in the state 'recovery'"),
        ("unauthorized", "allow USB debugging"),
    ],
)
def test_a_phone_in_another_state_is_said(monkeypatch: pytest.MonkeyPatch, state: str, words: str) -> None:
    monkeypatch.setattr(adb, "_SETTLE_SECONDS", 0.1)
    monkeypatch.setattr(adb, "run_adb", lambda *_: Said(0, f"List of devices attached\nHT4ABC\t{state}\n\n"))
    with pytest.raises(TargetError) as named:
        find_phone("HT4ABC")
    with pytest.raises(TargetError) as only:
        find_phone()
    assert words in str(named.value)
    assert "HT4ABC" in str(only.value)


def test_a_phone_that_does_not_trust_this_computer_is_said(phone: Phone, folder: Path) -> None:
    phone.adbd.trusts = False
    assert "unlock it and allow USB debugging" in refusal(phone.address, [job(folder)])


def test_an_app_that_is_not_installed_is_said(tmp_path: Path, adb_server: None, folder: Path) -> None:
    bare = start_phone(tmp_path / "bare", app=False)
    try:
        message = refusal(bare.address, [job(folder)])
        assert "dev.edgestyle.demo) is not installed" in message
        assert "--binary" in message
        assert bare.leftovers == []
    finally:
        bare.stop()


def test_an_app_that_cannot_be_debugged_is_said(phone: Phone, folder: Path) -> None:
    said = "run-as: package not debuggable: dev.edgestyle.demo"
    (phone.folder / "tools" / "run-as").write_text(f"#!/bin/sh\necho '{said}'\nexit 1\n")
    assert f"({said}): install its debug build" in refusal(phone.address, [job(folder)])


def test_an_app_that_crashes_is_noticed(phone: Phone, folder: Path) -> None:
    phone.write("app_seconds.txt", "0.1; rm -f $PHONE/running; exit")
    (phone.folder / "answer.json").unlink()
    (row,) = measure(phone, [job(folder)])
    assert "ended without an answer" in (row.error or "")
    assert phone.leftovers == []


@pytest.mark.parametrize(
    "answer",
    ["{no json", "[1]", "{}", '{"runtime": "x", "samples_ms": ["fast"]}', '{"runtime": "x", "samples_ms": [1e400]}',
     '{"runtime": "x", "samples_ms": [1], "load_ms": NaN}', "[" * 100_000, "\x1b[2J",
     '{"runtime": "x", "samples_ms": [1], "load_ms": 1' + "0" * 400 + "}"],
    ids=["cut", "list", "empty", "words", "infinite", "odd", "deep", "escape", "huge"],
)  # fmt: skip
def test_an_odd_answer_of_the_app_is_a_failed_row(phone: Phone, folder: Path, answer: str) -> None:
    (phone.folder / "answer.json").write_text(answer)
    (row,) = measure(phone, [job(folder)])
    assert row.status == "failed"
    assert (row.error or "").isprintable()
    assert phone.leftovers == []


@pytest.mark.parametrize("odd", [{"placement": {"CPU": 10**400}}, {"warm_up": {"runs": 10**400, "seconds": 1}}])
def test_counts_without_end_are_left_out_since_no_reader_takes_them(
    phone: Phone, folder: Path, tmp_path: Path, odd: dict[str, Any]
) -> None:
    phone.answer(**odd)
    (row,) = measure(phone, [job(folder)])
    append(row, tmp_path / "rows.jsonl")
    assert len(read_results(tmp_path / "rows.jsonl")) == 1


def test_oddities_beside_the_samples_are_left_out_and_rows_can_be_written(
    phone: Phone, folder: Path, tmp_path: Path
) -> None:
    phone.answer(placement={"here": float("nan")}, warm_up={"runs": 3, "seconds": float("inf"), "settled": True}, x=1)
    (row,) = measure(phone, [job(folder)])
    assert (row.status, row.placement, row.warm_up) == ("measured", None, None)
    append(row, tmp_path / "rows.jsonl")
    assert len(read_results(tmp_path / "rows.jsonl")) == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [("avg=4.10435e+04", "avg=4e+999"), ("std=620", "std=1.2.3"), ("min=40100", "min=."), ("count=50 f", "count=0 f"),
     ("Init: 17187", "Init: 1e999"), ("curr=40950 min", "curr=40950 m")],
)  # fmt: skip
def test_numbers_of_a_program_that_cannot_be_are_a_failed_row(
    phone: Phone, folder: Path, tmp_path: Path, old: str, new: str
) -> None:
    write_binary(folder / "benchmark_model", OUTPUT.replace(old, new))
    (row,) = measure(phone, [job(folder, "tflite")], binary=folder / "benchmark_model")
    assert row.status == "failed" or new.endswith(" m"), "only the warm-up is left"
    append(row, tmp_path / "rows.jsonl")


def test_facts_that_cannot_be_are_left_out() -> None:
    odd = (
        "Temperature{mValue=., mType=0, Temperature{mValue=1.2.3, mType=3, Temperature{mValue=999, mType=" + "9" * 9000
    )
    found = read_facts(f"=thermal\n{odd}\n=cores\n0-\u00b2\n=battery\n  level: {'9' * 9000}\n=load\n9{'9' * 400}.0 1\n")
    assert {found[key] for key in ("temperature_c", "cores", "battery_percent", "load_1min")} == {None}


def test_an_error_of_the_app_is_the_row_s(phone: Phone, folder: Path) -> None:
    phone.answer(error="no such accelerator: nnapi")
    (row,) = measure(phone, [job(folder)])
    assert (row.status, row.error) == ("failed", "no such accelerator: nnapi")


def test_an_answer_without_end_is_refused(phone: Phone, folder: Path) -> None:
    (phone.folder / "answer.json").write_text("[" + "1," * 3_000_000)
    (row,) = measure(phone, [job(folder)])
    assert "more than 4 MB" in (row.error or "")
    assert phone.leftovers == []


def test_a_full_storage_is_noticed_before_anything_is_copied(phone: Phone, folder: Path) -> None:
    phone.write("free_kb.txt", "100")
    (row,) = measure(phone, [job(folder)])
    assert "storage of" in (row.error or "")
    assert "0.1 MB free" in (row.error or "")
    assert phone.leftovers == []


def test_turns_and_cores_that_cannot_be_are_refused(phone: Phone, folder: Path) -> None:
    assert "--in-turns" in refusal(phone.address, [job(folder)], Plan(interleaved=True))
    assert "--cores" in refusal(phone.address, [job(folder)], Plan(pinned_cores=(0,)))
    assert "no program at" in refusal(phone.address, [job(folder)], binary=folder / "none")


def test_names_are_made_harmless_and_reach_no_shell(phone: Phone, folder: Path) -> None:
    odd = folder / "a b;touch $(touch x) 'q'.onnx"
    write_exported(odd)
    (row,) = measure(phone, [make_job(odd, 32, 1)])
    assert (row.status, row.artifact["name"]) == ("measured", odd.name), row.error
    assert not any("$(touch" in command for command in phone.adbd.commands)


def test_a_phone_that_vanishes_fails_its_row_alone(phone: Phone, folder: Path) -> None:
    phone.adbd.faults = [Fault("am start", "cut", after=1)]
    rows = measure(phone, [job(folder), job(folder, "tflite"), job(folder)])
    assert [row.status for row in rows] == ["measured", "failed", "measured"], [row.error for row in rows]
    assert "adb" in (rows[1].error or "")
    assert phone.leftovers == []


def test_a_phone_that_never_comes_back_is_said_and_the_next_run_removes_what_stayed(
    phone: Phone, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(android, "_RETURN_SECONDS", 0.5)
    phone.adbd.faults = [Fault("am start", "cut", seconds=1e9)]
    said: list[str] = []
    target = AndroidTarget(phone.address, Dialogue(say=said.append))
    first, second = target.measure([job(folder), job(folder, "tflite")], QUICK)
    assert (first.status, second.status) == ("failed", "failed")
    assert "did not come back" in (second.error or "")
    assert "could not be removed" in said[-1]
    assert phone.leftovers != []
    phone.adbd.come_back()
    assert measure(phone, [job(folder)])[0].status == "measured"
    assert phone.leftovers == []


def test_a_phone_before_android_7_is_understood(phone: Phone, folder: Path) -> None:
    phone.adbd.features = ""
    (row,) = measure(phone, [job(folder)])
    assert row.status == "measured", row.error
    phone.adbd.faults = [Fault("am start", "exit")]
    assert measure(phone, [job(folder)])[0].status == "failed"
    assert phone.leftovers == []


def test_a_shell_that_never_ends_is_left(phone: Phone) -> None:
    phone.connect()
    began = time.monotonic()
    with pytest.raises(TargetError, match="no answer within 1 s"):
        Adb(phone.adbd.serial).shell("sleep 30", 1)
    assert time.monotonic() - began < 20
    with pytest.raises(TargetError, match="more than 0 MB"):
        Adb(phone.adbd.serial).shell("yes", 20, most_bytes=1000)


def test_without_adb_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(TargetError, match="apt-get install adb"):
        list_phones()


@pytest.mark.parametrize("text", ["android:-s", "android:a b", "androids", "phone:x"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(TargetError, match="android:SERIAL"):
        AndroidTarget(text)
