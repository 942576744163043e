"""The whole way to a board and back, with an emulated ARM64 processor behind a real sshd."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.independent import arm64
from edgestyle.bench.jobs import make_job
from edgestyle.bench.measuring import Plan
from edgestyle.bench.targets import Dialogue
from edgestyle.bench.targets.ssh import SshTarget
from tests.bench.sshd import SSHD, Board, start_board
from tests.independent.conftest import SIZE, need

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("emulated_arm64")]
QUICK = Plan(min_runs=3, min_seconds=0.01, min_warmup_runs=1, max_warmup_seconds=0.05)


@pytest.fixture
def board(tmp_path: Path) -> Iterator[Board]:
    need(SSHD is not None, "sshd is not installed: apt-get install openssh-server")
    board = start_board(tmp_path / "board")
    board.write_tool("python3", arm64.script_for("cortex-a72"))
    yield board
    board.stop()


@pytest.mark.parametrize("name", ["onnx", "tflite"])
def test_an_arm64_board_is_described_and_measures(
    name: str, board: Board, exported: dict[tuple[str, str], Path]
) -> None:
    target = SshTarget(board.address, Dialogue(ssh_config=board.config))
    (row,) = target.measure([make_job(exported[name, "float32"], SIZE, 1)], QUICK)
    assert row.status == "measured", row.error
    assert row.device["architecture"] == "aarch64"
    assert row.device["processor"] == "Cortex-A72"
    assert sum((row.placement or {}).values()) > 50
    assert (row.latency_ms or {})["p50"] > 0
    assert board.leftovers == []
