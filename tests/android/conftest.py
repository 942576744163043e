"""The Android project compiled once, and its tests run once, for all that look at them."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.android import building, wanted
from tests.independent.conftest import need


@dataclass(frozen=True)
class Outcome:
    """What became of one test on the JVM: "passed", "failed" or "left out", and why."""

    result: str
    why: str


@pytest.fixture(scope="session")
def tools() -> None:
    missing = building.missing_tools()
    need(not missing, f"{', '.join(missing)} missing: {building.HOW}")


@pytest.fixture(scope="session")
def built(tools: None, tmp_path_factory: pytest.TempPathFactory) -> building.Built:
    return building.build(tmp_path_factory.mktemp("android"))


@pytest.fixture(scope="session")
def prepared(tools: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What edgestyle makes of some photos; the JVM's tests read it, and write into it."""
    folder = tmp_path_factory.mktemp("wanted")
    wanted.prepare(folder)
    return folder


@pytest.fixture(scope="session")
def outcomes(built: building.Built, prepared: Path) -> dict[tuple[str, str], Outcome]:
    """By class and test."""
    properties = {
        "edgestyle.vectors": building.ROOT / "tests" / "vectors",
        "edgestyle.assets": building.PROJECT / "app" / "src" / "main" / "assets",
        "edgestyle.out": prepared,
        "edgestyle.python": f"{sys.executable}\n-m\ntests.android.network_server",
    }
    options = [f"-D{name}={value}" for name, value in properties.items()]
    command = [
        "java",
        "-Xmx300m",
        "-XX:+UseSerialGC",
        *options,
        "-cp",
        built.classpath,
        "RunTests",
        *jvm_test_classes(),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=building.ROOT)
    assert done.returncode == 0, done.stderr[-8000:]
    lines = (line.split("\t") for line in done.stdout.splitlines() if line.count("\t") == 3)
    return {(name, test): Outcome(result, why) for result, name, test, why in lines}


def jvm_test_classes() -> list[str]:
    """Full names of the test classes."""
    folder = building.KIT_SOURCES[1]
    files = sorted(folder.rglob("*Test.kt"))
    return [".".join(path.relative_to(folder).with_suffix("").parts) for path in files]
