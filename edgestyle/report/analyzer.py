"""Ask TensorFlow's own Analyzer what the GPU delegate refuses, in a Python of its own.

`tf.lite.experimental.Analyzer.analyze(..., gpu_compatibility=True)` runs the delegate's check. Up to TensorFlow 2.17 it
does; 2.18 to 2.21 call every file compatible, even one with an operator that the check itself refuses. So it is first
shown such an operator and trusted only if it refuses that. The versions that check need NumPy 1, which edgestyle does
not run on: they need an environment of their own.
"""

import importlib.util
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from edgestyle.errors import ArtifactError
from edgestyle.report.readiness import GPU, Readiness

_PROGRAM = """
import sys
sys.path = [path for path in sys.path if path]  # not from the folder that a user happens to be in
import tensorflow as tf
known = tf.function(lambda x: tf.slice(x, [1, 1], [1, 1]), input_signature=[tf.TensorSpec([4, 4], tf.float32)])
converter = tf.lite.TFLiteConverter.from_concrete_functions([known.get_concrete_function()])
tf.lite.experimental.Analyzer.analyze(model_content=converter.convert(), gpu_compatibility=True)
print("@file", tf.__version__)
for path in sys.argv[1:]:
    tf.lite.experimental.Analyzer.analyze(model_path=path, gpu_compatibility=True)
print("@end")
"""
_WARNING = "GPU COMPATIBILITY WARNING: "
_MOST_SECONDS = 300


def find_tensorflow(on_failure: Callable[[str], None]) -> Path | None:
    """This Python, if it has a TensorFlow whose Analyzer checks; `on_failure` hears where it has another."""
    if importlib.util.find_spec("tensorflow") is None:
        return None
    try:
        read_answer(_run(Path(sys.executable)))
    except ArtifactError as error:
        on_failure(f"going by the list of rules: {error}")
        return None
    return Path(sys.executable)


def ask_tensorflow(path: Path, python: Path) -> Readiness:
    """What the Analyzer says of the first signature of a TFLite file.

    Args:
        path: the file.
        python: a Python interpreter whose environment has TensorFlow.

    Raises:
        ArtifactError: it cannot be run, says something else than it used to, or does not check.
    """
    version, answer = read_answer(_run(python, path))
    if ("looks compatible" in answer) == (_WARNING in answer):
        raise ArtifactError(f"the Analyzer of TensorFlow {version} says something that is not understood")
    first = answer.partition("Subgraph#1 ")[0]  # further signatures hold the same operators for other sizes
    reasons = (line.partition(_WARNING)[2] for line in first.splitlines() if _WARNING in line)
    refused = Counter(reason for reason in reasons if not reason.startswith("Subgraph#"))
    operators = sum(line.lstrip().startswith("Op#") for line in first.splitlines())
    return Readiness(GPU, f"Analyzer of TensorFlow {version}", operators, dict(refused))


def read_answer(text: str) -> tuple[str, str]:
    """TensorFlow's version, and what its Analyzer printed after the operator that it must refuse.

    Raises:
        ArtifactError: the operator was not refused, or the text is of no known form.
    """
    known, mark, rest = text.partition("@file ")
    version, _, answer = rest.partition("\n")
    if not mark or "@end" not in answer:
        raise ArtifactError("TensorFlow's Analyzer says something that is not understood")
    if _WARNING not in known:
        raise ArtifactError(
            f"the Analyzer of TensorFlow {version} checks nothing: it takes an operator that the GPU delegate refuses; "
            "versions 2.12 to 2.17 check"
        )
    return version, answer


def _run(python: Path, *paths: Path) -> str:
    """What the program prints."""
    try:
        command = [str(python), "-c", _PROGRAM, *map(str, paths)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=_MOST_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ArtifactError(f"TensorFlow's Analyzer cannot be run by {python}: {error}") from error
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        raise ArtifactError(f"TensorFlow's Analyzer cannot be run by {python}: {reason}")
    return done.stdout
