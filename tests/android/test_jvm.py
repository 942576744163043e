"""The kit's tests, which Gradle runs too, run here on the JVM."""

from pathlib import Path

import pytest
from PIL import Image

from edgestyle.bench.targets.android_answer import read_answer
from tests.android.conftest import Outcome, jvm_test_classes

Outcomes = dict[tuple[str, str], Outcome]


@pytest.mark.parametrize("name", jvm_test_classes())
def test_class_passes(outcomes: Outcomes, name: str) -> None:
    own = {test: outcome for (owner, test), outcome in outcomes.items() if owner == name}
    assert own, f"{name} ran no test"
    failed = [f"{test}: {one.result}: {one.why}" for test, one in own.items() if one.result != "passed"]
    assert not failed, "\n".join(failed)


def test_harness_reads_the_answer_that_the_kit_writes(outcomes: Outcomes, prepared: Path) -> None:
    row = read_answer((prepared / "answer.json").read_text(encoding="utf-8"))
    assert row["status"] == "measured"
    assert row["runtime"] == "fake 1.0"
    assert row["latency_ms"]["p50"] == pytest.approx(10)
    assert row["placement"] == {"XnnpackExecutionProvider": 20}
    assert row["warm_up"]["settled"] is True


def test_pillow_reads_the_jpeg_that_the_kit_writes(outcomes: Outcomes, prepared: Path) -> None:
    with Image.open(prepared / "smooth.jpg") as picture:
        assert picture.size == (83, 61)
        assert picture.mode == "RGB"
        raw = (prepared / "smooth.rgb").read_bytes()
        differences = [abs(a - b) for a, b in zip(picture.tobytes(), raw, strict=True)]
    assert sum(differences) / len(differences) < 3
