"""Which compute unit Core ML runs each operator on, asked of Core ML (macOS 14.4 or later)."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from edgestyle.errors import ArtifactError

_UNITS = {"MLCPUComputeDevice": "CPU", "MLGPUComputeDevice": "GPU", "MLNeuralEngineComputeDevice": "neural engine"}


def read_placement(model: Any) -> dict[str, int] | None:
    """Operators by compute unit, of a loaded coremltools `MLModel`; constants run nowhere and are not counted.

    Core ML decides this when it loads a model: `MLComputePlan` is its own answer for these compute units.

    Raises:
        ArtifactError: the model is no ML program.
    """
    try:
        from coremltools.models.compute_plan import MLComputePlan

        plan = MLComputePlan.load_from_path(model.get_compiled_model_path(), compute_units=model.compute_unit)
    except (ImportError, RuntimeError, AttributeError):  # an older macOS or coremltools does not tell
        return None
    program = plan.model_structure.program
    if program is None:
        raise ArtifactError("the Core ML model is no ML program, which is all that edgestyle exports")
    usages = [plan.get_compute_device_usage_for_mlprogram_operation(one) for one in _operations(program)]
    units = [type(usage.preferred_compute_device).__name__ for usage in usages if usage is not None]
    return dict(Counter(_UNITS.get(name, name) for name in units).most_common())


def _operations(program: Any) -> Iterator[Any]:
    """All operators of all functions, those in inner blocks too."""
    blocks = [function.block for function in program.functions.values()]
    while blocks:
        for operation in blocks.pop().operations:
            yield operation
            blocks.extend(operation.blocks or ())
