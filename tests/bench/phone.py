"""What a stand-in phone holds: Android's commands as small scripts, the demo app, its storage.

python -m tests.bench.phone FOLDER    starts one with its files in a new folder, until Ctrl-C
"""

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from edgestyle.contract import CONTRACT_VERSION
from edgestyle.sidecar import file_sha256, sidecar_path
from tests.bench.adbd import Adbd
from tests.bench.sshd import free_port
from tests.independent.conftest import need

ADB = shutil.which("adb")
APP = "dev.edgestyle.demo"
_PROPERTIES = {
    "ro.product.manufacturer": "Google", "ro.product.model": "Pixel 8", "ro.soc.manufacturer": "Google",
    "ro.soc.model": "Tensor G3", "ro.product.cpu.abi": "arm64-v8a", "ro.build.version.release": "15",
    "ro.build.version.sdk": "35",
    "ro.build.fingerprint": "google/shiba/shiba:15/AP4A.250105.002/12701944:user/release-keys",
}  # fmt: skip
BATTERY = """Current Battery Service state:
  AC powered: false
  USB powered: true
  Wireless powered: false
  Max charging current: 500000
  status: 2
  health: 2
  present: true
  level: 85
  scale: 100
  voltage: 4245
  temperature: 291
  technology: Li-ion
"""
THERMAL = """IsStatusOverride: false
ThermalEventListeners:
	callbacks: 2
	killed: false
Thermal Status: {status}
Cached temperatures:
	Temperature{{mValue=31.9, mType=3, mName=VIRTUAL-SKIN, mStatus={status}}}
HAL Ready: true
Current temperatures from HAL:
	Temperature{{mValue=45.2, mType=0, mName=BIG, mStatus=0}}
	Temperature{{mValue=29.1, mType=2, mName=battery, mStatus=0}}
Current cooling devices from HAL:
	CoolingDevice{{mValue=0, mType=2, mName=thermal-cpufreq-0}}
"""
ANSWER = {
    "runtime": "onnxruntime-android 1.22.0", "app": "1.0", "load_ms": 21.5, "first_run_ms": 14.0,
    "samples_ms": [10.0 + 0.1 * (index % 7) for index in range(50)], "placement": {"CPUExecutionProvider": 20},
    "warm_up": {"runs": 10, "seconds": 0.2, "settled": True}, "peak_rss_bytes": 90_000_000,
}  # fmt: skip
OUTPUT = """STARTING!
Log parameter values verbosely: [0]
Min num runs: [50]
Graph: [/data/local/tmp/edgestyle-bench/a.tflite]
#threads used for CPU inference: [1]
INFO: Created TensorFlow Lite XNNPACK delegate for CPU.
INFO: Replacing 24 out of 26 node(s) with delegate (TfLiteXNNPackDelegate) node, yielding 3 partitions for subgraph 0.
Loaded model /data/local/tmp/edgestyle-bench/a.tflite
The input model file size (MB): 0.09
Initialized session in 17.187ms.
Running benchmark for at least 1 iterations and at least 0.5 seconds but terminate if exceeding 150 seconds.
count=12 first=51230 curr=41033 min=40500 max=51230 avg=42010.4 std=2900

Running benchmark for at least 50 iterations and at least 1 seconds but terminate if exceeding 150 seconds.
count=50 first=41012 curr=40950 min=40100 max=43700 avg=4.10435e+04 std=620

Inference timings in us: Init: 17187, First inference: 51230, Warmup (avg): 42010.4, Inference (avg): 4.10435e+04
Note: as the benchmark tool itself affects memory footprint, the following is only APPROXIMATE to the actual memory footprint of the model at runtime. Take the information at your discretion.
Memory footprint delta from the start of the tool (MB): init=4.21094 overall=46.0859
Overall peak memory footprint (MB) via periodic monitoring: 52.5
"""  # noqa: E501  its real words
_TOOLS = {
    "getprop": 'cat "$PHONE/getprop.txt"',
    "dumpsys": 'cat "$PHONE/dumpsys-$1.txt"',
    "settings": 'cat "$PHONE/low_power.txt"',
    "pkill": "exit 1",
    "input": "exit 0",
    "pm": f'if [ -d "$PHONE/data/data/{APP}" ]; then echo package:/data/app/base.apk; else exit 1; fi',
    "run-as": 'if [ ! -d "$PHONE/data/data/$1" ]; then echo "run-as: unknown package: $1" >&2; exit 1; fi\n'
    'cd "$PHONE/data/data/$1"; shift; exec "$@"',
    "pidof": 'test -f "$PHONE/running" && cat "$PHONE/running"',
    "df": 'echo "Filesystem 1K-blocks Used Available Use% Mounted on"; '
    'echo "/dev/block/dm-5 113000000 1000 $(cat "$PHONE/free_kb.txt") 48% /data"',
    "am": """
if [ "$1" = force-stop ]; then
  if [ -f "$PHONE/running" ]; then kill -9 -- "-$(cat "$PHONE/running")" 2>/dev/null; fi
  rm -f "$PHONE/running"; exit 0
fi
while [ $# -gt 0 ]; do case $2 in model) name=$3;; esac; shift; done
echo "Starting: Intent { cmp=dev.edgestyle.demo/.BenchmarkActivity (has extras) }"
app="$PHONE/data/data/dev.edgestyle.demo"
export app name
setsid sh -c 'echo $$ >"$PHONE/running"; sleep "$(cat "$PHONE/app_seconds.txt")"
  test -s "$app/files/benchmark/$name" && cp "$PHONE/answer.json" "$app/files/benchmark/.$name" &&
  mv "$app/files/benchmark/.$name" "$app/files/benchmark/$name.json"; rm -f "$PHONE/running"' >/dev/null 2>&1 &
sleep 0.05
""",
}  # fmt: skip


@dataclass
class Phone:
    """A stand-in phone and what it holds.

    Attributes:
        folder: of its files.
        adbd: its server.
    """

    folder: Path
    adbd: Adbd

    @property
    def address(self) -> str:
        """For `AndroidTarget`."""
        return f"android:{self.adbd.serial}"

    @property
    def leftovers(self) -> list[str]:
        """What stays on it."""
        places = self.folder / "data/local/tmp", self.folder / "data/data" / APP / "files/benchmark"
        return sorted(path.name for place in places for path in place.glob("*"))

    def answer(self, **changed: Any) -> None:
        """What the app will write."""
        (self.folder / "answer.json").write_text(json.dumps({**ANSWER, **changed}))

    def connect(self) -> None:
        """As `adb connect` does."""
        subprocess.run(["adb", "connect", self.adbd.serial], check=True, capture_output=True)

    def stop(self) -> None:
        """Be gone, also from the list of devices."""
        self.adbd.stop()
        subprocess.run(["adb", "disconnect", self.adbd.serial], check=False, capture_output=True)

    def write(self, name: str, text: str) -> None:
        """Change what one of Android's commands says."""
        (self.folder / name).write_text(text)


def start_phone(folder: Path, app: bool = True, app_seconds: float = 0.1) -> Phone:
    """A phone on a free port."""
    tools, home = folder / "tools", folder / "data/data" / APP
    for new in (tools, folder / "data/local/tmp", *([home] if app else [])):
        new.mkdir(parents=True)
    for name, script in _TOOLS.items():
        (tools / name).write_text(f"#!/bin/sh\n{script}\n")
        (tools / name).chmod(0o755)
    environment = {"PATH": f"{tools}:{os.environ['PATH']}", "PHONE": str(folder)}
    phone = Phone(folder, Adbd(folder, environment))
    phone.answer()
    for name, text in {
        "getprop.txt": "".join(f"[{key}]: [{value}]\n" for key, value in _PROPERTIES.items()),
        "dumpsys-battery.txt": BATTERY, "dumpsys-thermalservice.txt": THERMAL.format(status=0), "low_power.txt": "0\n",
        "free_kb.txt": "59000000", "app_seconds.txt": f"{app_seconds}",
    }.items():  # fmt: skip
        phone.write(name, text)
    return phone


def write_binary(path: Path, output: str = OUTPUT, ends: str = "exit 0") -> Path:
    """A program that says what `benchmark_model` says; it runs where the stand-in runs it."""
    path.write_text(f"#!/bin/sh\ncat <<'EOF'\n{output}EOF\n{ends}\n")
    return path


def write_exported(path: Path) -> Path:
    """A file with a sidecar, as the exporters write them; the stand-in runs no network."""
    path.write_bytes(os.urandom(5000))
    sidecar = {
        "contract_version": CONTRACT_VERSION, "pack": "tiny", "format": path.suffix[1:], "recipe": "float32",
        "sha256": file_sha256(path), "size_bytes": 5000, "sizes": [32], "styles": {"one": {"vector": [0.5]}},
    }  # fmt: skip
    sidecar_path(path).write_text(json.dumps(sidecar))
    return path


@contextmanager
def adb_alone(home: Path) -> Iterator[None]:
    """The real adb with a server, a home and keys of its own."""
    need(ADB is not None, "adb is not installed: apt-get install adb")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANDROID_ADB_SERVER_PORT", str(free_port()))
        patch.setenv("HOME", str(home))
        yield
        subprocess.run(["adb", "kill-server"], check=False, capture_output=True)


if __name__ == "__main__":
    started = start_phone(Path(sys.argv[1]).absolute(), app_seconds=2)
    print(f"adb connect {started.adbd.serial}", flush=True)
    threading.Event().wait()
