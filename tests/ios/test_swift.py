"""The kit's own tests, and the types of kit and app, by a Swift compiler: `make swift` fetches one."""

import os
import re
import shutil
import subprocess

import pytest

from tests.ios.sources import IOS, ROOT

HAS_SWIFT = (ROOT / ".swift/ready").is_file() or shutil.which("swiftc") is not None
pytestmark = pytest.mark.slow


def run(*command: str) -> str:
    """Run a command with the compiler; what it says, errors among it."""
    if not HAS_SWIFT and not os.environ.get("CI"):
        pytest.skip("there is no Swift compiler here: make swift")
    done = subprocess.run(
        [IOS / "swift.sh", *command], capture_output=True, text=True, timeout=1800, check=False, cwd=ROOT
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said[-3000:]
    return said


def test_the_kit_passes_its_tests() -> None:
    said = run("swift", "test", "--package-path", "EdgeStyleKit")
    (count,) = re.findall(r"Test run with (\d+) tests passed", said)
    assert int(count) >= 40
    assert "warning:" not in said


def test_apples_parts_and_the_app_have_the_right_types() -> None:
    said = run("./check_apple_parts.sh", *(["/build/apple"] if (ROOT / ".swift/ready").is_file() else []))
    kit, app = re.findall(r"(\d+) files of the kit and (\d+) of the app pass", said)[0]
    assert (int(kit), int(app)) == (
        len(list((IOS / "EdgeStyleKit/Sources").rglob("*.swift"))),
        len(list((IOS / "EdgeStyleDemo").rglob("*.swift"))),
    )


def test_swift_is_formatted() -> None:
    run(
        "swift", "format", "lint", "--strict", "--configuration", ".swift-format", "-r", "EdgeStyleKit", "EdgeStyleDemo"
    )


def test_help_is_given_where_nothing_is_asked_for() -> None:
    done = subprocess.run([IOS / "swift.sh"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "swift test" in done.stdout
