"""Keep chatty native libraries off the screen without losing what they say when they fail."""

import logging
import os
import sys
import tempfile
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet() -> Iterator[None]:
    """Hold back everything written to stderr, Python warnings and log records; show stderr if the body raises.

    Converters and runtimes report their progress from C++ straight to file descriptor 2, so nothing less than
    redirecting the descriptor silences them.
    """
    level = logging.root.manager.disable
    sys.stderr.flush()
    with tempfile.TemporaryFile() as held, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.disable(logging.WARNING)
        original = os.dup(2)
        os.dup2(held.fileno(), 2)
        try:
            yield
        except BaseException:
            sys.stderr.flush()
            held.seek(0)
            os.write(original, held.read())
            raise
        finally:
            sys.stderr.flush()
            os.dup2(original, 2)
            os.close(original)
            logging.disable(level)


class SilentWarnings:
    """A context without warnings, for any number of threads at once.

    `warnings.catch_warnings` puts back what it found: of two threads that leave in another order than they came, the
    last one would leave the other's silence behind.
    """

    def __init__(self) -> None:
        self._lock, self._inside = threading.Lock(), 0
        self._silence = warnings.catch_warnings()

    def __enter__(self) -> None:
        with self._lock:
            if self._inside == 0:
                self._silence = warnings.catch_warnings()
                self._silence.__enter__()
                warnings.simplefilter("ignore")
            self._inside += 1

    def __exit__(self, *error: object) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                self._silence.__exit__(None, None, None)
