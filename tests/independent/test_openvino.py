"""OpenVINO reads the exported files with code of its own and draws the same pictures."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.independent.arm64 import ROOT
from benchmarks.independent.comparing import Agreement, compare, draw_with_network, make_cases
from benchmarks.independent.drawing import draw
from edgestyle.images import Floats
from edgestyle.packs.networks import load_renderer
from edgestyle.packs.pack import Pack
from edgestyle.runtime.runner import Runner, open_runner
from tests.independent.conftest import FORMATS, RECIPES, SIZE

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("openvino")]
PHOTOS = ["astronaut", "chelsea", "china"]


def agreement(path: Path, pack: Pack, runner: Runner) -> Agreement:
    cases = make_cases(pack, PHOTOS, list(pack.styles), SIZE)
    network = draw_with_network(load_renderer(pack), cases)
    return compare(cases, network, draw(open_runner(path), cases), draw(runner, cases))


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("name", FORMATS)
def test_openvino_draws_the_same_pictures(
    name: str, recipe: str, exported: dict[tuple[str, str], Path], atelier: Pack
) -> None:
    from edgestyle.runtime.openvino import OpenVinoRunner

    path = exported[name, recipe]
    found = agreement(path, atelier, OpenVinoRunner(path, 1))
    assert found.disagreements == ()
    assert found.identity_difference == 0
    assert found.pictures == 2 * len(PHOTOS) * len(atelier.styles)


def test_a_reader_that_clips_strength_is_caught(exported: dict[tuple[str, str], Path], atelier: Pack) -> None:
    from edgestyle.runtime.openvino import OpenVinoRunner

    class Clipped(OpenVinoRunner):
        def run(self, image: Floats, style: Floats, strength: float) -> Floats:
            return super().run(image, style, min(strength, 0.9))

    path = exported["onnx", "w8a8"]
    found = agreement(path, atelier, Clipped(path, 1))
    assert len(found.disagreements) == len(PHOTOS) * len(atelier.styles)
    assert all("at 1:" in line for line in found.disagreements)


def test_nothing_is_reported_over_the_network() -> None:
    watch = "lambda event, _: event in ('os.fork', 'socket.connect', 'socket.getaddrinfo') and os._exit(3)"
    code = f"import os, sys; sys.addaudithook({watch}); import edgestyle.runtime.openvino"
    outside_ci = {name: value for name, value in os.environ.items() if name != "CI"}
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, env=outside_ci)
