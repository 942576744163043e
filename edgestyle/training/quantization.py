"""Quantization-aware training: a pack's network learns to draw, in int8, what it draws in floats."""

from dataclasses import dataclass

from edgestyle.errors import TrainingError

TRAINABLE = ("w8a8",)  # recipes whose arithmetic can be pretended


@dataclass(frozen=True)
class QuantizationConfig:
    """What a network learns to bear.

    Attributes:
        recipe: one of `TRAINABLE`.
        styles: the pack's, all of them.

    Raises:
        TrainingError: there is no such training.
    """

    recipe: str
    styles: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.recipe not in TRAINABLE:
            raise TrainingError(f"no training bears the recipe '{self.recipe}'; known: {', '.join(TRAINABLE)}")
