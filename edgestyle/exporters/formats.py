"""The formats that networks are exported to."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from edgestyle.contract import Layout
from edgestyle.errors import ExportError, MissingExtraError
from edgestyle.exporters.calibration import Calibration
from edgestyle.exporters.generator_calibration import GeneratorCalibration
from edgestyle.exporters.recipes import RECIPES, Recipe, find_recipe, recipes_of
from edgestyle.models import AnyEncoder, AnyRenderer

EncoderExport = Callable[[AnyEncoder, Path, str, dict[str, str], Calibration | None], None]
AvatarExport = Callable[[Any, Path, str, dict[str, str], GeneratorCalibration | None], None]
Export = Callable[[AnyRenderer, Path, str, list[int], dict[str, str], Calibration | None], None]


@dataclass(frozen=True)
class Format:
    """An export format.

    Attributes:
        suffix: of its files.
        layout: of its pictures.
        module, function: what writes a renderer, with the signature of `export_onnx`.
        encoder_function: what writes an encoder there, with the signature of `to_onnx.export_encoder`.
        package: what must be installed for it.
        avatars: module of what writes the components of avatar packs, `export_generator` and so on.
        tools: distributions whose versions go into the sidecar.
        free_size: whether one file takes pictures of any size.
    """

    suffix: str
    layout: Layout
    module: str
    function: str
    package: str
    tools: tuple[str, ...]
    free_size: bool
    avatars: str
    encoder_function: str = "export_encoder"


FORMATS: dict[str, Format] = {
    "onnx": Format(
        ".onnx", "NCHW", "edgestyle.exporters.to_onnx", "export_onnx", "onnx", ("torch", "onnx", "onnxruntime"), True,
        "edgestyle.exporters.generators_onnx",
    ),
    "coreml": Format(
        ".mlpackage", "image", "edgestyle.exporters.to_coreml", "export_coreml", "coremltools",
        ("torch", "coremltools"), False, "edgestyle.exporters.generators_coreml",
    ),
    "tflite": Format(
        ".tflite", "NHWC", "edgestyle.exporters.to_tflite", "export_tflite", "litert_torch",
        ("torch", "litert-torch", "ai-edge-quantizer", "ai-edge-litert"), False,
        "edgestyle.exporters.generators_tflite",
    ),
}  # fmt: skip

BYTES_FORMATS: dict[str, Format] = {  # the same for pictures of 8-bit pixels; Core ML takes nothing else anyway
    "tflite": replace(
        FORMATS["tflite"],
        layout="bytes",
        function="export_tflite_bytes",
        encoder_function="export_encoder_bytes",
    ),
}
IO: dict[str, dict[str, Format]] = {"float32": FORMATS, "uint8": BYTES_FORMATS}


def find_format(name: str, io: str) -> Format:
    """The format `name` for such pictures; raise ExportError before any work where there is none."""
    if name not in FORMATS:
        raise ExportError(f"unknown format '{name}'; known: {', '.join(FORMATS)}")
    if io not in IO:
        raise ExportError(f"unknown kind of pictures '{io}'; known: {', '.join(IO)}")
    if name not in IO[io]:
        raise ExportError(f"format '{name}' does not come with {io} pictures; {', '.join(IO[io])} does")
    return IO[io][name]


def find_exporter(known: Format) -> Export:
    """What writes a format's renderers; raise MissingExtraError where its package is not installed."""
    exporter: Export = getattr(_module(known.module, known), known.function)
    return exporter


def find_encoder_exporter(known: Format) -> EncoderExport:
    """The same for encoders."""
    exporter: EncoderExport = getattr(_module(known.module, known), known.encoder_function)
    return exporter


def find_avatar_exporter(known: Format, component: str) -> AvatarExport:
    """What writes a component of avatar packs: "generator", "mapping" or "inverter"; errors as for `find_exporter`."""
    exporter: AvatarExport = getattr(_module(known.avatars, known), f"export_{component}")
    return exporter


def _module(name: str, known: Format) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise MissingExtraError(known.package, "export") from error


def plan_exports(
    formats: list[str], recipes: list[str], on_left_out: Callable[[str], None] | None = None
) -> list[tuple[str, Recipe]]:
    """Every format with every recipe; those that do not go together are told to `on_left_out`, or refused without one.

    Raises:
        ExportError: a recipe is unknown to all of the formats, or to one of them where nothing may be left out.
    """
    jobs = []
    for recipe in recipes:
        able = [name for name in formats if recipe in recipes_of(name)]
        unable = [name for name in formats if name not in able]
        if unable and (on_left_out is None or not able):
            find_recipe(recipe, unable[0])  # raises, and says what it has
        if unable and on_left_out:
            on_left_out(f"left out: {recipe} in {', '.join(unable)}, which cannot do it")
        jobs += [(name, RECIPES[recipe]) for name in able]
    return sorted(jobs, key=lambda job: formats.index(job[0]))
