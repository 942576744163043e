"""Firebase Test Lab: the real command lines, and answers as gcloud prints them; no test was run in the farm itself."""

import json
import os
from pathlib import Path

import pytest

from edgestyle.bench.jobs import Job, make_job
from edgestyle.bench.measuring import Plan
from edgestyle.bench.results import Result
from edgestyle.bench.targets import Dialogue
from edgestyle.bench.targets.gcloud import run_gcloud
from edgestyle.bench.targets.testlab import TestLabTarget
from edgestyle.errors import TargetError
from tests.bench.phone import ANSWER, write_exported

PASSED = """
Have questions, feedback, or issues? Get support by visiting:
  https://firebase.google.com/support/

Uploading [demo.apk] to Firebase Test Lab...
Uploading [/phone/a.onnx] to Firebase Test Lab...
Raw results will be stored in your GCS bucket at [https://console.developers.google.com/storage/browser/test-lab-v9cn46bb990nx-kz69ymd4nm9aq/2021-02-28_19:08:02.351035_LadZ/]

Test [matrix-1uohkjt5rsr28] has been created in the Google Cloud.
Firebase Test Lab will execute your robo test on 1 device(s).
Creating individual test executions...done.

Test results will be streamed to [https://console.firebase.google.com/project/our-project/testlab/histories/bh.bf178d418be9d33e/matrices/4823249401837879607].
19:08:18 Test is Pending
19:08:46 Starting attempt 1.
19:14:01 Done. Test time = 301 (secs)
19:14:05 Test is Finished

Robo testing complete.

More details are available at [https://console.firebase.google.com/project/our-project/testlab/histories/bh.bf178d418be9d33e/matrices/4823249401837879607].
"""
FAILURES = {
    "ERROR: (gcloud.firebase.test.android.run) You do not currently have an active account selected.":
        "gcloud auth login",
    "ERROR: (gcloud.firebase.test.android.run) The required property [project] is not currently set.":
        'project = "..." in the fleet file',
    "ERROR: (gcloud.firebase.test.android.run) 'shibo' is not a valid model": "'shibo' is not a valid model",
    "ERROR: (gcloud.firebase.test.android.run) Firebase Test Lab infrastructure failure: \x1b[2J": "failure: ?[2J",
}  # fmt: skip


class Farm:
    """A `gcloud` that says what was recorded, and notes what it was asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.answer(PASSED)
        self.cat(json.dumps(ANSWER))
        tool = folder / "gcloud"
        tool.write_text(
            f'#!/bin/sh\nfor part; do printf "%s\\n" "$part"; done >{folder}/asked-$1; echo --- >>{folder}/all-$1\n'
            f'for part; do case "$part" in *script.json) cp "$part" {folder}/robo.json;; esac; done\n'
            f"cat {folder}/said-$1; test $1 = storage || cat {folder}/said-more >&2; exit $(cat {folder}/code-$1)\n"
        )
        tool.chmod(0o755)

    def answer(self, said: str, code: int = 0) -> None:
        """How a test ends; gcloud says all of it on standard error."""
        (self.folder / "said-firebase").write_text("")
        (self.folder / "said-more").write_text(said)
        (self.folder / "code-firebase").write_text(str(code))

    def cat(self, said: str, code: int = 0) -> None:
        """What `gcloud storage cat` gives."""
        (self.folder / "said-storage").write_text(said)
        (self.folder / "code-storage").write_text(str(code))

    def asked(self, what: str) -> list[str]:
        """The arguments of the last call."""
        return (self.folder / f"asked-{what}").read_text().splitlines()


@pytest.fixture
def farm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Farm:
    (tmp_path / "farm").mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path / 'farm'}:{os.environ['PATH']}")
    (tmp_path / "demo.apk").write_bytes(b"apk")
    return Farm(tmp_path / "farm")


@pytest.fixture
def jobs(tmp_path: Path) -> list[Job]:
    return [make_job(write_exported(tmp_path / name), 32, 1) for name in ("a.onnx", "a.tflite")]


def measure(folder: Path, jobs: list[Job], plan: Plan = Plan()) -> list[Result]:  # noqa: B008  it cannot be changed
    dialogue = Dialogue(app=folder / "demo.apk", project="our-project")
    return list(TestLabTarget("testlab:shiba-34", dialogue).measure(jobs, plan))


def test_all_files_are_measured_in_one_test(farm: Farm, jobs: list[Job], tmp_path: Path) -> None:
    rows = measure(tmp_path, jobs)
    assert [row.status for row in rows] == ["measured", "measured"], [row.error for row in rows]
    assert (rows[0].latency_ms or {})["p50"] == pytest.approx(10.3)
    assert (rows[0].target, rows[0].device["farm"]) == ("testlab:shiba-34", "Firebase Test Lab")
    asked = farm.asked("firebase")
    assert asked[:4] == ["firebase", "test", "android", "run"]
    assert asked[asked.index("--device") + 1] == "model=shiba,version=34"
    assert asked[asked.index("--project") + 1] == "our-project"
    pushed = asked[asked.index("--other-files") + 1].split(",")
    assert len(pushed) == 4
    assert all(pair.startswith("/data/local/tmp/edgestyle-bench/edgestyle-") for pair in pushed)
    fetched = farm.asked("storage")[2]
    name = pushed[1].partition("=")[0].rpartition("/")[2]
    folder = "gs://test-lab-v9cn46bb990nx-kz69ymd4nm9aq/2021-02-28_19:08:02.351035_LadZ"
    assert fetched == f"{folder}/**/{name}.json"
    assert (farm.folder / "all-firebase").read_text().count("---") == 1


def test_the_robot_starts_the_benchmark_and_puts_the_answers_out(farm: Farm, jobs: list[Job], tmp_path: Path) -> None:
    measure(tmp_path, jobs, Plan(min_runs=50, min_seconds=3, max_warmup_seconds=5))
    (stage,) = json.loads((farm.folder / "robo.json").read_text())
    assert stage["crawlStage"] == "pre_crawl"
    commands = [action.get("command") or action["delayTime"] for action in stage["actions"]]
    assert "am start -S -n dev.edgestyle.demo/.BenchmarkActivity --es model edgestyle-" in commands[4]
    assert "--ei runs 50" in commands[4]
    assert commands[5] == 28_000
    assert commands[6].startswith("sh -c 'run-as dev.edgestyle.demo cat files/benchmark/edgestyle-")
    assert commands[6].endswith(".json'")


@pytest.mark.parametrize("said", FAILURES, ids=lambda said: said[44:70])
def test_what_gcloud_refuses_is_one_line(farm: Farm, jobs: list[Job], tmp_path: Path, said: str) -> None:
    farm.answer(f"Uploading...\n{said}\n", 1)
    with pytest.raises(TargetError) as caught:
        measure(tmp_path, jobs)
    assert FAILURES[said] in str(caught.value)
    assert str(caught.value).isprintable()


def test_a_test_that_failed_has_the_answers_that_it_left(farm: Farm, jobs: list[Job], tmp_path: Path) -> None:
    farm.answer(PASSED, 10)
    assert [row.status for row in measure(tmp_path, jobs)] == ["measured", "measured"]
    farm.cat("", 1)
    rows = measure(tmp_path, jobs)
    assert [row.status for row in rows] == ["failed", "failed"]
    assert "left no answer for this file" in (rows[0].error or "")
    farm.cat("[" * 5_000_000)
    assert "more than 4 MB" in (measure(tmp_path, jobs)[0].error or "")


def test_what_cannot_be_is_said_before_anything_is_uploaded(farm: Farm, jobs: list[Job], tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="name fewer"):
        measure(tmp_path, jobs * 60)
    with pytest.raises(TargetError, match="leave these options out"):
        measure(tmp_path, jobs, Plan(interleaved=True))
    (tmp_path / "a,b").mkdir()
    odd = make_job(write_exported(tmp_path / "a,b" / "a.onnx"), 32, 1)
    with pytest.raises(TargetError, match="rename them"):
        measure(tmp_path, [odd])
    with pytest.raises(TargetError, match="debug build"):
        TestLabTarget("testlab:shiba-34", Dialogue())
    assert not (farm.folder / "asked-firebase").exists()


def test_without_gcloud_it_is_said_how_to_get_it(
    farm: Farm, jobs: list[Job], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(TargetError, match=r"cloud\.google\.com/sdk"):
        measure(tmp_path, jobs)


def test_gcloud_has_time_to_cancel_a_test_that_is_given_up(farm: Farm) -> None:
    script = f"#!/bin/bash\ntrap 'echo >{farm.folder}/cancelled; exit 130' INT\nwhile :; do sleep 0.1; done\n"
    (farm.folder / "gcloud").write_text(script)
    with pytest.raises(TargetError, match="no answer within 5 s"):
        run_gcloud(["firebase"], 5)
    assert (farm.folder / "cancelled").exists()


@pytest.mark.parametrize("text", ["testlab:", "testlab:shiba", "testlab:shiba-34,locale=de", "testlab:-34", "shiba-34"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(TargetError, match="testlab:MODEL-VERSION"):
        TestLabTarget(text)
