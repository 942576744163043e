"""Measure with the demo app on a phone: its benchmark activity is started, and its answer fetched."""

import shlex
from typing import Any

from edgestyle.bench.jobs import Job
from edgestyle.bench.measuring import Plan
from edgestyle.bench.targets.adb import Adb, LostError
from edgestyle.bench.targets.android_answer import MOST_BYTES, read_answer
from edgestyle.bench.targets.android_files import FOLDER, PREFIX, push_whole
from edgestyle.bench.targets.workers import timeout_seconds
from edgestyle.errors import TargetError
from edgestyle.sidecar import sidecar_path

APP = "dev.edgestyle.demo"
_ACTIVITY = f"{APP}/.BenchmarkActivity"
ANSWERS = "files/benchmark"  # in the app's own folder, where the app writes NAME.json under another name and renames it
AS_APP = f"run-as {APP}"
_GONE, _LATE = 11, 12  # exit codes of `_WAIT`
_WAIT = """
alone=0; passed=0
until {as_app} ls {answer} >/dev/null 2>&1; do
  if pidof {app} >/dev/null; then alone=0; else alone=$((alone + 1)); fi
  if [ $alone -gt 3 ]; then exit {gone}; fi
  if [ $passed -ge {most} ]; then exit {late}; fi
  passed=$((passed + 1)); sleep 1
done"""


class AppWay:
    """The demo app, in a build that can be debugged, since `run-as` reaches into no other."""

    program = "the demo app"
    suffixes = (".onnx", ".tflite")

    def check(self, adb: Adb, plan: Plan) -> None:
        """See `Way.check`."""
        if plan.pinned_cores:
            raise TargetError("an app cannot be pinned to cores: leave --cores out, or measure with --binary")
        if adb.shell(f"pm path {APP}").exit_code != 0:
            raise TargetError(f"the demo app ({APP}) is not installed on {adb.serial}: adb install it, or use --binary")
        said = adb.shell(f"{AS_APP} mkdir -p {ANSWERS}")
        if said.exit_code != 0:
            raise TargetError(
                f"the demo app on {adb.serial} cannot be reached ({said.last_line}): install its debug build"
            )

    def measure(self, adb: Adb, job: Job, plan: Plan, name: str) -> dict[str, Any]:
        """See `Way.measure`."""
        for local, there in ((job.path, name), (sidecar_path(job.path), f"{name}.sidecar.json")):
            push_whole(adb, local, there)
            _expect(adb, f"{AS_APP} cp {FOLDER}/{there} {ANSWERS}/{there}", "take the file")
        answer = f"{ANSWERS}/{name}.json"
        said = _expect(adb, start_command(job, plan, name), "start")
        if "Error" in said:
            raise TargetError(f"the demo app does not start: {said.strip().splitlines()[-1]}: install its latest build")
        _wait(adb, answer, timeout_seconds(1, plan))
        text = _expect(adb, f"{AS_APP} head -c {MOST_BYTES + 1} {answer}", "give its answer", MOST_BYTES + 1000)
        if len(text) > MOST_BYTES:
            raise TargetError(f"the app wrote more than {MOST_BYTES / 1e6:.0f} MB: ask for fewer runs (--runs)")
        return read_answer(text)

    def clean(self, adb: Adb) -> None:
        """See `Way.clean`."""
        adb.shell(f"am force-stop {APP}; {AS_APP} sh -c 'rm -f {ANSWERS}/{PREFIX}*'")


def start_command(job: Job, plan: Plan, name: str) -> str:
    """Wake the screen and start the activity; all values are quoted for the phone's shell."""
    extras = [
        "--es", "model", name, "--ei", "runs", str(plan.min_runs), "--ef", "seconds", f"{plan.steady_seconds:g}",
        "--ei", "threads", str(job.threads), "--ei", "size", str(job.size), "--es", "accelerator", job.accelerator,
    ]  # fmt: skip
    return "input keyevent KEYCODE_WAKEUP; " + shlex.join(["am", "start", "-S", "-n", _ACTIVITY, *extras])


def _wait(adb: Adb, answer: str, most_seconds: float) -> None:
    """Until the answer is there; the phone itself looks, so that nothing passes through the cable meanwhile."""
    most = int(most_seconds)
    script = _WAIT.format(as_app=AS_APP, answer=answer, app=APP, gone=_GONE, late=_LATE, most=most)
    code = adb.shell(script, most_seconds + 60).exit_code
    if code == _GONE:
        raise TargetError("the demo app ended without an answer: it crashed, or was closed on the phone")
    if code == _LATE:
        raise TargetError(f"no result after {most} s: ask for fewer runs (--runs) or a smaller picture (--size)")
    if code != 0:
        raise LostError(f"waiting for the app ended with code {code}")


def _expect(adb: Adb, script: str, what: str, most_bytes: int = 100_000) -> str:
    """What a command says that has to succeed."""
    said = adb.shell(script, most_bytes=most_bytes)
    if said.exit_code != 0:
        raise TargetError(f"the demo app cannot {what}: {said.last_line}")
    return said.text
