"""The order in which layers are made smaller: always the step that harms the picture least for the bytes it saves."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edgestyle.exporters.layers import Layer, LayerTable, precisions_of
from edgestyle.exporters.trials import Noise, Trial

Step = tuple[str, str]  # a layer and its next precision


@dataclass(frozen=True)
class Sensitivity:
    """What each precision of each layer does alone, all others as precise as can be.

    Attributes:
        best: the file in which nothing is made smaller.
        alone: the file in which one layer is, by layer and precision.
    """

    best: Trial
    alone: dict[Step, Trial]

    def saved_bytes(self, step: Step) -> int:
        """By how much a layer at a precision makes the file smaller; below 0 where it grows."""
        return 0 if step not in self.alone else self.best.size_bytes - self.alone[step].size_bytes

    def added_noise(self, step: Step) -> Noise:
        """What it adds to the mean square of each picture's difference; errors of several layers add up."""
        if step not in self.alone:
            return np.zeros_like(self.best.noise)
        return np.maximum(self.alone[step].noise - self.best.noise, 0)

    def harms(self) -> dict[Step, float]:
        """The added noise as a share of each picture's noise with all layers at their smallest, on average.

        dB are logarithms: what matters is not noise, but how much of it there is in the picture already.
        """
        smallest: dict[str, Step] = {}
        for step in self.alone:
            if step[0] not in smallest or self.saved_bytes(step) > self.saved_bytes(smallest[step[0]]):
                smallest[step[0]] = step
        whole = self.best.noise + sum(self.added_noise(step) for step in smallest.values()) + 1e-14
        return {step: float((self.added_noise(step) / whole).mean()) for step in self.alone}


def plan_steps(sensitivity: Sensitivity, layers: Sequence[Layer], format_name: str) -> list[Step]:
    """Steps from the best file to the smallest; a layer may take several, each to a smaller precision."""
    harms, table = sensitivity.harms(), dict(sensitivity.best.table)
    able = {layer.name: precisions_of(layer, format_name) for layer in layers}
    steps: list[Step] = []
    while True:
        prices: dict[Step, float] = {}
        for name, precision in table.items():
            here = (name, precision)
            for other in able[name]:
                saved = sensitivity.saved_bytes((name, other)) - sensitivity.saved_bytes(here)
                if saved > 0:
                    prices[name, other] = (harms.get((name, other), 0.0) - harms.get(here, 0.0)) / saved
        if not prices:
            return steps
        step = min(prices, key=lambda one: prices[one])
        table[step[0]] = step[1]
        steps.append(step)


def after(table: LayerTable, steps: Sequence[Step]) -> dict[str, str]:
    """The table after some steps."""
    return {**table, **dict(steps)}
