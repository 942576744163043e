"""The layouts can be drawn as pictures, in both languages and modes."""

import pytest

from tests.android import building
from tests.android.layouts import Drawing, Scene

SCREENS = sorted(path.stem for path in (building.RESOURCES / "layout").glob("activity_*.xml"))


@pytest.mark.parametrize("layout", SCREENS)
@pytest.mark.parametrize("language", ["values", "values-zh-rCN"])
def test_screens_show_their_texts(layout: str, language: str) -> None:
    drawing = Drawing(Scene(layout, language=language))
    page = drawing.draw()
    assert page.count("<div") == page.count("</div>")
    assert "@" not in page.replace("@media", "")
    expected = {"activity_settings": "about", "activity_measure": "start"}.get(layout, "strength")
    assert drawing.text(expected) in page


def test_dark_mode_is_dark() -> None:
    day, night = (Drawing(Scene("activity_photo", night=night)).draw() for night in (False, True))
    assert "#FAF7F2" in day
    assert "#141110" in night
    assert "#FAF7F2" not in night


def test_views_that_are_gone_are_not_drawn() -> None:
    hidden, shown = (Drawing(Scene("activity_measure", shown=shown)).draw() for shown in (set(), {"results"}))
    assert "Export as JSON" not in hidden
    assert "Export as JSON" in shown
