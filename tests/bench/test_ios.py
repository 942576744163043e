"""Measuring on an iPhone: command lines and answers, with recorded ones. No iPhone has been measured with it."""

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from edgestyle.bench.jobs import Job
from edgestyle.bench.measuring import Plan
from edgestyle.bench.results import Result, append, read_results
from edgestyle.bench.running import open_target
from edgestyle.bench.summary import Summary
from edgestyle.bench.targets import Dialogue
from edgestyle.bench.targets.devicectl import read_answer
from edgestyle.bench.targets.ios import IosTarget
from edgestyle.bench.targets.ios_devices import choose_phone, read_phones
from edgestyle.bench.words import notes
from edgestyle.errors import TargetError

RECORDED = Path(__file__).parent / "devicectl"
IPHONE = "95F6A339-849B-50D6-B27A-4DB39527E070"
ANSWER = {
    "runtime": "Core ML 18.5", "load_ms": 210.5, "first_run_ms": 14.0, "samples_ms": [10.0, 11.0, 10.5] * 20,
    "warm_up": {"runs": 10, "seconds": 0.2, "settled": True},
    "environment": {
        "before": {"battery_percent": 81, "low_power_mode": False, "thermal_state": "nominal"},
        "after": {"battery_percent": 80, "low_power_mode": False, "thermal_state": "nominal"},
    },
}  # fmt: skip
Change = Callable[[dict[str, Any]], None]


@pytest.fixture
def phone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a stand-in for a phone, which `xcrun` reaches."""
    home, programs = tmp_path / "phone", tmp_path / "programs"
    shutil.copytree(RECORDED, home / "answers")
    (home / "container").mkdir()
    (home / "app.json").write_text(json.dumps(ANSWER))
    programs.mkdir()
    script = Path(__file__).parent / "xcrun.py"
    (programs / "xcrun").write_text(f'#!/bin/sh\nexec "{sys.executable}" "{script}" "{home}" "$@"\n')
    (programs / "xcrun").chmod(0o755)
    monkeypatch.setenv("PATH", str(programs), prepend=":")
    monkeypatch.setattr("edgestyle.bench.targets.devicectl.sys", SimpleNamespace(platform="darwin"))
    return home


@pytest.fixture
def file(tmp_path: Path) -> Path:
    folder = tmp_path / "a.mlpackage"
    folder.mkdir()
    (folder / "Manifest.json").write_text("{}")
    (tmp_path / "a.mlpackage.json").write_text("{}")
    return folder


def job(file: Path, accelerator: str = "coreml-all") -> Job:
    return Job(file, 512, 1, accelerator, (0.0,), {"name": file.name})


def measure(*jobs: Job, address: str = "ios", plan: Plan = Plan(), **more: Any) -> list[Result]:  # noqa: B008  fixed
    return list(IosTarget(address, Dialogue(**more)).measure(list(jobs), plan))


def commands(phone: Path) -> list[list[str]]:
    """All that were given, without the file that each writes its answer into."""
    lines = [json.loads(line) for line in (phone / "log").read_text().splitlines()]
    for words in lines:
        place = words.index("--json-output")
        del words[place : place + 2]
    return lines


def change(name: str, what: Change) -> str:
    """A recorded answer with something else in it."""
    answer = json.loads((RECORDED / name).read_text())
    what(answer["result"])
    return json.dumps(answer)


def test_a_row_comes_back_with_what_the_phone_is(phone: Path, file: Path) -> None:
    (row,) = measure(job(file))
    assert row.status == "measured", row.error
    assert (row.runtime, row.target, row.accelerator) == ("Core ML 18.5", "ios", "coreml-all")
    assert row.latency_ms is not None
    assert (row.latency_ms["p50"], row.latency_ms["runs"]) == (10.5, 60)
    facts = {"kind": "ios", "name": "Ada's iPhone", "model": "iPhone 13 Pro", "product_type": "iPhone14,2"}
    more = {"system": "iOS 18.5", "os_build": "22F76", "architecture": "arm64e"}
    assert row.device.items() >= (facts | more).items()
    assert (row.environment_after or {})["battery_percent"] == 80
    assert notes(Summary((row,))) == []


def test_the_commands_are_these(phone: Path, file: Path) -> None:
    measure(job(file))
    to_app = ["--domain-type", "appDataContainer", "--domain-identifier", "dev.edgestyle.demo"]
    there = "Documents/benchmark"
    given = commands(phone)
    assert given[0] == ["list", "devices"]
    assert given[1] == ["device", "info", "apps", "--device", IPHONE, "--bundle-id", "dev.edgestyle.demo"]
    copies = [words for words in given if words[:3] == ["device", "copy", "to"]]
    assert all(words[3:9] == ["--device", IPHONE, *to_app] for words in copies)
    assert [words[words.index("--destination") + 1] for words in copies] == [
        there, f"{there}/a.mlpackage", f"{there}/a.mlpackage.sidecar.json", there,
    ]  # fmt: skip
    (launch,) = (words for words in given if words[:3] == ["device", "process", "launch"])
    assert launch[3:] == [
        "--device", IPHONE, "--terminate-existing", "--console", "dev.edgestyle.demo", "--", "--benchmark",
        "a.mlpackage", "--runs", "30", "--seconds", "3", "--threads", "1", "--size", "512",
        "--accelerator", "coreml-all",
    ]  # fmt: skip
    fetch = given[-2]
    assert fetch[:9] == ["device", "copy", "from", "--device", IPHONE, *to_app]
    assert fetch[9:11] == ["--source", f"{there}/a.mlpackage.json"]


def test_nothing_stays_on_the_phone_and_an_old_answer_is_not_taken_for_a_new_one(phone: Path, file: Path) -> None:
    folder = phone / "container" / "Documents" / "benchmark"
    folder.mkdir(parents=True)
    (folder / "a.mlpackage.json").write_text(json.dumps(ANSWER))
    (phone / "app.json").unlink()
    (row,) = measure(job(file))
    assert row.status == "failed"
    assert row.error == "Failed to retrieve the file node for Documents/benchmark/NAME.json"
    assert list(folder.iterdir()) == []


def test_a_locked_phone_is_a_failed_row_that_says_so_and_the_others_go_on(phone: Path, file: Path) -> None:
    shutil.copyfile(RECORDED / "locked.json", phone / "answers" / "launched.json")
    first, second = measure(job(file), job(file.with_name("b.onnx")))
    assert first.status == "failed"
    assert "could not be, unlocked" in (first.error or "")
    assert "\n" not in (first.error or "")
    assert second.status == "unavailable"
    assert second.error == "the demo app runs .mlpackage files only"


@pytest.mark.parametrize("wrote", ["", "[]", "{", '{"runtime": "Core ML"}', '{"error": "no such model"}'])
def test_what_the_app_writes_may_be_anything(wrote: str, phone: Path, file: Path) -> None:
    (phone / "app.json").write_text(wrote)
    (row,) = measure(job(file))
    assert row.status == "failed"
    assert row.error


def test_low_power_and_heat_are_in_the_notes(phone: Path, file: Path) -> None:
    hot = {"battery_percent": 20, "low_power_mode": True, "thermal_state": "serious"}
    (phone / "app.json").write_text(json.dumps(ANSWER | {"environment": {"before": hot, "after": hot}}))
    (row,) = measure(job(file))
    assert notes(Summary((row,))) == ["in low-power mode", "held back by heat (serious)"]


@pytest.mark.parametrize("battery", ["NaN", "Infinity", "-3", "1e9", '"full"', "null"])
def test_a_battery_that_cannot_be_is_left_out_and_the_row_can_be_written(
    battery: str, phone: Path, file: Path, tmp_path: Path
) -> None:
    told = json.dumps(ANSWER).replace('"battery_percent": 81', f'"battery_percent": {battery}')
    (phone / "app.json").write_text(told)
    (row,) = measure(job(file))
    assert row.status == "measured", row.error
    assert (row.environment_before or {})["battery_percent"] is None
    append(row, tmp_path / "rows.jsonl")
    assert len(read_results(tmp_path / "rows.jsonl")) == 1


def test_off_a_mac_it_says_what_is_needed(file: Path) -> None:
    with pytest.raises(TargetError, match="iPhones are measured from a Mac"):
        list(open_target("ios").measure([job(file)], Plan()))


def test_without_xcode_it_says_so(phone: Path, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(TargetError, match="xcrun is missing: install Xcode 15 or later"):
        measure(job(file))


@pytest.mark.parametrize(
    ("what", "message"),
    [
        (lambda result: result["devices"].clear(), "no iPhone is connected: plug it in"),
        (lambda result: result["devices"].pop(0), r"no iPhone is connected \(Old iPad is known and away\)"),
        (
            lambda result: result["devices"][1]["connectionProperties"].update(tunnelState="connected"),
            r"2 iPhones are connected: say which, as in --target ios:00008110-000000000000001E",
        ),
        (
            lambda result: result["devices"][0]["connectionProperties"].update(pairingState="unpaired"),
            "Ada's iPhone does not trust this Mac",
        ),
        (
            lambda result: result["devices"][0]["deviceProperties"].update(developerModeStatus="disabled"),
            "Ada's iPhone: turn on Developer Mode",
        ),
        (lambda result: result.pop("devices"), "gave no list of devices"),
    ],
    ids=["none", "away", "two", "stranger", "no developer mode", "odd"],
)
def test_a_phone_that_cannot_be_measured_is_one_line(what: Change, message: str, phone: Path, file: Path) -> None:
    (phone / "answers" / "devices.json").write_text(change("devices.json", what))
    with pytest.raises(TargetError, match=message):
        measure(job(file))


@pytest.mark.parametrize("wanted", ["00008110-000000000000001E", IPHONE, "Ada's iPhone"])
def test_a_phone_is_found_by_any_of_its_names(wanted: str, phone: Path, file: Path) -> None:
    assert measure(job(file), address=f"ios:{wanted}")[0].status == "measured"
    with pytest.raises(TargetError, match="no iPhone 'Bob': this Mac knows Ada's iPhone, Old iPad"):
        measure(job(file), address="ios:Bob")


def test_newer_xcodes_tell_of_devices_in_another_shape() -> None:
    (found,) = read_phones(read_answer((RECORDED / "devices-properties.json").read_text()))
    assert choose_phone([found], None) == found
    assert found.udid == "00008150-000000000000003E"
    assert (found.facts["model"], found.facts["system"], found.facts["os_build"]) == (
        "iPhone 17",
        "iOS 27.0",
        "24A5430a",
    )


def test_an_app_that_is_missing_is_installed_where_one_is_given(phone: Path, file: Path) -> None:
    (phone / "answers" / "apps.json").write_text(change("apps.json", lambda result: result["apps"].clear()))
    with pytest.raises(TargetError, match=r"dev\.edgestyle\.demo\) is not installed on Ada's iPhone"):
        measure(job(file))
    assert measure(job(file), app=Path("Demo.app"))[0].status == "measured"
    assert ["device", "install", "app", "--device", IPHONE, "Demo.app"] in commands(phone)


@pytest.mark.parametrize("plan", [Plan(interleaved=True), Plan(pinned_cores=(0,))], ids=["turns", "cores"])
def test_what_a_phone_cannot_do_is_said_first(plan: Plan, phone: Path, file: Path) -> None:
    with pytest.raises(TargetError, match=r"leave --(in-turns|cores) out"):
        measure(job(file), plan=plan)
    assert not (phone / "log").exists()


@pytest.mark.parametrize("address", ["ios:-x", "iosx"])
def test_an_odd_address_is_refused(address: str) -> None:
    with pytest.raises(TargetError, match="write ios or ios:UDID"):
        IosTarget(address)


@pytest.mark.parametrize("text", ["", "no JSON", "[]", "{}", '{"info": {"outcome": "timeout"}}', '{"info": 3}'])
def test_garbage_in_place_of_an_answer_is_one_line(text: str) -> None:
    with pytest.raises(TargetError, match=r"^devicectl[^\n]+$"):
        read_answer(text, "xcrun: error")
