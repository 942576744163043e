"""Measure on any Linux device with sshd and Python: copy what is needed, run it, bring the rows back, clean up."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from edgestyle.bench.environment import describe_host
from edgestyle.bench.jobs import Job, is_pack
from edgestyle.bench.measuring import Plan
from edgestyle.bench.results import Result
from edgestyle.bench.targets import Dialogue, device_side
from edgestyle.bench.targets.connection import Connection, parse_address
from edgestyle.bench.targets.copying import CODE, names_on_device, pack_for_device
from edgestyle.bench.targets.workers import (
    MODULE,
    WorkerFailedError,
    begin_rows,
    failed_rows,
    finish_row,
    in_groups,
    run_worker,
)
from edgestyle.errors import TargetError
from edgestyle.runtime.accelerators import find_accelerator

OLDEST_PYTHON = (3, 11)
_DISTRIBUTIONS = {"onnxruntime": "onnxruntime", "ai_edge_litert": "ai-edge-litert", "openvino": "openvino"}
_ENVIRONMENT_BYTES = 500_000_000  # Python, NumPy and a runtime, with room for pip to unpack them
_INSTALL_SECONDS = 1800  # on a slow card
_ON_DEVICE = Path(device_side.__file__).read_text(encoding="utf-8")


class SshTarget:
    """A device reached by ssh. Nothing but a virtual environment, where one was agreed to, stays there.

    Args:
        address: `ssh://user@host:port`.
        dialogue: asked before anything is installed there.
        python: of the device.

    Raises:
        TargetError: the address is none.
    """

    def __init__(self, address: str, dialogue: Dialogue | None = None, python: str = "python3") -> None:
        self.name = address
        self._address, self._dialogue = parse_address(address), dialogue or Dialogue()
        self._system_python = self._python = python
        self._folder: str | None = None
        self._connection: Connection | None = None
        self._device: dict[str, Any] = {}

    def describe(self) -> dict[str, Any]:
        """See `Target.describe`; empty before `measure` has been there."""
        return self._device

    def measure(self, jobs: list[Job], plan: Plan) -> Iterator[Result]:
        """See `Target.measure`. What runs on this kind of device only elsewhere is a row that says so.

        Raises:
            TargetError: before the first row: the device cannot be reached, its host key is not the known one, it
                refuses ours, or it lacks Python, a runtime or room. Later, such a thing is a failed row.
        """
        able = [job for job in jobs if runs_by_ssh(job)]
        try:
            if able:
                self._prepare(able)
            for group in in_groups(jobs, plan):
                yield from self._measure_group(group, able, plan)
        finally:
            self.close()

    def close(self) -> None:
        """Remove what was copied and end the connection."""
        connection, folder = self._connection, self._folder
        self._connection = self._folder = None
        if connection is None:
            return
        try:
            if folder is not None and connection.is_alive():
                connection.run([self._system_python, "-c", _ON_DEVICE, "remove", folder], timeout_s=30)
        except TargetError as error:
            self._dialogue.say(f"what was copied could not be removed, the next run will: {error}")
        finally:
            connection.close()

    def _measure_group(self, jobs: list[Job], able: list[Job], plan: Plan) -> list[Result]:
        """Rows of the jobs that share a process."""
        rows = begin_rows(jobs, plan, self.name, self._device)
        names = names_on_device([job.path for job in able])
        there = [replace(job, path=Path(self._folder or "", names[job.path])) for job in jobs if job in able]
        try:
            measured = iter(self._run_there(there, plan) if there else [])
        except TargetError as error:
            return failed_rows(rows, error)
        elsewhere = {"status": "unavailable", "error": "only .onnx and .tflite files run on a device reached by ssh"}
        pairs = zip(rows, jobs, strict=True)
        return [finish_row(row, next(measured) if job in able else elsewhere) for row, job in pairs]

    def _run_there(self, jobs: list[Job], plan: Plan) -> list[dict[str, Any]]:
        """Fields of each job's row. A connection that broke before is made again."""
        connection = self._connected()
        self._dialogue.say(f"{self.name}: measuring {', '.join(job.path.name for job in jobs)}")
        try:
            return run_worker(connection.command(self._there(*MODULE)), jobs, plan)
        except WorkerFailedError as error:
            if connection.is_lost(error.worker_exit_code):
                raise connection.lost() from error
            raise

    def _connected(self) -> Connection:
        """The connection, made anew where there is none or it broke."""
        if self._connection is not None and not self._connection.is_alive():
            self._connection.close()
            self._connection = None
        if self._connection is None:
            self._connection = Connection(self._address, self._dialogue.ssh_config)
        return self._connection

    def _prepare(self, jobs: list[Job]) -> None:
        """Find or make what the jobs need there, copy the files, and ask what kind of machine it is."""
        self._dialogue.say(f"{self.name}: looking around")
        packed = pack_for_device([job.path for job in jobs])
        found = self._ask_device("probe")
        _check_device(self._address.host, found, len(packed))
        self._python = self._find_python(found, {_distribution(job) for job in jobs} | {"numpy"})
        self._dialogue.say(f"{self.name}: copying {len(packed) / 1e6:.1f} MB")
        self._folder = self._ask_device("receive", given=packed)["folder"]
        done = self._connected().run(self._there("-P", "-m", "edgestyle.bench.environment"))
        if done.returncode != 0:
            raise TargetError(f"edgestyle does not start on {self._address.host}: {_last_line(done.stderr)}")
        there = _read_object(self._address.host, done)
        self._device = {**there, "kind": "ssh", "git": describe_host()["git"]}  # the code came from here

    def _find_python(self, found: dict[str, Any], needed: set[str]) -> str:
        """A Python there that has all packages: the system's, or that of an environment, made where that is agreed."""
        missing = sorted(needed - found["packages"].keys())
        if not missing:
            return self._system_python
        if found["venv_python"]:
            inside = self._ask_device("probe", python=found["venv_python"])
            missing = sorted(needed - inside["packages"].keys())
            if not missing:
                return str(found["venv_python"])
        host, names = self._address.host, ", ".join(missing)
        if not found["venv_python"] and not found["can_make_venv"]:
            raise TargetError(
                f"{host} lacks {names}, and its Python cannot make environments: install python3-venv there"
            )
        if found["free_bytes"] < _ENVIRONMENT_BYTES:
            free = found["free_bytes"] / 1e6
            raise TargetError(
                f"{host} lacks {names}, and has {free:.0f} MB free where {_ENVIRONMENT_BYTES / 1e6:.0f} are needed"
            )
        if not self._dialogue.ask(
            f"{host} lacks {names}. Put them into a virtual environment there (~/.cache/edgestyle/venv)?"
        ):
            raise TargetError(f"{host} lacks {names}: install them there, or agree to an environment (--yes)")
        self._dialogue.say(f"{self.name}: installing {names}")
        wanted = [_pinned(name) for name in sorted(needed)]
        return str(self._ask_device("install", *wanted, timeout_s=_INSTALL_SECONDS)["python"])

    def _ask_device(
        self, verb: str, *arguments: str, given: bytes = b"", python: str | None = None, timeout_s: float = 120
    ) -> dict[str, Any]:
        """Run a verb of `device_side` there. Raises TargetError for what it says went wrong."""
        host, command = self._address.host, [python or self._system_python, "-c", _ON_DEVICE, verb, *arguments]
        done = self._connected().run(command, given, timeout_s)
        if done.returncode in (126, 127):
            raise TargetError(
                f"{host} has no {self._system_python}: install Python {_dotted(OLDEST_PYTHON)} or later there"
            )
        answer = _read_object(host, done)
        if "error" in answer:
            full = f"the disk of {host} is full" if answer["full"] else f"{host} could not {verb}"
            raise TargetError(f"{full}: {answer['error']}")
        return answer

    def _there(self, *arguments: str) -> list[str]:
        """A command on the device: its Python with the edgestyle that was copied."""
        return ["exec", "env", f"PYTHONPATH={self._folder}/{CODE}", self._python, *arguments]


def runs_by_ssh(job: Job) -> bool:
    """Whether a job's file can run on a Linux device without torch."""
    return not is_pack(job.path) and job.path.suffix in (".onnx", ".tflite")


def _check_device(host: str, found: dict[str, Any], needed_bytes: int) -> None:
    """Raise TargetError for a Python that is too old, or a disk that is full."""
    if tuple(found["python"][:2]) < OLDEST_PYTHON:
        has = _dotted(found["python"])
        raise TargetError(f"{host} has Python {has}: edgestyle needs {_dotted(OLDEST_PYTHON)} or later there")
    if found["free_bytes"] < needed_bytes:
        raise TargetError(
            f"the disk of {host} is full: {found['free_bytes'] / 1e6:.1f} MB free, {needed_bytes / 1e6:.1f} needed"
        )


def _read_object(host: str, done: "subprocess.CompletedProcess[bytes]") -> dict[str, Any]:
    """The JSON object in the last line; what a login says may stand before it."""
    try:
        answer = json.loads(done.stdout.splitlines()[-1])
    except (ValueError, IndexError):
        answer = None
    if not isinstance(answer, dict):
        raise TargetError(f"Python on {host} fails: {_last_line(done.stderr)}")
    return answer


def _distribution(job: Job) -> str:
    return _DISTRIBUTIONS[find_accelerator(job.path.suffix, job.accelerator).package]


def _pinned(name: str) -> str:
    """The version that is here, so that the two machines can be compared; any where it is not here."""
    try:
        return f"{name}=={version(name).partition('+')[0]}"
    except PackageNotFoundError:
        return name


def _dotted(numbers: tuple[int, ...] | list[int]) -> str:
    return ".".join(map(str, numbers))


def _last_line(said: bytes) -> str:
    return (said.decode(errors="replace").strip().splitlines() or ["it says nothing"])[-1]
