"""The ARM64 builds of the runtimes, under emulation, draw what they draw here, without torch."""

from pathlib import Path

import pytest

from benchmarks.independent.arm64 import PROCESSORS, draw_on_arm64
from benchmarks.independent.comparing import compare, draw_with_network, make_cases
from benchmarks.independent.drawing import Case, draw
from edgestyle.images import Floats
from edgestyle.packs.networks import load_renderer
from edgestyle.packs.pack import Pack
from edgestyle.runtime.runner import open_runner
from tests.independent.conftest import FORMATS, RECIPES, SIZE

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("emulated_arm64")]


@pytest.fixture(scope="module")
def cases(atelier: Pack) -> list[Case]:
    return make_cases(atelier, ["china"], ["oil", "pop-art"], SIZE)


@pytest.fixture(scope="module")
def network(cases: list[Case], atelier: Pack) -> list[Floats]:
    return draw_with_network(load_renderer(atelier), cases)


@pytest.fixture(scope="module", params=PROCESSORS)
def drawn(
    request: pytest.FixtureRequest, exported: dict[tuple[str, str], Path], cases: list[Case]
) -> dict[str, list[Floats]]:
    """All files in one emulated process: most of its time goes into starting."""
    return draw_on_arm64(request.param, list(exported.values()), cases)


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("name", FORMATS)
def test_arm64_draws_the_same_pictures(
    name: str,
    recipe: str,
    drawn: dict[str, list[Floats]],
    exported: dict[tuple[str, str], Path],
    cases: list[Case],
    network: list[Floats],
) -> None:
    path = exported[name, recipe]
    found = compare(cases, network, draw(open_runner(path), cases), drawn[path.name])
    assert found.disagreements == ()
    assert found.identity_difference == 0
    assert found.pictures == 4
