"""Pictures that are read ahead."""

import threading
import time
import warnings
from pathlib import Path

import pytest

from edgestyle.errors import PictureError
from edgestyle.quiet import SilentWarnings
from edgestyle.training.style_pictures import read_ahead


def test_pictures_come_in_order_and_errors_at_their_places() -> None:
    def read(path: Path) -> str:
        time.sleep(0.02 if path.name == "0" else 0)
        if path.name == "2":
            raise PictureError("2 is no picture")
        return path.name

    found = []
    for path, get in read_ahead([Path(str(n)) for n in range(6)], read):
        try:
            found.append((path.name, get()))
        except PictureError as error:
            found.append((path.name, str(error)))
    assert found == [("0", "0"), ("1", "1"), ("2", "2 is no picture"), ("3", "3"), ("4", "4"), ("5", "5")]


def test_only_a_few_are_read_before_they_are_asked_for_and_none_after_it_is_left() -> None:
    started: list[Path] = []
    reading = read_ahead([Path(str(n)) for n in range(100)], lambda path: started.append(path))
    for _ in range(3):
        next(reading)
    time.sleep(0.2)
    assert len(started) <= 3 + 4
    reading.close()
    before = len(started)
    time.sleep(0.1)
    assert len(started) == before


def test_silence_is_over_when_the_last_thread_leaves(recwarn: pytest.WarningsRecorder) -> None:
    silent, first_left = SilentWarnings(), threading.Event()
    inside = threading.Barrier(2)

    def stay(wait: bool) -> None:
        with silent:
            inside.wait(5)
            if wait:
                first_left.wait(5)
                warnings.warn("unheard", stacklevel=1)

    threads = [threading.Thread(target=stay, args=(wait,)) for wait in (False, True)]
    for thread in threads:
        thread.start()
    threads[0].join(5)
    first_left.set()
    threads[1].join(5)
    warnings.warn("heard", stacklevel=1)
    assert [str(one.message) for one in recwarn] == ["heard"]
