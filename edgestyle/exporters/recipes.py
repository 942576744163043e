"""Recipes: what an export does to weights and activations. The skip and the strength stay float32 in all of them."""

from collections.abc import Mapping
from dataclasses import dataclass

from edgestyle.errors import ExportError

FLOOR_DB = (34.0, 28.0)  # in the mean and for the worst style: no file, whoever chose its layers, promises less
_FIXED_BYTES = 90_000  # the graph itself, names, metadata
_BYTES_PER_FURTHER_SIZE = 55_000  # a signature of a TFLite file


@dataclass(frozen=True)
class Recipe:
    """How numbers are stored and computed, and how close the picture must stay to the torch network's.

    Attributes:
        name: as it is typed.
        formats: which can do it.
        weight_bits: of most of the weights, in the file.
        activation_bits: 8 where convolutions compute with integers, 32 where they compute with floats.
        max_difference: largest allowed difference of a value, [0,1] units; None where dB decide.
        min_psnr_db: smallest allowed PSNR of any picture; None where there is no such bar.
        min_mean_psnr_db: smallest allowed mean PSNR over all styles and photos, at strength 0.5 and at 1.
        min_style_psnr_db: the same for the mean of each style alone.
        layers: a precision for every layer, in a recipe that chooses by layer.
        weights_bytes: of all parameters, where `weight_bits` does not say it; the size's limit comes from it.
    """

    name: str
    formats: tuple[str, ...]
    weight_bits: int
    activation_bits: int = 32
    max_difference: float | None = None
    min_psnr_db: float | None = None
    min_mean_psnr_db: float | None = None
    min_style_psnr_db: float | None = None
    layers: Mapping[str, str] | None = None
    weights_bytes: int | None = None

    @property
    def rows_of_int8(self) -> bool:
        """Whether weights are int8 with a scale for each row, in the formats that do not use palettes."""
        return self.weight_bits == 8 and self.layers is None

    @property
    def calibrated(self) -> bool:
        """Whether it needs photos."""
        return self.activation_bits == 8

    def max_bytes(self, parameters: int, sizes: int = 1) -> int:
        """The largest allowed file for a network of so many parameters at so many picture sizes."""
        weights = parameters * self.weight_bits // 8 if self.weights_bytes is None else self.weights_bytes
        return weights + _FIXED_BYTES + (sizes - 1) * _BYTES_PER_FURTHER_SIZE


def float32() -> Recipe:
    """Weights and arithmetic as trained, in every format.

    The reference that all others are measured against. Choose `float16` to ship half the bytes.
    """
    return Recipe("float32", ("onnx", "coreml", "tflite"), 32, max_difference=1e-4)


def float16() -> Recipe:
    """Weights as float16, half the bytes and no visible change, in every format.

    ONNX and Core ML also compute the residual in float16, which GPUs and neural engines run fastest; TFLite computes
    in what its delegate likes. The one to choose unless bytes are short.
    """
    return Recipe("float16", ("onnx", "coreml", "tflite"), 16, min_psnr_db=50.0, min_mean_psnr_db=60.0)


def w8() -> Recipe:
    """Weights of convolutions and fully-connected layers in 8 bits, activations as floats, in every format.

    ONNX and TFLite: int8 with a scale per output channel, unpacked to float32 when the file is loaded. Core ML: a
    palette of 256 float16 values per layer, activations float16. It needs no photos. Choose it for the smallest
    download that nobody sees; choose `float16` where every bit of the picture counts.
    """
    return Recipe("w8", ("onnx", "coreml", "tflite"), 8, min_mean_psnr_db=45.0, min_style_psnr_db=40.0)


def w8a8() -> Recipe:
    """Convolutions computed in 8-bit integers, calibrated on photos, in ONNX and TFLite.

    Inputs, outputs and weights of every convolution are int8. In TFLite so is what lies between them: zeros at the
    edge, pixel shuffles, the additions of blocks; the style's scales and shifts are floats, and in ONNX all of that is.
    Fully-connected layers, which see the style and the strength, keep float activations and get int8 weights.
    Choose it where the processor is faster at integers (LiteRT and most phones' CPUs are, ONNX Runtime on a desktop CPU
    may not be: `edgestyle report` says so); else `w8` has the same size and a better picture. Core ML can only be given
    integer activations on a Mac. In a network that recolours, integers compute only what looks at the thumbnail: the
    few weights that measure palettes and map pixels stay floats, here and in `w8`, since 256 steps of them would show.
    """
    return Recipe("w8a8", ("onnx", "tflite"), 8, 8, min_mean_psnr_db=40.0, min_style_psnr_db=34.0)


def w6() -> Recipe:
    """Weights as a palette of 64 float16 values per layer, activations float16, in Core ML.

    Layers of up to 2048 weights stay float16. Choose `w8` unless those few kilobytes count.
    """
    return Recipe("w6", ("coreml",), 6, min_mean_psnr_db=42.0)


def w4() -> Recipe:
    """Weights as a palette of 16 float16 values per 4 output channels, activations float16, in Core ML from iOS 18.

    Layers of up to 2048 weights get 8 bits, those of up to 1024 stay float16. Older systems cannot read grouped
    palettes, and one palette a layer is visibly worse (28 dB). Choose `w6` for iOS 16 and 17, or for truer colours.
    """
    return Recipe("w4", ("coreml",), 4, min_mean_psnr_db=FLOOR_DB[0])


RECIPES: dict[str, Recipe] = {recipe.name: recipe for recipe in (float32(), float16(), w8(), w8a8(), w6(), w4())}
DEFAULT_RECIPES = ("float32", "float16")


def find_recipe(name: str, format_name: str) -> Recipe:
    """The recipe `name` if `format_name` can do it; raise ExportError before any work otherwise."""
    able = recipes_of(format_name)
    if name not in able:
        raise ExportError(f"format '{format_name}' has no recipe '{name}'; it has {', '.join(able)}")
    return RECIPES[name]


def recipes_of(format_name: str) -> list[str]:
    """Names of the recipes a format can do."""
    return [recipe.name for recipe in RECIPES.values() if format_name in recipe.formats]
