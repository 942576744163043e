"""Write the vectors that Python, Kotlin and Swift are tested with: `python -m tests.vectors.make`.

They are what edgestyle's own functions give for small inputs. Run it again where one of these changes on purpose, and
look at what that changes in the vectors: apps in the field keep what was promised.
"""

from typing import Any

from tests.vectors import measures, pictures, selfies, sidecars
from tests.vectors.writing import FOLDER, write


def make_topics() -> dict[str, dict[str, Any]]:
    """All vectors by name of their file, without `.json`."""
    return pictures.topics() | measures.topics() | sidecars.topics() | selfies.topics()


if __name__ == "__main__":
    topics = make_topics()
    write(topics, FOLDER)
    print(f"{FOLDER} holds {', '.join(f'{name}.json' for name in sorted(topics))}")
