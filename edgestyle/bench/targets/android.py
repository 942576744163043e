"""Measure on an Android phone through `adb`: by the demo app, or by TensorFlow's `benchmark_model`."""

from collections.abc import Iterator
from typing import Any, Protocol

from edgestyle.bench.environment import describe_host
from edgestyle.bench.jobs import Job
from edgestyle.bench.measuring import Plan
from edgestyle.bench.results import Result
from edgestyle.bench.targets import Dialogue
from edgestyle.bench.targets.adb import Adb, LostError, find_phone
from edgestyle.bench.targets.android_app import AppWay
from edgestyle.bench.targets.android_binary import BinaryWay
from edgestyle.bench.targets.android_facts import describe_phone, take_snapshot
from edgestyle.bench.targets.android_files import FOLDER, name_there, remove_all
from edgestyle.bench.targets.workers import begin_rows, failed_rows, finish_row, in_groups
from edgestyle.errors import TargetError

_RETURN_SECONDS = 10.0  # a phone that went away has so long to come back
_SNAPSHOT = ("temperature_c", "frequency_mhz", "load_1min", "battery_percent", "low_power_mode", "thermal_status")


class Way(Protocol):
    """What measures on the phone."""

    @property
    def program(self) -> str:
        """What it is called."""
        ...

    @property
    def suffixes(self) -> tuple[str, ...]:
        """Of the files that it can measure."""
        ...

    def check(self, adb: Adb, plan: Plan) -> None:
        """Raise TargetError where it cannot measure there, or not as planned."""
        ...

    def measure(self, adb: Adb, job: Job, plan: Plan, name: str) -> dict[str, Any]:
        """Fields of a job's row. `name` is a new one, for a file in `FOLDER`. Raises TargetError."""
        ...

    def clean(self, adb: Adb) -> None:
        """Remove what it left outside of `FOLDER`."""
        ...


class AndroidTarget:
    """A phone with USB debugging on, at a cable or in the network. Nothing stays there.

    Args:
        address: `android` where one phone is connected, or `android:SERIAL`, as `adb devices` lists it.
        dialogue: `binary` in it is a `benchmark_model` built for the phone, to measure with in place of the demo app.

    Raises:
        TargetError: the address is none.
    """

    def __init__(self, address: str, dialogue: Dialogue | None = None) -> None:
        scheme, _, serial = address.partition(":")
        if scheme != "android" or serial.startswith("-") or any(mark.isspace() for mark in serial):
            raise TargetError(f"'{address}' is no address: write android or android:SERIAL, as 'adb devices' lists it")
        self.name, self._dialogue = address, dialogue or Dialogue()
        self._serial = serial or None
        self._way: Way = AppWay() if self._dialogue.binary is None else BinaryWay(self._dialogue.binary)
        self._adb: Adb | None = None
        self._device: dict[str, Any] = {}

    def describe(self) -> dict[str, Any]:
        """See `Target.describe`; empty before `measure` has been there."""
        return self._device

    def measure(self, jobs: list[Job], plan: Plan) -> Iterator[Result]:
        """See `Target.measure`. What `benchmark_model` or the app cannot measure is a row that says so.

        Raises:
            TargetError: before the first row: no phone or several are there, it refuses this computer, it lacks the
                app, or files are to take turns. Later, such a thing is a failed row.
        """
        if plan.interleaved:
            raise TargetError("files cannot take turns on a phone: leave --in-turns out")
        able = [job for job in jobs if job.path.suffix in self._way.suffixes]
        try:
            if able:
                self._prepare(plan)
            for (job,) in in_groups(jobs, plan):
                yield self._measure_job(job, plan)
        finally:
            self.close()

    def close(self) -> None:
        """Remove what was copied; a phone that went away has ten seconds to come back for that."""
        adb, self._adb = self._adb, None
        if adb is None:
            return
        try:
            self._come_back(adb)
        except TargetError as error:
            self._dialogue.say(f"{self.name}: what was copied could not be removed, the next run will: {error}")
        except KeyboardInterrupt:  # in the middle of cleaning up, which takes a moment and is done all the same
            self._come_back(adb)
            raise

    def _prepare(self, plan: Plan) -> None:
        self._dialogue.say(f"{self.name}: looking around")
        adb = find_phone(self._serial)
        self._way.check(adb, plan)
        self._adb = adb
        self._device = {**describe_phone(adb), "git": describe_host()["git"]}

    def _measure_job(self, job: Job, plan: Plan) -> Result:
        (row,) = rows = begin_rows([job], plan, self.name, self._device)
        if job.path.suffix not in self._way.suffixes:
            reason = f"{self._way.program} measures {' and '.join(self._way.suffixes)} files only"
            return finish_row(row, {"status": "unavailable", "error": reason})
        assert self._adb is not None
        self._dialogue.say(f"{self.name}: measuring {job.path.name}")
        try:
            self._come_back(self._adb)
            return finish_row(row, self._measure_there(self._adb, job, plan))
        except LostError as error:
            return failed_rows(rows, f"{error}; {self._where_is(self._adb)}")[0]
        except TargetError as error:
            return failed_rows(rows, error)[0]

    def _measure_there(self, adb: Adb, job: Job, plan: Plan) -> dict[str, Any]:
        """Fields of the row, with what the phone was like before and after."""
        adb.shell(f"mkdir -p {FOLDER}")
        before = take_snapshot(adb)
        fields = self._way.measure(adb, job, plan, name_there(job.path))
        after = take_snapshot(adb)
        around = {"environment_before": before, "environment_after": after}
        return {**fields, **{name: {key: one[key] for key in _SNAPSHOT} for name, one in around.items()}}

    def _come_back(self, adb: Adb, attempts: int = 3) -> None:
        """Wait for a phone that went away, and remove what is there; again where it goes away meanwhile."""
        if not adb.wait(_RETURN_SECONDS):
            raise LostError(f"{adb.serial} went away and did not come back within {_RETURN_SECONDS:.0f} s")
        try:
            self._way.clean(adb)
            remove_all(adb)
        except TargetError:
            if attempts == 1:
                raise
            self._come_back(adb, attempts - 1)

    def _where_is(self, adb: Adb) -> str:
        """What a list of devices that is read anew says of the phone."""
        try:
            state = adb.state()
        except TargetError as error:
            return str(error)
        return f"adb lists it as '{state}' now" if state else "adb does not list it any more"
