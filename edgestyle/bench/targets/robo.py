"""What a robot of Test Lab does on a phone: start the demo app's benchmark on each file, and put its answers out.

https://firebase.google.com/docs/test-lab/android/robo-scripts-reference
"""

import shlex
from typing import Any

from edgestyle.bench.jobs import Job
from edgestyle.bench.measuring import Plan
from edgestyle.bench.targets.android_app import ANSWERS, AS_APP, start_command
from edgestyle.bench.targets.android_files import FOLDER

OUT = "/data/local/tmp/edgestyle-answers"
_SPARE_SECONDS = 20  # for an app to start, a file to be opened, and slow runs


def robo_script(jobs: dict[str, Job], plan: Plan) -> list[dict[str, Any]]:
    """The script, before the robot looks at the app by itself: files by their names on the phone."""
    actions: list[dict[str, Any]] = [_shell(f"mkdir -p {OUT}"), _shell(f"{AS_APP} mkdir -p {ANSWERS}")]
    for name, job in jobs.items():
        for there in (name, f"{name}.sidecar.json"):
            actions.append(_shell(f"{AS_APP} cp {FOLDER}/{there} {ANSWERS}/{there}"))
        actions.append(_shell(start_command(job, plan, name)))
        actions.append({"eventType": "WAIT", "delayTime": int(_job_seconds(plan) * 1000)})
        copied = f"{AS_APP} cat {ANSWERS}/{name}.json > {OUT}/{name}.json"
        actions.append(_shell(f"sh -c {shlex.quote(copied)}"))
    return [{"id": 1, "crawlStage": "pre_crawl", "actions": actions}]


def script_seconds(files: int, plan: Plan) -> float:
    """How long the script takes."""
    return files * _job_seconds(plan)


def _job_seconds(plan: Plan) -> float:
    return plan.max_warmup_seconds + plan.steady_seconds + plan.cool_down_seconds + _SPARE_SECONDS


def _shell(command: str) -> dict[str, str]:
    return {"eventType": "ADB_SHELL_COMMAND", "command": command}
