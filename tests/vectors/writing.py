"""How vectors are written: one file a topic, numbers of an array on one line, the same bytes every time."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from edgestyle.packs.seeds import draw_pcg32

FOLDER = Path(__file__).parent
_DIGITS = 9  # of a float: enough to give back every float32


def numbers(values: ArrayLike) -> Any:
    """Any array or number as plain lists; floats keep nine digits."""
    plain = np.asarray(values)
    if plain.dtype.kind in "iub":
        return plain.tolist()
    rounded = [float(f"{value:.{_DIGITS}g}") for value in plain.astype(np.float64).ravel().tolist()]
    return np.asarray(rounded, np.float64).reshape(plain.shape).tolist()


def bytes_of(seed: int, count: int, low: int = 0, high: int = 255) -> list[int]:
    """`count` whole numbers from `low` to `high`, the same ones for the same seed on every machine."""
    draws = draw_pcg32(seed)
    return [low + next(draws) % (high - low + 1) for _ in range(count)]


def pixels_of(seed: int, *shape: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """`uint8` of a shape, from `bytes_of`."""
    return np.array(bytes_of(seed, int(np.prod(shape))), np.uint8).reshape(shape)


def write(topics: dict[str, dict[str, Any]], folder: Path) -> None:
    """Write one `NAME.json` a topic, each whole or not at all."""
    for name, topic in topics.items():
        temporary = folder / f".part-{name}.json"
        temporary.write_text(format_topic(topic), encoding="utf-8")
        temporary.replace(folder / f"{name}.json")


def format_topic(topic: dict[str, Any]) -> str:
    """JSON whose cases have a line for each key, so that a change shows as one."""
    return "{\n" + ",\n".join(f" {json.dumps(key)}: {_format(value)}" for key, value in topic.items()) + "\n}\n"


def _format(value: Any) -> str:
    if isinstance(value, list) and value and all(isinstance(case, dict) for case in value):
        return "[\n" + ",\n".join(f"  {{{_pairs(case.items())}}}" for case in value) + "\n ]"
    return json.dumps(value)


def _pairs(items: Iterable[tuple[str, Any]]) -> str:
    return ",\n   ".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in items)
