"""Measure on an iPhone through Apple's `devicectl`, by the demo app: its answer is fetched from its own folder."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from edgestyle.bench.environment import describe_host
from edgestyle.bench.jobs import Job, is_pack
from edgestyle.bench.measuring import Plan
from edgestyle.bench.results import Result
from edgestyle.bench.targets import ACCELERATORS_THERE, Dialogue
from edgestyle.bench.targets.android_answer import MOST_BYTES, read_answer
from edgestyle.bench.targets.devicectl import devicectl
from edgestyle.bench.targets.ios_answer import read_environment
from edgestyle.bench.targets.ios_devices import Phone, choose_phone, read_phones
from edgestyle.bench.targets.workers import begin_rows, failed_rows, finish_row, in_groups, timeout_seconds
from edgestyle.errors import TargetError
from edgestyle.sidecar import sidecar_path

APP = "dev.edgestyle.demo"
FOLDER = "Documents/benchmark"  # in the app's own folder
_IN_APP = ("--domain-type", "appDataContainer", "--domain-identifier", APP)
_COPY_SECONDS = 300.0


class IosTarget:
    """An iPhone or iPad with Developer Mode on, at a cable or in the network, and the demo app on it.

    Args:
        address: `ios` where one is connected, or `ios:UDID`; a device's identifier and name will do too.
        dialogue: `app` in it is the demo app, a `.app` or `.ipa` that is signed for the device, to install if missing.

    Raises:
        TargetError: the address is none.
    """

    def __init__(self, address: str, dialogue: Dialogue | None = None) -> None:
        scheme, _, wanted = address.partition(":")
        if scheme != "ios" or wanted.startswith("-"):
            raise TargetError(
                f"'{address}' is no address: write ios or ios:UDID, as 'xcrun devicectl list devices' does"
            )
        self.name, self._dialogue = address, dialogue or Dialogue()
        self._wanted = wanted or None
        self._phone: Phone | None = None
        self._device: dict[str, Any] = {}

    def describe(self) -> dict[str, Any]:
        """See `Target.describe`; empty before `measure` has been there."""
        return self._device

    def measure(self, jobs: list[Job], plan: Plan) -> Iterator[Result]:
        """See `Target.measure`. What cannot be measured there is a row that says so.

        Raises:
            TargetError: before the first row: this is no Mac, no iPhone or several are there, it does not trust this
                Mac, it lacks the app, or files are to take turns. Later, such a thing is a failed row.
        """
        if plan.interleaved:
            raise TargetError("files cannot take turns on a phone: leave --in-turns out")
        if plan.pinned_cores:
            raise TargetError("an app cannot be pinned to cores: leave --cores out")
        able = [job for job in jobs if _reason_against(job) is None]
        try:
            if able:
                self._prepare()
            for (job,) in in_groups(jobs, plan):
                yield self._measure_job(job, plan)
        finally:
            self.close()

    def close(self) -> None:
        """Empty the app's folder of what was copied there."""
        phone, self._phone = self._phone, None
        if phone is None:
            return
        try:
            with tempfile.TemporaryDirectory() as nothing:
                _copy_to(phone, Path(nothing), FOLDER, "--remove-existing-content", "true")
        except TargetError as error:
            self._dialogue.say(f"{self.name}: what was copied could not be removed, the next run will: {error}")

    def _prepare(self) -> None:
        """Find the phone, and the app on it."""
        self._dialogue.say(f"{self.name}: looking around")
        phone = choose_phone(read_phones(devicectl("list", "devices")), self._wanted)
        there = devicectl("device", "info", "apps", "--device", phone.identifier, "--bundle-id", APP)
        if not there.get("apps"):
            if self._dialogue.app is None:
                raise TargetError(f"the demo app ({APP}) is not installed on {phone.name}: run it from Xcode once")
            install = ("device", "install", "app", "--device", phone.identifier, str(self._dialogue.app))
            devicectl(*install, timeout_s=_COPY_SECONDS)
        self._phone = phone
        self._device = {"kind": "ios", "name": phone.name, **phone.facts, "git": describe_host()["git"]}

    def _measure_job(self, job: Job, plan: Plan) -> Result:
        (row,) = begin_rows([job], plan, self.name, self._device)
        reason = _reason_against(job)
        if reason is not None:
            return finish_row(row, {"status": "unavailable", "error": reason})
        assert self._phone is not None
        self._dialogue.say(f"{self.name}: measuring {job.path.name}")
        try:
            return finish_row(row, _measure_there(self._phone, job, plan))
        except TargetError as error:
            return failed_rows([row], error)[0]


def launch_command(phone: Phone, job: Job, plan: Plan, name: str) -> list[str]:
    """Start the app in its benchmark mode, and wait until it has ended itself."""
    return [
        "device", "process", "launch", "--device", phone.identifier, "--terminate-existing", "--console", APP, "--",
        "--benchmark", name, "--runs", str(plan.min_runs), "--seconds", f"{plan.steady_seconds:g}",
        "--threads", str(job.threads), "--size", str(job.size), "--accelerator", job.accelerator,
    ]  # fmt: skip


def _measure_there(phone: Phone, job: Job, plan: Plan) -> dict[str, Any]:
    """Fields of the row: copy the file and its sidecar, run the app, fetch what it wrote."""
    name = job.path.name
    with tempfile.TemporaryDirectory() as folder:
        _copy_to(phone, Path(folder), FOLDER, "--remove-existing-content", "true")
        _copy_to(phone, job.path, f"{FOLDER}/{name}")
        _copy_to(phone, sidecar_path(job.path), f"{FOLDER}/{name}.sidecar.json")
        devicectl(*launch_command(phone, job, plan, name), timeout_s=timeout_seconds(1, plan))
        answer = Path(folder, "answer.json")
        source = ("--source", f"{FOLDER}/{name}.json", "--destination", str(answer))
        devicectl("device", "copy", "from", "--device", phone.identifier, *_IN_APP, *source)
        if not answer.is_file() or answer.stat().st_size > MOST_BYTES:
            raise TargetError("the demo app ended without an answer that can be read: keep the phone unlocked")
        text = answer.read_text(encoding="utf-8", errors="replace")
    return {**read_answer(text), **read_environment(text)}


def _copy_to(phone: Phone, source: Path, destination: str, *options: str) -> None:
    where = ("--source", str(source), "--destination", destination)
    devicectl("device", "copy", "to", "--device", phone.identifier, *_IN_APP, *where, *options, timeout_s=_COPY_SECONDS)


def _reason_against(job: Job) -> str | None:
    """Why the app does not run a job, in one line; None where it does."""
    known = ACCELERATORS_THERE["ios"]
    if is_pack(job.path) or job.path.suffix not in known:
        return f"the demo app runs {', '.join(known)} files only"
    if job.accelerator not in known[job.path.suffix]:
        return f"the demo app runs files on {', '.join(known[job.path.suffix])}, not on '{job.accelerator}'"
    return None
