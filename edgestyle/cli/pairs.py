"""Options that name something: NAME=SOURCE, any number of times."""

from collections.abc import Sequence

from edgestyle.errors import TrainingError
from edgestyle.packs.loading import check_name


def read_pairs(texts: Sequence[str], option: str, form: str) -> dict[str, str]:
    """Sources by name.

    Args:
        texts: as they were typed.
        option: such as "--painting", for the error.
        form: such as "STYLE=FILE", likewise.

    Raises:
        TrainingError: a text is no such pair, or a name is given twice.
        PackError: a name is none.
    """
    found: dict[str, str] = {}
    for text in texts:
        name, _, source = text.partition("=")
        if not source:
            raise TrainingError(f"{option} wants {form}, not '{text}'")
        if check_name(name) in found:
            raise TrainingError(f"a style is given twice: {name}")
        found[name] = source
    return found
