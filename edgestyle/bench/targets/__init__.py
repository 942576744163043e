"""Where exported files are measured, one target a file."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from edgestyle.bench.jobs import Job
from edgestyle.bench.measuring import Plan
from edgestyle.bench.results import Result


def never(question: str) -> bool:
    """The answer where nobody can be asked."""
    return False


def say_nothing(text: str) -> None:
    """Progress that nobody wants to see."""


@dataclass(frozen=True)
class Dialogue:
    """How a target speaks with whoever measures.

    Attributes:
        ask: a yes-or-no question, before anything is installed on a device.
        say: takes a line of progress.
        ssh_config: a file for ssh's `-F` in place of the user's own configuration.
        binary: a `benchmark_model` built for an Android phone, in place of the demo app.
        app: the demo app's APK, for a farm to install.
        project, bucket: in whose name a farm is used, and where it puts its answers; None leaves them to its own tool.
    """

    ask: Callable[[str], bool] = never
    say: Callable[[str], None] = say_nothing
    ssh_config: Path | None = None
    binary: Path | None = None
    app: Path | None = None
    project: str | None = None
    bucket: str | None = None


class Target(Protocol):
    """A place to measure on.

    Attributes:
        name: as rows call it: "host", "ssh://user@pi".
    """

    name: str

    def describe(self) -> dict[str, Any]:
        """The environment, free-form and nested; null for what is not known."""
        ...

    def measure(self, jobs: list[Job], plan: Plan) -> Iterator[Result]:
        """Measure jobs, each in a fresh process, and give a row as each is finished; a failure is a row too.

        With `plan.interleaved` all jobs run in turns in one process, and their rows share a `group`. Between jobs the
        target rests for `plan.cool_down_seconds`.
        """
        ...


_BY_PHONES = {".onnx": ("cpu", "xnnpack", "nnapi"), ".tflite": ("cpu", "xnnpack", "cpu-plain", "gpu")}

# scheme of an address -> suffix -> what files run on there; where it is not listed, on what this machine's run on
ACCELERATORS_THERE: dict[str, dict[str, tuple[str, ...]]] = {
    "android": _BY_PHONES,
    "testlab": _BY_PHONES,
    "ios": {".mlpackage": ("coreml-all", "coreml-cpu", "coreml-gpu", "coreml-ne")},
    "browser": dict.fromkeys((".onnx", ".tflite"), ("wasm", "webgpu", "webgpu-software")),
}

# name, or scheme of an address -> (module, what to call with the address and a dialogue)
TARGETS: dict[str, tuple[str, str]] = {
    "host": ("edgestyle.bench.targets.host", "HostTarget"),
    "android": ("edgestyle.bench.targets.android", "AndroidTarget"),
    "testlab": ("edgestyle.bench.targets.testlab", "TestLabTarget"),
    "ios": ("edgestyle.bench.targets.ios", "IosTarget"),
    "ssh": ("edgestyle.bench.targets.ssh", "SshTarget"),
    "browser": ("edgestyle.bench.targets.browser", "BrowserTarget"),
}
