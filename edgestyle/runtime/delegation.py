"""Which operators of a TFLite graph LiteRT hands to a delegate, asked of LiteRT itself."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

_DELEGATE = "DELEGATE"


@dataclass(frozen=True)
class Delegation:
    """How a graph is shared out.

    Attributes:
        operators: all that the graph has.
        parts: how many pieces the delegate runs.
        left: operators left to plain kernels, by name; all of them where no delegate is at work.
    """

    operators: int
    parts: int
    left: dict[str, int]


def read_delegation(interpreter: Any) -> Delegation:
    """Of an interpreter's first graph, with its tensors allocated.

    A delegate shows as one node with the tensors that go in and come out. What goes in and neither comes out of
    another one, nor is a constant or an input of the file, was made by an operator that was left out.
    """
    nodes = interpreter._get_ops_details()
    delegates = [node for node in nodes if node["op_name"] == _DELEGATE]
    plain = [node for node in nodes if node["op_name"] != _DELEGATE]
    left = _left_out(plain, delegates, [tensor["index"] for tensor in interpreter.get_output_details()])
    return Delegation(len(plain), len(delegates), dict(sorted(left.items())))


def _left_out(plain: list[Any], delegates: list[Any], outputs: list[int]) -> Counter[str]:
    """Names of the operators whose results are wanted but come out of no delegate."""
    made = {int(index): node for node in plain for index in node["outputs"]}
    done = {int(index) for node in delegates for index in node["outputs"]}
    wanted = [*outputs, *(int(index) for node in delegates for index in node["inputs"])]
    found: dict[int, str] = {}
    while wanted:
        index = wanted.pop()
        if index in done or index not in made:
            continue
        done.add(index)
        node = made[index]
        found[node["index"]] = node["op_name"]
        wanted += [int(other) for other in node["inputs"]]
    return Counter(found.values())
