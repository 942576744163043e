"""The promise every exported file keeps, whatever its format.

A renderer takes a picture, a style vector and a strength, and gives back a picture of the same size. Strength 0
returns the picture exactly; the distance from it grows with strength. Sides are multiples of `SIZE_MULTIPLE`, from
`SMALLEST_SIDE` up. An encoder takes a reference picture of `REFERENCE_SIDE` squared, the whole of it whatever its shape
was, and gives the style vector of its look.

A generator draws a picture from a style and a strength alone: strength 0 is the mean style's picture whatever the
style, and the distance from it grows with strength. A mapping makes styles of random numbers, and an inverter finds the
style that draws a picture again.
"""

import math
from dataclasses import dataclass
from typing import Any, Literal

from edgestyle.errors import ContractError

CONTRACT_VERSION = 1
STYLE_DIMENSIONS = 32
SIZE_MULTIPLE = 8
REFERENCE_SIDE = 256  # of the square that an encoder takes a reference picture at
GENERATOR_SIZE = 128  # side of the pictures that a generator draws, unless it says another
GENERATOR_DIMENSIONS = 128  # of its style vectors and of the random numbers they are made of, likewise
FACTORS = (2, 4)  # that pictures are enlarged by
UPSCALER_MARGIN = 20  # pixels around a place that change how it is enlarged, rounded up from 19
SMALLEST_SIDE = 32  # a renderer may mirror its margin outwards, which takes more picture than margin

Layout = Literal["NCHW", "NHWC", "bytes", "image"]

SIGNATURES = {  # of what TFLite files hold, by component; a renderer's are called by size: s256, s512, ...
    "encoder": "encode",
    "generator": "draw",
    "mapping": "map",
    "inverter": "invert",
}


@dataclass(frozen=True)
class TensorSpec:
    """One input or output of an exported file.

    Attributes:
        name: the tensor's name in the file.
        shape: sizes by axis; None where any multiple of the component's `size_multiple` is allowed.
        dtype: "float32", or "uint8" for images that carry 8-bit pixels.
        meaning: one sentence for whoever opens the file.
        minimum: lowest value, None where there is no bound.
        maximum: highest value, None where there is no bound.
    """

    name: str
    shape: tuple[int | None, ...]
    dtype: str
    meaning: str
    minimum: float | None = None
    maximum: float | None = None

    def to_json(self) -> dict[str, Any]:
        """The spec as it stands in a sidecar."""
        return {
            "name": self.name,
            "shape": list(self.shape),
            "dtype": self.dtype,
            "range": [self.minimum, self.maximum],
            "meaning": self.meaning,
        }


@dataclass(frozen=True)
class ComponentSpec:
    """The inputs and outputs of one component in one layout."""

    component: str
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    size_multiple: int = SIZE_MULTIPLE


def renderer_spec(layout: Layout, style_dimensions: int = STYLE_DIMENSIONS) -> ComponentSpec:
    """The renderer's contract in a format's own layout.

    Args:
        layout: "NCHW" (ONNX), "NHWC" (TFLite), "bytes" (TFLite with 8-bit pixels) or "image" (Core ML: 8-bit RGB
            pixel buffers).
        style_dimensions: length of the style vector.
    """
    top, dtype = (255.0, "uint8") if layout in ("image", "bytes") else (1.0, "float32")
    shape: tuple[int | None, ...] = (1, 3, None, None) if layout == "NCHW" else (1, None, None, 3)
    pixels = "sRGB picture, channels R,G,B"
    return ComponentSpec(
        component="renderer",
        inputs=(
            TensorSpec("image", shape, dtype, pixels, 0.0, top),
            TensorSpec("style", (1, style_dimensions), "float32", "the style vector; mix styles by adding vectors"),
            TensorSpec("strength", (1,), "float32", "0 leaves the picture untouched, 1 is the full style", 0.0, 1.0),
        ),
        outputs=(TensorSpec("stylized", shape, dtype, f"{pixels}, same size as image", 0.0, top),),
    )


def encoder_spec(layout: Layout, style_dimensions: int = STYLE_DIMENSIONS) -> ComponentSpec:
    """The encoder's contract in a format's own layout; arguments as for `renderer_spec`."""
    side = REFERENCE_SIDE
    meaning = "the whole reference picture, shrunk by averaging, sRGB, channels R,G,B"
    return ComponentSpec(
        component="encoder",
        inputs=(_square("reference", side, layout, meaning),),
        outputs=(TensorSpec("style", (1, style_dimensions), "float32", "the style vector, for a renderer's style"),),
        size_multiple=side,
    )


def generator_spec(
    layout: Layout, style_dimensions: int = GENERATOR_DIMENSIONS, size: int = GENERATOR_SIZE
) -> ComponentSpec:
    """The generator's contract in a format's own layout.

    Args:
        layout: as for `renderer_spec`.
        style_dimensions: length of the style vector.
        size: side of the pictures, pixels.
    """
    strength = "0 draws the mean style's picture, 1 the style's own"
    return ComponentSpec(
        component="generator",
        inputs=(
            TensorSpec("style", (1, style_dimensions), "float32", "the style vector; mix faces by adding vectors"),
            TensorSpec("strength", (1,), "float32", strength, 0.0, 1.0),
        ),
        outputs=(_square("picture", size, layout, "sRGB picture, channels R,G,B"),),
        size_multiple=size,
    )


def mapping_spec(latents: int = GENERATOR_DIMENSIONS, style_dimensions: int = GENERATOR_DIMENSIONS) -> ComponentSpec:
    """The mapping's contract, the same in every format.

    Args:
        latents: how many random numbers make a style.
        style_dimensions: length of the style vector.
    """
    latent = "independent random numbers of the standard normal distribution"
    return ComponentSpec(
        component="mapping",
        inputs=(TensorSpec("latent", (1, latents), "float32", latent),),
        outputs=(TensorSpec("style", (1, style_dimensions), "float32", "a style vector, for a generator's style"),),
        size_multiple=1,
    )


def upscaler_spec(layout: Layout, factor: int, side: int | None = None) -> ComponentSpec:
    """The contract of a network that enlarges pictures, in a format's own layout.

    Args:
        layout: as for `renderer_spec`.
        factor: how many times longer a side gets.
        side: of the square that it takes, in formats that have one size; None for any height and width.
    """
    top, dtype = (255.0, "uint8") if layout in ("image", "bytes") else (1.0, "float32")
    large = None if side is None else factor * side
    shapes = [(1, 3, one, one) if layout == "NCHW" else (1, one, one, 3) for one in (side, large)]
    pixels = "sRGB picture, channels R,G,B"
    return ComponentSpec(
        component="upscaler",
        inputs=(TensorSpec("image", shapes[0], dtype, pixels, 0.0, top),),
        outputs=(TensorSpec("enlarged", shapes[1], dtype, f"{pixels}, {factor} times as wide and high", 0.0, top),),
        size_multiple=1,
    )


def inverter_spec(
    layout: Layout, style_dimensions: int = GENERATOR_DIMENSIONS, size: int = GENERATOR_SIZE
) -> ComponentSpec:
    """The inverter's contract in a format's own layout; arguments as for `generator_spec`."""
    meaning = "the picture of a face as the generator draws them, sRGB, channels R,G,B"
    return ComponentSpec(
        component="inverter",
        inputs=(_square("picture", size, layout, meaning),),
        outputs=(TensorSpec("style", (1, style_dimensions), "float32", "the style that draws the picture again"),),
        size_multiple=size,
    )


def _square(name: str, side: int, layout: Layout, meaning: str) -> TensorSpec:
    """A square picture of a fixed size."""
    top, dtype = (255.0, "uint8") if layout in ("image", "bytes") else (1.0, "float32")
    shape = (1, 3, side, side) if layout == "NCHW" else (1, side, side, 3)
    return TensorSpec(name, shape, dtype, meaning, 0.0, top)


def check_strength(value: float) -> float:
    """Return `value` if it is a strength, a number in [0,1]; raise ContractError otherwise."""
    try:
        fits = math.isfinite(value) and 0 <= value <= 1
    except (TypeError, OverflowError):
        fits = False
    if not fits:
        raise ContractError(f"strength must be a number from 0 to 1, not {str(value)[:40]}")
    return value


def check_factor(value: int) -> int:
    """Return `value` if pictures can be enlarged so many times; raise ContractError otherwise."""
    if value not in FACTORS:
        raise ContractError(f"pictures are enlarged {' or '.join(map(str, FACTORS))} times, not {value}")
    return value


def check_size(height: int, width: int, multiple: int = SIZE_MULTIPLE) -> None:
    """Raise ContractError unless both sides are multiples of `multiple`, from `SMALLEST_SIDE` up."""
    if min(height, width) < SMALLEST_SIDE or height % multiple or width % multiple:
        raise ContractError(f"picture sides must be multiples of {multiple} from {SMALLEST_SIDE}, not {height}x{width}")
