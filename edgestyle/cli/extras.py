"""Optional dependencies: a missing one becomes one line with the `pip install` to type."""

from collections.abc import Iterator
from contextlib import contextmanager

from edgestyle.errors import MissingExtraError


@contextmanager
def needs(package: str, extra: str) -> Iterator[None]:
    """Turn an ImportError inside into MissingExtraError for `extra`, naming the package that is missing."""
    try:
        yield
    except ImportError as error:
        raise MissingExtraError(error.name or package, extra) from error
