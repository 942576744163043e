"""What LiteRT's own CPU delegate (XNNPACK) leaves of a TFLite file to plain kernels, asked of LiteRT here."""

from collections import Counter
from pathlib import Path
from typing import Any

from edgestyle.quiet import quiet
from edgestyle.report.readiness import Readiness


def check_xnnpack(path: Path) -> Readiness:
    """Load the file, let the delegate take what it can, and look at what stands between its parts.

    A delegate shows as one node with the tensors that go in and come out. What goes in and neither comes out of
    another one, nor is a constant or an input of the file, was made by an operator that was left out.
    """
    from ai_edge_litert.interpreter import Interpreter

    with quiet():  # the delegate announces itself
        interpreter = Interpreter(model_path=str(path), num_threads=1)
        interpreter.allocate_tensors()
        nodes = interpreter._get_ops_details()
    delegates = [node for node in nodes if node["op_name"] == "DELEGATE"]
    plain = [node for node in nodes if node["op_name"] != "DELEGATE"]
    left = _left_out(plain, delegates, [tensor["index"] for tensor in interpreter.get_output_details()])
    source = f"LiteRT here, {len(delegates)} part{'s' if len(delegates) != 1 else ''}"
    return Readiness("XNNPACK", source, len(plain), dict(sorted(left.items())))


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
