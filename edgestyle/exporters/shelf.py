"""Arrays kept in a temporary file: hundreds of pictures of a parity check would take a gigabyte of memory."""

import tempfile
from collections.abc import Hashable

import numpy as np

from edgestyle.images import Floats

MOST_BYTES = 4_000_000_000  # of the file


class Shelf:
    """Holds `float32` arrays by key, up to `most_bytes` and as far as the disk goes; what does not fit is not held.

    The file has no name and is gone with the process, however it ends.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  open as long as the shelf is
        self._places: dict[Hashable, tuple[int, tuple[int, ...]]] = {}
        self._end, self._most_bytes = 0, most_bytes

    def get(self, key: Hashable) -> Floats | None:
        """The array that was put under `key`, or None where there is none."""
        if key not in self._places:
            return None
        start, shape = self._places[key]
        array = np.empty(shape, np.float32)
        self._file.seek(start)
        return array if self._file.readinto(array.data.cast("B")) == array.nbytes else None

    def put(self, key: Hashable, array: Floats) -> None:
        """Keep a copy of `array`, of any shape, if there is room."""
        if key in self._places or self._end + array.nbytes > self._most_bytes:
            return
        try:
            self._file.seek(self._end)
            self._file.write(np.ascontiguousarray(array).tobytes())
            self._file.flush()
        except OSError:  # the disk is full: what fits is kept, the rest is computed again
            self._most_bytes = self._end
            return
        self._places[key] = (self._end, array.shape)
        self._end += array.nbytes
