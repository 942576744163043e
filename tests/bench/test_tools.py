"""Other people's tools end when they have to, with all that they started."""

import signal
import threading
import time
from pathlib import Path

import pytest

from edgestyle.bench.targets.tools import run_tool
from edgestyle.errors import TargetError


def test_a_late_tool_ends_with_what_it_started() -> None:
    began = time.monotonic()
    with pytest.raises(TargetError, match="got no answer within 1 s"):
        run_tool(["sh", "-c", "sleep 60 & echo began; wait"], 1)
    assert time.monotonic() - began < 30, "the other one would hold the pipe open for a minute"


def test_ctrl_c_ends_a_tool_with_what_it_started(tmp_path: Path) -> None:
    main, began, later = threading.main_thread().ident or 0, tmp_path / "began", tmp_path / "later"

    def interrupt() -> None:
        while not began.exists():
            time.sleep(0.05)
        signal.pthread_kill(main, signal.SIGINT)

    threading.Thread(target=interrupt, daemon=True).start()
    with pytest.raises(KeyboardInterrupt):
        run_tool(["sh", "-c", f"(sleep 2; touch {later}) & touch {began}; wait"], 50)
    time.sleep(3)
    assert not later.exists()


@pytest.mark.parametrize(("patience_s", "tidied"), [(20.0, True), (0.0, False)])
def test_a_patient_caller_lets_a_tool_tidy_up(patience_s: float, tidied: bool, tmp_path: Path) -> None:
    script = f"trap 'touch {tmp_path}/tidied; exit 1' INT; while :; do sleep 0.1; done"
    with pytest.raises(TargetError, match="got no answer"):
        run_tool(["bash", "-c", script], 5, patience_s=patience_s)  # time enough to set the trap on any machine
    assert (tmp_path / "tidied").exists() == tidied


def test_a_tool_that_ends_in_time_leaves_what_it_started(tmp_path: Path) -> None:
    script = f"(sleep 1; touch {tmp_path}/later) >/dev/null 2>&1 & echo done"
    assert run_tool(["sh", "-c", script], 20).text == "done\n", "as adb leaves its server"
    end = time.monotonic() + 30
    while not (tmp_path / "later").exists():
        assert time.monotonic() < end
        time.sleep(0.1)
