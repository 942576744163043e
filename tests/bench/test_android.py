"""Measuring on a phone through the real adb: a stand-in on loopback takes the phone's part."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from edgestyle.bench.jobs import Job, make_job
from edgestyle.bench.measuring import Plan
from edgestyle.bench.results import Result
from edgestyle.bench.targets import Dialogue
from edgestyle.bench.targets.android import AndroidTarget
from edgestyle.exporters.bundle import export_pack
from edgestyle.packs.pack import Pack
from tests.bench.phone import ADB, Phone, start_phone
from tests.bench.sshd import free_port
from tests.independent.conftest import need

QUICK = Plan(min_runs=3, min_seconds=0.01, max_warmup_seconds=0.05)


@pytest.fixture(scope="module")
def folder(tiny_pack: Pack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("android")
    export_pack(tiny_pack, folder, ["onnx", "tflite"], ["float32"], [32])
    return folder


@pytest.fixture(scope="module")
def adb_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """adb with a server, a home and keys of its own."""
    need(ADB is not None, "adb is not installed: apt-get install adb")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANDROID_ADB_SERVER_PORT", str(free_port()))
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        patch.setenv("ADB_MDNS", "0")
        yield
        subprocess.run(["adb", "kill-server"], check=False, capture_output=True)


@pytest.fixture
def phone(tmp_path: Path, adb_server: None) -> Iterator[Phone]:
    phone = start_phone(tmp_path / "phone")
    yield phone
    phone.adbd.stop()
    subprocess.run(["adb", "disconnect", phone.adbd.serial], check=False, capture_output=True)


def job(folder: Path, suffix: str = "onnx", accelerator: str | None = None) -> Job:
    return make_job(folder / f"tiny-renderer-float32.{suffix}", 32, 1, accelerator)


def measure(phone: Phone, jobs: list[Job], plan: Plan = QUICK, binary: Path | None = None) -> list[Result]:
    return list(AndroidTarget(phone.address, Dialogue(binary=binary)).measure(jobs, plan))


def test_the_demo_app_measures_and_nothing_stays_on_the_phone(phone: Phone, folder: Path) -> None:
    onnx, tflite = measure(phone, [job(folder), job(folder, "tflite")])
    assert (onnx.status, tflite.status) == ("measured", "measured"), (onnx.error, tflite.error)
    assert (onnx.latency_ms or {})["p50"] == pytest.approx(10.3)
    assert (onnx.target, onnx.device["model"], onnx.device["soc"]) == (
        phone.address,
        "Google Pixel 8",
        "Google Tensor G3",
    )
    assert (onnx.environment_before or {})["temperature_c"] == 29.1
    assert phone.leftovers == []
