"""What LiteRT's own CPU delegate (XNNPACK) leaves of a TFLite file to plain kernels, asked of LiteRT here."""

from pathlib import Path

from edgestyle.quiet import quiet
from edgestyle.report.readiness import Readiness
from edgestyle.runtime.delegation import read_delegation


def check_xnnpack(path: Path) -> Readiness:
    """Load the file, let the delegate take what it can, and look at what it left."""
    from ai_edge_litert.interpreter import Interpreter

    with quiet():  # the delegate announces itself
        interpreter = Interpreter(model_path=str(path), num_threads=1)
        interpreter.allocate_tensors()
        found = read_delegation(interpreter)
    source = f"LiteRT here, {found.parts} part{'s' if found.parts != 1 else ''}"
    return Readiness("XNNPACK", source, found.operators, found.left)
