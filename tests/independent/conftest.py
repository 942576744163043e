"""Every exported file of `atelier` at one small size, made once for all independent checks."""

import os
from importlib.util import find_spec
from pathlib import Path

import pytest

from benchmarks.independent import arm64
from edgestyle.exporters.bundle import export_pack
from edgestyle.packs.loading import load_pack
from edgestyle.packs.pack import Pack

SIZE = 96
FORMATS = ("onnx", "tflite")
RECIPES = ("float32", "float16", "w8", "w8a8")


def need(tool_is_there: bool, how_to_get_it: str) -> None:
    """Skip where a tool is missing on somebody's machine; fail where it is missing in CI, which must have it."""
    if not tool_is_there and os.environ.get("CI"):
        pytest.fail(how_to_get_it)
    if not tool_is_there:
        pytest.skip(how_to_get_it)


@pytest.fixture(scope="session")
def atelier() -> Pack:
    return load_pack("atelier")


@pytest.fixture(scope="session")
def exported(atelier: Pack, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Path]:
    """Files by format and recipe."""
    files = export_pack(atelier, tmp_path_factory.mktemp("independent"), list(FORMATS), list(RECIPES), [SIZE])
    return {(file.format, file.recipe): file.path for file in files}


@pytest.fixture(scope="session")
def emulated_arm64() -> None:
    need(arm64.is_ready(), f"the ARM64 emulator is not set up, or for other versions: {arm64.SETUP}")


@pytest.fixture(scope="session")
def openvino() -> None:
    need(find_spec("openvino") is not None, "OpenVINO is not installed: pip install -c constraints.txt openvino")
