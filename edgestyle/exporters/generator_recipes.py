"""What recipes promise of files of avatar packs, where that differs from what they promise of renderers.

A renderer adds to a photo, and most of the picture is the photo, exact in every recipe. A generator draws everything,
flat colours with hard outlines, so the same errors of weights and activations are fewer decibels.
"""

from dataclasses import replace

from edgestyle.exporters.recipes import RECIPES, Recipe

MAX_STYLE_DIFFERENCE = 1e-3  # of a float32 mapping's numbers

# by recipe: largest difference, smallest PSNR of a picture, mean over faces at strengths 0.5 and 1, mean of the worst
_BARS: dict[str, tuple[float | None, float | None, float | None, float | None]] = {
    "float32": (1e-3, None, None, None),
    "float16": (None, 45.0, 45.0, None),
    "w8": (None, None, 36.0, 30.0),
    "w8a8": (None, None, 32.0, 26.0),
    "w6": (None, None, 32.0, 26.0),
    "w4": (None, None, 26.0, 20.0),
}


def avatar_recipe(name: str, component: str) -> Recipe:
    """A recipe as it holds for a component of an avatar pack, "generator", "mapping" or "inverter".

    A mapping has no convolutions, and what computes with integers in the others computes with floats here: "w8a8" is a
    name for "w8", so that a pack's files can have one recipe.
    """
    largest, picture, mean, face = _BARS[name]
    return replace(
        RECIPES[name],
        activation_bits=32 if component == "mapping" else RECIPES[name].activation_bits,
        max_difference=largest,
        min_psnr_db=picture,
        min_mean_psnr_db=mean,
        min_style_psnr_db=face,
    )
