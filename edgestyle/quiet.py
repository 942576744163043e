"""Keep chatty native libraries off the screen without losing what they say when they fail."""

import logging
import os
import sys
import tempfile
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
