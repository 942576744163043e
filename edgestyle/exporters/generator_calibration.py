"""Calibration of generators: many faces at strengths over the whole range, to learn how far activations reach."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from edgestyle.errors import CalibrationError
from edgestyle.exporters.calibration import Inputs
from edgestyle.exporters.ranges import EXTREMES_METHOD, Extremes
from edgestyle.images import Floats
from edgestyle.models.mapping import Mapping
from edgestyle.models.mobile_stylegan import MobileGenerator

FACES = 64


@dataclass(frozen=True)
class GeneratorCalibration:
    """What an integer recipe of an avatar pack is calibrated on; the same fields give the same samples.

    Attributes:
        mapping, generator: the pack's float networks, in eval mode.
        faces: how many styles are drawn.
        seed: of the random numbers that become styles, and of the strengths.
    """

    mapping: Mapping
    generator: MobileGenerator
    faces: int = FACES
    seed: int = 0

    def inputs(self) -> Iterator[Inputs]:
        """A generator's tensors by name: every style at strength 1 and at one drawn from [0,1], and the mean once."""
        styles = self.styles()
        yield {"style": styles[:1], "strength": np.zeros(1, np.float32)}
        random = np.random.default_rng((self.seed, 1))  # not the latents' own numbers again
        for style in styles:
            for strength in (1.0, random.uniform()):
                yield {"style": style[None], "strength": np.array([strength], np.float32)}

    def pictures(self) -> Iterator[Inputs]:
        """An inverter's tensor by name, `[1,3,S,S]`: what the generator draws of the same."""
        for one in self.inputs():
            with torch.no_grad():
                picture = self.generator(torch.from_numpy(one["style"]), torch.from_numpy(one["strength"]))
            yield {"picture": picture.numpy()}

    def ranges(self) -> Extremes:
        """What learns how far activations reach in these samples."""
        return Extremes()

    def styles(self) -> Floats:
        """The styles, `float32 [faces,D]`."""
        latents = np.random.default_rng(self.seed).standard_normal((self.faces, self.mapping.latents), np.float32)
        with torch.no_grad():
            return np.asarray(self.mapping(torch.from_numpy(latents)).numpy(), np.float32)

    def to_json(self) -> dict[str, Any]:
        """As it stands in a sidecar: enough to do it again."""
        strengths = "1 and one drawn from [0,1], anew for every face, and 0 once"
        about = {"source": "faces of random numbers", "faces": self.faces, "strengths": strengths}
        return {**about, "seed": self.seed, "ranges": EXTREMES_METHOD}


def faces_needed(calibration: GeneratorCalibration | None) -> GeneratorCalibration:
    """The calibration; raise CalibrationError where there is none."""
    if calibration is None:
        raise CalibrationError("this recipe computes with integers and must be calibrated on faces")
    return calibration
