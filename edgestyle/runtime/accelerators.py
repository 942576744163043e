"""What may be asked to run an exported file on, and whether it really did."""

from dataclasses import dataclass

from edgestyle.errors import ArtifactError


@dataclass(frozen=True)
class Accelerator:
    """One way of running one format.

    Attributes:
        module, opener: what to call with the path, the threads and `option`.
        package: the import that it needs.
        extra: the extra of edgestyle that brings the package.
        option: the runtime's own name for it.
        runs_as: how its operators are called in `Runner.placement`; None where any placement will do.
    """

    module: str
    opener: str
    package: str
    extra: str
    option: str
    runs_as: str | None = None


_ONNX = ("edgestyle.runtime.onnx", "OnnxRunner", "onnxruntime", "all")
_TFLITE = ("edgestyle.runtime.tflite", "TFLiteRunner", "ai_edge_litert", "bench")
_OPENVINO = ("edgestyle.runtime.openvino", "OpenVinoRunner", "openvino", "bench")
_COREML = ("edgestyle.runtime.coreml", "CoreMLRunner", "coremltools", "export")

# suffix of the file -> name -> accelerator; the first is taken where none is asked for
ACCELERATORS: dict[str, dict[str, Accelerator]] = {
    ".onnx": {
        "cpu": Accelerator(*_ONNX, "CPUExecutionProvider"),
        "xnnpack": Accelerator(*_ONNX, "XnnpackExecutionProvider", "XnnpackExecutionProvider"),
        "openvino-cpu": Accelerator(*_OPENVINO, "CPU", "OpenVINO CPU"),
    },
    ".tflite": {
        "cpu": Accelerator(*_TFLITE, "xnnpack"),
        "xnnpack": Accelerator(*_TFLITE, "xnnpack", "XNNPACK"),
        "cpu-plain": Accelerator(*_TFLITE, "plain", "LiteRT kernels"),
        "openvino-cpu": Accelerator(*_OPENVINO, "CPU", "OpenVINO CPU"),
    },
    ".mlpackage": {
        "coreml-all": Accelerator(*_COREML, "ALL"),
        "coreml-cpu": Accelerator(*_COREML, "CPU_ONLY", "CPU"),
        "coreml-gpu": Accelerator(*_COREML, "CPU_AND_GPU", "GPU"),
        "coreml-ne": Accelerator(*_COREML, "CPU_AND_NE", "neural engine"),
    },
}


def default_accelerator(suffix: str) -> str:
    """What a format runs on where nothing is asked for. Raises ArtifactError for an unknown format."""
    return next(iter(_named(suffix)))


def find_accelerator(suffix: str, name: str | None = None) -> Accelerator:
    """Look an accelerator up; None is the format's default. Raises ArtifactError for an unknown format or name."""
    named = _named(suffix)
    if name is None:
        return next(iter(named.values()))
    if name not in named:
        raise ArtifactError(f"{suffix} files run on {', '.join(named)}, not on '{name}'")
    return named[name]


def _named(suffix: str) -> dict[str, Accelerator]:
    if suffix not in ACCELERATORS:
        raise ArtifactError(f"'{suffix}' files are no exported files: known are {', '.join(ACCELERATORS)}")
    return ACCELERATORS[suffix]


def describe_fallback(accelerator: Accelerator, name: str, placement: dict[str, int] | None) -> str | None:
    """One line where none of the operators ran on what was asked for, None where some did or nobody knows."""
    if not placement or accelerator.runs_as is None or placement.get(accelerator.runs_as):
        return None
    where = ", ".join(f"{count} on {place}" for place, count in placement.items())
    return f"asked for {name}, but no operator ran there: {where}"
