"""What a machine tells, and nothing where it does not tell: other machines stand in as folders and tools."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from edgestyle.bench.environment import describe_checkout, describe_host, run_tool, take_snapshot

KEYS = {
    "kind", "model", "soc", "processor", "architecture", "cores", "core_groups", "memory_bytes", "hypervisor", "system",
    "os_build", "python", "runtimes", "low_power_mode", "throttled", "git", "temperature_c", "frequency_mhz",
    "load_1min", "battery_percent", "on_battery",
}  # fmt: skip
PI = {
    "proc/cpuinfo": "processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd08\n" * 4,
    "proc/meminfo": "MemTotal:        3884420 kB\n",
    "proc/device-tree/model": "Raspberry Pi 4 Model B Rev 1.4\0",
    "proc/device-tree/compatible": "raspberrypi,4-model-b\0brcm,bcm2711\0",
    "etc/os-release": 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
    "sys/class/thermal/thermal_zone0/type": "cpu-thermal\n",
    "sys/class/thermal/thermal_zone0/temp": "61341\n",
    "sys/devices/system/cpu/cpufreq/policy0/related_cpus": "0 1 2 3\n",
    "sys/devices/system/cpu/cpufreq/policy0/scaling_governor": "ondemand\n",
    "sys/devices/system/cpu/cpufreq/policy0/cpuinfo_min_freq": "600000\n",
    "sys/devices/system/cpu/cpufreq/policy0/cpuinfo_max_freq": "1800000\n",
    "sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq": "1800000\n",
    "sys/devices/system/cpu/cpu1/cpufreq/scaling_cur_freq": "600000\n",
}
LAPTOP = {
    "proc/cpuinfo": "model name\t: Example CPU @ 3 GHz\ncpu MHz\t\t: 2000.5\nflags\t: fpu sse\n",
    "sys/class/dmi/id/sys_vendor": "Example Inc.\n",
    "sys/class/dmi/id/product_name": "Book 14\n",
    "sys/class/thermal/thermal_zone0/type": "acpitz\n",
    "sys/class/thermal/thermal_zone0/temp": "90000\n",
    "sys/class/thermal/thermal_zone1/type": "x86_pkg_temp\n",
    "sys/class/thermal/thermal_zone1/temp": "48000\n",
    "sys/class/power_supply/BAT0/type": "Battery\n",
    "sys/class/power_supply/BAT0/capacity": "57\n",
    "sys/class/power_supply/BAT0/status": "Discharging\n",
    "sys/class/power_supply/A-mouse/type": "Battery\n",
    "sys/class/power_supply/A-mouse/scope": "Device\n",
    "sys/class/power_supply/A-mouse/capacity": "3\n",
    "sys/firmware/acpi/platform_profile": "low-power\n",
}
MAC = {
    "sysctl -n machdep.cpu.brand_string": "Apple M2",
    "sysctl -n hw.model": "Mac14,2",
    "sysctl -n hw.memsize": "17179869184",
    "sysctl -n hw.nperflevels": "2",
    "sysctl -n hw.perflevel0.logicalcpu": "4",
    "sysctl -n hw.perflevel0.name": "Performance",
    "sysctl -n hw.perflevel1.logicalcpu": "4",
    "sysctl -n hw.perflevel1.name": "Efficiency",
    "sysctl -n kern.hv_vmm_present": "0",
    "sw_vers -productVersion": "14.5",
    "sw_vers -buildVersion": "23F79",
    "pmset -g": "System-wide power settings:\n lowpowermode         1\n",
    "pmset -g batt": "Now drawing from 'Battery Power'\n -InternalBattery-0 (id=1)\t81%; discharging; 5:12 remaining",
}


def machine(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def no_tools(command: list[str]) -> str | None:
    return None


@pytest.fixture(autouse=True)
def linux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")


def test_a_raspberry_pi_tells_board_chip_clocks_temperature_and_throttling(tmp_path: Path) -> None:
    tools = {"vcgencmd get_throttled": "throttled=0x50005"}
    found = describe_host(machine(tmp_path, PI), lambda command: tools.get(" ".join(command)))
    assert found["model"] == "Raspberry Pi 4 Model B Rev 1.4"
    assert found["soc"] == "brcm,bcm2711"
    assert found["processor"] == "Cortex-A72"
    assert found["core_groups"] == [
        {"cpus": [0, 1, 2, 3], "governor": "ondemand", "minimum_mhz": 600.0, "maximum_mhz": 1800.0}
    ]
    assert (found["temperature_c"], found["frequency_mhz"]) == (61.3, 1200.0)
    assert (found["memory_bytes"], found["throttled"]) == (3884420 * 1024, "0x50005")
    assert found["battery_percent"] is None
    assert found["low_power_mode"] is None


def test_a_laptop_tells_its_own_battery_and_power_mode_and_the_processor_s_sensor(tmp_path: Path) -> None:
    found = describe_host(machine(tmp_path, LAPTOP), no_tools)
    assert (found["battery_percent"], found["on_battery"], found["low_power_mode"]) == (57, True, True)
    assert (found["model"], found["processor"]) == ("Example Inc. Book 14", "Example CPU @ 3 GHz")
    assert (found["temperature_c"], found["frequency_mhz"], found["hypervisor"]) == (48.0, 2000.5, False)


def test_a_machine_that_tells_nothing_gives_null_and_every_key(tmp_path: Path) -> None:
    found = describe_host(tmp_path, no_tools)
    assert found.keys() == KEYS
    told = {"kind", "architecture", "cores", "core_groups", "system", "python", "runtimes", "load_1min"}
    assert {key: found[key] for key in KEYS - told} == dict.fromkeys(KEYS - told)
    assert found["core_groups"] == []


def test_a_mac_tells_through_its_tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    found = describe_host(tmp_path, lambda command: MAC.get(" ".join(command)))
    assert found.keys() == KEYS
    assert (found["model"], found["soc"], found["os_build"]) == ("Mac14,2", "Apple M2", "macOS 14.5 23F79")
    assert [group["count"] for group in found["core_groups"]] == [4, 4]
    assert (found["low_power_mode"], found["battery_percent"], found["on_battery"]) == (True, 81.0, True)
    assert found["hypervisor"] is False


def test_a_sensor_that_cannot_be_read_is_null(tmp_path: Path) -> None:
    machine(tmp_path, {**PI, "sys/class/thermal/thermal_zone0/temp": "not a number\n"})
    assert take_snapshot(tmp_path, no_tools)["temperature_c"] is None


def test_this_machine_can_be_asked_from_a_bare_python() -> None:
    done = subprocess.run(
        [sys.executable, "-S", "-m", "edgestyle.bench.environment"], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout).keys() == KEYS


def test_the_checkout_s_commit_and_changes_are_told(tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        who = {f"GIT_{role}_{what}": "x" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        environment: dict[str, Any] = {**os.environ, **who}
        subprocess.run(["git", "-C", tmp_path, *arguments], check=True, capture_output=True, env=environment)

    git("init")
    (tmp_path / "installed").mkdir()
    for folder in (tmp_path, tmp_path / "installed"):
        (folder / "__init__.py").write_text("")
    git("add", "__init__.py")
    git("commit", "-m", "first")
    clean = describe_checkout(tmp_path)
    assert clean == {"commit": run_tool(["git", "-C", str(tmp_path), "rev-parse", "HEAD"]), "dirty": False}
    (tmp_path / "__init__.py").write_text("changed = True\n")
    assert (describe_checkout(tmp_path) or {})["dirty"] is True
    assert describe_checkout(tmp_path / "installed") is None  # it only lies inside somebody's checkout


def test_a_tool_that_is_missing_or_fails_tells_nothing() -> None:
    assert run_tool(["no-such-tool-anywhere"]) is None
    assert run_tool([sys.executable, "-c", "raise SystemExit(3)"]) is None
