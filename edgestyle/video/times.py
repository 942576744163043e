"""Times in a video, as people write them; exact fractions of a second, as containers count them."""

import math
import re
from dataclasses import dataclass
from fractions import Fraction

from edgestyle.errors import ContractError

_TIME = re.compile(r"(?:(?:(\d+):)?([0-5]?\d):)?(\d+(?:\.\d+)?)")


@dataclass(frozen=True)
class Span:
    """A stretch of a video, in seconds from its beginning: `start` is in it, `stop` is not; None is the end."""

    start: Fraction = Fraction(0)
    stop: Fraction | None = None

    def __post_init__(self) -> None:
        """Raise ContractError unless something can lie between the two times."""
        if self.start < 0 or (self.stop is not None and self.stop <= self.start):
            stop = "the end" if self.stop is None else show_time(self.stop)
            raise ContractError(f"nothing lies between {show_time(self.start)} and {stop}: start before the end")


@dataclass(frozen=True)
class Cut:
    """A span on the source's own clock: what is kept, and how far every time is moved; all in seconds.

    Attributes:
        start: None keeps everything from the first frame on.
        stop: None keeps everything to the last.
        shift: taken off every time.
    """

    start: Fraction | None
    stop: Fraction | None
    shift: Fraction

    def is_before(self, time: Fraction) -> bool:
        """Whether `time` is too early to be kept."""
        return self.start is not None and time < self.start

    def is_after(self, time: Fraction) -> bool:
        """Whether `time` is too late to be kept."""
        return self.stop is not None and time >= self.stop

    def shift_ticks(self, time_base: Fraction) -> int:
        """The shift on a clock with ticks of `time_base` seconds; what is kept never gets below 0 by it."""
        return math.floor(self.shift / time_base)


def parse_time(text: str) -> Fraction:
    """Seconds of `12.5`, `0:12.5` or `1:02:03`; raise ContractError for anything else."""
    match = _TIME.fullmatch(text.strip())
    if match is None or (match[2] and Fraction(match[3]) >= 60):
        raise ContractError(f"a time is written as seconds, m:ss or h:mm:ss, such as 0:12.5, not '{text}'")
    return 3600 * int(match[1] or 0) + 60 * int(match[2] or 0) + Fraction(match[3])


def show_time(seconds: Fraction | float) -> str:
    """`1:02.35` for 62.35 seconds, with hours where there are any."""
    hundredths = max(0, round(seconds * 100))
    minutes, rest = divmod(hundredths, 6000)
    hours, minutes = divmod(minutes, 60)
    start = f"{hours}:{minutes:02d}" if hours else f"{minutes}"
    return f"{start}:{rest / 100:05.2f}"
