from fractions import Fraction

import pytest

from edgestyle.errors import ContractError
from edgestyle.video.times import Cut, Span, parse_time, show_time


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", "0"), ("12.5", "12.5"), ("90", "90"), ("0:10", "10"), ("1:02.25", "62.25"), ("1:02:03", "3723")],
)
def test_times_are_read_exactly(text: str, seconds: str) -> None:
    assert parse_time(text) == Fraction(seconds)


@pytest.mark.parametrize("text", ["", "-1", "abc", "1:60", "1:2:3:4", "nan", "1e3", "0:75:00", ":5", "1,5"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ContractError, match=r"h:mm:ss"):
        parse_time(text)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00.00"), (9.996, "0:10.00"), (62.35, "1:02.35"), (3723, "1:02:03.00"), (-1, "0:00.00")]
)
def test_times_are_shown_as_they_are_typed(seconds: float, text: str) -> None:
    assert show_time(seconds) == text


@pytest.mark.parametrize(("start", "stop"), [(5, 5), (5, 4), (-1, None)])
def test_a_span_without_anything_in_it_is_refused(start: int, stop: int | None) -> None:
    with pytest.raises(ContractError, match="nothing lies between"):
        Span(Fraction(start), None if stop is None else Fraction(stop))


def test_a_cut_never_leads_below_zero() -> None:
    cut = Cut(Fraction(7, 20), None, Fraction(7, 20))
    first = next(tick for tick in range(100) if not cut.is_before(tick * Fraction(1, 30)))
    assert first - cut.shift_ticks(Fraction(1, 30)) >= 0
