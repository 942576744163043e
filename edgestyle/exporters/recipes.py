"""Recipes: what an export does to weights and activations. The skip and the strength stay float32 in all of them."""

from dataclasses import dataclass

from edgestyle.errors import ExportError


@dataclass(frozen=True)
class Recipe:
    """How numbers are stored and computed, and how close the picture must stay.

    Attributes:
        name: as it is typed.
        summary: what happens, and when to choose another.
        formats: which can do it.
        max_difference: largest allowed difference to the torch network, [0,1] units; None where dB decide.
        min_psnr_db: smallest allowed PSNR to the torch network; None where the difference decides.
    """

    name: str
    summary: str
    formats: tuple[str, ...]
    max_difference: float | None
    min_psnr_db: float | None


RECIPES: dict[str, Recipe] = {
    "float32": Recipe(
        "float32",
        "Weights and arithmetic as trained. The reference; choose float16 to ship half the bytes.",
        ("onnx", "coreml", "tflite"),
        max_difference=1e-4,
        min_psnr_db=None,
    ),
    "float16": Recipe(
        "float16",
        "Half the bytes, no visible change. ONNX and Core ML compute the residual in float16, which GPUs and neural "
        "engines run fastest; TFLite stores float16 weights and lets the delegate choose.",
        ("onnx", "coreml", "tflite"),
        max_difference=None,
        min_psnr_db=50.0,
    ),
}


def find_recipe(name: str, format_name: str) -> Recipe:
    """The recipe `name` if `format_name` can do it; raise ExportError before any work otherwise."""
    able = [recipe.name for recipe in RECIPES.values() if format_name in recipe.formats]
    if name not in able:
        raise ExportError(f"format '{format_name}' has no recipe '{name}'; it has {', '.join(able)}")
    return RECIPES[name]
