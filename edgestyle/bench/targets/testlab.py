"""Measure on phones of Firebase Test Lab through Google's own `gcloud`; they need no lab at home, but cost money.

https://cloud.google.com/sdk/gcloud/reference/firebase/test/android/run
"""

import json
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from edgestyle.bench.jobs import Job
from edgestyle.bench.measuring import Plan
from edgestyle.bench.results import Result
from edgestyle.bench.targets import Dialogue
from edgestyle.bench.targets.android_answer import MOST_BYTES, read_answer
from edgestyle.bench.targets.android_files import FOLDER, name_there
from edgestyle.bench.targets.gcloud import explain, run_gcloud
from edgestyle.bench.targets.robo import OUT, robo_script, script_seconds
from edgestyle.bench.targets.workers import begin_rows, failed_rows, finish_row
from edgestyle.errors import TargetError
from edgestyle.sidecar import sidecar_path

_ADDRESS = re.compile(r"testlab:(?P<model>[A-Za-z0-9_.]+)-(?P<version>\d{1,3})", re.ASCII)
_RESULTS = re.compile(
    r"Raw results will be stored in your GCS bucket at "
    r"\[(?:https://console\.[a-z.]+/storage/browser/|gs://)([\w./:-]+?)/?(?:\?[^\]]*)?\]",
    re.ASCII,
)
_PASSED, _TEST_FAILED = 0, 10  # exit codes; others mean that there was no test
_SUFFIXES = (".onnx", ".tflite")
_SETUP_SECONDS, _LONGEST_SECONDS = 300, 45 * 60  # of a test on a real phone
_QUEUE_SECONDS = 3600  # until a phone is free


class TestLabTarget:
    """A phone of Test Lab, as `gcloud firebase test android models list` names it: `testlab:MODEL-VERSION`.

    All files are measured in one test. The app is the demo app's debug build.

    Args:
        address: such as `testlab:shiba-34`.
        dialogue: with `app`, and `project` and `bucket` where gcloud's own are not meant.

    Raises:
        TargetError: the address is none, or there is no app.
    """

    __test__ = False  # for pytest

    def __init__(self, address: str, dialogue: Dialogue | None = None) -> None:
        found = _ADDRESS.fullmatch(address)
        if found is None:
            raise TargetError(f"'{address}' is no address: write testlab:MODEL-VERSION, as in testlab:shiba-34")
        self.name, self._dialogue = address, dialogue or Dialogue()
        self._model, self._version = found["model"], found["version"]
        if self._dialogue.app is None or not self._dialogue.app.is_file():
            raise TargetError('Test Lab needs the demo app\'s debug build: app = "demo-debug.apk" in the fleet file')

    def describe(self) -> dict[str, Any]:
        """See `Target.describe`: what the address says; the phones themselves are not asked."""
        return {"kind": "android", "model": self._model, "android_api": int(self._version), "farm": "Firebase Test Lab"}

    def measure(self, jobs: list[Job], plan: Plan) -> Iterator[Result]:
        """See `Target.measure`; rows come together, when the test has ended.

        Raises:
            TargetError: there is no gcloud, it has no account or project, the phone does not exist, files are to take
                turns, or they would take longer than a test may.
        """
        if plan.interleaved or plan.pinned_cores:
            raise TargetError("files neither take turns nor are pinned to cores in a farm: leave these options out")
        able = {name_there(job.path): job for job in jobs if job.path.suffix in _SUFFIXES}
        where = self._test(able, plan) if able else ""
        names = {id(job): name for name, job in able.items()}
        for job in jobs:
            (row,) = begin_rows([job], plan, self.name, self.describe())
            if id(job) not in names:
                yield finish_row(row, {"status": "unavailable", "error": "only .onnx and .tflite files run on a phone"})
                continue
            try:
                yield finish_row(row, self._fetch(f"{where}/**/{names[id(job)]}.json"))
            except TargetError as error:
                yield failed_rows([row], error)[0]

    def _test(self, jobs: dict[str, Job], plan: Plan) -> str:
        """Run one test of all files by their names there; gives the folder of its results."""
        seconds = _SETUP_SECONDS + script_seconds(len(jobs), plan)
        if seconds > _LONGEST_SECONDS:
            raise TargetError(f"a test may take {_LONGEST_SECONDS // 60} minutes, and these files would take "
                              f"{seconds / 60:.0f}: name fewer, or ask for fewer --seconds")  # fmt: skip
        self._dialogue.say(f"{self.name}: {len(jobs)} files wait for a phone")
        with tempfile.TemporaryDirectory(prefix="edgestyle-") as folder:
            script = Path(folder) / "script.json"
            script.write_text(json.dumps(robo_script(jobs, plan)))
            done = run_gcloud(self._command(jobs, script, seconds), _QUEUE_SECONDS + seconds)
        found = _RESULTS.search(done.text)
        if done.exit_code not in (_PASSED, _TEST_FAILED) or found is None:
            raise TargetError(f"Test Lab did not run the test: {explain(done)}")
        return f"gs://{found[1]}"

    def _command(self, jobs: dict[str, Job], script: Path, seconds: float) -> list[str]:
        files = {name: job.path for name, job in jobs.items()}
        files |= {f"{name}.sidecar.json": sidecar_path(path) for name, path in list(files.items())}
        if any("," in str(path) or "=" in str(path) for path in files.values()):
            raise TargetError("gcloud takes no files with a comma or an equals sign in their path: rename them")
        project = ["--project", self._dialogue.project] if self._dialogue.project else []
        bucket = ["--results-bucket", self._dialogue.bucket] if self._dialogue.bucket else []
        return [
            "firebase", "test", "android", "run", "--type", "robo", "--app", str(self._dialogue.app),
            "--device", f"model={self._model},version={self._version}", "--robo-script", str(script),
            "--other-files", ",".join(f"{FOLDER}/{name}={path.absolute()}" for name, path in files.items()),
            "--directories-to-pull", OUT, "--timeout", f"{seconds:.0f}s", "--no-record-video",
            "--no-performance-metrics", "--no-auto-google-login", "--quiet", *project, *bucket,
        ]  # fmt: skip

    def _fetch(self, pattern: str) -> dict[str, Any]:
        """Fields of a row from the answer that the test left."""
        done = run_gcloud(["storage", "cat", pattern, "--quiet"], 300, MOST_BYTES, errors_too=False)
        if done.exit_code != 0:
            raise TargetError("the test left no answer for this file: the app crashed, or took longer than planned")
        return read_answer(done.text)
